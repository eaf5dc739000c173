//! What a statement may see and change: the instance, the session, and the way back up to the
//! batch interpreter.
//!
//! All state lives in [`Execution`]; the [`Runtime`] above is stateless, so that an expression
//! deep inside a query can call a function of the user's without borrowing trouble.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{
    ChainLink, Instance, LockInfo, ObjectId, RowId, SchemaId, SecurityContext, SessionInfo,
    TemporaryNames, UndoLog,
};
use values::{SqlError, SqlType, Value};

use crate::footprint::{Footprint, Isolation, TableKey};

/// One running statement's world. Built by `database` for every statement, under the
/// instance's lock.
pub struct Execution<'a> {
    /// The server's state.
    pub instance: &'a mut Instance,
    /// The session that runs the statement.
    pub session: &'a mut SessionState,
    /// Where time and randomness come from.
    pub environment: &'a mut dyn Environment,
    /// Modules are run by the layer above.
    pub runtime: &'a dyn Runtime,
}

/// The only door to time and randomness.
pub trait Environment: Send {
    /// Now, in 100 ns ticks since 0001-01-01T00:00 UTC.
    fn now(&mut self) -> i64;
    /// Sixteen random bytes, for NEWID.
    fn random_bytes(&mut self) -> [u8; 16];
    /// Called every few thousand steps of work (rows read, joined, compared) with the number of
    /// steps since the last call. An error ends the statement: that is how an attention, and a
    /// budget over a whole batch, reach the inside of a query.
    fn proceed(&mut self, steps: u64) -> Result<(), SqlError> {
        let _ = steps;
        Ok(())
    }
}

/// What the layer above does for the query layer. Stateless: all state is in [`Execution`].
pub trait Runtime: Sync {
    /// Runs a scalar function of the user's.
    fn call_scalar_function(
        &self,
        execution: &mut Execution<'_>,
        function: ModuleRef,
        arguments: Vec<(Value, SqlType)>,
    ) -> Result<(Value, SqlType), SqlError>;

    /// Runs a multi-statement table function and gives its rows.
    fn call_table_function(
        &self,
        execution: &mut Execution<'_>,
        function: ModuleRef,
        arguments: Vec<(Value, SqlType)>,
    ) -> Result<Vec<Vec<Value>>, SqlError>;

    /// Runs the triggers of `table` for one statement; `inserted` and `deleted` hold whole rows.
    fn fire_triggers(
        &self,
        execution: &mut Execution<'_>,
        firing: TriggerFiring,
    ) -> Result<(), SqlError>;

    /// The running triggers, innermost last, each with whether it is INSTEAD OF.
    fn running_triggers(&self) -> Vec<(ObjectId, bool)> {
        Vec::new()
    }

    /// Whether another session than the given one holds a row: READPAST leaves it out.
    fn is_held_by_another(&self, session: u16, table: TableKey, row: RowId) -> bool {
        let _ = (session, table, row);
        false
    }

    /// `APPLOCK_MODE` and `APPLOCK_TEST` of their arguments.
    ///
    /// # Errors
    /// 1202, 3918, 155.
    fn application_lock(
        &self,
        execution: &Execution<'_>,
        arguments: &[String],
        test: bool,
    ) -> Result<Value, SqlError> {
        let _ = (execution, arguments, test);
        Err(SqlError::unsupported("application locks"))
    }

    /// All locks, for the dynamic management views.
    fn locks(&self, instance: &Instance) -> Vec<LockInfo> {
        let _ = instance;
        Vec::new()
    }

    /// All sessions, for the dynamic management views.
    fn sessions(&self) -> Vec<SessionInfo> {
        Vec::new()
    }

    /// The statements that ran, likewise.
    fn statements(&self) -> &dyn catalog::Statements {
        &catalog::NoStatements
    }
}

/// A module in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleRef {
    /// Database id, as DB_ID() gives it.
    pub database: catalog::DatabaseId,
    /// Object id.
    pub object: ObjectId,
}

/// The module in whose text a statement stands: where its names are looked up, and whose
/// references need no permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleScope {
    /// Its owner, for ownership chaining.
    pub link: ChainLink,
    /// Its schema, in which its one-part names are looked up first.
    pub schema: SchemaId,
    /// `@@PROCID`.
    pub object: ObjectId,
}

/// One firing of a table's triggers.
#[derive(Debug, Clone)]
pub struct TriggerFiring {
    /// The table or view.
    pub on: ModuleRef,
    /// INSTEAD OF rather than AFTER.
    pub instead_of: bool,
    /// Which statement.
    pub event: tsql::TriggerEvent,
    /// Rows after the change.
    pub inserted: Vec<Vec<Value>>,
    /// Rows before the change.
    pub deleted: Vec<Vec<Value>>,
    /// Column ordinals that UPDATE assigned, for `UPDATE(column)`.
    pub updated_columns: Vec<usize>,
}

/// The part of a session that statements see. `database` owns it and adds what only the
/// interpreter needs.
#[derive(Debug, Clone)]
pub struct SessionState {
    /// `@@SPID`.
    pub id: u16,
    /// Who the session is, with its EXECUTE AS and module frames.
    pub security: SecurityContext,
    /// The current database.
    pub database: catalog::DatabaseId,
    /// The undo log of the open transaction (or of the running statement).
    pub undo: UndoLog,
    /// Variables of the running scope, keyed by lower-case name with `@`.
    pub variables: BTreeMap<String, Variable>,
    /// The `#` names of the session.
    pub temporary: TemporaryNames,
    /// The module in whose text the running statement stands; `None` for ad hoc and dynamic SQL.
    pub module: Option<ModuleScope>,
    /// `inserted` and `deleted` of the running trigger.
    pub trigger_rows: Option<Box<TriggerFiring>>,
    /// `@@ROWCOUNT`.
    pub row_count: i64,
    /// `@@ERROR`.
    pub last_error: i32,
    /// The error that the running CATCH block handles.
    pub caught: Option<SqlError>,
    /// `SCOPE_IDENTITY()` of the running scope and `@@IDENTITY`.
    pub scope_identity: Option<Value>,
    /// `@@IDENTITY`.
    pub last_identity: Option<Value>,
    /// `@@TRANCOUNT`.
    pub transaction_count: u32,
    /// When the open transaction began, or the running statement when there is none: the time that
    /// periods of temporal tables begin and end. `None` until somebody asks.
    pub transaction_began: Option<i64>,
    /// `XACT_STATE()` is -1.
    pub transaction_doomed: bool,
    /// `@@NESTLEVEL`.
    pub nest_level: u32,
    /// SESSION_CONTEXT: key → value, read-only.
    pub session_context: BTreeMap<String, (Value, SqlType, bool)>,
    /// `CONTEXT_INFO()`.
    pub context_info: Vec<u8>,
    /// `HOST_NAME()`, `APP_NAME()`.
    pub host_name: String,
    /// `APP_NAME()`.
    pub program_name: String,
    /// SET options.
    pub options: SessionOptions,
    /// How often a security policy was asked about a row, or a guarded table was written: a
    /// statement that raises this number shows no values in its errors.
    pub policies_met: u64,
    /// Messages of severity 10 and below, in order, taken by the interpreter.
    pub messages: Vec<SqlError>,
    /// What the running statement touches.
    pub footprint: Footprint,
    /// SNAPSHOT was asked for when the transaction had begun already (3951).
    pub transaction_began_otherwise: bool,
    /// The committed state that reads see instead of the current one: under SNAPSHOT, and for one
    /// statement under READ_COMMITTED_SNAPSHOT. Own changes show on top of it.
    pub view: Option<Arc<Instance>>,
}

/// A variable of the running scope.
#[derive(Debug, Clone)]
pub enum Variable {
    /// A scalar.
    Scalar {
        /// Its declared type.
        data_type: SqlType,
        /// Its value.
        value: Value,
    },
    /// A table variable: a table of its own, outside transactions.
    Table(Box<catalog::TableVariable>),
}

/// SET options that change what statements do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOptions {
    /// NOCOUNT.
    pub no_count: bool,
    /// XACT_ABORT.
    pub xact_abort: bool,
    /// ANSI_NULLS.
    pub ansi_nulls: bool,
    /// ANSI_WARNINGS (with ARITHABORT).
    pub ansi_warnings: bool,
    /// CONCAT_NULL_YIELDS_NULL.
    pub concat_null_yields_null: bool,
    /// IMPLICIT_TRANSACTIONS.
    pub implicit_transactions: bool,
    /// ROWCOUNT; 0 is off.
    pub row_limit: u64,
    /// IDENTITY_INSERT: the one table per session.
    pub identity_insert: Option<ModuleRef>,
    /// LOCK_TIMEOUT in milliseconds; -1 waits.
    pub lock_timeout_ms: i32,
    /// TRANSACTION ISOLATION LEVEL.
    pub isolation: Isolation,
    /// DEADLOCK_PRIORITY, -10 to 10.
    pub deadlock_priority: i8,
    /// DATEFIRST.
    pub date_first: u8,
    /// Steps that one statement may take before it is ended with a named error. Not a SET
    /// option of SQL Server: hostile text must not be able to hang the embedded server.
    pub step_budget: u64,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            no_count: false,
            xact_abort: false,
            ansi_nulls: true,
            ansi_warnings: true,
            concat_null_yields_null: true,
            implicit_transactions: false,
            row_limit: 0,
            identity_insert: None,
            lock_timeout_ms: -1,
            isolation: Isolation::ReadCommitted,
            deadlock_priority: 0,
            date_first: 7,
            step_budget: 50_000_000,
        }
    }
}

/// Receives result sets.
pub trait RowSink {
    /// A new result set begins.
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), SqlError>;
    /// One row.
    fn row(&mut self, row: &[Value]) -> Result<(), SqlError>;
}

/// One column of a result set.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultColumn {
    /// Name; empty when the expression has none.
    pub name: String,
    /// Type.
    pub data_type: SqlType,
    /// May hold NULL.
    pub nullable: bool,
}
