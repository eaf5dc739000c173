//! EXEC and functions: which module runs, and with what?

use tsql::{Execute, ProcedureRef, ValueOrDefault};

use super::binder::Call;
use super::catalog::{Found, FoundRef};
use super::dynamic;
use super::flow::{Argument, Flow, refused};
use super::state::Value;
use super::verdict::Reference;

/// System procedures that read and change no rows of users' tables.
const HARMLESS: [&str; 13] = [
    "sp_addmessage",
    "sp_getapplock",
    "sp_help",
    "sp_helptext",
    "sp_lock",
    "sp_recompile",
    "sp_releaseapplock",
    "sp_reset_connection",
    "sp_setapprole",
    "sp_spaceused",
    "sp_unsetapprole",
    "sp_who",
    "sp_who2",
];

/// `EXEC procedure …`.
pub(crate) fn execute(flow: &mut Flow<'_>, line: u32, text: &str, execute: &Execute) {
    let mut arguments = Vec::new();
    for argument in &execute.arguments {
        let value = match &argument.value {
            ValueOrDefault::Expr(expr) => flow.value(line, text, expr),
            ValueOrDefault::Default => Value::Other("is a default".into()),
        };
        arguments.push(Argument {
            name: argument.name.as_ref().map(|name| name.to_lowercase()),
            value,
        });
    }
    let references = call(flow, line, execute, &arguments);
    // What comes back is the procedure's.
    for argument in &execute.arguments {
        if let (true, Some(name)) = (argument.output, variable_of(&argument.value)) {
            let why = format!("is an OUTPUT argument on line {line}");
            flow.assign(&name, Value::Other(why));
        }
    }
    if let Some(name) = &execute.return_variable {
        flow.assign(
            name,
            Value::Other(format!("is a return code on line {line}")),
        );
    }
    flow.note(line, text, references);
}

fn call(
    flow: &mut Flow<'_>,
    line: u32,
    execute: &Execute,
    arguments: &[Argument],
) -> Vec<Reference> {
    let name: Vec<String> = match &execute.procedure {
        ProcedureRef::Name(name) => name.0.iter().map(|part| part.to_lowercase()).collect(),
        ProcedureRef::Variable(variable) => {
            let known = flow.state.variables.get(&variable.to_lowercase());
            let parsed = match known.map(|known| &known.value) {
                Some(Value::Text(text)) => tsql::parse_name(text).ok(),
                _ => None,
            };
            match parsed {
                Some(name) => name.0.iter().map(|part| part.to_lowercase()).collect(),
                None => {
                    let why = "which procedure runs is decided at run time";
                    return vec![refused(&format!("(EXEC {variable})"), line, why)];
                }
            }
        }
    };
    let object = name.last().cloned().unwrap_or_default();
    let binder = flow.binder();
    let found = binder.resolve(&name);
    if let Found::Object(FoundRef::Routine(routine), schema) = found {
        let database = match name.len() {
            3.. => name[name.len() - 3].clone(),
            _ => flow.database.clone(),
        };
        let returned = flow.invoke(&database, &schema, routine, arguments, line);
        // A guard that returned has proven its argument.
        let parameters = match &routine.source {
            Ok(module) => module.parameters.clone(),
            Err(_) => Vec::new(),
        };
        for (position, argument) in execute.arguments.iter().enumerate() {
            let parameter = match &argument.name {
                Some(name) => Some(name.to_lowercase()),
                None => parameters.get(position).map(|own| own.name.to_lowercase()),
            };
            let proven = parameter.is_some_and(|name| returned.proven.contains(&name));
            let Some(variable) = variable_of(&argument.value).map(|name| name.to_lowercase())
            else {
                continue;
            };
            let kind = flow.kind;
            if let Some(known) = flow.state.variables.get_mut(&variable)
                && proven
                && matches!(known.value, Value::Other(_))
                && kind.survives(&known.data_type, known.length)
            {
                known.value = Value::Caller { context: false };
            }
        }
        return returned.references;
    }
    match object.as_str() {
        "sp_executesql" => dynamic::execute_sql(flow, line, arguments),
        "sp_set_session_context" => {
            let by_name = arguments
                .iter()
                .find(|one| one.name.as_deref() == Some("@key"));
            let key = by_name.or_else(|| arguments.first()).map(|one| &one.value);
            let other_key =
                matches!(key, Some(Value::Text(key)) if !flow.tenancy.may_be_context_key(key));
            if !other_key {
                flow.state.context_changed.get_or_insert(line);
            }
            Vec::new()
        }
        harmless if HARMLESS.contains(&harmless) => Vec::new(),
        _ => {
            let why = match found {
                Found::Missing(why) => format!("it runs {why}"),
                _ => "what this procedure does is not followed".to_owned(),
            };
            vec![refused(&name.join("."), line, why)]
        }
    }
}

/// A function that a statement calls.
pub(crate) fn function(flow: &mut Flow<'_>, call: &Call, callers: &[bool]) -> Vec<Reference> {
    let name = [call.schema.clone(), call.name.clone()];
    let catalog = flow.catalog;
    let found = catalog.resolve(&call.database, &[], &name);
    let Found::Object(FoundRef::Routine(routine), schema) = found else {
        return Vec::new();
    };
    let arguments: Vec<Argument> = callers
        .iter()
        .map(|&caller| Argument {
            name: None,
            value: if caller {
                Value::Caller { context: false }
            } else {
                Value::Other("is an argument".into())
            },
        })
        .collect();
    flow.invoke(&call.database, &schema, routine, &arguments, call.line)
        .references
}

fn variable_of(value: &ValueOrDefault) -> Option<String> {
    match value {
        ValueOrDefault::Expr(tsql::sql::Expr::Identifier(ident))
            if ident.value.starts_with('@') =>
        {
            Some(ident.value.clone())
        }
        _ => None,
    }
}
