//! What does a client see, as text? Shared by the tests of this crate.

use std::fmt::Write as _;

use database::{
    Command, Done, EnvironmentChange, Limits, LogicalEnvironment, LoginRefused, LoginRequest,
    OutputParameter, ResponseSink, Server, ServerOptions, Session,
};
use query::ResultColumn;
use values::{ConversionKind, SqlError, SqlType, Value};

/// The password of every login in the tests.
pub const PASSWORD: &str = "Str0ng_pw_1";

/// A fresh deterministic server.
pub fn server() -> Server {
    server_with(Limits::default())
}

/// The same with other limits.
pub fn server_with(limits: Limits) -> Server {
    Server::new(ServerOptions {
        name: "TEST".to_owned(),
        sa_password: PASSWORD.to_owned(),
        environment: Box::new(LogicalEnvironment::new(1)),
        limits,
    })
}

/// A session of a login with the tests' password.
pub fn connect(server: &Server, user: &str, database: &str) -> Result<Session, LoginRefused> {
    server.login(&LoginRequest {
        user: user.to_owned(),
        password: PASSWORD.to_owned(),
        database: database.to_owned(),
        host_name: "test-host".to_owned(),
        program_name: "tests".to_owned(),
    })
}

/// Records a response: as lines for people, and its messages for comparison.
#[derive(Default)]
pub struct Recorder {
    /// One line per event that people care about.
    pub lines: Vec<String>,
    /// Every error and message in order.
    pub messages: Vec<SqlError>,
    /// Rows of all result sets.
    pub rows: Vec<Vec<Value>>,
    /// Return codes.
    pub statuses: Vec<i32>,
    /// OUTPUT parameters.
    pub outputs: Vec<OutputParameter>,
    types: Vec<SqlType>,
    in_result: bool,
    /// The last DONE said that nothing follows.
    pub finished: bool,
}

impl Recorder {
    /// The first error of severity above 10.
    pub fn first_error(&self) -> Option<&SqlError> {
        self.messages.iter().find(|message| message.severity > 10)
    }
}

/// A value for people.
pub fn show(value: &Value, data_type: &SqlType) -> String {
    let style = matches!(value, Value::Binary(_)).then_some(1);
    match values::convert(
        value,
        data_type,
        &SqlType::NVARCHAR_MAX,
        style,
        ConversionKind::Explicit,
    ) {
        Ok(Value::Text(text)) => text.replace('\n', "\\n"),
        Ok(Value::Null) => "NULL".to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(error) => format!("<{}>", error.number),
    }
}

impl ResponseSink for Recorder {
    fn columns(&mut self, columns: &[ResultColumn]) {
        let names: Vec<&str> = columns
            .iter()
            .map(|column| {
                if column.name.is_empty() {
                    "(no name)"
                } else {
                    &column.name
                }
            })
            .collect();
        self.types = columns.iter().map(|column| column.data_type).collect();
        self.lines.push(format!("[{}]", names.join(" | ")));
        self.in_result = true;
    }

    fn row(&mut self, row: &[Value]) {
        let shown: Vec<String> = row
            .iter()
            .zip(&self.types)
            .map(|(value, data_type)| show(value, data_type))
            .collect();
        self.lines.push(format!(" {}", shown.join(" | ")));
        self.rows.push(row.to_vec());
    }

    fn message(&mut self, message: &SqlError) {
        self.messages.push(message.clone());
        if message.number == 5701 {
            return;
        }
        let mut line = if message.severity > 10 {
            format!(
                "Msg {}, Level {}, State {}",
                message.number, message.severity, message.state
            )
        } else {
            format!("Info {}", message.number)
        };
        if let Some(procedure) = &message.procedure {
            let _ = write!(line, ", Procedure {procedure}");
        }
        let _ = write!(line, ", Line {}: {}", message.line, message.message);
        self.lines.push(line);
    }

    fn done(&mut self, done: Done) {
        self.finished = !done.more;
        if let (Some(count), false) = (done.count, done.error)
            && !(self.in_result && done.command == Command::Select)
        {
            let plural = if count == 1 { "" } else { "s" };
            self.lines
                .push(format!("({:?}: {count} row{plural})", done.command));
        }
        self.in_result = false;
    }

    fn return_status(&mut self, status: i32) {
        self.statuses.push(status);
        if status != 0 {
            self.lines.push(format!("return {status}"));
        }
    }

    fn output_parameter(&mut self, parameter: &OutputParameter) {
        self.lines.push(format!(
            "output {} = {}",
            parameter.name,
            show(&parameter.value, &parameter.data_type)
        ));
        self.outputs.push(parameter.clone());
    }

    fn environment_change(&mut self, change: &EnvironmentChange) {
        match change {
            EnvironmentChange::Database { new, .. } => self.lines.push(format!("database {new}")),
            EnvironmentChange::Reset => self.lines.push("reset".to_owned()),
            EnvironmentChange::Begin(_) => self.lines.push("transaction begun".to_owned()),
            EnvironmentChange::Commit(_) => self.lines.push("transaction committed".to_owned()),
            EnvironmentChange::Rollback(_) => self.lines.push("transaction rolled back".to_owned()),
            EnvironmentChange::Language { .. } => {}
        }
    }
}

/// Runs one batch and records the answer.
pub fn run(session: &mut Session, text: &str) -> Recorder {
    let mut recorder = Recorder::default();
    session.execute_batch(text, &mut recorder);
    assert!(recorder.finished, "every response ends: {text}");
    recorder
}
