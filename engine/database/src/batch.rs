//! In which order do the statements of a batch run, and what does each of them ask of the layers
//! below?
//!
//! One [`Interpreter`] runs one request, or one function or trigger inside a statement. It locks
//! the instance for one leaf statement at a time; a function or trigger runs under the lock of
//! the statement that called it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use catalog::{Instance, Mark, UndoLog};
use query::{Environment, Execution, RowSink, SessionState};
use tsql::{InsertSource, Statement, StatementKind, sql};
use values::{SqlError, SqlType, Value};

use crate::ddl_triggers;
use crate::failure::{Failure, Flow, Reach, Step, Stop, Thrown};
use crate::limits::internal_error;
use crate::output::{Capture, Output, Rows};
use crate::response::{Command, Done, DoneKind};
use crate::runtime::{CANCELLED_NUMBER, SessionRuntime};
use crate::server::Shared;
use crate::statements::RunningText;
use crate::waiting::{Attempt, run_once};

/// Where the instance comes from.
pub(crate) enum World<'a> {
    /// Locked for every leaf statement.
    Shared(&'a Shared),
    /// Held by the statement that called this function or fired this trigger.
    Held {
        /// The instance.
        instance: &'a mut Instance,
        /// Its environment.
        environment: &'a mut dyn Environment,
    },
}

/// What kind of text a scope runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// A batch of the client.
    Batch,
    /// A procedure.
    Procedure,
    /// `EXEC ('…')` or sp_executesql.
    Dynamic,
    /// A function.
    Function,
    /// A trigger.
    Trigger,
}

/// One running text.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// What it is.
    pub(crate) kind: ScopeKind,
    /// `ERROR_PROCEDURE()`.
    pub(crate) procedure: Option<Arc<str>>,
    /// What it runs, once that is parsed.
    pub(crate) text: Option<RunningText>,
    /// TRY blocks around the call: only they see an error of late compilation.
    pub(crate) handlers_outside: u32,
}

/// Runs statements.
pub(crate) struct Interpreter<'a> {
    pub(crate) world: World<'a>,
    pub(crate) session: &'a mut SessionState,
    pub(crate) runtime: &'a SessionRuntime,
    pub(crate) output: Output<'a>,
    /// INSERT … EXEC in progress: rows go to the innermost one.
    pub(crate) captures: Vec<Capture>,
    /// Running texts, innermost last; never empty while statements run.
    pub(crate) scopes: Vec<Scope>,
    /// Line of the running statement.
    pub(crate) line: u32,
}

impl Interpreter<'_> {
    // --- the way down ------------------------------------------------------------------------

    /// Runs `work` under the instance's lock as one atomic statement: after an error or a panic
    /// its changes are taken back, and outside of a transaction they are committed. It is run
    /// again when others were in its way.
    pub(crate) fn atomically<R, E: Into<Failure>>(
        &mut self,
        mut work: impl FnMut(&mut Execution<'_>, &mut dyn RowSink) -> Result<R, E>,
    ) -> Result<R, Failure> {
        let Self {
            world,
            session,
            runtime,
            output,
            captures,
            ..
        } = self;
        let mut rows = Rows {
            output,
            capture: captures.last_mut(),
            opened: false,
        };
        match world {
            World::Shared(shared) => Attempt {
                shared,
                session,
                runtime,
            }
            .run(&mut rows, work),
            World::Held {
                instance,
                environment,
            } => {
                session.footprint.take_next();
                let mut execution = Execution {
                    instance,
                    session,
                    environment: *environment,
                    runtime: *runtime,
                };
                run_once(&mut execution, &mut rows, &mut work)
            }
        }
    }

    /// The same for work that returns no rows.
    pub(crate) fn quietly<R, E: Into<Failure>>(
        &mut self,
        mut work: impl FnMut(&mut Execution<'_>) -> Result<R, E>,
    ) -> Result<R, Failure> {
        self.atomically(|execution, _| work(execution))
    }

    /// Looks at the instance without changing it.
    pub(crate) fn look<R>(&mut self, look: impl FnOnce(&Instance, &SessionState) -> R) -> R {
        match &mut self.world {
            World::Shared(shared) => look(&shared.lock().instance, self.session),
            World::Held { instance, .. } => look(instance, self.session),
        }
    }

    /// The value of an expression.
    pub(crate) fn value(&mut self, expression: &sql::Expr) -> Result<(Value, SqlType), Failure> {
        self.quietly(|execution| query::evaluate(execution, expression))
    }

    /// The truth of a condition.
    pub(crate) fn condition(&mut self, expression: &sql::Expr) -> Result<bool, Failure> {
        self.quietly(|execution| query::evaluate_condition(execution, expression))
    }

    // --- the way out -------------------------------------------------------------------------

    pub(crate) fn scope(&self) -> &Scope {
        self.scopes.last().expect("statements run inside a scope")
    }

    /// Says which text the innermost scope runs.
    pub(crate) fn runs(&mut self, text: &Arc<str>, parameters: Option<&str>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.text = Some(RunningText {
                text: Arc::clone(text),
                parameters: parameters.map(Arc::from),
                object: None,
            });
        }
    }

    /// Tells the client a message, or keeps it for the statement outside.
    pub(crate) fn tell(&mut self, message: SqlError) {
        match &mut self.output {
            Output::Client(response) => response.message(&message),
            Output::Function | Output::Trigger => self.session.messages.push(message),
        }
    }

    /// Tells the messages that the layers below have left.
    pub(crate) fn tell_messages(&mut self, line: u32) {
        if !matches!(self.output, Output::Client(_)) {
            return;
        }
        self.tell_untold();
        for mut message in std::mem::take(&mut self.session.messages) {
            self.place(&mut message, line);
            self.tell(message);
        }
    }

    /// Fills in where an error happened, if nobody nearer to it has.
    pub(crate) fn place(&self, error: &mut SqlError, line: u32) {
        // A refusal that is attributed to the called procedure has line 0, as on the server.
        if error.line == 0 && error.procedure.is_none() {
            error.line = line;
            error.procedure.clone_from(&self.scope().procedure);
        }
    }

    /// Ends a statement for the client.
    pub(crate) fn done(&mut self, command: Command, count: Option<u64>, error: bool) {
        self.tell_messages(self.line);
        if !self.captures.is_empty() {
            return;
        }
        let nested = self
            .scopes
            .iter()
            .any(|scope| scope.kind != ScopeKind::Batch);
        // With NOCOUNT, statements in a procedure that returned no rows are not even mentioned.
        if nested && self.session.options.no_count && !matches!(command, Command::Select) && !error
        {
            return;
        }
        let in_transaction = self.session.transaction_count > 0;
        let count = count.filter(|_| !self.session.options.no_count);
        if let Output::Client(response) = &mut self.output {
            let kind = if nested {
                DoneKind::InProcedure
            } else {
                DoneKind::Statement
            };
            response.done(Done {
                kind,
                count,
                more: true,
                error,
                in_transaction,
                command,
            });
        }
    }

    /// Decides what a failed statement ends: hands it to a CATCH block, or tells the client.
    pub(crate) fn settle(&mut self, mut failure: Failure, line: u32, change: bool) -> Step {
        for error in &mut failure.errors {
            self.place(error, line);
        }
        self.tell_messages(line);
        if failure
            .errors
            .iter()
            .any(|error| error.number == CANCELLED_NUMBER)
        {
            if !matches!(self.output, Output::Client(_)) {
                return Err(Thrown { failure });
            }
            self.roll_back_if_asked();
            return Ok(Flow::Stop(Stop::Batch));
        }
        let late = failure.reach == Reach::Scope;
        let trigger_failed = self.runtime.take_trigger_failure();
        let strict = self.session.options.xact_abort && !failure.ignores_xact_abort;
        if failure.reach < Reach::Abort && (trigger_failed || strict) {
            failure.reach = Reach::Abort;
        }
        self.session.last_error = failure.decisive().number;
        self.session.row_count = 0;
        // A function has no client to talk to: whatever happens inside fails its caller. So does
        // a trigger, except that RAISERROR in it is only a message.
        let inside = match self.output {
            Output::Function => true,
            Output::Trigger => !failure.ignores_xact_abort || self.runtime.handlers() > 0,
            Output::Client(_) => false,
        };
        let handlers = if late {
            self.scope().handlers_outside
        } else {
            self.runtime.handlers()
        };
        let catchable = failure.reach < Reach::Cancel && handlers > 0;
        if catchable || inside {
            if failure.reach == Reach::Abort && self.session.transaction_count > 0 {
                self.session.transaction_doomed = true;
            }
            return Err(Thrown { failure });
        }
        self.report(&failure);
        if change
            && failure.reach == Reach::Statement
            && Reach::tells_termination(failure.decisive())
        {
            let mut note = SqlError::new(3621, 0, 0, "The statement has been terminated.");
            self.place(&mut note, line);
            self.tell(note);
        }
        self.done(Command::Other, None, true);
        Ok(match failure.reach {
            Reach::Statement => Flow::Next,
            Reach::Scope => Flow::Stop(Stop::Scope),
            Reach::Batch => Flow::Stop(Stop::Batch),
            Reach::Abort | Reach::Cancel => {
                self.roll_back_all();
                Flow::Stop(Stop::Batch)
            }
            Reach::Session => {
                self.roll_back_all();
                self.runtime.cancel.kill();
                Flow::Stop(Stop::Session)
            }
        })
    }

    /// Tells every error of a failure.
    pub(crate) fn report(&mut self, failure: &Failure) {
        for error in &failure.errors {
            self.tell(error.clone());
        }
    }

    /// An attention leaves the transaction open unless XACT_ABORT is on.
    fn roll_back_if_asked(&mut self) {
        if self.session.options.xact_abort {
            self.roll_back_all();
        }
    }

    /// Settles when it failed, goes on when not.
    pub(crate) fn settled(&mut self, result: Result<(), Failure>, line: u32) -> Step {
        match result {
            Ok(()) => Ok(Flow::Next),
            Err(failure) => self.settle(failure, line, false),
        }
    }

    // --- statements --------------------------------------------------------------------------

    /// Runs a list of statements.
    pub(crate) fn run_list(&mut self, statements: &[Statement]) -> Step {
        let mut next = 0;
        while let Some(statement) = statements.get(next) {
            match self.run(statement)? {
                Flow::Next => next += 1,
                Flow::Goto(label) => match crate::control_flow::find_label(statements, &label) {
                    Some(place) => next = place + 1,
                    None => return Ok(Flow::Goto(label)),
                },
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    /// Runs one statement.
    pub(crate) fn run(&mut self, statement: &Statement) -> Step {
        if let Err(error) = self.runtime.step() {
            return self.settle(error.into(), statement.line, false);
        }
        let line = statement.line;
        self.line = line;
        if matches!(
            statement.kind,
            StatementKind::If { .. } | StatementKind::While { .. } | StatementKind::Return(_)
        ) {
            self.note(statement);
        }
        match &statement.kind {
            StatementKind::If {
                condition,
                then,
                otherwise,
            } => self.run_if(condition, then, otherwise.as_deref(), line),
            StatementKind::While { condition, body } => self.run_while(condition, body, line),
            StatementKind::Block(statements) => self.run_list(statements),
            StatementKind::TryCatch { body, handler } => self.run_try(body, handler),
            StatementKind::Break => Ok(Flow::Break),
            StatementKind::Continue => Ok(Flow::Continue),
            StatementKind::Label(_) => Ok(Flow::Next),
            StatementKind::Goto(label) => Ok(Flow::Goto(label.clone())),
            StatementKind::Return(value) => self.run_return(value.as_ref(), line),
            StatementKind::Throw(arguments) => self.run_throw(arguments.as_deref(), line),
            StatementKind::Execute(execute) => self.run_execute(execute, line),
            StatementKind::ExecuteString { text, execute_as } => {
                self.run_execute_string(text, execute_as.as_ref(), line)
            }
            StatementKind::Insert(insert) if matches!(insert.source, InsertSource::Execute(_)) => {
                self.run_insert_execute(insert, line)
            }
            kind => match self.leaf(kind, line) {
                Ok(flow) => {
                    self.note(statement);
                    self.tell_messages(line);
                    Ok(flow)
                }
                Err(failure) => self.settle(failure, line, is_change(kind)),
            },
        }
    }

    /// A statement without statements inside.
    fn leaf(&mut self, kind: &StatementKind, line: u32) -> Result<Flow, Failure> {
        match kind {
            StatementKind::Select(select) => {
                let into = is_select_into(&select.query);
                if into {
                    self.before_change()?;
                    self.session.footprint.change_next(&[]);
                } else {
                    self.begin_implicitly();
                }
                let runtime = self.runtime;
                let makes = into_table(&select.query)
                    .is_some_and(|name| !ddl_triggers::is_temporary(&name));
                let count = self.atomically(|execution, rows| -> Result<u64, Failure> {
                    if !makes {
                        return Ok(query::select(execution, select, rows)?);
                    }
                    let waiting = ddl_triggers::waiting(execution, "CREATE_TABLE");
                    let count = query::select(execution, select, rows)?;
                    ddl_triggers::fire(runtime, execution, "CREATE_TABLE", &waiting)?;
                    Ok(count)
                })?;
                self.rows_done(
                    if into {
                        Command::SelectInto
                    } else {
                        Command::Select
                    },
                    count,
                );
            }
            StatementKind::SelectAssign(select) => {
                let count = self.quietly(|execution| query::select_assign(execution, select))?;
                self.session.row_count = i64::try_from(count).unwrap_or(i64::MAX);
                self.session.last_error = 0;
                self.done(Command::Other, None, false);
            }
            StatementKind::Insert(insert) => {
                self.before_row_change(&insert.target)?;
                self.session.footprint.change_next(&insert.target_hints);
                let count =
                    self.atomically(|execution, rows| query::insert(execution, insert, rows))?;
                self.rows_done(Command::Insert, count);
            }
            StatementKind::Update(update) => {
                self.before_row_change(&update.target)?;
                self.session.footprint.change_next(&update.target_hints);
                let count =
                    self.atomically(|execution, rows| query::update(execution, update, rows))?;
                self.rows_done(Command::Update, count);
            }
            StatementKind::Delete(delete) => {
                self.before_row_change(&delete.target)?;
                self.session.footprint.change_next(&delete.target_hints);
                let count =
                    self.atomically(|execution, rows| query::delete(execution, delete, rows))?;
                self.rows_done(Command::Delete, count);
            }
            StatementKind::Merge(merge) => {
                self.before_row_change(&merge.target)?;
                self.session.footprint.change_next(&merge.target_hints);
                let count =
                    self.atomically(|execution, rows| query::merge(execution, merge, rows))?;
                self.rows_done(Command::Merge, count);
            }
            StatementKind::Truncate { table } => {
                self.before_change()?;
                self.quietly(|execution| query::truncate(execution, table))?;
                self.plain_done(Command::Other);
            }
            StatementKind::Declare(declarations) => {
                for declaration in declarations {
                    self.declare(declaration)?;
                }
            }
            StatementKind::SetVariable { variable, value } => {
                let value = self.value(value)?;
                self.assign(variable, value)?;
                self.session.row_count = 1;
                self.session.last_error = 0;
            }
            StatementKind::SetOption(option) => {
                self.set_option(option)?;
                self.session.row_count = 0;
                self.session.last_error = 0;
            }
            StatementKind::RaiseError { arguments, options } => {
                self.raise_error(arguments, options, line)?;
            }
            StatementKind::Print(value) => {
                let (value, data_type) = self.value(value)?;
                let mut message = crate::raise::print(&value, &data_type)?;
                self.place(&mut message, line);
                self.tell(message);
                self.plain_done(Command::Other);
            }
            StatementKind::WaitForDelay(delay) => self.wait(delay)?,
            StatementKind::BeginTransaction { name } => self.begin_transaction(name.as_deref())?,
            StatementKind::Commit { .. } => self.commit()?,
            StatementKind::Rollback { name } => self.roll_back(name.as_deref())?,
            StatementKind::Save { name } => self.save(name)?,
            StatementKind::Use(name) => self.use_database(name)?,
            StatementKind::ExecuteAsStatement {
                target,
                no_revert,
                cookie,
            } => {
                self.execute_as(target, *no_revert, cookie.as_deref())?;
            }
            StatementKind::Revert { cookie } => self.revert(cookie.as_deref())?,
            StatementKind::Backup(backup) => self.back_up(backup)?,
            StatementKind::Restore(restore) => self.restore(restore)?,
            StatementKind::Unsupported { construct } if construct.starts_with("RECONFIGURE") => {
                self.reconfigure()?;
            }
            StatementKind::Unsupported { construct } => {
                return Err(self.refuse_unsupported(construct));
            }
            definition => {
                self.before_change()?;
                self.define(definition)?;
                self.plain_done(Command::Definition);
            }
        }
        Ok(Flow::Next)
    }

    /// After a statement that counts rows.
    pub(crate) fn rows_done(&mut self, command: Command, count: u64) {
        self.session.row_count = i64::try_from(count).unwrap_or(i64::MAX);
        self.session.last_error = 0;
        self.done(command, Some(count), false);
    }

    /// After a statement that does not.
    pub(crate) fn plain_done(&mut self, command: Command) {
        self.session.row_count = 0;
        self.session.last_error = 0;
        self.done(command, None, false);
    }
}

/// Runs the work of one statement; what a failure or a panic leaves behind is undone.
pub(crate) fn guarded<R>(
    execution: &mut Execution<'_>,
    work: impl FnOnce(&mut Execution<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let mark = execution.session.undo.mark();
    let frames = execution.session.security.mark();
    let nest_level = execution.session.nest_level;
    // What a panic leaves half-done is put right below; nothing else is shared.
    let outcome = catch_unwind(AssertUnwindSafe(|| work(execution)));
    let failure = match outcome {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(failure)) => failure,
        Err(panic) => {
            let what = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "unknown".to_owned());
            execution.session.security.leave(frames);
            execution.session.nest_level = nest_level;
            execution.session.trigger_rows = None;
            Failure::from(internal_error(&what))
        }
    };
    let Execution {
        instance, session, ..
    } = execution;
    session.undo.rollback_to(mark, instance);
    Err(failure)
}

/// 9002: a change whose commit the log of its database could not hold.
pub(crate) fn refuse_full_log(execution: &Execution<'_>, mark: Mark) -> Result<(), Failure> {
    if !execution.instance.keeps_logs() {
        return Ok(());
    }
    let changed = execution.session.undo.databases_changed_since(mark);
    let Some(full) = execution.instance.full_log(&changed) else {
        return Ok(());
    };
    Err(SqlError::new(
        9002,
        17,
        2,
        format!(
            "The transaction log for database '{}' is full due to 'LOG_BACKUP'.",
            execution.instance.entered(full).name()
        ),
    )
    .into())
}

/// Lets the logs of backed-up databases remember a commit. The clock is looked at only when there
/// is such a log, so that a server on which nothing is backed up repeats as it did. `committed` is
/// the instance without what others have not committed.
pub(crate) fn log_commit(
    instance: &mut Instance,
    committed: &Instance,
    environment: &mut dyn Environment,
    undo: &UndoLog,
) {
    if undo.is_empty() || !instance.keeps_logs() {
        return;
    }
    let states: Vec<_> = undo
        .databases_changed_since(Mark::START)
        .into_iter()
        .filter(|id| instance.keeps_log(*id))
        .filter_map(|id| committed.database(id).map(|state| (id, Arc::clone(state))))
        .collect();
    if !states.is_empty() {
        let now = environment.now();
        instance.log_commit(states, now);
    }
}

/// The server was set back to a snapshot while a request ran.
pub(crate) fn restored() -> SqlError {
    SqlError::new(
        CANCELLED_NUMBER,
        11,
        2,
        "The server was restored to a snapshot while the request ran.",
    )
}

fn is_change(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::Insert(_)
        | StatementKind::Update(_)
        | StatementKind::Delete(_)
        | StatementKind::Merge(_) => true,
        StatementKind::Select(select) => is_select_into(&select.query),
        _ => false,
    }
}

/// `SELECT … INTO`.
pub(crate) fn is_select_into(query: &sql::Query) -> bool {
    select_into(query).is_some()
}

fn select_into(query: &sql::Query) -> Option<&sql::SelectInto> {
    match &*query.body {
        sql::SetExpr::Select(select) => select.into.as_ref(),
        sql::SetExpr::SetOperation { left, .. } => match &**left {
            sql::SetExpr::Select(select) => select.into.as_ref(),
            _ => None,
        },
        _ => None,
    }
}

/// The table that `SELECT … INTO` makes.
fn into_table(query: &sql::Query) -> Option<tsql::Name> {
    let [target] = &select_into(query)?.targets[..] else {
        return None;
    };
    let parts = match target {
        sql::Expr::Identifier(name) => vec![name.value.clone()],
        sql::Expr::CompoundIdentifier(parts) => {
            parts.iter().map(|part| part.value.clone()).collect()
        }
        _ => return None,
    };
    Some(tsql::Name(parts))
}
