//! The catalog as queries see it: `sys.*` and `INFORMATION_SCHEMA.*`, computed from the instance
//! and filtered by what the caller may know.

use std::sync::Arc;

use values::{SqlType, Value};

use crate::errors::Errors;
use crate::ids::{DatabaseId, SessionId};
use crate::instance::Instance;
use crate::security::{SecurityContext, UserToken};

/// One catalog view.
pub struct SystemView {
    /// `sys` or `INFORMATION_SCHEMA`.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [SystemColumn],
    /// Its rows, for a caller who has entered the database of `ViewContext::token`.
    pub rows: fn(&ViewContext<'_>) -> Result<Vec<Vec<Value>>, Errors>,
}

impl std::fmt::Debug for SystemView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// A column of a catalog view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemColumn {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub data_type: SqlType,
    /// NULL allowed.
    pub nullable: bool,
}

/// Who looks at the catalog, and from where.
#[derive(Clone, Copy)]
pub struct ViewContext<'a> {
    /// The server.
    pub instance: &'a Instance,
    /// Who acts.
    pub context: &'a SecurityContext,
    /// The identities that count in the database whose view is read.
    pub token: &'a UserToken,
    /// The session's current database: what `DB_NAME()` says.
    pub current: DatabaseId,
    /// The session that asks.
    pub session: SessionId,
    /// All sessions, for the dynamic management views.
    pub sessions: &'a [SessionInfo],
    /// Now, in 100 ns ticks since 0001-01-01.
    pub now: i64,
}

/// What the dynamic management views show of a session; supplied by the layer that has sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// `session_id`.
    pub id: SessionId,
    /// `login_time`, in ticks.
    pub login_time: i64,
    /// `host_name`.
    pub host_name: Arc<str>,
    /// `program_name`.
    pub program_name: Arc<str>,
    /// `login_name` of the frame that counts.
    pub login_name: Arc<str>,
    /// `original_login_name`.
    pub original_login_name: Arc<str>,
    /// `database_id`.
    pub database: DatabaseId,
    /// `running` or `sleeping`.
    pub running: bool,
    /// `open_transaction_count`.
    pub open_transactions: i32,
    /// `transaction_isolation_level`: 1 read uncommitted … 5 snapshot.
    pub isolation_level: i16,
    /// `command` of the running request, `SELECT` for example.
    pub command: Arc<str>,
}

/// A catalog view by its two-part name.
pub fn system_view(schema: &str, name: &str) -> Option<&'static SystemView> {
    let _ = (schema, name);
    None
}
