//! A server small enough for tests of this crate: one session, statements one after the other,
//! no transactions, no modules but the functions and triggers that a test asks for.
#![allow(dead_code, reason = "each test file uses its part of the support")]

use std::sync::Arc;

use catalog::{
    DatabaseId, Errors, Instance, InstanceOptions, LoginId, SecurityContext, SessionId,
    TemporaryNames, UndoLog,
};
use query::{
    Environment, Execution, ModuleRef, ResultColumn, RowSink, Runtime, SessionOptions,
    SessionState, TriggerFiring, Variable,
};
use tsql::{Declaration, Statement, StatementKind};
use values::{ConversionKind, SqlError, SqlType, Value, convert};

/// A clock and dice that always show the same.
pub(crate) struct TestEnvironment {
    now: i64,
    dice: u64,
}

impl Environment for TestEnvironment {
    fn now(&mut self) -> i64 {
        self.now += 10_000;
        self.now
    }

    fn random_bytes(&mut self) -> [u8; 16] {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.dice.to_le_bytes());
        bytes[8..].copy_from_slice(&self.dice.rotate_left(17).to_le_bytes());
        bytes
    }
}

/// Modules whose bodies are single statements.
pub(crate) struct TestRuntime;

impl Runtime for TestRuntime {
    fn call_scalar_function(
        &self,
        execution: &mut Execution<'_>,
        function: ModuleRef,
        arguments: Vec<(Value, SqlType)>,
    ) -> Result<(Value, SqlType), SqlError> {
        let object = Arc::clone(
            execution
                .instance
                .database(function.database)
                .and_then(|it| it.object(function.object))
                .expect("a bound function exists"),
        );
        let module = object.as_module().expect("a function is a module");
        let tsql::ModuleBody::ScalarFunction { body, .. } = &module.definition.body else {
            return Err(SqlError::unsupported("this function"));
        };
        let variables = module
            .parameters
            .iter()
            .zip(arguments)
            .map(|(parameter, (value, data_type))| {
                (
                    parameter.name.to_lowercase(),
                    Variable::Scalar { data_type, value },
                )
            })
            .collect();
        let outer = std::mem::replace(&mut execution.session.variables, variables);
        let mut result = Err(SqlError::unsupported("functions without RETURN"));
        for statement in body {
            if let StatementKind::Return(Some(value)) = &statement.kind {
                result = query::evaluate(execution, value).map_err(|e| e.first().clone());
            }
        }
        execution.session.variables = outer;
        result
    }

    fn call_table_function(
        &self,
        _: &mut Execution<'_>,
        _: ModuleRef,
        _: Vec<(Value, SqlType)>,
    ) -> Result<Vec<Vec<Value>>, SqlError> {
        Err(SqlError::unsupported("table functions in this test"))
    }

    fn fire_triggers(
        &self,
        execution: &mut Execution<'_>,
        firing: TriggerFiring,
    ) -> Result<(), SqlError> {
        let database = execution
            .instance
            .database(firing.on.database)
            .expect("exists")
            .clone();
        let outer = execution
            .session
            .trigger_rows
            .replace(Box::new(firing.clone()));
        let mut result = Ok(());
        for child in database.children_of(firing.on.object) {
            let Some(module) = child.as_module() else {
                continue;
            };
            if let tsql::ModuleBody::Trigger {
                instead_of,
                events,
                body,
                ..
            } = &module.definition.body
                && *instead_of == firing.instead_of
                && events.contains(&firing.event)
            {
                for statement in body {
                    let ran = run(execution, statement, &mut Vec::new());
                    result = result.and(ran.map_err(|errors| errors.first().clone()));
                }
            }
        }
        execution.session.trigger_rows = outer;
        result
    }
}

/// Collects rows as text.
struct Collect<'r> {
    columns: Vec<ResultColumn>,
    rows: &'r mut Vec<String>,
}

impl RowSink for Collect<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), SqlError> {
        self.columns = columns.to_vec();
        Ok(())
    }

    fn row(&mut self, row: &[Value]) -> Result<(), SqlError> {
        let cells: Result<Vec<String>, SqlError> = row
            .iter()
            .zip(&self.columns)
            .map(|(value, column)| text(value, &column.data_type))
            .collect();
        self.rows.push(cells?.join("|"));
        Ok(())
    }
}

fn text(value: &Value, data_type: &SqlType) -> Result<String, SqlError> {
    if let Value::Binary(bytes) = value {
        return Ok(bytes
            .iter()
            .fold("0x".to_owned(), |text, byte| format!("{text}{byte:02X}")));
    }
    let to = SqlType::NVARCHAR_MAX;
    Ok(
        match convert(
            value,
            data_type,
            &to,
            Some(0).filter(|_| false),
            ConversionKind::Explicit,
        )? {
            Value::Text(text) => text.to_string(),
            _ => "NULL".to_owned(),
        },
    )
}

/// One session on a server of its own.
pub(crate) struct Server {
    pub(crate) instance: Instance,
    pub(crate) session: SessionState,
    environment: TestEnvironment,
}

impl Server {
    /// A server with an empty database `db`, and a session of sa in it.
    pub(crate) fn new() -> Self {
        let now = 638_000_000_000_000_000;
        let instance = Instance::new(&InstanceOptions {
            name: Arc::from("WATERTIGHT"),
            sa_password: "Str0ng_pw_1".to_owned(),
            collation: values::Collation::default(),
            now,
        });
        let session = SessionState {
            id: 51,
            security: SecurityContext::for_login(LoginId::SA),
            database: DatabaseId::MASTER,
            undo: UndoLog::new(),
            variables: Default::default(),
            temporary: TemporaryNames::new(SessionId(51)),
            module: None,
            trigger_rows: None,
            row_count: 0,
            last_error: 0,
            caught: None,
            scope_identity: None,
            last_identity: None,
            transaction_count: 0,
            transaction_began: None,
            transaction_doomed: false,
            nest_level: 0,
            session_context: Default::default(),
            context_info: Vec::new(),
            host_name: "test".to_owned(),
            program_name: "test".to_owned(),
            // Small enough that a hostile statement ends at once in a debug build.
            options: SessionOptions {
                step_budget: 1_000_000,
                ..SessionOptions::default()
            },
            policies_met: 0,
            messages: Vec::new(),
            footprint: Default::default(),
            transaction_began_otherwise: false,
            view: None,
        };
        let mut server = Self {
            instance,
            session,
            environment: TestEnvironment { now, dice: 7 },
        };
        server.ok("CREATE DATABASE db");
        server.ok("USE db");
        server
    }

    /// Runs the batches of a script; all must succeed.
    pub(crate) fn ok(&mut self, script: &str) -> String {
        match self.try_run(script) {
            Ok(rows) => rows.join("; "),
            Err(error) => panic!("{script}\n{error}"),
        }
    }

    /// What a script answers: its rows, or the number of its first error.
    pub(crate) fn answer(&mut self, script: &str) -> String {
        match self.try_run(script) {
            Ok(rows) => rows.join("; "),
            Err(errors) => {
                let numbers: Vec<String> = errors
                    .as_slice()
                    .iter()
                    .map(|error| format!("!{}", error.number))
                    .collect();
                numbers.join(" ")
            }
        }
    }

    /// The messages of a script that fails.
    pub(crate) fn messages(&mut self, script: &str) -> Vec<String> {
        match self.try_run(script) {
            Ok(rows) => panic!("{script}\nsucceeded: {rows:?}"),
            Err(errors) => errors
                .as_slice()
                .iter()
                .map(|error| error.message.clone())
                .collect(),
        }
    }

    pub(crate) fn try_run(&mut self, script: &str) -> Result<Vec<String>, Errors> {
        let mut rows = Vec::new();
        for batch in tsql::split_batches(script) {
            let batch = tsql::parse_batch(&batch.text)
                .map_err(|error| SqlError::new(error.number, 15, 1, error.message))?;
            rows.append(&mut self.run_parsed(&batch)?);
        }
        Ok(rows)
    }

    pub(crate) fn run_parsed(&mut self, batch: &tsql::Batch) -> Result<Vec<String>, Errors> {
        let mut rows = Vec::new();
        self.session.variables.clear();
        for statement in &batch.statements {
            let mut execution = Execution {
                instance: &mut self.instance,
                session: &mut self.session,
                environment: &mut self.environment,
                runtime: &TestRuntime,
            };
            run(&mut execution, statement, &mut rows)?;
        }
        Ok(rows)
    }
}

fn run(
    execution: &mut Execution<'_>,
    statement: &Statement,
    rows: &mut Vec<String>,
) -> Result<(), Errors> {
    let mut sink = Collect {
        columns: Vec::new(),
        rows,
    };
    let count = match &statement.kind {
        StatementKind::Select(select) => query::select(execution, select, &mut sink)?,
        StatementKind::SelectAssign(select) => query::select_assign(execution, select)?,
        StatementKind::Insert(insert) => query::insert(execution, insert, &mut sink)?,
        StatementKind::Update(update) => query::update(execution, update, &mut sink)?,
        StatementKind::Delete(delete) => query::delete(execution, delete, &mut sink)?,
        StatementKind::Merge(merge) => query::merge(execution, merge, &mut sink)?,
        StatementKind::Truncate { table } => {
            query::truncate(execution, table)?;
            0
        }
        StatementKind::Declare(declarations) => {
            for declaration in declarations {
                declare(execution, declaration)?;
            }
            0
        }
        StatementKind::SetVariable { variable, value } => {
            let (value, from) = query::evaluate(execution, value)?;
            set(execution, variable, &value, &from)?;
            1
        }
        StatementKind::SetOption(tsql::SetOption::IdentityInsert(table, on)) => {
            query::set_identity_insert(execution, table, *on)?;
            0
        }
        StatementKind::SetOption(_) => 0,
        StatementKind::Use(name) => {
            let database = execution
                .instance
                .database_named(name)
                .expect("a test's database");
            execution.session.database = database.id;
            0
        }
        StatementKind::ExecuteAsStatement {
            target: tsql::ExecuteAs::User(name),
            ..
        } => {
            let current = execution.session.database;
            let origin = catalog::Origin::Statement {
                database: current,
                no_revert: false,
                cookie: None,
            };
            execution.session.security.execute_as_user(
                execution.instance,
                current,
                name,
                origin,
            )?;
            0
        }
        StatementKind::Revert { .. } => {
            let current = execution.session.database;
            execution
                .session
                .security
                .revert(execution.instance, current, None)?;
            0
        }
        other => {
            query::with_ddl(execution, |ddl| match other {
                StatementKind::Create(create) => ddl.create(create).map(|_| ()),
                StatementKind::Alter(alter) => ddl.alter(alter).map(|_| ()),
                StatementKind::Drop {
                    kind,
                    if_exists,
                    names,
                    on,
                } => ddl.drop(*kind, *if_exists, names, on.as_ref()).map(|_| ()),
                StatementKind::Permission(permission) => ddl.permission(permission),
                other => panic!("the test support cannot run {other:?}"),
            })?;
            0
        }
    };
    execution.session.row_count = i64::try_from(count).expect("small");
    Ok(())
}

fn declare(execution: &mut Execution<'_>, declaration: &Declaration) -> Result<(), Errors> {
    match declaration {
        Declaration::Scalar {
            name,
            data_type,
            value,
        } => {
            let data_type =
                SqlType::from_name(catalog::last(&data_type.name), &data_type.arguments)?;
            execution.session.variables.insert(
                name.to_lowercase(),
                Variable::Scalar {
                    data_type,
                    value: Value::Null,
                },
            );
            if let Some(value) = value {
                let (value, from) = query::evaluate(execution, value)?;
                set(execution, name, &value, &from)?;
            }
        }
        Declaration::Table { name, definition } => {
            let table = query::with_ddl(execution, |ddl| ddl.table_variable(name, definition))?;
            execution
                .session
                .variables
                .insert(name.to_lowercase(), Variable::Table(Box::new(table)));
        }
    }
    Ok(())
}

fn set(
    execution: &mut Execution<'_>,
    name: &str,
    value: &Value,
    from: &SqlType,
) -> Result<(), SqlError> {
    if let Some(Variable::Scalar {
        data_type,
        value: kept,
    }) = execution.session.variables.get_mut(&name.to_lowercase())
    {
        *kept = convert(value, from, data_type, None, ConversionKind::Implicit)?;
    }
    Ok(())
}

/// Every row: a script and what it answers. All differences are shown together.
pub(crate) fn check(setup: &str, rows: &[(&str, &str)]) {
    let mut server = Server::new();
    server.ok(setup);
    let mut wrong = Vec::new();
    for (script, expected) in rows {
        let answer = server.answer(script);
        if answer != *expected {
            wrong.push(format!(
                "{script}\n  expected {expected}\n  got      {answer}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}
