//! How does a string run?
//!
//! `EXEC ('…')` and sp_executesql: a scope of its own for variables, no module around it (so
//! every reference is checked against the caller), and `USE` or `EXECUTE AS` in it end with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use query::Variable;
use tsql::{Create, ExecuteAs, Parameter, StatementKind, sql};
use values::SqlError;

use crate::batch::{Interpreter, ScopeKind};
use crate::failure::{Failure, Flow, Reach, Step, Stop};
use crate::parsed::{Parsed, ParsedBatches};
use crate::procedures::{Actual, ActualValue, Call, Returned};
use crate::raise;
use crate::response::Command;
use crate::scopes::Entry;
use crate::variables::{convert, key};

impl Interpreter<'_> {
    /// `EXEC ('…')`.
    pub(crate) fn run_execute_string(
        &mut self,
        text: &sql::Expr,
        execute_as: Option<&ExecuteAs>,
        line: u32,
    ) -> Step {
        let prepared = self.value(text).and_then(|(value, data_type)| {
            Ok(raise::text_of(&value, &data_type)?.unwrap_or_default())
        });
        let text = match prepared {
            Ok(text) => text,
            Err(failure) => return self.settle(failure, line, false),
        };
        let before = self.session.transaction_count;
        let frames = self.session.security.mark();
        if let Some(target) = execute_as {
            let entered = self.quietly(|execution| {
                let current = execution.session.database;
                let instance = &*execution.instance;
                let security = &mut execution.session.security;
                crate::context::impersonate(
                    security,
                    instance,
                    current,
                    target,
                    catalog::Origin::Module,
                )
            });
            if let Err(failure) = entered {
                return self.settle(failure, line, false);
            }
        }
        let ended = self.run_text(&text, line);
        if execute_as.is_some() {
            self.session.security.leave(frames);
        }
        match ended? {
            Ok(_) => {
                self.done(Command::Execute, None, false);
                match self.check_count_after(before) {
                    Some(error) => self.settle(Failure::from(error), line, false),
                    None => Ok(Flow::Next),
                }
            }
            Err(stop) => Ok(Flow::Stop(stop)),
        }
    }

    /// Runs a text in a scope of its own; its variables come back beside the result.
    fn run_text_within(
        &mut self,
        text: &str,
        parameters: Option<&str>,
        parse: impl FnOnce(&ParsedBatches) -> Parsed,
        variables: BTreeMap<String, Variable>,
        line: u32,
    ) -> Result<(Call, BTreeMap<String, Variable>), crate::failure::Thrown> {
        if let Err(error) = check_length(text, self.runtime.shared.limits.batch_bytes_max) {
            return Ok((self.settle_call(error.into(), line), BTreeMap::new()));
        }
        let entry = Entry {
            kind: ScopeKind::Dynamic,
            variables,
            module: None,
        };
        let left = self.within(entry, |interpreter| {
            match parse(&interpreter.runtime.shared.parsed) {
                Ok(batch) => {
                    interpreter.runs(&batch.text, parameters);
                    interpreter.run_list(&batch.statements)
                }
                // The text is compiled in a scope of its own: a TRY around the EXEC sees this.
                Err(errors) => {
                    let failure = Failure {
                        errors,
                        reach: Reach::Scope,
                        ignores_xact_abort: false,
                    };
                    interpreter.settle(failure, 1, false)
                }
            }
        });
        let left = match left {
            Ok(left) => left,
            Err(failure) => return Ok((self.settle_call(failure, line), BTreeMap::new())),
        };
        let mut returned = Returned {
            entered: true,
            ..Returned::default()
        };
        match left.result? {
            Flow::Return(Some((value, data_type))) => {
                let status = raise::integer_of(&value, &data_type)
                    .ok()
                    .flatten()
                    .unwrap_or(0);
                returned.status = i32::try_from(status).unwrap_or(0);
            }
            Flow::Stop(Stop::Scope) => {
                returned.broken = true;
                returned.status = self.session.last_error;
            }
            Flow::Stop(stop) => return Ok((Ok(Err(stop)), left.variables)),
            _ => {}
        }
        Ok((Ok(Ok(returned)), left.variables))
    }

    fn run_text(&mut self, text: &str, line: u32) -> Call {
        let (call, _) = self.run_text_within(
            text,
            None,
            |parsed| parsed.parse(text),
            BTreeMap::new(),
            line,
        )?;
        call
    }

    /// sp_executesql: a text with parameters. `arguments` follow the two texts; their places count
    /// from `first`.
    pub(crate) fn run_parameterized(
        &mut self,
        text: &str,
        parameters: &str,
        arguments: &[Actual],
        first: usize,
        line: u32,
    ) -> Call {
        let declared = match declared_parameters(parameters) {
            Ok(declared) => declared,
            Err(failure) => return self.settle_call(failure, line),
        };
        let bound = self.bind_declared(parameters, &declared, arguments, first);
        let (variables, places) = match bound {
            Ok(bound) => bound,
            Err(failure) => return self.settle_call(failure, line),
        };
        let parse =
            |parsed: &ParsedBatches| parsed.parse_parameterized(text, parameters, &declared);
        let (call, variables) =
            self.run_text_within(text, Some(parameters), parse, variables, line)?;
        let mut returned = match call? {
            Ok(returned) => returned,
            Err(stop) => return Ok(Err(stop)),
        };
        if !returned.broken {
            for (place, parameter) in places {
                if let Some(Variable::Scalar { data_type, value }) = variables.get(&parameter) {
                    returned.outputs.push((place, *data_type, value.clone()));
                }
            }
        }
        Ok(Ok(returned))
    }

    #[expect(clippy::type_complexity, reason = "used once, right above")]
    fn bind_declared(
        &mut self,
        parameters: &str,
        declared: &[Parameter],
        arguments: &[Actual],
        first: usize,
    ) -> Result<(BTreeMap<String, Variable>, Vec<(usize, String)>), Failure> {
        let mut variables = BTreeMap::new();
        let mut places = Vec::new();
        let mut given: Vec<Option<usize>> = vec![None; declared.len()];
        for (place, argument) in arguments.iter().enumerate() {
            let parameter = match &argument.name {
                Some(name) => declared
                    .iter()
                    .position(|it| catalog::same_name(&it.name, name))
                    .ok_or_else(|| {
                        SqlError::new(
                            8145,
                            16,
                            2,
                            format!("{name} is not a parameter for procedure sp_executesql."),
                        )
                    })?,
                None => place,
            };
            match given.get_mut(parameter) {
                Some(slot) => *slot = Some(place),
                None => {
                    return Err(SqlError::new(
                        8144,
                        16,
                        2,
                        "Procedure or function sp_executesql has too many arguments specified.",
                    )
                    .into());
                }
            }
        }
        for (parameter, place) in declared.iter().zip(given) {
            let (data_type, table) = self.resolve_type(&parameter.data_type)?;
            let Some(place) = place else {
                return Err(SqlError::new(
                    8178,
                    16,
                    1,
                    format!(
                        "The parameterized query '({parameters})' expects the parameter '{}', \
                         which was not supplied.",
                        parameter.name
                    ),
                )
                .into());
            };
            let actual = &arguments[place];
            let variable = match (&actual.value, table) {
                (Some((ActualValue::Table(rows), _)), Some(_)) => {
                    Variable::Table(Box::new(catalog::TableVariable {
                        name: parameter.name.clone(),
                        ..(**rows).clone()
                    }))
                }
                (Some((ActualValue::Scalar(value), from)), None) => {
                    let value = convert(value, from, &data_type).map_err(Failure::from)?;
                    Variable::Scalar { data_type, value }
                }
                (None, None) => Variable::Scalar {
                    data_type,
                    value: values::Value::Null,
                },
                _ => {
                    return Err(SqlError::new(
                        206,
                        16,
                        2,
                        format!(
                            "Operand type clash: {} is incompatible with {}",
                            actual.scalar().1.message_name(),
                            catalog::display(&parameter.data_type.name)
                        ),
                    )
                    .into());
                }
            };
            if actual.output && parameter.output {
                places.push((first + place, key(&parameter.name)));
            }
            variables.insert(key(&parameter.name), variable);
        }
        Ok((variables, places))
    }
}

/// Reads `@a int, @b nvarchar(10) OUTPUT`.
pub(crate) fn declared_parameters(text: &str) -> Result<Vec<Parameter>, Failure> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    // A parameter list is what stands between a procedure's name and its AS.
    let wrapped = format!("CREATE PROCEDURE p {text}\nAS RETURN");
    let batch = tsql::parse_batch(&wrapped).map_err(|error| {
        let mut told = SqlError::new(
            error.number,
            tsql::ParseError::SEVERITY,
            1,
            error.message.clone(),
        );
        told.line = error.line;
        Failure::with_reach(told, Reach::Statement)
    })?;
    match batch.statements.as_slice() {
        [statement] => match &statement.kind {
            StatementKind::Create(Create::Module(module)) if matches!(&module.body, tsql::ModuleBody::Procedure(body) if body.len() == 1) => {
                Ok(module.parameters.clone())
            }
            _ => Err(wrong_parameters(text)),
        },
        _ => Err(wrong_parameters(text)),
    }
}

fn wrong_parameters(text: &str) -> Failure {
    let near = text.split_whitespace().next().unwrap_or_default();
    SqlError::new(102, 15, 1, format!("Incorrect syntax near '{near}'.")).into()
}

/// The limit on the length of one text.
pub(crate) fn check_length(text: &str, bytes_max: usize) -> Result<(), SqlError> {
    if text.len() > bytes_max {
        return Err(crate::limits::limit_reached(
            "bytes in one batch",
            bytes_max,
        ));
    }
    Ok(())
}

/// A text argument that must be Unicode.
pub(crate) fn unicode_text(actual: &Actual, parameter: &str) -> Result<Arc<str>, SqlError> {
    let (value, data_type) = actual.scalar();
    match value {
        values::Value::Text(text) if data_type.is_unicode() => Ok(text),
        values::Value::Null => Ok(Arc::from("")),
        _ => Err(SqlError::new(
            214,
            16,
            2,
            format!("Procedure expects parameter '{parameter}' of type 'ntext/nchar/nvarchar'."),
        )),
    }
}
