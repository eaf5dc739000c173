//! How does a stored procedure run?

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{
    ChainLink, DatabaseId, DemandColumns, Instance, NameScope, Object, Permission, Resolved, Target,
};
use query::{SessionState, Variable};
use tsql::{Argument, Execute, ModuleBody, Name, ProcedureRef, ValueOrDefault, sql};
use values::{SqlError, SqlType, Value};

use crate::batch::{Interpreter, ScopeKind};
use crate::failure::{Failure, Flow, Step, Stop, Thrown};
use crate::output::Output;
use crate::raise;
use crate::response::{Command, Done, DoneKind};
use crate::scopes::Entry;
use crate::system_procedures;
use crate::variables::{convert, key, undeclared};

/// An argument whose value is known.
#[derive(Debug, Clone)]
pub(crate) struct Actual {
    /// `@name =`.
    pub(crate) name: Option<String>,
    /// `None` is DEFAULT.
    pub(crate) value: Option<(ActualValue, SqlType)>,
    /// OUTPUT was written.
    pub(crate) output: bool,
    /// The caller's variable.
    pub(crate) variable: Option<String>,
}

/// A scalar, or the rows of a table-valued parameter.
#[derive(Debug, Clone)]
pub(crate) enum ActualValue {
    /// A value.
    Scalar(Value),
    /// A table variable.
    Table(Box<catalog::TableVariable>),
}

impl Actual {
    /// The scalar value and its type; NULL for DEFAULT and tables.
    pub(crate) fn scalar(&self) -> (Value, SqlType) {
        match &self.value {
            Some((ActualValue::Scalar(value), data_type)) => (value.clone(), *data_type),
            _ => (Value::Null, SqlType::UntypedNull),
        }
    }
}

/// What a procedure gave back.
#[derive(Debug, Default)]
pub(crate) struct Returned {
    /// RETURN's code.
    pub(crate) status: i32,
    /// OUTPUT parameters: place of the argument, type and value.
    pub(crate) outputs: Vec<(usize, SqlType, Value)>,
    /// Its body ran, so that it has a return code to tell.
    pub(crate) entered: bool,
    /// The procedure was ended by an error of late compilation: nothing is handed back.
    pub(crate) broken: bool,
}

/// How a called text ended: it returned, or more than itself has ended.
pub(crate) type Call = Result<Result<Returned, Stop>, Thrown>;

impl Interpreter<'_> {
    /// EXEC procedure.
    pub(crate) fn run_execute(&mut self, execute: &Execute, line: u32) -> Step {
        let (name, actuals) = match self.prepare_call(execute) {
            Ok(prepared) => prepared,
            Err(failure) => return self.settle(failure, line, false),
        };
        let before = self.session.transaction_count;
        let returned = match self.call(&name, &actuals, line)? {
            Ok(returned) => returned,
            Err(stop) => return Ok(Flow::Stop(stop)),
        };
        if returned.broken {
            self.end_call(&returned);
            return Ok(Flow::Next);
        }
        if let Err(failure) = self.hand_back(execute, &actuals, &returned) {
            return self.settle(failure, line, false);
        }
        self.end_call(&returned);
        if let Some(mut error) = self.check_count_after(before) {
            error.procedure = Some(Arc::from(catalog::last(&name)));
            return self.settle(Failure::from(error), line, false);
        }
        Ok(Flow::Next)
    }

    fn prepare_call(&mut self, execute: &Execute) -> Result<(Name, Vec<Actual>), Failure> {
        let name = match &execute.procedure {
            ProcedureRef::Name(name) => name.clone(),
            ProcedureRef::Variable(variable) => {
                let (value, data_type) = self.variable(variable)?;
                let text = raise::text_of(&value, &data_type)?.unwrap_or_default();
                tsql::parse_name(&text).map_err(|_| missing_procedure(&text))?
            }
        };
        if let Some(variable) = &execute.return_variable {
            self.variable(variable)?;
        }
        let actuals = execute
            .arguments
            .iter()
            .map(|it| self.actual(it))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((name, actuals))
    }

    /// Evaluates an argument in the caller's scope.
    fn actual(&mut self, argument: &Argument) -> Result<Actual, Failure> {
        let name = argument.name.clone();
        let ValueOrDefault::Expr(expression) = &argument.value else {
            return Ok(Actual {
                name,
                value: None,
                output: argument.output,
                variable: None,
            });
        };
        if let sql::Expr::Identifier(word) = expression {
            if word.value.starts_with('@') && !word.value.starts_with("@@") {
                let value = match self.session.variables.get(&key(&word.value)) {
                    Some(Variable::Scalar { data_type, value }) => {
                        (ActualValue::Scalar(value.clone()), *data_type)
                    }
                    Some(Variable::Table(table)) => {
                        (ActualValue::Table(table.clone()), SqlType::UntypedNull)
                    }
                    None => return Err(undeclared(&word.value).into()),
                };
                return Ok(Actual {
                    name,
                    value: Some(value),
                    output: argument.output,
                    variable: Some(word.value.clone()),
                });
            }
            if word.quote_style.is_none() && !word.value.starts_with('@') {
                // `EXEC p abc` passes the text 'abc'.
                let value = ActualValue::Scalar(Value::text(word.value.as_str()));
                let value = Some((value, SqlType::SYSNAME));
                return Ok(Actual {
                    name,
                    value,
                    output: false,
                    variable: None,
                });
            }
        }
        if argument.output {
            return Err(SqlError::new(
                179,
                15,
                1,
                "Cannot use the OUTPUT option when passing a constant to a stored procedure.",
            )
            .into());
        }
        let (value, data_type) = self.value(expression)?;
        let value = Some((ActualValue::Scalar(value), data_type));
        Ok(Actual {
            name,
            value,
            output: false,
            variable: None,
        })
    }

    /// Calls a procedure of the user's or of the system's.
    pub(crate) fn call(&mut self, name: &Name, actuals: &[Actual], line: u32) -> Call {
        if let Some(procedure) = system_procedures::find(name) {
            return self.call_system(procedure, actuals, line);
        }
        let prepared = self.quietly(|execution| {
            let (database, object) = find_procedure(execution.instance, execution.session, name)?;
            execution.session.footprint.named(database, object.id);
            Ok::<_, Failure>((database, object))
        });
        let (database, object) = match prepared {
            Ok(found) => found,
            Err(failure) => return self.settle_call(failure, line),
        };
        let bound = self.bind_parameters(database, &object, actuals);
        let (variables, places) = match bound {
            Ok(bound) => bound,
            Err(mut failure) => {
                for error in &mut failure.errors {
                    error.line = 0;
                    error.procedure = Some(Arc::clone(&object.name));
                }
                return self.settle_call(failure, line);
            }
        };
        self.run_procedure(database, object, variables, &places, line)
    }

    fn run_procedure(
        &mut self,
        database: DatabaseId,
        object: Arc<Object>,
        variables: BTreeMap<String, Variable>,
        places: &[(usize, String)],
        line: u32,
    ) -> Call {
        let module = object.as_module().expect("a procedure is a module");
        let definition = Arc::clone(&module.definition);
        let ModuleBody::Procedure(body) = &definition.body else {
            return self.settle_call(
                SqlError::unsupported("a procedure without a T-SQL body").into(),
                line,
            );
        };
        let entry = Entry {
            kind: ScopeKind::Procedure,
            variables,
            module: Some((database, Arc::clone(&object))),
        };
        let left = match self.within(entry, |interpreter| interpreter.run_list(body)) {
            Ok(left) => left,
            Err(failure) => return self.settle_call(failure, line),
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
                returned.status = -6;
            }
            Flow::Stop(stop) => return Ok(Err(stop)),
            _ => {}
        }
        for (place, parameter) in places {
            if let Some(Variable::Scalar { data_type, value }) = left.variables.get(parameter) {
                returned.outputs.push((*place, *data_type, value.clone()));
            }
        }
        Ok(Ok(returned))
    }

    /// Settles an error of a call for a caller that expects a [`Call`].
    pub(crate) fn settle_call(&mut self, failure: Failure, line: u32) -> Call {
        match self.settle(failure, line, false)? {
            Flow::Stop(stop) => Ok(Err(stop)),
            _ => Ok(Ok(Returned {
                broken: true,
                ..Returned::default()
            })),
        }
    }

    /// Converts arguments to parameters; the second part says which parameters go back where.
    #[expect(clippy::type_complexity, reason = "used once, right above")]
    fn bind_parameters(
        &mut self,
        database: DatabaseId,
        object: &Arc<Object>,
        actuals: &[Actual],
    ) -> Result<(BTreeMap<String, Variable>, Vec<(usize, String)>), Failure> {
        let module = object.as_module().expect("a procedure is a module");
        let parameters = &module.parameters;
        let name = &object.name;
        let mut given: Vec<Option<usize>> = vec![None; parameters.len()];
        let mut named = false;
        for (place, actual) in actuals.iter().enumerate() {
            let parameter = match &actual.name {
                Some(written) => {
                    named = true;
                    parameters
                        .iter()
                        .position(|it| catalog::same_name(&it.name, written))
                        .ok_or_else(|| {
                            SqlError::new(
                                8145,
                                16,
                                2,
                                format!("{written} is not a parameter for procedure {name}."),
                            )
                        })?
                }
                None if named => {
                    return Err(SqlError::new(
                        119,
                        15,
                        1,
                        format!(
                            "Must pass parameter number {} and subsequent parameters as '@name = \
                             value'. After the form '@name = value' has been used, all subsequent \
                             parameters must be passed in the form '@name = value'.",
                            place + 1
                        ),
                    )
                    .into());
                }
                None => place,
            };
            let Some(slot) = given.get_mut(parameter) else {
                return Err(SqlError::new(
                    8144,
                    16,
                    2,
                    format!("Procedure or function {name} has too many arguments specified."),
                )
                .into());
            };
            if slot.replace(place).is_some() {
                return Err(SqlError::new(
                    8143,
                    16,
                    1,
                    format!(
                        "Parameter '{}' was supplied multiple times.",
                        parameters[parameter].name
                    ),
                )
                .into());
            }
        }
        let mut variables = BTreeMap::new();
        let mut places = Vec::new();
        for (parameter, place) in parameters.iter().zip(given) {
            let actual = place.map(|place| &actuals[place]);
            if actual.is_some_and(|actual| actual.output) && !parameter.output {
                return Err(SqlError::new(
                    8162,
                    16,
                    2,
                    format!(
                        "The formal parameter \"{}\" was not declared as an OUTPUT parameter, but \
                         the actual parameter passed in requested output.",
                        parameter.name
                    ),
                )
                .into());
            }
            let variable = match actual.and_then(|actual| actual.value.as_ref()) {
                Some((ActualValue::Table(table), _)) => {
                    Variable::Table(Box::new(catalog::TableVariable {
                        name: parameter.name.to_string(),
                        ..(**table).clone()
                    }))
                }
                Some((ActualValue::Scalar(value), from)) => {
                    let value = convert(value, from, &parameter.data_type).map_err(|error| {
                        conversion_of_argument(&error, from, &parameter.data_type)
                    })?;
                    Variable::Scalar {
                        data_type: parameter.data_type,
                        value,
                    }
                }
                None => match &parameter.default {
                    Some(default) => {
                        let (value, from) = self.value(default)?;
                        let value = convert(&value, &from, &parameter.data_type)?;
                        Variable::Scalar {
                            data_type: parameter.data_type,
                            value,
                        }
                    }
                    // A table that is not given is an empty one.
                    None if parameter.read_only => {
                        let table = self.empty_table(database, parameter)?;
                        Variable::Table(Box::new(table))
                    }
                    None => {
                        return Err(SqlError::new(
                            201,
                            16,
                            4,
                            format!(
                                "Procedure or function '{name}' expects parameter '{}', which was \
                                 not supplied.",
                                parameter.name
                            ),
                        )
                        .into());
                    }
                },
            };
            if let Some(place) = place
                && parameter.output
                && actuals[place].output
            {
                places.push((place, key(&parameter.name)));
            }
            variables.insert(key(&parameter.name), variable);
        }
        Ok((variables, places))
    }

    /// A table-valued parameter without rows.
    fn empty_table(
        &mut self,
        database: DatabaseId,
        parameter: &catalog::ModuleParameter,
    ) -> Result<catalog::TableVariable, Failure> {
        let table = self.look(|instance, _| {
            let id = parameter.user_type?;
            let found = instance.database(database)?.user_type(id)?;
            match &found.kind {
                catalog::UserTypeKind::Table(table) => Some((**table).clone()),
                _ => None,
            }
        });
        let Some(table) = table else {
            return Err(crate::limits::internal_error("a table type is gone").into());
        };
        Ok(catalog::TableVariable {
            name: parameter.name.to_string(),
            data: catalog::TableData::new(&table),
            table,
        })
    }

    /// Copies OUTPUT parameters and the return code into the caller's variables.
    fn hand_back(
        &mut self,
        execute: &Execute,
        actuals: &[Actual],
        returned: &Returned,
    ) -> Result<(), Failure> {
        for (place, data_type, value) in &returned.outputs {
            if let Some(variable) = &actuals[*place].variable {
                self.assign(variable, (value.clone(), *data_type))?;
            }
        }
        if let Some(variable) = &execute.return_variable {
            self.assign(variable, (Value::Int(returned.status), SqlType::Int))?;
        }
        Ok(())
    }

    /// Ends an EXEC of a batch for the client.
    pub(crate) fn end_call(&mut self, returned: &Returned) {
        if !self.captures.is_empty() || !returned.entered {
            return;
        }
        let outermost = self
            .scopes
            .iter()
            .all(|scope| scope.kind == ScopeKind::Batch);
        if !outermost {
            self.done(Command::Execute, None, false);
            return;
        }
        let in_transaction = self.session.transaction_count > 0;
        if let Output::Client(response) = &mut self.output {
            response.return_status(returned.status);
            response.done(Done {
                kind: DoneKind::Procedure,
                count: None,
                more: true,
                error: false,
                in_transaction,
                command: Command::Execute,
            });
        }
    }
}

/// Finds a procedure and demands EXECUTE on it.
pub(crate) fn find_procedure(
    instance: &Instance,
    session: &SessionState,
    name: &Name,
) -> Result<(DatabaseId, Arc<Object>), Failure> {
    let scope = NameScope {
        database: session.database,
        schema: session.module.map(|module| module.schema),
        temporary: &session.temporary,
    };
    let resolved = instance.resolve_procedure(&session.security, &scope, name)?;
    let Resolved {
        token,
        target,
        synonyms,
    } = resolved;
    let Target::Object(object) = target else {
        return Err(missing_procedure(&catalog::display(name)).into());
    };
    let is_procedure = object
        .as_module()
        .is_some_and(|module| matches!(module.definition.body, ModuleBody::Procedure(_)));
    if !is_procedure {
        let kind = match object.type_code().trim() {
            "U" => "table",
            "V" => "view",
            _ => return Err(missing_procedure(&catalog::display(name)).into()),
        };
        return Err(SqlError::new(
            2809,
            18,
            1,
            format!(
                "The request for procedure '{}' failed because '{}' is a {kind} object.",
                object.name, object.name
            ),
        )
        .into());
    }
    let mut link = session.module.map(|module| module.link);
    // The synonym is what the caller needs a right on; behind it the chain decides.
    for (token, synonym) in &synonyms {
        demand_execute(instance, token, link.as_ref(), synonym)?;
        link = Some(ChainLink::of(instance, token.database, synonym));
    }
    demand_execute(instance, &token, link.as_ref(), &object)?;
    Ok((token.database, object))
}

fn demand_execute(
    instance: &Instance,
    token: &catalog::UserToken,
    link: Option<&ChainLink>,
    object: &Object,
) -> Result<(), Failure> {
    instance
        .demand(
            token,
            link,
            object,
            Permission::EXECUTE,
            DemandColumns::Object,
        )
        .map_err(|mut errors| {
            // The server attributes this refusal to the procedure that was called.
            for error in errors.as_mut_slice() {
                error.procedure = Some(Arc::clone(&object.name));
                error.line = 1;
            }
            Failure::from(errors)
        })
}

/// 2812.
pub(crate) fn missing_procedure(name: &str) -> SqlError {
    SqlError::new(
        2812,
        16,
        62,
        format!("Could not find stored procedure '{name}'."),
    )
}

/// A value that does not fit its parameter is 8114 whatever the conversion itself says.
fn conversion_of_argument(error: &SqlError, from: &SqlType, to: &SqlType) -> Failure {
    let error = match error.number {
        245 | 241 | 248 | 8114 | 8169 | 235 => SqlError::new(
            8114,
            16,
            1,
            format!(
                "Error converting data type {} to {}.",
                from.message_name(),
                to.message_name()
            ),
        ),
        _ => error.clone(),
    };
    Failure::with_reach(error, crate::failure::Reach::Statement)
}
