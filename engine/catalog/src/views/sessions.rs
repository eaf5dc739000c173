//! Dynamic management views over sessions: the own one for everybody, all of them for holders of
//! VIEW SERVER STATE.

use std::sync::Arc;

use values::{SqlError, SqlType as T, Value};

use super::{
    MAX_TEXT, SYSNAME, SessionInfo, SystemView, ViewContext, bit, col, datetime, int, null,
    nvarchar, server_state, text, tiny, varbinary,
};
use crate::errors::Errors;
use crate::permission::Permission;

type Rows = Result<Vec<Vec<Value>>, Errors>;

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: "sys",
        name: "dm_exec_sessions",
        columns: &[
            col("session_id", T::SmallInt),
            col("login_time", T::DateTime),
            null("host_name", nvarchar(128)),
            null("program_name", nvarchar(128)),
            null("host_process_id", T::Int),
            null("client_interface_name", nvarchar(32)),
            col("login_name", nvarchar(128)),
            col("status", nvarchar(30)),
            col("cpu_time", T::Int),
            col("reads", T::BigInt),
            col("writes", T::BigInt),
            col("logical_reads", T::BigInt),
            col("is_user_process", T::Bit),
            col("transaction_isolation_level", T::SmallInt),
            col("original_login_name", nvarchar(128)),
            col("database_id", T::SmallInt),
            col("open_transaction_count", T::Int),
            col("row_count", T::BigInt),
            null("context_info", varbinary(128)),
        ],
        rows: sessions,
    },
    SystemView {
        schema: "sys",
        name: "dm_exec_requests",
        columns: &[
            col("session_id", T::SmallInt),
            col("request_id", T::Int),
            col("start_time", T::DateTime),
            col("status", nvarchar(30)),
            col("command", nvarchar(32)),
            null("sql_handle", varbinary(64)),
            col("database_id", T::SmallInt),
            null("blocking_session_id", T::SmallInt),
            null("wait_type", nvarchar(60)),
            col("wait_time", T::Int),
            col("open_transaction_count", T::Int),
        ],
        rows: requests,
    },
    SystemView {
        schema: "sys",
        name: "sysprocesses",
        columns: &[
            col("spid", T::SmallInt),
            col("blocked", T::SmallInt),
            col("dbid", T::SmallInt),
            col("login_time", T::DateTime),
            col("open_tran", T::SmallInt),
            col("status", T::NChar(30)),
            col("hostname", T::NChar(128)),
            col("program_name", T::NChar(128)),
            col("cmd", T::NChar(26)),
            col("loginame", T::NChar(128)),
        ],
        rows: processes,
    },
    SystemView {
        schema: "sys",
        name: "dm_exec_connections",
        columns: &[
            null("session_id", T::Int),
            col("connect_time", T::DateTime),
            col("net_transport", nvarchar(40)),
            null("protocol_type", nvarchar(40)),
            col("encrypt_option", nvarchar(40)),
            col("auth_scheme", nvarchar(40)),
        ],
        rows: connections,
    },
    // What these show on a real server (other sessions' texts, waits, memory) does not exist here;
    // who may ask does.
    SystemView {
        schema: "sys",
        name: "dm_os_waiting_tasks",
        columns: &[
            null("session_id", T::SmallInt),
            null("wait_type", nvarchar(60)),
            null("wait_duration_ms", T::BigInt),
            null("blocking_session_id", T::SmallInt),
        ],
        rows: waiting_tasks,
    },
    SystemView {
        schema: "sys",
        name: "dm_tran_locks",
        columns: &[
            col("resource_type", nvarchar(60)),
            null("resource_subtype", nvarchar(60)),
            col("resource_database_id", T::Int),
            null("resource_description", nvarchar(256)),
            null("resource_associated_entity_id", T::BigInt),
            col("request_mode", nvarchar(60)),
            col("request_type", nvarchar(60)),
            col("request_status", nvarchar(60)),
            col("request_session_id", T::Int),
            null("request_owner_type", nvarchar(60)),
        ],
        rows: locks,
    },
    SystemView {
        schema: "sys",
        name: "dm_tran_session_transactions",
        columns: &[
            col("session_id", T::Int),
            col("transaction_id", T::BigInt),
            col("is_user_transaction", T::Bit),
            col("is_local", T::Bit),
            col("open_transaction_count", T::Int),
        ],
        rows: session_transactions,
    },
    SystemView {
        schema: "sys",
        name: "dm_os_performance_counters",
        columns: &[
            col("object_name", T::NChar(128)),
            col("counter_name", T::NChar(128)),
            null("instance_name", T::NChar(128)),
            col("cntr_value", T::BigInt),
        ],
        rows: super::statements::counters,
    },
    SystemView {
        schema: "sys",
        name: "messages",
        columns: &[
            col("message_id", T::Int),
            col("language_id", T::SmallInt),
            null("severity", T::TinyInt),
            col("is_event_logged", T::Bit),
            col("text", nvarchar(2048)),
        ],
        rows: messages,
    },
    SystemView {
        schema: "sys",
        name: "dm_exec_input_buffers",
        columns: &[
            col("session_id", T::SmallInt),
            null("event_info", MAX_TEXT),
            col("name", SYSNAME),
        ],
        rows: performance_state,
    },
];

fn visible<'a>(context: &ViewContext<'a>) -> Vec<&'a SessionInfo> {
    let all = server_state(context, Permission::VIEW_SERVER_PERFORMANCE_STATE).is_ok();
    context
        .sessions
        .iter()
        .filter(|session| all || session.id == context.session)
        .collect()
}

fn small(number: i32) -> Value {
    Value::SmallInt(i16::try_from(number).unwrap_or(i16::MAX))
}

fn status(session: &SessionInfo) -> Value {
    text(if session.running {
        "running"
    } else {
        "sleeping"
    })
}

fn sessions(context: &ViewContext<'_>) -> Rows {
    Ok(visible(context)
        .into_iter()
        .map(|session| {
            vec![
                small(session.id.0),
                datetime(session.login_time),
                Value::Text(Arc::clone(&session.host_name)),
                Value::Text(Arc::clone(&session.program_name)),
                Value::Null,
                text("TDS"),
                Value::Text(Arc::clone(&session.login_name)),
                status(session),
                int(0),
                Value::BigInt(0),
                Value::BigInt(0),
                Value::BigInt(0),
                bit(true),
                Value::SmallInt(session.isolation_level),
                Value::Text(Arc::clone(&session.original_login_name)),
                small(session.database.0),
                int(session.open_transactions),
                Value::BigInt(0),
                Value::Null,
            ]
        })
        .collect())
}

fn requests(context: &ViewContext<'_>) -> Rows {
    Ok(visible(context)
        .into_iter()
        .filter(|session| session.running)
        .map(|session| {
            vec![
                small(session.id.0),
                int(0),
                datetime(context.now),
                text(if session.blocked_by.is_some() {
                    "suspended"
                } else {
                    "running"
                }),
                Value::Text(Arc::clone(&session.command)),
                Value::Null,
                small(session.database.0),
                small(session.blocked_by.map_or(0, |by| by.0)),
                if session.blocked_by.is_some() {
                    text("LCK_M_X")
                } else {
                    Value::Null
                },
                int(0),
                int(session.open_transactions),
            ]
        })
        .collect())
}

fn processes(context: &ViewContext<'_>) -> Rows {
    Ok(visible(context)
        .into_iter()
        .map(|session| {
            vec![
                small(session.id.0),
                small(session.blocked_by.map_or(0, |by| by.0)),
                small(session.database.0),
                datetime(session.login_time),
                small(session.open_transactions),
                status(session),
                Value::Text(Arc::clone(&session.host_name)),
                Value::Text(Arc::clone(&session.program_name)),
                Value::Text(Arc::clone(&session.command)),
                Value::Text(Arc::clone(&session.login_name)),
            ]
        })
        .collect())
}

fn connections(context: &ViewContext<'_>) -> Rows {
    let permission = Permission::VIEW_SERVER_SECURITY_STATE;
    if server_state(context, permission).is_err() {
        return Err(SqlError::new(
            371,
            14,
            3,
            format!("{permission} permission was denied on object 'dm_exec_connections'."),
        )
        .into());
    }
    Ok(context
        .sessions
        .iter()
        .map(|session| {
            vec![
                int(session.id.0),
                datetime(session.login_time),
                text("TCP"),
                text("TSQL"),
                text("FALSE"),
                text("SQL"),
            ]
        })
        .collect())
}

/// VIEW SERVER STATE shows all locks; nobody sees his own without it, as on the server.
fn locks(context: &ViewContext<'_>) -> Rows {
    server_state(context, Permission::VIEW_SERVER_PERFORMANCE_STATE)?;
    Ok(context
        .locks
        .iter()
        .map(|lock| {
            vec![
                text(lock.resource_type),
                text(""),
                int(lock.database.0),
                text(&lock.description),
                Value::BigInt(i64::from(lock.object)),
                text(lock.mode),
                text("LOCK"),
                text(if lock.granted { "GRANT" } else { "WAIT" }),
                int(lock.session.0),
                text("TRANSACTION"),
            ]
        })
        .collect())
}

fn waiting_tasks(context: &ViewContext<'_>) -> Rows {
    server_state(context, Permission::VIEW_SERVER_PERFORMANCE_STATE)?;
    Ok(context
        .sessions
        .iter()
        .filter_map(|session| {
            let by = session.blocked_by?;
            Some(vec![
                small(session.id.0),
                text("LCK_M_X"),
                Value::BigInt(0),
                small(by.0),
            ])
        })
        .collect())
}

fn session_transactions(context: &ViewContext<'_>) -> Rows {
    server_state(context, Permission::VIEW_SERVER_PERFORMANCE_STATE)?;
    Ok(context
        .sessions
        .iter()
        .filter(|session| session.open_transactions > 0)
        .map(|session| {
            vec![
                int(session.id.0),
                Value::BigInt(i64::from(session.id.0)),
                bit(true),
                bit(true),
                int(session.open_transactions),
            ]
        })
        .collect())
}

fn performance_state(context: &ViewContext<'_>) -> Rows {
    server_state(context, Permission::VIEW_SERVER_PERFORMANCE_STATE)?;
    Ok(Vec::new())
}

/// The messages that security work meets; the real table has fourteen thousand.
fn messages(_: &ViewContext<'_>) -> Rows {
    let rows: &[(i32, u8, &str)] = &[
        (208, 16, "Invalid object name '%.*ls'."),
        (
            229,
            14,
            "The %ls permission was denied on the object '%.*ls', database '%.*ls', schema '%.*ls'.",
        ),
        (
            230,
            14,
            "The %ls permission was denied on the column '%.*ls' of the object '%.*ls', database '%.*ls', schema '%.*ls'.",
        ),
        (262, 14, "%ls permission denied in database '%.*ls'."),
        (
            916,
            14,
            "The server principal \"%.*ls\" is not able to access the database \"%.*ls\" under the current security context.",
        ),
        (
            2627,
            14,
            "Violation of %ls constraint '%.*ls'. Cannot insert duplicate key in object '%.*ls'. The duplicate key value is %ls.",
        ),
        (
            15151,
            16,
            "Cannot %S_MSG the %S_MSG '%.*ls', because it does not exist or you do not have permission.",
        ),
        (
            15247,
            16,
            "User does not have permission to perform this action.",
        ),
        (18456, 14, "Login failed for user '%.*ls'.%.*ls%.*ls"),
    ];
    Ok(rows
        .iter()
        .map(|(number, severity, message)| {
            vec![
                int(*number),
                Value::SmallInt(1033),
                tiny(*severity),
                bit(false),
                text(message),
            ]
        })
        .collect())
}
