//! What is kept and what is undone?
//!
//! A session's changes are in its undo log. Outside of a transaction the log is forgotten after
//! every statement; inside, a savepoint is a place in it and a rollback plays it backwards.

use catalog::Mark;
use tsql::{StatementKind, Target};
use values::SqlError;

use crate::batch::{Interpreter, ScopeKind, World};
use crate::control_flow::invalid_in_function;
use crate::failure::Failure;
use crate::output::Output;
use crate::response::{Command, EnvironmentChange};

impl Interpreter<'_> {
    fn tell_change(&mut self, change: EnvironmentChange) {
        match &mut self.output {
            Output::Client(response) => response.environment_change(&change),
            // A trigger rolled back: the client learns it from the statement that fired it.
            Output::Function | Output::Trigger => {
                self.runtime
                    .transaction(|transaction| transaction.untold.push(change));
            }
        }
    }

    /// Tells what happened to the transaction inside a trigger.
    pub(crate) fn tell_untold(&mut self) {
        let untold = self
            .runtime
            .transaction(|transaction| std::mem::take(&mut transaction.untold));
        for change in untold {
            self.tell_change(change);
        }
    }

    /// Starts the outermost transaction.
    fn start(&mut self, name: Option<&str>) {
        self.session.transaction_count = 1;
        // Periods of temporal tables begin and end with the transaction, not with its first change.
        self.session.transaction_began = Some(self.clock());
        let descriptor = self.runtime.shared.new_transaction();
        self.runtime.transaction(|transaction| {
            transaction.name = name.map(str::to_owned);
            transaction.savepoints.clear();
            transaction.descriptor = descriptor;
        });
        self.tell_change(EnvironmentChange::Begin(descriptor));
    }

    /// One look at the clock.
    fn clock(&mut self) -> i64 {
        match &mut self.world {
            World::Shared(shared) => shared.lock().environment.as_environment().now(),
            World::Held { environment, .. } => environment.now(),
        }
    }

    /// SET IMPLICIT_TRANSACTIONS ON: reading and changing statements open a transaction.
    pub(crate) fn begin_implicitly(&mut self) {
        if self.session.options.implicit_transactions && self.session.transaction_count == 0 {
            self.start(None);
        }
    }

    /// Before a statement that changes rows.
    pub(crate) fn before_row_change(&mut self, target: &Target) -> Result<(), Failure> {
        // Table variables are outside of transactions.
        if matches!(target, Target::TableVariable(_)) {
            return Ok(());
        }
        if self.scope().kind == ScopeKind::Function {
            return Err(invalid_in_function("INSERT").into());
        }
        self.before_change()
    }

    /// Before any statement that changes the instance.
    pub(crate) fn before_change(&mut self) -> Result<(), Failure> {
        if self.scope().kind == ScopeKind::Function {
            return Err(invalid_in_function("CREATE TABLE").into());
        }
        if self.session.transaction_doomed {
            return Err(doomed().into());
        }
        self.begin_implicitly();
        Ok(())
    }

    pub(crate) fn begin_transaction(&mut self, name: Option<&str>) -> Result<(), Failure> {
        if self.scope().kind == ScopeKind::Function {
            return Err(invalid_in_function("BEGIN TRANSACTION").into());
        }
        let name = self.transaction_name(name)?;
        if self.session.transaction_doomed {
            return Err(doomed().into());
        }
        if self.session.transaction_count == 0 {
            self.start(name.as_deref());
        } else {
            self.session.transaction_count += 1;
        }
        self.plain_done(Command::Begin);
        Ok(())
    }

    pub(crate) fn commit(&mut self) -> Result<(), Failure> {
        if self.session.transaction_count == 0 {
            return Err(SqlError::new(
                3902,
                16,
                1,
                "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.",
            )
            .into());
        }
        if self.session.transaction_doomed {
            return Err(doomed().into());
        }
        if self.runtime.insert_exec() > 0 && self.session.transaction_count == 1 {
            return Err(SqlError::new(
                3916,
                16,
                0,
                "Cannot use the COMMIT statement within an INSERT-EXEC statement unless BEGIN \
                 TRANSACTION is used first.",
            )
            .into());
        }
        self.session.transaction_count -= 1;
        if self.session.transaction_count == 0 {
            self.log_commit();
            self.end_transaction(true);
        }
        self.plain_done(Command::Commit);
        Ok(())
    }

    /// ROLLBACK. In a trigger it takes the firing statement with it; the trigger runs on, and its
    /// end ends the batch (3609).
    pub(crate) fn roll_back(&mut self, name: Option<&str>) -> Result<(), Failure> {
        if self.scope().kind == ScopeKind::Function {
            return Err(invalid_in_function("ROLLBACK TRANSACTION").into());
        }
        let name = self.transaction_name(name)?;
        if self.session.transaction_count == 0 {
            return Err(SqlError::new(
                3903,
                16,
                1,
                "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.",
            )
            .into());
        }
        if let Some(name) = name {
            let savepoint = self.runtime.transaction(|transaction| {
                transaction
                    .savepoints
                    .iter()
                    .rposition(|(saved, _)| catalog::same_name(saved, &name))
                    .map(|place| {
                        transaction.savepoints.truncate(place + 1);
                        transaction.savepoints[place].1
                    })
            });
            if let Some(mark) = savepoint {
                if self.session.transaction_doomed {
                    return Err(SqlError::new(
                        3931,
                        16,
                        1,
                        "The current transaction cannot be committed and cannot be rolled back to \
                         a savepoint. Roll back the entire transaction.",
                    )
                    .into());
                }
                self.undo_to(mark);
                self.plain_done(Command::Rollback);
                return Ok(());
            }
            let outermost = self.runtime.transaction(|transaction| {
                transaction
                    .name
                    .as_deref()
                    .is_some_and(|own| catalog::same_name(own, &name))
            });
            if !outermost {
                return Err(SqlError::new(
                    6401,
                    16,
                    1,
                    format!("Cannot roll back {name}. No transaction or savepoint of that name was found."),
                )
                .into());
            }
        }
        if self.runtime.insert_exec() > 0 {
            return Err(SqlError::new(
                3915,
                16,
                0,
                "Cannot use the ROLLBACK statement within an INSERT-EXEC statement.",
            )
            .into());
        }
        self.roll_back_all();
        self.plain_done(Command::Rollback);
        Ok(())
    }

    pub(crate) fn save(&mut self, name: &str) -> Result<(), Failure> {
        let name = self.transaction_name(Some(name))?.unwrap_or_default();
        if self.session.transaction_count == 0 {
            return Err(SqlError::new(
                628,
                16,
                0,
                "Cannot issue SAVE TRANSACTION when there is no active transaction.",
            )
            .into());
        }
        if self.session.transaction_doomed {
            return Err(doomed().into());
        }
        let mark = self.session.undo.mark();
        self.runtime
            .transaction(|transaction| transaction.savepoints.push((name, mark)));
        self.plain_done(Command::Other);
        Ok(())
    }

    /// Rolls everything back, if there is anything.
    pub(crate) fn roll_back_all(&mut self) {
        if self.session.transaction_count == 0 {
            return;
        }
        self.undo_to(Mark::START);
        self.session.transaction_count = 0;
        self.session.transaction_doomed = false;
        self.end_transaction(false);
    }

    /// Plays the undo log backwards to a mark.
    pub(crate) fn undo_to(&mut self, mark: Mark) {
        match &mut self.world {
            World::Shared(shared) => {
                let mut state = shared.lock();
                let undone = shared.locks().was_undone(self.session.id);
                if state.epoch == self.runtime.epoch() && !undone {
                    self.session.undo.rollback_to(mark, &mut state.instance);
                    shared
                        .locks()
                        .taken_back(self.session.id, &self.session.undo);
                } else {
                    // The instance was restored, or who killed this session has undone what it
                    // did: what this log would undo is gone already.
                    self.session.undo.clear();
                }
            }
            World::Held { instance, .. } => self.session.undo.rollback_to(mark, instance),
        }
    }

    /// The logs of backed-up databases remember what is committed.
    fn log_commit(&mut self) {
        match &mut self.world {
            World::Shared(shared) => {
                let mut state = shared.lock();
                let state = &mut *state;
                if state.epoch == self.runtime.epoch() && state.instance.keeps_logs() {
                    let committed = shared
                        .locks()
                        .without_others(self.session.id, &state.instance);
                    crate::batch::log_commit(
                        &mut state.instance,
                        &committed,
                        state.environment.as_environment(),
                        &self.session.undo,
                    );
                }
            }
            World::Held {
                instance,
                environment,
            } => {
                let committed = self
                    .runtime
                    .shared
                    .locks()
                    .without_others(self.session.id, instance);
                crate::batch::log_commit(instance, &committed, *environment, &self.session.undo);
            }
        }
    }

    fn end_transaction(&mut self, committed: bool) {
        self.session.undo.clear();
        self.session.view = None;
        self.session.transaction_began_otherwise = false;
        // Inside of a statement, that is in a trigger, the statement lets go when it is over.
        if let World::Shared(shared) = &self.world {
            let _state = shared.lock();
            shared.locks().release(self.session.id);
        }
        self.session.transaction_began = None;
        let descriptor = self.runtime.transaction(|transaction| {
            transaction.savepoints.clear();
            transaction.name = None;
            std::mem::take(&mut transaction.descriptor)
        });
        self.tell_change(if committed {
            EnvironmentChange::Commit(descriptor)
        } else {
            EnvironmentChange::Rollback(descriptor)
        });
    }

    /// At the end of a batch a doomed transaction is rolled back, loudly.
    pub(crate) fn end_doomed(&mut self) {
        if !self.session.transaction_doomed {
            return;
        }
        self.roll_back_all();
        let mut error = SqlError::new(
            3998,
            16,
            1,
            "Uncommittable transaction is detected at the end of the batch. The transaction is \
             rolled back.",
        );
        error.line = 1;
        self.tell(error);
        self.done(Command::Other, None, true);
    }

    /// 266: a module that left the count of transactions different from what it found.
    pub(crate) fn check_count_after(&self, before: u32) -> Option<SqlError> {
        let now = self.session.transaction_count;
        (now != before).then(|| {
            SqlError::new(
                266,
                16,
                2,
                format!(
                    "Transaction count after EXECUTE indicates a mismatching number of BEGIN and \
                     COMMIT statements. Previous count = {before}, current count = {now}."
                ),
            )
        })
    }

    /// A transaction's or savepoint's name may stand in a variable.
    fn transaction_name(&mut self, name: Option<&str>) -> Result<Option<String>, Failure> {
        let Some(name) = name else { return Ok(None) };
        if !name.starts_with('@') {
            return Ok(Some(name.to_owned()));
        }
        let (value, data_type) = self.variable(name)?;
        Ok(crate::raise::text_of(&value, &data_type)?)
    }
}

/// 3930.
pub(crate) fn doomed() -> SqlError {
    SqlError::new(
        3930,
        16,
        1,
        "The current transaction cannot be committed and cannot support operations that write to \
         the log file. Roll back the transaction.",
    )
}

/// Statements that are refused inside a user transaction, by the name that 226 and 574 use.
pub(crate) fn refused_in_transaction(kind: &StatementKind) -> Option<SqlError> {
    let name = match kind {
        StatementKind::Create(tsql::Create::Database { .. }) => "CREATE DATABASE",
        StatementKind::Alter(tsql::Alter::DatabaseSet(..)) => "ALTER DATABASE",
        StatementKind::Drop {
            kind: tsql::DropKind::Database,
            ..
        } => {
            return Some(SqlError::new(
                574,
                16,
                0,
                "DROP DATABASE statement cannot be used inside a user transaction.",
            ));
        }
        _ => return None,
    };
    Some(SqlError::new(
        226,
        16,
        6,
        format!("{name} statement not allowed within multi-statement transaction."),
    ))
}
