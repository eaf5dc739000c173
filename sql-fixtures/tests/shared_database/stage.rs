//! The shared database on a server in this process, its callers, and how a call of theirs must end.

use std::fmt::Write as _;

use database::{
    Done, EnvironmentChange, Limits, LogicalEnvironment, LoginRequest, OutputParameter,
    ResponseSink, Server, ServerOptions, Session,
};
use query::ResultColumn;
use sql_fixtures::{File, SHARED_DATABASE};
use values::{ConversionKind, SqlError, SqlType, Value};

pub(crate) const PASSWORD: &str = "Zebra-tulip-42";
pub(crate) const DATABASE: &str = "wt_erp";
pub(crate) const TENANTS: [&str; 4] = ["acme", "globex", "initech", "umbrella"];

/// Where an organisation's numbers begin.
pub(crate) fn number(tenant: usize) -> usize {
    1_000_000_000 + 1_000_000 * tenant
}

/// The text in all values of an organisation.
pub(crate) fn mark(tenant: usize) -> String {
    format!("wtmark{tenant:02}")
}

/// What came back.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<String>,
    pub(crate) error: Option<SqlError>,
    types: Vec<SqlType>,
}

pub(crate) fn shown(value: &Value, data_type: &SqlType) -> String {
    let style = matches!(value, Value::Binary(_)).then_some(1);
    let text = SqlType::NVARCHAR_MAX;
    match values::convert(value, data_type, &text, style, ConversionKind::Explicit) {
        Ok(Value::Text(text)) => text.to_string(),
        Ok(Value::Null) => "NULL".to_owned(),
        other => panic!("every value can be shown: {other:?}"),
    }
}

impl ResponseSink for Answer {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.types = columns.iter().map(|column| column.data_type).collect();
    }

    fn row(&mut self, row: &[Value]) {
        let cells: Vec<String> = row
            .iter()
            .zip(&self.types)
            .map(|(value, data_type)| shown(value, data_type))
            .collect();
        self.rows.push(cells.join(" | "));
    }

    fn message(&mut self, message: &SqlError) {
        if message.severity > 10 && self.error.is_none() {
            self.error = Some(message.clone());
        }
    }

    fn done(&mut self, _: Done) {}
    fn return_status(&mut self, _: i32) {}
    fn output_parameter(&mut self, _: &OutputParameter) {}
    fn environment_change(&mut self, _: &EnvironmentChange) {}
}

pub(crate) fn run(session: &mut Session, batch: &str) -> Answer {
    let mut answer = Answer::default();
    session.execute_batch(batch, &mut answer);
    answer
}

pub(crate) fn login(server: &Server, user: &str, database: &str) -> Session {
    let request = LoginRequest {
        user: user.to_owned(),
        password: PASSWORD.to_owned(),
        database: database.to_owned(),
        host_name: "test".to_owned(),
        program_name: "test".to_owned(),
    };
    match server.login(&request) {
        Ok(session) => session,
        Err(refused) => panic!("{user}: {:?}", refused.errors),
    }
}

pub(crate) fn run_script(server: &Server, file: &File, variables: &[(&str, String)]) {
    let mut text = file.text.to_owned();
    for (name, value) in variables {
        text = text.replace(&format!("$({name})"), value);
    }
    assert!(!text.contains("$("), "{}: an unknown variable", file.path);
    let mut administrator = login(server, "sa", DATABASE);
    for batch in tsql::split_batches(&text) {
        if let Some(error) = run(&mut administrator, &batch.text).error {
            panic!(
                "{}:{}: {} {}",
                file.path,
                batch.line + error.line.saturating_sub(1),
                error.number,
                error.message
            );
        }
    }
}

/// The server with all scripts run, in their order.
pub(crate) fn provisioned() -> Server {
    let server = Server::new(ServerOptions {
        name: "TEST".to_owned(),
        sa_password: PASSWORD.to_owned(),
        environment: Box::new(LogicalEnvironment::new(1)),
        limits: Limits::default(),
    });
    let created = run(
        &mut login(&server, "sa", "master"),
        &format!("CREATE DATABASE {DATABASE};"),
    );
    assert_eq!(created.error, None);
    let of = |folder: &'static str| {
        SHARED_DATABASE
            .files
            .iter()
            .filter(move |file| file.path.starts_with(folder))
    };
    let once: Vec<(&str, String)> = ["service", "operations", "investigation"]
        .into_iter()
        .flat_map(|principal| {
            let (login, password) = match principal {
                "service" => ("Login_service", "Password_service"),
                "operations" => ("Login_operations", "Password_operations"),
                _ => ("Login_investigation", "Password_investigation"),
            };
            [
                (login, format!("wt_{principal}")),
                (password, PASSWORD.to_owned()),
            ]
        })
        .collect();
    for file in of("database/") {
        run_script(&server, file, &once);
    }
    for (index, tenant) in TENANTS.into_iter().enumerate() {
        let variables = [
            ("Tenant", tenant.to_owned()),
            ("MarkText", mark(index)),
            ("MarkNumber", number(index).to_string()),
            ("MarkDate", format!("{}-01-01", 2200 + index)),
            ("MarkGuid", format!("abcde{index:03}")),
        ];
        for file in of("tenant/") {
            run_script(&server, file, &variables);
        }
    }
    server
}

/// Who calls: a principal, checked out for an organisation and perhaps one of its departments.
#[derive(Clone, Copy)]
pub(crate) struct Caller {
    principal: &'static str,
    tenant: Option<usize>,
    department: Option<usize>,
}

pub(crate) const fn caller(principal: &'static str, tenant: usize) -> Caller {
    Caller {
        principal,
        tenant: Some(tenant),
        department: None,
    }
}

pub(crate) const ACME: Caller = caller("wt_service", 0);
pub(crate) const GLOBEX: Caller = caller("wt_service", 1);
pub(crate) const INVESTIGATION: Caller = caller("wt_investigation", 0);
pub(crate) const NORTH: Caller = Caller {
    department: Some(11),
    ..ACME
};
pub(crate) const SOUTH: Caller = Caller {
    department: Some(12),
    ..ACME
};
pub(crate) const NOBODYS: Caller = Caller {
    tenant: None,
    ..ACME
};
pub(crate) const OPERATIONS: Caller = Caller {
    principal: "wt_operations",
    ..NOBODYS
};
pub(crate) const ADMINISTRATOR: Caller = Caller {
    principal: "sa",
    ..NOBODYS
};

pub(crate) fn session(server: &Server, caller: Caller) -> Session {
    let mut session = login(server, caller.principal, DATABASE);
    let keys = [
        ("OrgId", caller.tenant.map(number)),
        (
            "SubOrgId",
            caller
                .department
                .and_then(|department| Some(number(caller.tenant?) + department)),
        ),
    ];
    for (key, value) in keys {
        if let Some(value) = value {
            let checkout =
                format!("EXEC sys.sp_set_session_context N'{key}', {value}, @read_only = 1;");
            assert_eq!(run(&mut session, &checkout).error, None);
        }
    }
    session
}

/// How a call must end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// It succeeds with this many rows.
    Rows(usize),
    /// It succeeds, and the only row is this one.
    Row(&'static str),
    /// It is refused with this number, and nothing has changed anywhere.
    Refused(u32),
}

/// `@a12` becomes acme's twelfth number.
pub(crate) fn with_numbers(call: &str) -> String {
    let mut text = String::new();
    let mut rest = call;
    while let Some(at) = rest.find("@a").into_iter().chain(rest.find("@g")).min() {
        let (before, after) = rest.split_at(at);
        let digits = after[2..].bytes().take_while(u8::is_ascii_digit).count();
        text.push_str(before);
        if after[2 + digits..].starts_with(|c: char| c.is_alphabetic()) {
            text.push_str(&after[..2 + digits]);
        } else {
            let band = number(usize::from(after.starts_with("@g")));
            let offset: usize = after[2..2 + digits].parse().unwrap_or(0);
            let _ = write!(text, "{}", band + offset);
        }
        rest = &after[2 + digits..];
    }
    text.push_str(rest);
    text
}

/// Every row of every table.
pub(crate) fn all_rows(server: &Server) -> Vec<String> {
    let mut administrator = login(server, "sa", DATABASE);
    let tables = "SELECT CONCAT(SCHEMA_NAME(schema_id), '.', name) FROM sys.tables ORDER BY 1;";
    let mut rows = Vec::new();
    for table in run(&mut administrator, tables).rows {
        rows.push(table.clone());
        rows.append(&mut run(&mut administrator, &format!("SELECT * FROM {table};")).rows);
    }
    rows
}

/// What is wrong with an answer, if anything is.
pub(crate) fn check(expected: Expected, answer: &Answer) -> Result<(), String> {
    use Expected::{Refused, Row, Rows};
    let holds = match expected {
        Rows(count) => answer.error.is_none() && answer.rows.len() == count,
        Row(row) => answer.error.is_none() && answer.rows == [row],
        Refused(number) => {
            answer.rows.is_empty()
                && answer
                    .error
                    .as_ref()
                    .is_some_and(|error| u32::try_from(error.number) == Ok(number))
        }
    };
    if holds {
        return Ok(());
    }
    let error = answer
        .error
        .as_ref()
        .map(|error| format!("{} {}", error.number, error.message));
    Err(format!(
        "expected {expected:?}, saw {} rows and {error:?}:\n    {}",
        answer.rows.len(),
        answer.rows.join("\n    ")
    ))
}
