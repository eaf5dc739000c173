//! What do functions about the session say: `@@ROWCOUNT`, `ERROR_NUMBER()`, `SESSION_CONTEXT`,
//! and the metadata functions of the catalog?

use catalog::functions::MetadataFunction;
use catalog::{SessionId, ViewContext};
use values::{ConversionKind, SqlError, SqlType, Value, convert};

use crate::execution::Run;
use crate::messages;
use crate::state::{Execution, ModuleRef};

/// A function of the catalog's; equal by name.
#[derive(Clone, Copy)]
pub(crate) struct Metadata(&'static MetadataFunction);

impl From<&'static MetadataFunction> for Metadata {
    fn from(function: &'static MetadataFunction) -> Self {
        Self(function)
    }
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl std::fmt::Debug for Metadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

/// A function whose value depends on the session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SessionFunction {
    RowCount,
    RowCountBig,
    Error,
    Spid,
    TransactionCount,
    NestLevel,
    Identity,
    ScopeIdentity,
    Version,
    ServerName,
    ServiceName,
    ProcedureId,
    LastRowVersion,
    FetchStatus,
    DateFirst,
    Language,
    MaxPrecision,
    TextSize,
    LockTimeout,
    /// `APPLOCK_TEST` rather than `APPLOCK_MODE`.
    ApplicationLock(bool),
    Options,
    ErrorNumber,
    ErrorSeverity,
    ErrorState,
    ErrorMessage,
    ErrorLine,
    ErrorProcedure,
    TransactionState,
    SessionContext,
    ContextInfo,
    HostName,
    ProgramName,
    TriggerNestLevel,
    BinaryChecksum,
    Metadata(Metadata),
}

impl SessionFunction {
    /// `@@name`.
    pub(crate) fn global(name: &str) -> Option<Self> {
        Some(match name.to_uppercase().as_str() {
            "ROWCOUNT" => Self::RowCount,
            "ERROR" => Self::Error,
            "SPID" => Self::Spid,
            "TRANCOUNT" => Self::TransactionCount,
            "NESTLEVEL" => Self::NestLevel,
            "IDENTITY" => Self::Identity,
            "VERSION" => Self::Version,
            "SERVERNAME" => Self::ServerName,
            "SERVICENAME" => Self::ServiceName,
            "PROCID" => Self::ProcedureId,
            "DBTS" => Self::LastRowVersion,
            "FETCH_STATUS" => Self::FetchStatus,
            "DATEFIRST" => Self::DateFirst,
            "LANGUAGE" => Self::Language,
            "MAX_PRECISION" => Self::MaxPrecision,
            "TEXTSIZE" => Self::TextSize,
            "LOCK_TIMEOUT" => Self::LockTimeout,
            "OPTIONS" => Self::Options,
            _ => return None,
        })
    }

    /// `name(…)`, lower case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "rowcount_big" => Self::RowCountBig,
            "scope_identity" => Self::ScopeIdentity,
            "error_number" => Self::ErrorNumber,
            "error_severity" => Self::ErrorSeverity,
            "error_state" => Self::ErrorState,
            "error_message" => Self::ErrorMessage,
            "error_line" => Self::ErrorLine,
            "error_procedure" => Self::ErrorProcedure,
            "applock_mode" => Self::ApplicationLock(false),
            "applock_test" => Self::ApplicationLock(true),
            "xact_state" => Self::TransactionState,
            "session_context" => Self::SessionContext,
            "context_info" => Self::ContextInfo,
            "host_name" => Self::HostName,
            "app_name" | "program_name" => Self::ProgramName,
            "trigger_nestlevel" => Self::TriggerNestLevel,
            _ => return None,
        })
    }

    pub(crate) fn check_arity(self, arguments: usize) -> Result<(), SqlError> {
        match self {
            Self::SessionContext if arguments != 1 => {
                Err(messages::argument_count("session_context", 1))
            }
            Self::ApplicationLock(test) if arguments != 3 + usize::from(test) => {
                Err(messages::argument_count(
                    if test { "applock_test" } else { "applock_mode" },
                    3 + usize::from(test),
                ))
            }
            Self::ApplicationLock(_) => Ok(()),
            Self::SessionContext | Self::BinaryChecksum | Self::TriggerNestLevel => Ok(()),
            Self::Metadata(Metadata(function)) => {
                if (function.arguments_min..=function.arguments_max).contains(&arguments) {
                    Ok(())
                } else if function.arguments_min == function.arguments_max {
                    Err(messages::argument_count(
                        function.name.to_lowercase(),
                        function.arguments_min,
                    ))
                } else {
                    Err(SqlError::new(
                        189,
                        15,
                        1,
                        format!(
                            "The {} function requires {} to {} arguments.",
                            function.name.to_lowercase(),
                            function.arguments_min,
                            function.arguments_max
                        ),
                    ))
                }
            }
            _ if arguments > 0 => Err(messages::argument_count(format!("{self:?}"), 0)),
            _ => Ok(()),
        }
    }

    pub(crate) fn data_type(self) -> SqlType {
        match self {
            Self::RowCount
            | Self::Error
            | Self::TransactionCount
            | Self::NestLevel
            | Self::ProcedureId
            | Self::FetchStatus
            | Self::TextSize
            | Self::LockTimeout
            | Self::Options
            | Self::ErrorNumber
            | Self::ErrorSeverity
            | Self::ErrorState
            | Self::ErrorLine
            | Self::BinaryChecksum
            | Self::TriggerNestLevel => SqlType::Int,
            Self::ApplicationLock(true) => SqlType::SmallInt,
            Self::ApplicationLock(false) => SqlType::nvarchar(32),
            Self::RowCountBig => SqlType::BigInt,
            Self::Spid | Self::TransactionState => SqlType::SmallInt,
            Self::DateFirst | Self::MaxPrecision => SqlType::TinyInt,
            Self::Identity | Self::ScopeIdentity => SqlType::decimal(38, 0),
            Self::Version => SqlType::nvarchar(300),
            Self::ErrorMessage => SqlType::nvarchar(4000),
            Self::LastRowVersion => SqlType::varbinary(8),
            Self::ContextInfo => SqlType::varbinary(128),
            Self::SessionContext => SqlType::Variant,
            Self::Metadata(Metadata(function)) => function.returns,
            Self::ServerName
            | Self::ServiceName
            | Self::Language
            | Self::ErrorProcedure
            | Self::HostName
            | Self::ProgramName => SqlType::SYSNAME,
        }
    }

    pub(crate) fn evaluate(
        self,
        run: &mut Run<'_, '_>,
        arguments: &[(Value, SqlType)],
    ) -> Result<Value, SqlError> {
        let session = &*run.ex.session;
        let caught = session.caught.as_ref();
        Ok(match self {
            Self::RowCount => Value::Int(i32::try_from(session.row_count).unwrap_or(i32::MAX)),
            Self::RowCountBig => Value::BigInt(session.row_count),
            Self::Error => Value::Int(session.last_error),
            Self::Spid => Value::SmallInt(i16::try_from(session.id).unwrap_or(i16::MAX)),
            Self::TransactionCount => Value::Int(session.transaction_count as i32),
            Self::NestLevel => Value::Int(session.nest_level as i32),
            Self::Identity => identity(session.last_identity.as_ref()),
            Self::ScopeIdentity => identity(session.scope_identity.as_ref()),
            Self::Version => Value::text(VERSION),
            Self::ServerName => Value::text(run.ex.instance.name.clone()),
            Self::ServiceName => Value::text("MSSQLSERVER"),
            Self::ProcedureId => Value::Int(session.module.map_or(0, |module| module.object.0)),
            Self::LastRowVersion => {
                let last = run
                    .ex
                    .instance
                    .database(session.database)
                    .map_or(0, |database| database.last_rowversion());
                Value::binary(last.to_be_bytes().to_vec())
            }
            Self::FetchStatus => Value::Int(0),
            Self::DateFirst => Value::TinyInt(session.options.date_first),
            Self::Language => Value::text("us_english"),
            Self::MaxPrecision => Value::TinyInt(38),
            Self::TextSize => Value::Int(-1),
            Self::LockTimeout => Value::Int(session.options.lock_timeout_ms),
            Self::ApplicationLock(test) => {
                let words: Option<Vec<String>> = arguments
                    .iter()
                    .map(|(value, _)| match value {
                        Value::Text(text) => Some(text.to_string()),
                        _ => None,
                    })
                    .collect();
                match words {
                    Some(words) => run.ex.runtime.application_lock(run.ex, &words, test)?,
                    None => Value::Null,
                }
            }
            Self::Options => Value::Int(5432),
            Self::ErrorNumber => caught.map_or(Value::Null, |e| Value::Int(e.number)),
            Self::ErrorSeverity => {
                caught.map_or(Value::Null, |e| Value::Int(i32::from(e.severity)))
            }
            Self::ErrorState => caught.map_or(Value::Null, |e| Value::Int(i32::from(e.state))),
            Self::ErrorMessage => caught.map_or(Value::Null, |e| Value::text(e.message.as_str())),
            Self::ErrorLine => caught.map_or(Value::Null, |e| Value::Int(e.line as i32)),
            Self::ErrorProcedure => match caught.and_then(|e| e.procedure.clone()) {
                Some(procedure) => Value::text(procedure),
                None => Value::Null,
            },
            Self::TransactionState => Value::SmallInt(if session.transaction_doomed {
                -1
            } else {
                i16::from(session.transaction_count > 0)
            }),
            Self::SessionContext => {
                let (key, data_type) = &arguments[0];
                let named = matches!(data_type, SqlType::NChar(_) | SqlType::NVarChar(_));
                if !named || key.is_null() {
                    let shown = match data_type {
                        SqlType::UntypedNull => "NULL",
                        other => other.base_name(),
                    };
                    return Err(SqlError::new(
                        8116,
                        16,
                        1,
                        format!(
                            "Argument data type {shown} is invalid for argument 1 of session_context function."
                        ),
                    ));
                }
                session_context(session, key)
            }
            Self::ContextInfo => {
                if session.context_info.is_empty() {
                    Value::Null
                } else {
                    let mut bytes = session.context_info.clone();
                    bytes.resize(128, 0);
                    Value::binary(bytes)
                }
            }
            Self::HostName => Value::text(session.host_name.as_str()),
            Self::ProgramName => Value::text(session.program_name.as_str()),
            Self::TriggerNestLevel => {
                let running = run.ex.runtime.running_triggers();
                trigger_nest_level(&running, arguments)
            }
            Self::BinaryChecksum => Value::Int(catalog::columns_checksum(
                arguments.iter().map(|(value, _)| value),
            )),
            Self::Metadata(Metadata(function)) => {
                let now = run.now();
                let values: Vec<Value> = arguments.iter().map(|(value, _)| value.clone()).collect();
                with_view_context(run.ex, run.ex.session.database, now, |context| {
                    (function.evaluate)(context, &values)
                })?
            }
        })
    }
}

const VERSION: &str = "Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (X64) \n\tWatertight embedded server, not a Microsoft product";

/// How many triggers run: all of them, or those that the object number and the kind name. 0 and
/// NULL leave the number open, as the documentation's examples do.
fn trigger_nest_level(
    running: &[(catalog::ObjectId, bool)],
    arguments: &[(Value, SqlType)],
) -> Value {
    let object = match arguments.first() {
        Some((Value::Int(id), _)) if *id != 0 => Some(*id),
        _ => None,
    };
    let instead_of = match arguments.get(1) {
        Some((Value::Text(kind), _)) => Some(kind.eq_ignore_ascii_case("IOT")),
        _ => None,
    };
    let count = running
        .iter()
        .filter(|(id, kind)| {
            object.is_none_or(|object| object == id.0)
                && instead_of.is_none_or(|instead_of| instead_of == *kind)
        })
        .count();
    Value::Int(i32::try_from(count).unwrap_or(i32::MAX))
}

fn identity(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => Value::Null,
        Some(Value::Decimal { unscaled, scale: 0 }) => Value::Decimal {
            unscaled: *unscaled,
            scale: 0,
        },
        Some(other) => {
            let from = SqlType::BigInt;
            convert(
                other,
                &from,
                &SqlType::decimal(38, 0),
                None,
                ConversionKind::Explicit,
            )
            .unwrap_or(Value::Null)
        }
    }
}

/// Whether two keys of a session context are one: without regard to trailing spaces, and to case
/// but for the last character. So a published capture of SQL Server 2025 has it: `email` finds
/// `Email`, and does not find `EMAIL`.
pub fn same_session_key(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches(' '), b.trim_end_matches(' '));
    let split = |text: &str| text.char_indices().next_back();
    match (split(a), split(b)) {
        (Some((i, x)), Some((j, y))) => x == y && catalog::same_name(&a[..i], &b[..j]),
        (None, None) => true,
        _ => false,
    }
}

fn session_context(session: &crate::SessionState, key: &Value) -> Value {
    let Value::Text(key) = key else {
        return Value::Null;
    };
    let found = session
        .session_context
        .iter()
        .find(|(known, _)| same_session_key(known, key))
        .map(|(_, kept)| kept);
    match found {
        Some((value, data_type, _)) if !value.is_null() => match value {
            Value::Variant(_) => value.clone(),
            _ => Value::Variant(Box::new((*data_type, value.clone()))),
        },
        _ => Value::Null,
    }
}

/// Calls `f` with what the catalog's views and functions want to know about the caller.
pub(crate) fn with_view_context<T, E: From<SqlError>>(
    ex: &Execution<'_>,
    database: catalog::DatabaseId,
    now: i64,
    f: impl FnOnce(&ViewContext<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let token = ex.session.security.enter(ex.instance, database)?;
    let sessions = ex.runtime.sessions();
    let locks = ex.runtime.locks(ex.instance);
    f(&ViewContext {
        instance: ex.instance,
        context: &ex.session.security,
        token: &token,
        current: ex.session.database,
        session: SessionId(i32::from(ex.session.id)),
        sessions: &sessions,
        locks: &locks,
        statements: ex.runtime.statements(),
        now,
    })
}

/// NEXT VALUE FOR. The number is not given back by a rollback.
/// NEXT VALUE FOR: every mention of a sequence in one row is the same value.
pub(crate) fn next_value(run: &mut Run<'_, '_>, sequence: ModuleRef) -> Result<Value, SqlError> {
    if let Some(value) = run.drawn.get(&(sequence.database, sequence.object)) {
        return Ok(value.clone());
    }
    let value = draw(run, sequence)?;
    run.drawn
        .insert((sequence.database, sequence.object), value.clone());
    Ok(value)
}

/// The next value of a sequence.
pub(crate) fn draw(run: &mut Run<'_, '_>, sequence: ModuleRef) -> Result<Value, SqlError> {
    let value = run
        .ex
        .instance
        .take_sequence_value(sequence.database, sequence.object)
        .ok_or_else(|| messages::invalid_object(sequence.object))??;
    let data_type = run
        .ex
        .instance
        .database(sequence.database)
        .and_then(|database| database.object(sequence.object))
        .and_then(|object| object.as_sequence().map(|it| it.data_type))
        .unwrap_or(SqlType::BigInt);
    let wide = Value::Decimal {
        unscaled: value,
        scale: 0,
    };
    convert(
        &wide,
        &SqlType::decimal(38, 0),
        &data_type,
        None,
        ConversionKind::Explicit,
    )
}
