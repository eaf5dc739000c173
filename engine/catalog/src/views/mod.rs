//! The catalog as queries see it: `sys.*` and `INFORMATION_SCHEMA.*`, computed from the instance
//! and filtered by what the caller may know.

mod columns;
mod information_schema;
mod keys;
mod objects;
mod principals;
mod server;
mod sessions;
mod signing;
mod statements;
mod table_functions;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use values::{Length, SqlError, SqlType, Value};

use crate::database::Database;
use crate::errors::Errors;
use crate::ids::{DatabaseId, ObjectId, SessionId};
use crate::instance::Instance;
use crate::object::Object;
use crate::security::{SecurityContext, UserToken};

pub(crate) use columns::is_text;
pub use statements::{Handles, NoStatements, StatementInfo, Statements};
pub use table_functions::{SystemFunction, system_function};

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
    /// All locks, for the same.
    pub locks: &'a [LockInfo],
    /// The statements that ran, likewise.
    pub statements: &'a dyn Statements,
    /// Now, in 100 ns ticks since 0001-01-01.
    pub now: i64,
}

impl<'a> ViewContext<'a> {
    /// The database whose view is read.
    pub(crate) fn database(&self) -> &'a Arc<Database> {
        self.instance.entered(self.token.database)
    }

    pub(crate) fn visible(&self, object: &Object) -> bool {
        self.instance.is_visible(self.token, self.session, object)
    }

    /// The text of an expression that belongs to an object; NULL without the right to read it.
    pub(crate) fn definition(&self, object: &Object, source: &Arc<str>) -> Value {
        if self.instance.may_view_definition(self.token, object) {
            Value::Text(Arc::clone(source))
        } else {
            Value::Null
        }
    }

    /// The objects whose rows appear.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &'a Arc<Object>> {
        let context = *self;
        self.database()
            .objects()
            .filter(move |object| context.visible(object))
    }
}

/// What `sys.dm_tran_locks` shows of a lock; supplied by the layer that has locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockInfo {
    /// `resource_type`: `DATABASE`, `OBJECT`, `KEY`, `RID` or `APPLICATION`.
    pub resource_type: &'static str,
    /// `resource_database_id`.
    pub database: DatabaseId,
    /// `resource_associated_entity_id`: the object, or 0.
    pub object: i32,
    /// `resource_description`.
    pub description: String,
    /// `request_mode`.
    pub mode: &'static str,
    /// GRANT rather than WAIT.
    pub granted: bool,
    /// `request_session_id`.
    pub session: SessionId,
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
    /// `blocking_session_id`: for whose lock it waits.
    pub blocked_by: Option<SessionId>,
    /// `transaction_isolation_level`: 1 read uncommitted … 5 snapshot.
    pub isolation_level: i16,
    /// `command` of the running request, `SELECT` for example.
    pub command: Arc<str>,
}

/// A catalog view by its two-part name.
pub fn system_view(schema: &str, name: &str) -> Option<&'static SystemView> {
    let is_sys = schema.eq_ignore_ascii_case("sys");
    if !is_sys && !schema.eq_ignore_ascii_case("INFORMATION_SCHEMA") {
        return None;
    }
    static BY_NAME: OnceLock<HashMap<(bool, String), &'static SystemView>> = OnceLock::new();
    BY_NAME
        .get_or_init(|| {
            all_views()
                .map(|view| ((view.schema == "sys", view.name.to_ascii_lowercase()), view))
                .collect()
        })
        .get(&(is_sys, name.to_ascii_lowercase()))
        .copied()
}

/// Every catalog view, in a fixed order.
pub(crate) fn all_views() -> impl Iterator<Item = &'static SystemView> {
    [
        objects::VIEWS,
        columns::VIEWS,
        keys::VIEWS,
        principals::VIEWS,
        server::VIEWS,
        sessions::VIEWS,
        statements::VIEWS,
        information_schema::VIEWS,
        signing::VIEWS,
    ]
    .into_iter()
    .flatten()
}

/// The number of a catalog view: negative, as all system objects have.
pub(crate) fn system_object_id(view: &SystemView) -> ObjectId {
    let at = all_views()
        .position(|other| std::ptr::eq(other, view))
        .unwrap_or_default();
    ObjectId(-(i32::try_from(at).unwrap_or_default() + 200))
}

// --- how the tables of columns and rows are written ------------------------------------------

pub(crate) const SYSNAME: SqlType = SqlType::NVarChar(Length::Limited(128));
pub(crate) const MAX_TEXT: SqlType = SqlType::NVarChar(Length::Max);

pub(crate) const fn nvarchar(n: u16) -> SqlType {
    SqlType::NVarChar(Length::Limited(n))
}

pub(crate) const fn varbinary(n: u16) -> SqlType {
    SqlType::VarBinary(Length::Limited(n))
}

/// A column that is never NULL.
pub(crate) const fn col(name: &'static str, data_type: SqlType) -> SystemColumn {
    SystemColumn {
        name,
        data_type,
        nullable: false,
    }
}

/// A column that may be NULL.
pub(crate) const fn null(name: &'static str, data_type: SqlType) -> SystemColumn {
    SystemColumn {
        name,
        data_type,
        nullable: true,
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::text(text)
}

pub(crate) fn int(number: i32) -> Value {
    Value::Int(number)
}

pub(crate) fn tiny(number: u8) -> Value {
    Value::TinyInt(number)
}

pub(crate) fn bit(on: bool) -> Value {
    Value::Bit(on)
}

pub(crate) fn or_null<T>(option: Option<T>, value: impl FnOnce(T) -> Value) -> Value {
    option.map_or(Value::Null, value)
}

/// Ticks of 100 ns since 0001-01-01 as datetime.
pub(crate) fn datetime(ticks: i64) -> Value {
    const TICKS_PER_DAY: i64 = 864_000_000_000;
    const DAYS_TO_1900: i64 = 693_595;
    let days = ticks.div_euclid(TICKS_PER_DAY) - DAYS_TO_1900;
    let rest = ticks.rem_euclid(TICKS_PER_DAY);
    // Three hundred datetime ticks in ten million; the last one of the day stays in the day.
    let three_hundredths = ((rest * 3 + 50_000) / 100_000).min(25_919_999);
    Value::DateTime {
        days: i32::try_from(days).unwrap_or_default(),
        ticks: u32::try_from(three_hundredths).unwrap_or_default(),
    }
}

/// 300 and 297: a view of the server needs a permission of the server.
pub(crate) fn server_state(
    context: &ViewContext<'_>,
    permission: crate::permission::Permission,
) -> Result<(), Errors> {
    let held = context
        .context
        .login(context.instance)
        .is_some_and(|login| context.instance.has_server_permission(&login, permission));
    if held {
        return Ok(());
    }
    Err(Errors::from(SqlError::new(
        300,
        14,
        1,
        format!("{permission} permission was denied on object 'server', database 'master'."),
    ))
    .then(SqlError::new(
        297,
        16,
        1,
        "The user does not have permission to perform this action.",
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_datetime() {
        // 2026-01-01T00:00:00, and the last moment of that day.
        const DAY: i64 = 864_000_000_000;
        for (ticks, days, rest) in [
            (739_616 * DAY, 46_021, 0),
            (739_616 * DAY + DAY - 1, 46_021, 25_919_999),
        ] {
            assert_eq!(datetime(ticks), Value::DateTime { days, ticks: rest });
        }
    }

    #[test]
    fn views_have_distinct_names_and_columns() {
        let mut names = std::collections::BTreeSet::new();
        for view in all_views() {
            assert!(names.insert((view.schema, view.name)), "{view:?} twice");
            let mut columns = std::collections::BTreeSet::new();
            for column in view.columns {
                assert!(
                    columns.insert(column.name),
                    "{view:?}.{} twice",
                    column.name
                );
            }
        }
    }
}
