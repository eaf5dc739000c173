//! How does a function of the user's run inside a query?
//!
//! Under the lock of the calling statement, without a client: whatever goes wrong inside is the
//! failure of the caller's statement.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{ModuleParameter, Object};
use query::{Execution, ModuleRef, Variable};
use tsql::ModuleBody;
use values::{SqlError, SqlType, Value};

use crate::batch::{Interpreter, ScopeKind, World};
use crate::failure::{Flow, Thrown};
use crate::output::Output;
use crate::runtime::SessionRuntime;
use crate::scopes::{Entry, Left};
use crate::variables::{convert, key};

/// Runs a scalar function.
pub(crate) fn call_scalar(
    runtime: &SessionRuntime,
    execution: &mut Execution<'_>,
    function: ModuleRef,
    arguments: Vec<(Value, SqlType)>,
) -> Result<(Value, SqlType), SqlError> {
    let object = find(execution, function)?;
    let module = object.as_module().expect("a function is a module");
    let definition = Arc::clone(&module.definition);
    let ModuleBody::ScalarFunction { body, .. } = &definition.body else {
        return Err(SqlError::unsupported(
            "calling this kind of function for a value",
        ));
    };
    let returns = module.returns.unwrap_or(SqlType::Int);
    let null_on_null = definition
        .options
        .iter()
        .any(|option| option == "RETURNS NULL ON NULL INPUT");
    if null_on_null && arguments.iter().any(|(value, _)| value.is_null()) {
        return Ok((Value::Null, returns));
    }
    let variables = parameters(&object.name, &module.parameters, arguments)?;
    let left = run(
        runtime,
        execution,
        function,
        &object,
        variables,
        |interpreter| interpreter.run_list(body),
    )?;
    let value = match left.result.map_err(decisive)? {
        Flow::Return(Some((value, from))) => convert(&value, &from, &returns)?,
        _ => Value::Null,
    };
    Ok((value, returns))
}

/// Runs a multi-statement table function.
pub(crate) fn call_table(
    runtime: &SessionRuntime,
    execution: &mut Execution<'_>,
    function: ModuleRef,
    arguments: Vec<(Value, SqlType)>,
) -> Result<Vec<Vec<Value>>, SqlError> {
    let object = find(execution, function)?;
    let module = object.as_module().expect("a function is a module");
    let source = Arc::clone(&module.definition);
    let ModuleBody::TableFunction {
        variable,
        definition,
        body,
    } = &source.body
    else {
        return Err(SqlError::unsupported(
            "calling this kind of function for rows",
        ));
    };
    let variables = parameters(&object.name, &module.parameters, arguments)?;
    let left = run(
        runtime,
        execution,
        function,
        &object,
        variables,
        |interpreter| {
            let made = interpreter.new_table_variable(variable, definition);
            match made {
                Ok(table) => {
                    let table = Variable::Table(Box::new(table));
                    interpreter.session.variables.insert(key(variable), table);
                    interpreter.run_list(body)
                }
                Err(failure) => Err(Thrown { failure }),
            }
        },
    )?;
    left.result.map_err(decisive)?;
    match left.variables.get(&key(variable)) {
        Some(Variable::Table(table)) => {
            Ok(table.data.scan().map(|(_, row)| row.to_vec()).collect())
        }
        _ => Ok(Vec::new()),
    }
}

fn find(execution: &Execution<'_>, function: ModuleRef) -> Result<Arc<Object>, SqlError> {
    execution
        .instance
        .database(function.database)
        .and_then(|database| database.object(function.object))
        .filter(|object| object.as_module().is_some())
        .map(Arc::clone)
        .ok_or_else(|| crate::limits::internal_error("a function is gone while it is called"))
}

fn decisive(thrown: Thrown) -> SqlError {
    thrown.failure.decisive().clone()
}

fn run<R>(
    runtime: &SessionRuntime,
    execution: &mut Execution<'_>,
    function: ModuleRef,
    object: &Arc<Object>,
    variables: BTreeMap<String, Variable>,
    body: impl FnOnce(&mut Interpreter<'_>) -> R,
) -> Result<Left<R>, SqlError> {
    let mut interpreter = Interpreter {
        world: World::Held {
            instance: &mut *execution.instance,
            environment: &mut *execution.environment,
        },
        session: &mut *execution.session,
        runtime,
        output: Output::Function,
        captures: Vec::new(),
        scopes: Vec::new(),
        line: 1,
    };
    // A function leaves no trace in the caller's counters.
    let row_count = interpreter.session.row_count;
    let last_error = interpreter.session.last_error;
    let entry = Entry {
        kind: ScopeKind::Function,
        variables,
        module: Some((function.database, Arc::clone(object))),
    };
    let left = interpreter
        .within(entry, body)
        .map_err(|failure| failure.decisive().clone());
    interpreter.session.row_count = row_count;
    interpreter.session.last_error = last_error;
    left
}

fn parameters(
    name: &str,
    parameters: &[ModuleParameter],
    arguments: Vec<(Value, SqlType)>,
) -> Result<BTreeMap<String, Variable>, SqlError> {
    if arguments.len() > parameters.len() {
        return Err(SqlError::new(
            8144,
            16,
            3,
            format!("Procedure or function {name} has too many arguments specified."),
        ));
    }
    if arguments.len() < parameters.len() {
        return Err(SqlError::new(
            313,
            16,
            2,
            format!(
                "An insufficient number of arguments were supplied for the procedure or function \
                 {name}."
            ),
        ));
    }
    parameters
        .iter()
        .zip(arguments)
        .map(|(parameter, (value, from))| {
            let value = convert(&value, &from, &parameter.data_type)?;
            Ok((
                key(&parameter.name),
                Variable::Scalar {
                    data_type: parameter.data_type,
                    value,
                },
            ))
        })
        .collect()
}
