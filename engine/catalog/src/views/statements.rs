//! Dynamic management views over the statements that ran: their texts, where in them they stand,
//! and how often they ran. For holders of VIEW SERVER STATE, since they are everybody's.
//!
//! Microsoft sql-docs: docs/relational-databases/system-dynamic-management-views,
//! sys-dm-exec-query-stats, sys-dm-exec-cached-plans, sys-dm-exec-sql-text,
//! sys-dm-exec-plan-attributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use values::{SqlError, SqlType as T, Value};

use super::table_functions::SystemFunction;
use super::{
    MAX_TEXT, SystemView, ViewContext, bit, col, datetime, int, null, nvarchar, or_null,
    server_state, text, varbinary,
};
use crate::errors::Errors;
use crate::ids::{DatabaseId, LoginId, ObjectId};
use crate::permission::Permission;

type Rows = Result<Vec<Vec<Value>>, Errors>;

/// A statement that ran; supplied by the layer that runs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementInfo {
    /// The whole text that it stands in; parameters, if there are any, in front in parentheses.
    pub text: Arc<str>,
    /// Where it begins, in bytes of the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The database in which it ran.
    pub database: DatabaseId,
    /// The module whose text it is.
    pub object: Option<ObjectId>,
    /// The login of the session that ran it, impersonation aside.
    pub login: Option<LoginId>,
    /// When it ran first, in ticks.
    pub created: i64,
    /// When it ran last, in ticks.
    pub last: i64,
    /// How often it ran.
    pub count: i64,
    /// Its handles.
    pub handles: Handles,
}

/// By what a text and its plan are called: 44 bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handles {
    /// `sql_handle`.
    pub sql: Arc<[u8]>,
    /// `plan_handle`.
    pub plan: Arc<[u8]>,
}

impl Handles {
    /// The handles of a text that ran in a database: equal for equal texts.
    pub fn of(text: &str, database: DatabaseId, object: Option<ObjectId>) -> Self {
        // 2 for a text and 3 for a module, as on the server, then what makes it this one.
        let mut bytes = [0; 44];
        bytes[0] = 2;
        if let Some(object) = object {
            bytes[0] = 3;
            bytes[4..8].copy_from_slice(&database.0.to_le_bytes());
            bytes[8..12].copy_from_slice(&object.0.to_le_bytes());
        }
        bytes[12..32].copy_from_slice(&Sha256::digest(text.as_bytes())[..20]);
        let sql = Arc::from(bytes);
        // A plan belongs to a database.
        bytes[0] += 4;
        bytes[32..36].copy_from_slice(&database.0.to_le_bytes());
        Self {
            sql,
            plan: Arc::from(bytes),
        }
    }
}

/// The statements that ran, for the views.
pub trait Statements {
    /// Those that are kept, in order of their first run.
    fn statements(&self) -> Vec<StatementInfo>;
    /// The first of those with a handle of either kind.
    fn with_handle(&self, handle: &[u8]) -> Option<StatementInfo>;
    /// How many are kept no more.
    fn dropped(&self) -> u64;
}

/// Nothing ran.
#[derive(Debug, Clone, Copy)]
pub struct NoStatements;

impl Statements for NoStatements {
    fn statements(&self) -> Vec<StatementInfo> {
        Vec::new()
    }

    fn with_handle(&self, _: &[u8]) -> Option<StatementInfo> {
        None
    }

    fn dropped(&self) -> u64 {
        0
    }
}

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: "sys",
        name: "dm_exec_query_stats",
        columns: &[
            col("sql_handle", varbinary(64)),
            col("statement_start_offset", T::Int),
            col("statement_end_offset", T::Int),
            col("plan_generation_num", T::BigInt),
            col("plan_handle", varbinary(64)),
            null("creation_time", T::DateTime),
            null("last_execution_time", T::DateTime),
            col("execution_count", T::BigInt),
            col("total_worker_time", T::BigInt),
            col("total_physical_reads", T::BigInt),
            col("total_logical_writes", T::BigInt),
            col("total_logical_reads", T::BigInt),
            col("total_elapsed_time", T::BigInt),
            // A real server does not say who ran a statement, and has no such column: who asks
            // for it must be prepared to hear error 207.
            null("login_name", nvarchar(128)),
        ],
        rows: query_stats,
    },
    SystemView {
        schema: "sys",
        name: "dm_exec_cached_plans",
        columns: &[
            null("bucketid", T::Int),
            col("refcounts", T::Int),
            col("usecounts", T::Int),
            col("size_in_bytes", T::Int),
            null("cacheobjtype", nvarchar(34)),
            col("objtype", nvarchar(16)),
            col("plan_handle", varbinary(64)),
        ],
        rows: cached_plans,
    },
];

pub(super) const SQL_TEXT: SystemFunction = SystemFunction {
    name: "dm_exec_sql_text",
    arguments: 1,
    columns: &[
        null("dbid", T::SmallInt),
        null("objectid", T::Int),
        null("number", T::SmallInt),
        col("encrypted", T::Bit),
        null("text", MAX_TEXT),
    ],
    rows: sql_text,
};

pub(super) const PLAN_ATTRIBUTES: SystemFunction = SystemFunction {
    name: "dm_exec_plan_attributes",
    arguments: 1,
    columns: &[
        col("attribute", T::VarChar(values::Length::Limited(128))),
        null("value", T::Variant),
        col("is_cache_key", T::Bit),
    ],
    rows: plan_attributes,
};

fn statements(context: &ViewContext<'_>) -> Vec<StatementInfo> {
    context.statements.statements()
}

fn allowed(context: &ViewContext<'_>) -> Result<(), Errors> {
    server_state(context, Permission::VIEW_SERVER_PERFORMANCE_STATE)
}

fn query_stats(context: &ViewContext<'_>) -> Rows {
    allowed(context)?;
    let row = |info: &StatementInfo| {
        let (start, end) = offsets(info);
        let login = info.login.and_then(|id| context.instance.login(id));
        vec![
            Value::Binary(Arc::clone(&info.handles.sql)),
            int(start),
            int(end),
            Value::BigInt(1),
            Value::Binary(Arc::clone(&info.handles.plan)),
            datetime(info.created),
            datetime(info.last),
            Value::BigInt(info.count),
            Value::BigInt(0),
            Value::BigInt(0),
            Value::BigInt(0),
            Value::BigInt(0),
            Value::BigInt(0),
            or_null(login, |login| text(&login.name)),
        ]
    };
    Ok(statements(context).iter().map(row).collect())
}

/// One row for each text and database, in order.
fn plans(all: &[StatementInfo]) -> Vec<(&StatementInfo, i64)> {
    let mut known: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut plans: Vec<(&StatementInfo, i64)> = Vec::new();
    for info in all {
        let at = *known.entry(&info.handles.plan[..]).or_insert_with(|| {
            plans.push((info, 0));
            plans.len() - 1
        });
        plans[at].1 = plans[at].1.max(info.count);
    }
    plans
}

fn cached_plans(context: &ViewContext<'_>) -> Rows {
    allowed(context)?;
    let all = statements(context);
    let row = |(info, count): (&StatementInfo, i64)| {
        let kind = match info.object {
            Some(_) => "Proc",
            None if info.text.starts_with('(') => "Prepared",
            None => "Adhoc",
        };
        vec![
            int(0),
            int(1),
            int(i32::try_from(count).unwrap_or(i32::MAX)),
            int(i32::try_from(info.text.len()).unwrap_or(i32::MAX)),
            text("Compiled Plan"),
            text(kind),
            Value::Binary(Arc::clone(&info.handles.plan)),
        ]
    };
    Ok(plans(&all).into_iter().map(row).collect())
}

fn sql_text(context: &ViewContext<'_>, arguments: &[Value]) -> Rows {
    denied_on(context, "dm_exec_sql_text")?;
    let Some(Value::Binary(asked)) = arguments.first() else {
        return Ok(Vec::new());
    };
    let found = context.statements.with_handle(asked);
    let row = |info: &StatementInfo| {
        vec![
            or_null(info.object, |_| small(info.database.0)),
            or_null(info.object, |object| int(object.0)),
            or_null(info.object, |_| Value::SmallInt(1)),
            bit(false),
            Value::Text(Arc::clone(&info.text)),
        ]
    };
    Ok(found.iter().map(row).collect())
}

fn plan_attributes(context: &ViewContext<'_>, arguments: &[Value]) -> Rows {
    denied_on(context, "dm_exec_plan_attributes")?;
    let Some(Value::Binary(asked)) = arguments.first() else {
        return Ok(Vec::new());
    };
    let found = context.statements.with_handle(asked);
    let Some(info) = found.filter(|info| info.handles.plan[..] == asked[..]) else {
        return Ok(Vec::new());
    };
    let whole = |name: &str, number: i32| {
        let value = Value::Variant(Box::new((T::Int, int(number))));
        vec![text(name), value, bit(true)]
    };
    Ok(vec![
        whole("objectid", info.object.map_or(0, |object| object.0)),
        whole("dbid", info.database.0),
        whole("dbid_execute", 0),
        whole("user_id", -2),
    ])
}

/// A function of the server is refused like an object. The number is that of SQL Server 2025;
/// older ones say 297 (the facts: dmv-sql-text-refused).
fn denied_on(context: &ViewContext<'_>, name: &str) -> Result<(), Errors> {
    let permission = Permission::VIEW_SERVER_PERFORMANCE_STATE;
    server_state(context, permission).map_err(|_| {
        SqlError::new(
            371,
            14,
            3,
            format!("{permission} permission was denied on object '{name}'."),
        )
        .into()
    })
}

fn small(number: i32) -> Value {
    Value::SmallInt(i16::try_from(number).unwrap_or(i16::MAX))
}

/// Offsets in bytes of UTF-16, as the real view gives them: the last one points at the last
/// character, and is -1 when the statement reaches to the end of the text.
fn offsets(info: &StatementInfo) -> (i32, i32) {
    let wide = |until: usize| {
        let part = info.text.get(..until).unwrap_or(&info.text);
        i32::try_from(2 * part.encode_utf16().count()).unwrap_or(i32::MAX)
    };
    let rest = info.text.get(info.end..).unwrap_or_default();
    let last = rest.chars().all(|c| c.is_whitespace() || c == ';');
    (wide(info.start), if last { -1 } else { wide(info.end) - 2 })
}

/// The counter of statements that are kept no more, as a row of the performance counters.
pub(super) fn counters(context: &ViewContext<'_>) -> Rows {
    allowed(context)?;
    let dropped = i64::try_from(context.statements.dropped()).unwrap_or(i64::MAX);
    Ok(vec![vec![
        text("WATERTIGHT:Statements"),
        text("Statements Dropped"),
        text(""),
        Value::BigInt(dropped),
    ]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_utf16_and_end_with_minus_one() {
        let of = |text: &str, start, end| {
            offsets(&StatementInfo {
                text: Arc::from(text),
                start,
                end,
                database: DatabaseId(5),
                object: None,
                login: None,
                created: 0,
                last: 0,
                count: 1,
                handles: Handles::of(text, DatabaseId(5), None),
            })
        };
        for (text, start, end, expected) in [
            ("SELECT 1", 0, 8, (0, -1)),
            ("SELECT 1; ", 0, 8, (0, -1)),
            ("SELECT 1; SELECT 2", 0, 8, (0, 14)),
            ("SELECT 'é'; SELECT 2", 13, 21, (24, -1)),
            ("SELECT '😀'; SELECT 2;", 15, 23, (26, -1)),
        ] {
            assert_eq!(of(text, start, end), expected, "{text}");
        }
    }
}
