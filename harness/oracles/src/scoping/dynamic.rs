//! Dynamic SQL: a text that is known is followed, a text that is put together at run time is not.

use tsql::sql;

use super::flow::{Argument, Flow, refused};
use super::state::{State, Value};
use super::verdict::{Reference, Statement};

/// `EXEC ('…')`.
pub(crate) fn execute_string(flow: &mut Flow<'_>, line: u32, text: &str, value: &sql::Expr) {
    let value = flow.value(line, text, value);
    let references = run(flow, line, &value, &[], "EXEC");
    flow.note(line, text, references);
}

/// The parameters of `sp_executesql`: `@a int, @b nvarchar(10) OUTPUT`.
pub(crate) fn parameters(declared: &str) -> Vec<(String, tsql::DataType)> {
    if declared.trim().is_empty() {
        return Vec::new();
    }
    let inside = declared.trim();
    let inside = match inside.strip_prefix('(') {
        Some(inner) if inside.ends_with(')') => &inner[..inner.len() - 1],
        _ => inside,
    };
    // The list of a procedure's parameters has the same form.
    let text = format!("CREATE PROCEDURE p {inside} AS RETURN;");
    let Ok(batch) = tsql::parse_batch(&text) else {
        return Vec::new();
    };
    let module = batch
        .statements
        .into_iter()
        .next()
        .map(|statement| statement.kind);
    match module {
        Some(tsql::StatementKind::Create(tsql::Create::Module(module))) => module
            .parameters
            .into_iter()
            .map(|parameter| (parameter.name.to_lowercase(), parameter.data_type))
            .collect(),
        _ => Vec::new(),
    }
}

/// Cuts a text as `sys.dm_exec_sql_text` shows a parameterized one, `(@a int)SELECT …`, into its
/// parameters and itself.
pub fn parameterized(shown: &str) -> (&str, &str) {
    let Ok(tokens) = tsql::tokens(shown) else {
        return ("", shown);
    };
    let symbol = |index: usize| match tokens.get(index).map(|token| &token.kind) {
        Some(tsql::TokenKind::Symbol(symbol)) => *symbol,
        _ => "",
    };
    let is_list = symbol(0) == "("
        && matches!(
            tokens.get(1).map(|token| &token.kind),
            Some(tsql::TokenKind::Variable)
        );
    if !is_list {
        return ("", shown);
    }
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate() {
        match symbol(index) {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return shown.split_at(token.span.end);
        }
    }
    ("", shown)
}

/// Runs a text from here: with variables of its own, and the temporary tables of its caller.
pub(crate) fn run(
    flow: &mut Flow<'_>,
    line: u32,
    value: &Value,
    variables: &[(String, tsql::DataType, Value)],
    how: &str,
) -> Vec<Reference> {
    const DEPTH_MAX: usize = 8;
    let text = match value {
        Value::Text(text) if flow.depth < DEPTH_MAX => text,
        Value::Null => return Vec::new(),
        _ => {
            flow.state
                .taint_temporaries("dynamic SQL may have filled it");
            flow.state.context_changed.get_or_insert(line);
            return vec![refused(
                &format!("({how})"),
                line,
                "cannot follow dynamic SQL: its text is put together at run time",
            )];
        }
    };
    let batch = match tsql::parse_batch(text) {
        Ok(batch) => batch,
        Err(error) => {
            let why = format!("cannot follow dynamic SQL: {error}");
            return vec![refused(&format!("({how})"), line, why)];
        }
    };
    let mut inner = Flow::new(flow.catalog, flow.tenancy, &flow.database, &flow.schemas);
    inner.text.clone_from(text);
    inner.depth = flow.depth + 1;
    inner.calls_left = flow.calls_left;
    inner.state = State {
        context_changed: flow.state.context_changed,
        ..State::default()
    };
    inner.state.temporaries.clone_from(&flow.state.temporaries);
    inner
        .state
        .temporaries
        .retain(|name, _| name.starts_with('#'));
    for (name, data_type, value) in variables {
        inner.declare(name, data_type, value.clone());
    }
    inner.start(&batch.statements);
    flow.calls_left = inner.calls_left;
    flow.state.context_changed = inner.state.context_changed;
    for (name, temporary) in &inner.state.temporaries {
        if let Some(own) = flow.state.temporaries.get_mut(name) {
            own.clone_from(temporary);
        }
    }
    let statements = inner.out.into_iter();
    statements
        .flat_map(|statement: Statement| within(statement, how))
        .collect()
}

fn within(statement: Statement, how: &str) -> Vec<Reference> {
    let mut references = statement.references;
    for reference in &mut references {
        reference.through.insert(0, how.to_owned());
    }
    references
}

/// `sp_executesql text, parameters, values …`: the values by name, or in order.
pub(crate) fn execute_sql(
    flow: &mut Flow<'_>,
    line: u32,
    arguments: &[Argument],
) -> Vec<Reference> {
    let named = |names: [&str; 2], position: usize| {
        let named = arguments.iter().position(|one| {
            one.name
                .as_deref()
                .is_some_and(|name| names.contains(&name))
        });
        named.or_else(|| {
            arguments
                .get(position)
                .filter(|one| one.name.is_none())
                .map(|_| position)
        })
    };
    let Some(text) = named(["@stmt", "@statement"], 0) else {
        return Vec::new();
    };
    let declared = named(["@params", "@parameters"], 1);
    let list = match declared.map(|index| &arguments[index].value) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Text(list)) => parameters(list),
        Some(_) => Vec::new(),
    };
    let first = declared.map_or(1, |index| index + 1);
    let given = arguments.get(first..).unwrap_or_default();
    let variables = list
        .into_iter()
        .enumerate()
        .map(|(position, (name, data_type))| {
            let by_name = given
                .iter()
                .find(|one| one.name.as_deref() == Some(name.as_str()));
            let by_place = given.get(position).filter(|one| one.name.is_none());
            let value = match by_name.or(by_place).map(|one| &one.value) {
                Some(Value::Other(_)) => {
                    Value::Other("gets an argument that is not the caller's tenant".into())
                }
                Some(value) => value.clone(),
                None => Value::Null,
            };
            (name, data_type, value)
        });
    let variables: Vec<_> = variables.collect();
    let text = arguments[text].value.clone();
    run(flow, line, &text, &variables, "sp_executesql")
}

#[cfg(test)]
mod tests {
    use super::parameterized;

    #[test]
    fn parameters_are_cut_off_and_other_parentheses_are_not() {
        for (shown, expected) in [
            (
                "(@a int, @b nvarchar(10))SELECT @a",
                ("(@a int, @b nvarchar(10))", "SELECT @a"),
            ),
            (
                "(SELECT 1) UNION SELECT 2",
                ("", "(SELECT 1) UNION SELECT 2"),
            ),
            ("SELECT 1", ("", "SELECT 1")),
            ("(@a int", ("", "(@a int")),
        ] {
            assert_eq!(parameterized(shown), expected);
        }
    }
}
