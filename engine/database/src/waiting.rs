//! How does a statement meet the locks of others? It is tried, and if somebody was in the way it
//! is as if it had never been tried, and waits.
//!
//! While nobody else holds anything, a statement runs as if it were alone: it writes its rows to
//! the client as it finds them and notes nothing. Otherwise its rows are kept back until it is
//! known that it may have them.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use catalog::{Change, DatabaseId, Instance, Mark};
use query::{Execution, Isolation, ResultColumn, RowSink, SessionState};
use values::{SqlError, Value};

use crate::batch::{guarded, log_commit, refuse_full_log, restored};
use crate::failure::{Failure, Reach};
use crate::limits::limit_reached;
use crate::locks::{Claims, Queued, Standing, Wanted, claims_of};
use crate::output::Rows;
use crate::runtime::{SessionRuntime, StatementEnvironment, cancelled};
use crate::server::{Shared, State};

/// How long a sleeper sleeps before it looks whether its client is still there. Slices are
/// counted, so that a LOCK_TIMEOUT needs no clock.
const SLICE: Duration = Duration::from_millis(10);

/// One statement of one session, on its way through the locks.
pub(crate) struct Attempt<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) session: &'a mut SessionState,
    pub(crate) runtime: &'a SessionRuntime,
}

impl Attempt<'_> {
    /// Runs `work` as one statement: alone, after everybody who was in its way.
    pub(crate) fn run<R, E: Into<Failure>>(
        mut self,
        rows: &mut Rows<'_, '_>,
        mut work: impl FnMut(&mut Execution<'_>, &mut dyn RowSink) -> Result<R, E>,
    ) -> Result<R, Failure> {
        let (hints, changes) = self.session.footprint.take_next();
        let mut state = self.shared.lock();
        loop {
            if state.epoch != self.runtime.epoch() {
                return Err(Failure::with_reach(restored(), Reach::Cancel));
            }
            if self.runtime.cancel.is_set() {
                return Err(cancelled().into());
            }
            let id = self.session.id;
            let contended = self.shared.locks().concerns_others_than(id);
            let isolation = self.session.options.isolation;
            let snapshot = isolation == Isolation::Snapshot;
            let record =
                contended || snapshot || (self.holds() && isolation > Isolation::ReadCommitted);
            self.session.footprint.begin(record);
            self.session.footprint.statement_hints = hints;
            self.take_view(&state.instance, contended, changes);
            let mark = self.session.undo.mark();
            if !contended && !snapshot {
                // Whoever was in the way is gone, and nobody else is there.
                self.shared.locks().leave(id);
                let result = self.execute(&mut state, rows, &mut work);
                return self.settle(&mut state, mark, record, result).0;
            }
            let before = Before {
                instance: state.instance.clone(),
                session: self.session.clone(),
                transaction: self.runtime.transaction(|it| it.clone()),
            };
            let mut kept_back = KeptBack::default();
            let result = self.execute(&mut state, &mut kept_back, &mut work);
            let wanted = claims_of(self.session, &state.instance, mark);
            let failed = result
                .as_ref()
                .err()
                .map(|failure: &Failure| failure.decisive().number);
            let blockers = self.shared.locks().blockers(
                id,
                &wanted.all,
                failed,
                self.session.database,
                &state.instance,
            );
            if blockers.is_empty() {
                self.shared.locks().leave(id);
                let (result, refused) = self.settle(&mut state, mark, record, result);
                if !refused {
                    kept_back.deliver(rows)?;
                }
                return result;
            }
            let no_wait = hints.no_wait
                || self
                    .session
                    .footprint
                    .reads
                    .iter()
                    .any(|read| read.hints.no_wait);
            state.instance = before.instance;
            *self.session = before.session;
            self.runtime
                .transaction(|transaction| *transaction = before.transaction);
            self.runtime.take_trigger_failure();
            let timeout = if no_wait {
                0
            } else {
                self.session.options.lock_timeout_ms
            };
            state = self.sleep(state, blockers, wanted.all, timeout)?;
        }
    }

    /// What a statement claims stays until a transaction ends.
    fn holds(&self) -> bool {
        self.session.transaction_count > 0 || self.runtime.insert_exec() > 0
    }

    /// The state that reads see, where they do not see the current one.
    fn take_view(&mut self, instance: &Instance, contended: bool, changes: bool) {
        let isolation = self.session.options.isolation;
        let snapshot = isolation == Isolation::Snapshot;
        if snapshot && self.session.view.is_some() {
            return;
        }
        let versions = snapshot
            || (isolation == Isolation::ReadCommitted
                && contended
                && !changes
                && instance
                    .databases()
                    .any(|database| database.options().read_committed_snapshot));
        self.session.view = versions.then(|| {
            Arc::new(if contended {
                self.shared
                    .locks()
                    .without_others(self.session.id, instance)
            } else {
                instance.clone()
            })
        });
    }

    fn execute<R, E: Into<Failure>>(
        &mut self,
        state: &mut State,
        rows: &mut dyn RowSink,
        work: &mut impl FnMut(&mut Execution<'_>, &mut dyn RowSink) -> Result<R, E>,
    ) -> Result<R, Failure> {
        let mut environment = StatementEnvironment {
            inner: state.environment.as_environment(),
            cancel: &self.runtime.cancel,
            statements: &self.shared.statements,
        };
        let mut execution = Execution {
            instance: &mut state.instance,
            session: self.session,
            environment: &mut environment,
            runtime: self.runtime,
        };
        run_once(&mut execution, rows, work)
    }

    /// After the statement had its turn: a conflict of versions undoes it after all, its claims
    /// are held if a transaction is open, and otherwise it is committed. The second part says that
    /// there was such a conflict: then nothing of it may be shown.
    fn settle<R>(
        &mut self,
        state: &mut State,
        mark: Mark,
        record: bool,
        mut result: Result<R, Failure>,
    ) -> (Result<R, Failure>, bool) {
        let id = self.session.id;
        let succeeded = result.is_ok();
        let snapshot = self.session.options.isolation == Isolation::Snapshot;
        let holds = self.holds();
        let touched = record || !self.session.footprint.reads.is_empty();
        if holds && (touched || self.session.undo.mark() > mark) {
            let Wanted { all, kept } = claims_of(self.session, &state.instance, mark);
            if snapshot && result.is_ok() {
                result = self.refuse_conflict(state, mark, &all, result);
            }
            let looked = all.looked_at_something();
            if !looked && self.session.undo.is_empty() {
                // The state that a transaction sees is that of its first access.
                self.session.view = None;
            }
            self.shared.locks().hold(id, kept, &self.session.undo);
        } else if snapshot && !holds && result.is_ok() {
            let all = claims_of(self.session, &state.instance, mark).all;
            result = self.refuse_conflict(state, mark, &all, result);
        }
        if !(snapshot && holds) {
            self.session.view = None;
        }
        if !holds {
            let keeps_logs = state.instance.keeps_logs();
            if keeps_logs && !self.session.undo.is_empty() {
                let committed = self.shared.locks().without_others(id, &state.instance);
                log_commit(
                    &mut state.instance,
                    &committed,
                    state.environment.as_environment(),
                    &self.session.undo,
                );
            }
            self.session.undo.clear();
            self.session.transaction_began = None;
            self.shared.locks().release(id);
        }
        let refused = succeeded && result.is_err();
        (result, refused)
    }

    /// 3951, 3952, 3961 and 3960: what the snapshot of a transaction does not allow.
    fn refuse_conflict<R>(
        &mut self,
        state: &mut State,
        mark: Mark,
        wanted: &Claims,
        result: Result<R, Failure>,
    ) -> Result<R, Failure> {
        let Some(view) = self.session.view.clone() else {
            return result;
        };
        let refusal = wanted
            .tables_named()
            .into_iter()
            .find_map(|(database, object)| {
                let current = state.instance.database(database)?;
                let name = current.name();
                if !current.options().snapshot_isolation && !database.is_system() {
                    return Some(not_allowed(name));
                }
                if self.session.transaction_began_otherwise {
                    return Some(began_otherwise(name));
                }
                let now = current.object(object)?;
                let then = view
                    .database(database)
                    .and_then(|database| database.object(object));
                let own = self
                    .session
                    .undo
                    .inverses_since(Mark::START)
                    .iter()
                    .any(|change| {
                        matches!(change, Change::Object(of, id, _) if *of == database && *id == object)
                    });
                let same = then.is_some_and(|then| Arc::ptr_eq(then, now));
                (!same && !own).then(|| definition_changed(name))
            })
            .or_else(|| update_conflict(self.session, &state.instance, &view, mark));
        match refusal {
            None => result,
            Some(error) => {
                self.session.undo.rollback_to(mark, &mut state.instance);
                Err(Failure::with_reach(error, Reach::Abort))
            }
        }
    }

    /// Sleeps until nobody is in the way.
    fn sleep<'s>(
        &mut self,
        state: MutexGuard<'s, State>,
        blockers: std::collections::BTreeSet<u16>,
        wants: Claims,
        timeout_ms: i32,
    ) -> Result<MutexGuard<'s, State>, Failure> {
        let id = self.session.id;
        if timeout_ms == 0 {
            self.shared.locks().leave(id);
            return Err(timed_out().into());
        }
        let queued =
            self.shared
                .locks()
                .queue(id, blockers, wants, self.session.options.deadlock_priority);
        if queued == Queued::Victim {
            return Err(deadlocked(id).into());
        }
        sleep(self.shared, self.runtime, id, state, timeout_ms)
    }
}

/// Sleeps until the locks say that the session may try again.
pub(crate) fn sleep<'s>(
    shared: &Shared,
    runtime: &SessionRuntime,
    id: u16,
    mut state: MutexGuard<'s, State>,
    timeout_ms: i32,
) -> Result<MutexGuard<'s, State>, Failure> {
    let Some(bell) = shared.locks().bell(id) else {
        return Ok(state);
    };
    let limit = shared.limits.lock_wait_ms_max;
    let mut slept = 0;
    let blocker = shared.locks().blocker_of(id);
    shared
        .registry
        .update(id, |session| session.blocked_by = blocker);
    let wait = |state: MutexGuard<'s, State>| {
        let slept = aside(|| bell.wait_timeout(state, SLICE));
        slept.unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    let ended = loop {
        if state.epoch != runtime.epoch() {
            break Err(Failure::with_reach(restored(), Reach::Cancel));
        }
        if runtime.cancel.is_set() {
            break Err(cancelled().into());
        }
        match shared.locks().standing(id) {
            Standing::Free => break Ok(()),
            Standing::Victim => break Err(deadlocked(id).into()),
            Standing::Blocked => {}
        }
        if u64::try_from(timeout_ms).is_ok_and(|timeout| slept >= timeout) {
            break Err(timed_out().into());
        }
        if slept >= limit {
            break Err(limit_reached("milliseconds of waiting for a lock", limit).into());
        }
        let (guard, slice) = wait(state);
        state = guard;
        if slice.timed_out() {
            slept += u64::try_from(SLICE.as_millis()).unwrap_or(10);
        }
    };
    shared
        .registry
        .update(id, |session| session.blocked_by = None);
    match ended {
        Ok(()) => Ok(state),
        Err(failure) => {
            shared.locks().leave(id);
            Err(failure)
        }
    }
}

/// Does what may take a while; meanwhile the tasks of this thread go on elsewhere.
pub(crate) fn aside<R>(work: impl FnOnce() -> R) -> R {
    let runtime = tokio::runtime::Handle::try_current().map(|handle| handle.runtime_flavor());
    match runtime {
        Ok(tokio::runtime::RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // Nobody but a blocking thread gets here.
        _ => work(),
    }
}

/// One try of a statement: what a failure leaves behind is undone.
pub(crate) fn run_once<R, E: Into<Failure>>(
    execution: &mut Execution<'_>,
    rows: &mut dyn RowSink,
    work: &mut impl FnMut(&mut Execution<'_>, &mut dyn RowSink) -> Result<R, E>,
) -> Result<R, Failure> {
    let policies_met = execution.session.policies_met;
    let mut result = guarded(execution, |execution| {
        let mark = execution.session.undo.mark();
        let value = work(execution, rows).map_err(Into::into)?;
        refuse_full_log(execution, mark)?;
        Ok(value)
    });
    if let Err(failure) = &mut result
        && execution.session.policies_met != policies_met
    {
        failure.errors.iter_mut().for_each(query::redact);
    }
    result
}

/// What is put back when somebody was in the way.
struct Before {
    instance: Instance,
    session: SessionState,
    transaction: crate::runtime::Transaction,
}

/// The rows of a statement that may have to be tried again.
#[derive(Default)]
struct KeptBack(Vec<Piece>);

enum Piece {
    Columns(Vec<ResultColumn>),
    Row(Vec<Value>),
}

impl KeptBack {
    fn deliver(self, rows: &mut Rows<'_, '_>) -> Result<(), Failure> {
        for piece in self.0 {
            match piece {
                Piece::Columns(columns) => rows.columns(&columns)?,
                Piece::Row(row) => rows.row(&row)?,
            }
        }
        Ok(())
    }
}

impl RowSink for KeptBack {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), SqlError> {
        self.0.push(Piece::Columns(columns.to_vec()));
        Ok(())
    }

    fn row(&mut self, row: &[Value]) -> Result<(), SqlError> {
        self.0.push(Piece::Row(row.to_vec()));
        Ok(())
    }
}

/// 3960: a row that the transaction changes is no longer the one that it sees.
fn update_conflict(
    session: &SessionState,
    instance: &Instance,
    view: &Instance,
    mark: Mark,
) -> Option<SqlError> {
    let own = session.undo.inverses_since(Mark::START);
    let earlier = own.len() - session.undo.inverses_since(mark).len();
    let mut changed: std::collections::BTreeSet<_> =
        own[..earlier].iter().filter_map(row_of).collect();
    for change in &own[earlier..] {
        let Change::Row(database, table, id, before) = change else {
            continue;
        };
        if *database == DatabaseId::TEMPDB || !changed.insert((*database, *table, *id)) {
            continue;
        }
        let seen = view
            .database(*database)
            .and_then(|it| it.data(*table))
            .and_then(|data| data.get(*id));
        if seen != before.as_ref() {
            let place = instance.database(*database)?;
            let object = place.object(*table)?;
            return Some(SqlError::new(
                3960,
                16,
                2,
                format!(
                    "Snapshot isolation transaction aborted due to update conflict. You cannot use \
                     snapshot isolation to access table '{}.{}' directly or indirectly in database \
                     '{}' to update, delete, or insert the row that has been modified or deleted \
                     by another transaction. Retry the transaction or change the isolation level \
                     for the update/delete statement.",
                    place.schema_name(object.schema),
                    object.name,
                    place.name()
                ),
            ));
        }
    }
    None
}

fn row_of(change: &Change) -> Option<(DatabaseId, catalog::ObjectId, catalog::RowId)> {
    match change {
        Change::Row(database, table, id, _) => Some((*database, *table, *id)),
        _ => None,
    }
}

fn timed_out() -> SqlError {
    SqlError::new(1222, 16, 51, "Lock request time out period exceeded.")
}

fn deadlocked(id: u16) -> SqlError {
    SqlError::new(
        1205,
        13,
        51,
        format!(
            "Transaction (Process ID {id}) was deadlocked on lock resources with another process \
             and has been chosen as the deadlock victim. Rerun the transaction."
        ),
    )
}

fn not_allowed(database: &str) -> SqlError {
    SqlError::new(
        3952,
        16,
        1,
        format!(
            "Snapshot isolation transaction failed accessing database '{database}' because \
             snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow \
             snapshot isolation."
        ),
    )
}

fn began_otherwise(database: &str) -> SqlError {
    SqlError::new(
        3951,
        16,
        1,
        format!(
            "Transaction failed in database '{database}' because the statement was run under \
             snapshot isolation but the transaction did not start in snapshot isolation. You \
             cannot change the isolation level of the transaction to snapshot after the \
             transaction has started unless the transaction was originally started under snapshot \
             isolation level."
        ),
    )
}

fn definition_changed(database: &str) -> SqlError {
    SqlError::new(
        3961,
        16,
        1,
        format!(
            "Snapshot isolation transaction failed in database '{database}' because the object \
             accessed by the statement has been modified by a DDL statement in another concurrent \
             transaction since the start of this transaction.  It is disallowed because the \
             metadata is not versioned. A concurrent update to metadata can lead to inconsistency \
             if mixed with snapshot isolation."
        ),
    )
}
