//! Where do rows and messages go?
//!
//! To the client, into the table of an INSERT … EXEC, or nowhere at all: functions and triggers
//! may not answer the client.

use query::{ResultColumn, RowSink};
use values::{SqlError, SqlType, Value};

use crate::response::{Command, Done, DoneKind, EnvironmentChange, OutputParameter, ResponseSink};

/// The events of one response. Holds the last DONE back until it is known whether it is the last
/// of all, because the token has to say so.
pub(crate) struct Response<'a> {
    sink: &'a mut dyn ResponseSink,
    held: Option<Done>,
}

impl<'a> Response<'a> {
    pub(crate) fn new(sink: &'a mut dyn ResponseSink) -> Self {
        Self { sink, held: None }
    }

    fn release(&mut self) {
        if let Some(done) = self.held.take() {
            self.sink.done(Done { more: true, ..done });
        }
    }

    pub(crate) fn columns(&mut self, columns: &[ResultColumn]) {
        self.release();
        self.sink.columns(columns);
    }

    pub(crate) fn row(&mut self, row: &[Value]) {
        self.sink.row(row);
    }

    pub(crate) fn message(&mut self, message: &SqlError) {
        self.release();
        self.sink.message(message);
    }

    pub(crate) fn done(&mut self, done: Done) {
        self.release();
        self.held = Some(done);
    }

    pub(crate) fn return_status(&mut self, status: i32) {
        self.release();
        self.sink.return_status(status);
    }

    pub(crate) fn output_parameter(&mut self, parameter: &OutputParameter) {
        self.release();
        self.sink.output_parameter(parameter);
    }

    pub(crate) fn environment_change(&mut self, change: &EnvironmentChange) {
        self.release();
        self.sink.environment_change(change);
    }

    /// Ends the response: its last DONE says that nothing follows.
    pub(crate) fn finish(mut self, in_transaction: bool) {
        let last = self.held.take().unwrap_or(Done {
            kind: DoneKind::Statement,
            count: None,
            more: false,
            error: false,
            in_transaction,
            command: Command::Other,
        });
        self.sink.done(Done {
            more: false,
            in_transaction,
            ..last
        });
    }
}

/// Who reads what the running statements answer.
pub(crate) enum Output<'a> {
    /// The client.
    Client(Response<'a>),
    /// The statement that called a function: a query in it may not return rows.
    Function,
    /// The statement that fired a trigger.
    Trigger,
}

/// The rows that INSERT … EXEC collects instead of sending them.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    /// Columns of the running result set.
    pub(crate) types: Vec<SqlType>,
    /// All rows of all result sets, with the types of their columns.
    pub(crate) rows: Vec<Vec<(Value, SqlType)>>,
}

/// Where the rows of one statement go.
pub(crate) struct Rows<'b, 'a> {
    pub(crate) output: &'b mut Output<'a>,
    pub(crate) capture: Option<&'b mut Capture>,
    /// A result set was opened.
    pub(crate) opened: bool,
}

impl RowSink for Rows<'_, '_> {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), SqlError> {
        self.opened = true;
        if let Some(capture) = &mut self.capture {
            capture.types = columns.iter().map(|column| column.data_type).collect();
            return Ok(());
        }
        match self.output {
            Output::Client(response) => {
                response.columns(columns);
                Ok(())
            }
            Output::Function => Err(SqlError::new(
                444,
                16,
                2,
                "Select statements included within a function cannot return data to a client.",
            )),
            // The server option `disallow results from triggers` is on: loud, and nobody's
            // application should rely on the opposite.
            Output::Trigger => Err(SqlError::new(
                524,
                16,
                1,
                "A trigger returned a resultset and the server option 'disallow results from \
                 triggers' is true.",
            )),
        }
    }

    fn row(&mut self, row: &[Value]) -> Result<(), SqlError> {
        if let Some(capture) = &mut self.capture {
            let typed = row
                .iter()
                .cloned()
                .zip(capture.types.iter().copied())
                .collect();
            capture.rows.push(typed);
        } else if let Output::Client(response) = self.output {
            response.row(row);
        }
        Ok(())
    }
}
