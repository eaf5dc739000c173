//! What does the interpreter keep for a session beside what statements see?
//!
//! [`query::SessionState`] is what a statement sees. What only the interpreter needs is here,
//! behind a shared reference, because a function deep inside a query comes back up through
//! [`query::Runtime`] with nothing but that.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::{Instance, LockInfo, Mark, ObjectId, SessionInfo};
use query::{Environment, Execution, ModuleRef, Runtime, TriggerFiring};
use values::{SqlError, SqlType, Value};

use crate::limits::limit_reached;
use crate::response::EnvironmentChange;
use crate::server::Shared;
use crate::statements::Statements;

/// Ends what a session runs, from another thread.
#[derive(Debug, Clone, Default)]
pub struct CancelHandle(Arc<AtomicU8>);

const RUNNING: u8 = 0;
const CANCELLED: u8 = 1;
const KILLED: u8 = 2;

impl CancelHandle {
    /// Attention: the running request ends soon, without an error message. A request that begins
    /// later runs.
    pub fn cancel(&self) {
        let _ = self
            .0
            .compare_exchange(RUNNING, CANCELLED, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The session ends with its running request.
    pub(crate) fn kill(&self) {
        self.0.store(KILLED, Ordering::Relaxed);
    }

    pub(crate) fn begin_request(&self) {
        let _ = self
            .0
            .compare_exchange(CANCELLED, RUNNING, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether the running request is to end.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) != RUNNING
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.0.load(Ordering::Relaxed) == KILLED
    }
}

/// The open transaction, as far as statements do not see it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Transaction {
    /// Name of the outermost BEGIN TRANSACTION.
    pub(crate) name: Option<String>,
    /// Savepoints, oldest first.
    pub(crate) savepoints: Vec<(String, Mark)>,
    /// What ENVCHANGE called it.
    pub(crate) descriptor: u64,
    /// What happened to it inside a trigger and has not been told to the client.
    pub(crate) untold: Vec<EnvironmentChange>,
}

/// One session's side of the interpreter.
pub(crate) struct SessionRuntime {
    pub(crate) shared: Arc<Shared>,
    pub(crate) cancel: CancelHandle,
    /// Statements that the running request may still start.
    statements_left: AtomicU64,
    /// TRY blocks around the running statement, over all scopes.
    handlers: AtomicU32,
    /// INSERT … EXEC around the running statement.
    insert_exec: AtomicU32,
    /// A trigger of the running statement failed, which ends more than the statement.
    trigger_failed: AtomicBool,
    transaction: Mutex<Transaction>,
    /// Running triggers, innermost last, and whether each is INSTEAD OF.
    triggers: Mutex<Vec<(ObjectId, bool)>>,
    /// The restore after which the session's state is still right.
    epoch: AtomicU64,
}

impl SessionRuntime {
    pub(crate) fn new(shared: Arc<Shared>, cancel: CancelHandle, epoch: u64) -> Self {
        Self {
            shared,
            cancel,
            statements_left: AtomicU64::new(0),
            handlers: AtomicU32::new(0),
            insert_exec: AtomicU32::new(0),
            trigger_failed: AtomicBool::new(false),
            transaction: Mutex::default(),
            triggers: Mutex::default(),
            epoch: AtomicU64::new(epoch),
        }
    }

    /// A new request has its full budget and no handlers.
    pub(crate) fn begin_request(&self) {
        self.statements_left
            .store(self.shared.limits.statements_max, Ordering::Relaxed);
        self.handlers.store(0, Ordering::Relaxed);
        self.insert_exec.store(0, Ordering::Relaxed);
        self.trigger_failed.store(false, Ordering::Relaxed);
        self.triggers().clear();
        self.cancel.begin_request();
    }

    /// Called before every statement and every round of a loop.
    pub(crate) fn step(&self) -> Result<(), SqlError> {
        if self.cancel.is_set() {
            return Err(cancelled());
        }
        let left = self.statements_left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(limit_reached(
                "statements in one request",
                self.shared.limits.statements_max,
            ));
        }
        self.statements_left.store(left - 1, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn handlers(&self) -> u32 {
        self.handlers.load(Ordering::Relaxed)
    }

    pub(crate) fn set_handlers(&self, handlers: u32) {
        self.handlers.store(handlers, Ordering::Relaxed);
    }

    pub(crate) fn insert_exec(&self) -> u32 {
        self.insert_exec.load(Ordering::Relaxed)
    }

    pub(crate) fn set_insert_exec(&self, depth: u32) {
        self.insert_exec.store(depth, Ordering::Relaxed);
    }

    pub(crate) fn note_trigger_failure(&self) {
        self.trigger_failed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take_trigger_failure(&self) -> bool {
        self.trigger_failed.swap(false, Ordering::Relaxed)
    }

    fn triggers(&self) -> MutexGuard<'_, Vec<(ObjectId, bool)>> {
        self.triggers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push_trigger(&self, trigger: ObjectId, instead_of: bool) {
        self.triggers().push((trigger, instead_of));
    }

    pub(crate) fn pop_trigger(&self) {
        self.triggers().pop();
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Relaxed)
    }

    pub(crate) fn set_epoch(&self, epoch: u64) {
        self.epoch.store(epoch, Ordering::Relaxed);
    }

    pub(crate) fn transaction<R>(&self, look: impl FnOnce(&mut Transaction) -> R) -> R {
        look(
            &mut self
                .transaction
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// What an attention raises inside a query. It is never told to a client: the endpoint answers
/// an attention by itself.
pub(crate) const CANCELLED_NUMBER: i32 = 3617;

pub(crate) fn cancelled() -> SqlError {
    SqlError::new(
        CANCELLED_NUMBER,
        11,
        1,
        "The request was cancelled by the client.",
    )
}

impl Runtime for SessionRuntime {
    fn call_scalar_function(
        &self,
        execution: &mut Execution<'_>,
        function: ModuleRef,
        arguments: Vec<(Value, SqlType)>,
    ) -> Result<(Value, SqlType), SqlError> {
        crate::functions::call_scalar(self, execution, function, arguments)
    }

    fn call_table_function(
        &self,
        execution: &mut Execution<'_>,
        function: ModuleRef,
        arguments: Vec<(Value, SqlType)>,
    ) -> Result<Vec<Vec<Value>>, SqlError> {
        crate::functions::call_table(self, execution, function, arguments)
    }

    fn fire_triggers(
        &self,
        execution: &mut Execution<'_>,
        firing: TriggerFiring,
    ) -> Result<(), SqlError> {
        crate::triggers::fire(self, execution, firing)
    }

    fn running_triggers(&self) -> Vec<(ObjectId, bool)> {
        self.triggers().clone()
    }

    fn is_held_by_another(
        &self,
        session: u16,
        table: query::TableKey,
        row: catalog::RowId,
    ) -> bool {
        self.shared.locks().is_held_by_another(session, table, row)
    }

    fn application_lock(
        &self,
        execution: &Execution<'_>,
        arguments: &[String],
        test: bool,
    ) -> Result<Value, SqlError> {
        crate::system_procedures::look_at_application_lock(
            self,
            execution.instance,
            execution.session,
            arguments,
            test,
        )
    }

    fn locks(&self, instance: &Instance) -> Vec<LockInfo> {
        self.shared.locks().describe(instance)
    }

    fn sessions(&self) -> Vec<SessionInfo> {
        self.shared.registry.describe()
    }

    fn statements(&self) -> &dyn catalog::Statements {
        &self.shared.statements
    }
}

/// The environment of one statement: the server's, and an ear for attention.
pub(crate) struct StatementEnvironment<'a> {
    pub(crate) inner: &'a mut dyn Environment,
    pub(crate) cancel: &'a CancelHandle,
    pub(crate) statements: &'a Statements,
}

impl Environment for StatementEnvironment<'_> {
    fn now(&mut self) -> i64 {
        let now = self.inner.now();
        self.statements.saw(now);
        now
    }

    fn random_bytes(&mut self) -> [u8; 16] {
        self.inner.random_bytes()
    }

    fn proceed(&mut self, steps: u64) -> Result<(), SqlError> {
        if self.cancel.is_set() {
            return Err(cancelled());
        }
        self.inner.proceed(steps)
    }
}
