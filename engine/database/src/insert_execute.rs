//! How does INSERT … EXEC collect what a procedure returns?

use tsql::{Insert, InsertSource, StatementKind};
use values::SqlError;

use crate::batch::Interpreter;
use crate::failure::{Failure, Flow, Step};
use crate::output::Capture;
use crate::response::Command;

impl Interpreter<'_> {
    /// The procedure's result sets go into the table, all or nothing.
    pub(crate) fn run_insert_execute(&mut self, insert: &Insert, line: u32) -> Step {
        let InsertSource::Execute(call) = &insert.source else {
            return Ok(Flow::Next);
        };
        if let Err(failure) = self.before_insert_execute(insert) {
            return self.settle(failure, line, true);
        }
        // Everything from here is one statement, which commits or is undone as a whole.
        let mark = self.session.undo.mark();
        let depth = self.runtime.insert_exec();
        self.runtime.set_insert_exec(depth + 1);
        self.captures.push(Capture::default());
        let ended = match &call.kind {
            StatementKind::Execute(execute) => self.run_execute(execute, line),
            StatementKind::ExecuteString { text, execute_as } => {
                self.run_execute_string(text, execute_as.as_ref(), line)
            }
            _ => Ok(Flow::Next),
        };
        let capture = self.captures.pop().unwrap_or_default();
        self.runtime.set_insert_exec(depth);
        match ended {
            Ok(Flow::Next) => {}
            Ok(other) => {
                self.undo_statement(mark);
                return Ok(other);
            }
            Err(thrown) => {
                self.undo_statement(mark);
                return Err(thrown);
            }
        }
        let inserted = self.atomically(|execution, rows| {
            query::insert_rows(execution, insert, capture.rows.clone(), rows)
        });
        match inserted {
            Ok(count) => {
                self.rows_done(Command::Insert, count);
                Ok(Flow::Next)
            }
            Err(failure) => {
                self.undo_to(mark);
                self.settle(failure, line, true)
            }
        }
    }

    /// Takes back what ran; outside of a transaction the statement was one, and its time is over.
    fn undo_statement(&mut self, mark: catalog::Mark) {
        self.undo_to(mark);
        if self.session.transaction_count == 0 {
            self.session.transaction_began = None;
        }
    }

    fn before_insert_execute(&mut self, insert: &Insert) -> Result<(), Failure> {
        if self.runtime.insert_exec() > 0 {
            return Err(
                SqlError::new(8164, 16, 1, "An INSERT EXEC statement cannot be nested.").into(),
            );
        }
        if insert.output.is_some() {
            return Err(SqlError::new(
                483,
                16,
                1,
                "The OUTPUT clause cannot be used in an INSERT...EXEC statement.",
            )
            .into());
        }
        self.before_row_change(&insert.target)
    }
}
