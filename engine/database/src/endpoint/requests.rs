//! Which call of the session is a request, and what is an unreadable one answered?

use query::ResultColumn;
use tds::{Begin, DecodeError, Isolation, Procedure, Request, Reset, RpcCall};
use values::{SqlError, Value};

use super::answer::Answer;
use super::wire_types::{from_wire_type, from_wire_value};
use crate::{
    Done, EnvironmentChange, OutputParameter, ResetTransaction, ResponseSink, RpcParameter,
    RpcProcedure, RpcRequest, Session, TransactionRequest,
};

/// Longer texts may hold more than anybody wants to wait for.
const BRIEF_BYTES_MAX: usize = 16 * 1024;
/// Words without which a text runs each of its statements at most once, and waits for no clock.
const LONG_WORDS: [&str; 3] = ["while", "goto", "waitfor"];

/// Whether a request is likely to be over before anybody misses the thread that it runs on. It is
/// no promise: a module that it calls may loop, up to the limits of every request.
pub(super) fn is_brief(request: &Request) -> bool {
    match request {
        Request::Batch { text, .. } => is_brief_text(text),
        Request::Rpc(request) => {
            let parameters = request.calls.iter().flat_map(|call| &call.parameters);
            request.calls.len() == 1
                && parameters
                    .into_iter()
                    .all(|parameter| match &parameter.value {
                        tds::Value::Text(text) => is_brief_text(text),
                        _ => true,
                    })
        }
        Request::Transaction { .. } => true,
        Request::Attention => false,
    }
}

fn is_brief_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let holds = |word: &str| {
        let parts = bytes.windows(word.len());
        parts
            .into_iter()
            .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    text.len() <= BRIEF_BYTES_MAX && !LONG_WORDS.into_iter().any(holds)
}

/// Carries a request out and tells everything to the answer, except its end.
pub(super) fn carry_out(
    session: &mut Session,
    request: Request,
    reset: Reset,
    answer: &mut Answer<'_>,
) {
    let transaction = match reset {
        Reset::None => None,
        Reset::Connection => Some(ResetTransaction::RollBack),
        Reset::ConnectionKeepTransaction => Some(ResetTransaction::Keep),
    };
    if let Some(transaction) = transaction
        && let Err(error) = session.reset(transaction, answer)
    {
        answer.fail(&error);
        return;
    }
    match request {
        Request::Batch { text, .. } => session.execute_batch(&text, answer),
        Request::Rpc(request) => {
            let last = request.calls.len().saturating_sub(1);
            for (index, call) in request.calls.into_iter().enumerate() {
                answer.expect_more(index < last);
                carry_out_call(session, call, answer);
                if session.is_dead() {
                    break;
                }
            }
            answer.expect_more(false);
        }
        Request::Transaction { request, .. } => carry_out_transaction(session, request, answer),
        // Attention is answered by the connection; it never gets here.
        Request::Attention => {}
    }
}

fn carry_out_call(session: &mut Session, call: RpcCall, answer: &mut Answer<'_>) {
    if call.no_execute {
        answer.fail(&SqlError::unsupported(
            "procedure calls that are not to be carried out",
        ));
        return;
    }
    let procedure = match call.procedure {
        Procedure::Named(name) => RpcProcedure::Name(name),
        Procedure::Numbered(id) => match (id.0, id.name()) {
            // The session knows these by number.
            (10..=13 | 15, _) | (_, None) => RpcProcedure::Number(id.0),
            (_, Some(name)) => {
                answer.fail(&SqlError::unsupported(name));
                return;
            }
        },
    };
    let parameters = call
        .parameters
        .into_iter()
        .map(|parameter| RpcParameter {
            name: parameter.name,
            output: parameter.by_reference,
            default: parameter.default,
            data_type: from_wire_type(parameter.type_info),
            value: from_wire_value(parameter.value, parameter.type_info),
        })
        .collect();
    session.execute_rpc(
        &RpcRequest {
            procedure,
            parameters,
        },
        answer,
    );
}

fn carry_out_transaction(
    session: &mut Session,
    request: tds::TransactionRequest,
    answer: &mut Answer<'_>,
) {
    let request = match request {
        tds::TransactionRequest::Begin(Begin { isolation, name }) => {
            if let Err(error) = set_isolation(session, isolation) {
                answer.fail(&error);
                return;
            }
            TransactionRequest::Begin { name }
        }
        // The name of a committed transaction says nothing, as in T-SQL.
        tds::TransactionRequest::Commit { name: _, begin } => TransactionRequest::Commit {
            begin: begin.is_some(),
        },
        tds::TransactionRequest::Rollback { name, begin } => TransactionRequest::Rollback {
            name,
            begin: begin.is_some(),
        },
        tds::TransactionRequest::Save { name } => TransactionRequest::Save { name },
    };
    session.transaction_request(&request, answer);
}

/// The level that a driver wants its transaction to have, set as its user would.
fn set_isolation(session: &mut Session, isolation: Isolation) -> Result<(), SqlError> {
    let level = match isolation {
        Isolation::Unchanged => return Ok(()),
        Isolation::ReadUncommitted => "READ UNCOMMITTED",
        Isolation::ReadCommitted => "READ COMMITTED",
        Isolation::RepeatableRead => "REPEATABLE READ",
        Isolation::Serializable => "SERIALIZABLE",
        Isolation::Snapshot => "SNAPSHOT",
    };
    let mut failure = FirstError::default();
    session.execute_batch(
        &format!("SET TRANSACTION ISOLATION LEVEL {level}"),
        &mut failure,
    );
    failure.0.map_or(Ok(()), Err)
}

/// Hears nothing but an error.
#[derive(Default)]
struct FirstError(Option<SqlError>);

impl ResponseSink for FirstError {
    fn columns(&mut self, _: &[ResultColumn]) {}

    fn row(&mut self, _: &[Value]) {}

    fn message(&mut self, message: &SqlError) {
        if message.severity > 10 {
            self.0.get_or_insert_with(|| message.clone());
        }
    }

    fn done(&mut self, _: Done) {}

    fn return_status(&mut self, _: i32) {}

    fn output_parameter(&mut self, _: &OutputParameter) {}

    fn environment_change(&mut self, _: &EnvironmentChange) {}
}

/// What becomes of a connection on which an unreadable request arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    /// Its next request may be fine.
    GoesOn,
    /// Nothing that follows can be trusted.
    Closes,
}

/// The answer to a request that could not be read.
pub(super) fn unreadable(error: &DecodeError) -> (SqlError, Connection) {
    match error {
        DecodeError::Parameter {
            ordinal,
            name,
            cause,
        } => (
            unreadable_parameter(*ordinal, name, cause)
                .unwrap_or_else(|| SqlError::unsupported(error)),
            Connection::GoesOn,
        ),
        DecodeError::UnsupportedMessage { .. }
        | DecodeError::UnsupportedCodePage { .. }
        | DecodeError::InvalidUtf16 { .. } => (SqlError::unsupported(error), Connection::GoesOn),
        _ => {
            let text = format!(
                "The incoming tabular data stream (TDS) protocol stream is incorrect. The stream \
                 ended unexpectedly: {error}."
            );
            (SqlError::new(4002, 20, 1, text), Connection::Closes)
        }
    }
}

/// SQL Server's own message, where it has one; `None` for what only this server cannot read.
fn unreadable_parameter(ordinal: usize, name: &str, cause: &DecodeError) -> Option<SqlError> {
    let (number, what) = match cause {
        DecodeError::UnknownType { token } => {
            (8009, format!("Data type 0x{token:02X} is unknown."))
        }
        DecodeError::InvalidLength { token, .. } => (
            8016,
            format!("Data type 0x{token:02X} has an invalid data length or metadata length."),
        ),
        DecodeError::InvalidPrecision { token } => (
            8017,
            format!("Data type 0x{token:02X} has an invalid precision or scale."),
        ),
        DecodeError::InvalidValue { name } => (
            8023,
            format!(
                "The supplied value is not a valid instance of data type {name}. Check the source \
                 data for invalid values. An example of an invalid value is data of numeric type \
                 with scale greater than precision."
            ),
        ),
        _ => return None,
    };
    Some(SqlError::new(
        number,
        16,
        1,
        format!(
            "The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is \
             incorrect. Parameter {ordinal} (\"{name}\"): {what}"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_request_is_answered_with_the_servers_number() {
        fn check(error: DecodeError, number: i32, connection: Connection) {
            let (answer, found) = unreadable(&error);
            assert_eq!((answer.number, found), (number, connection), "{error}");
        }
        let parameter = |cause| DecodeError::Parameter {
            ordinal: 1,
            name: "@a".to_owned(),
            cause: Box::new(cause),
        };
        let unsupported = values::UNSUPPORTED;
        let goes_on = Connection::GoesOn;
        check(
            parameter(DecodeError::UnknownType { token: 1 }),
            8009,
            goes_on,
        );
        check(
            parameter(DecodeError::InvalidLength {
                token: 0x26,
                length: 3,
            }),
            8016,
            goes_on,
        );
        check(
            parameter(DecodeError::InvalidPrecision { token: 0x6A }),
            8017,
            goes_on,
        );
        check(
            parameter(DecodeError::InvalidValue { name: "float" }),
            8023,
            goes_on,
        );
        let table = DecodeError::UnsupportedType {
            token: 0xF3,
            name: "a table type",
        };
        check(parameter(table), unsupported, goes_on);
        check(
            DecodeError::UnsupportedMessage { name: "bulk load" },
            unsupported,
            goes_on,
        );
        check(
            DecodeError::InvalidUtf16 {
                field: "batch text",
            },
            unsupported,
            goes_on,
        );
        check(
            DecodeError::Truncated {
                part: "request headers",
            },
            4002,
            Connection::Closes,
        );
    }

    #[test]
    fn what_may_loop_or_sleep_or_is_long_is_not_brief() {
        let long = format!("SELECT '{}'", "x".repeat(BRIEF_BYTES_MAX));
        for (text, brief) in [
            ("SELECT 1;", true),
            ("UPDATE t SET n = n + 1; COMMIT;", true),
            ("WhIlE 1 = 1 SELECT 1;", false),
            ("here: goto here", false),
            ("WAITFOR DELAY '00:00:05'", false),
            (long.as_str(), false),
        ] {
            let request = Request::Batch {
                headers: tds::RequestHeaders::default(),
                text: text.to_owned(),
            };
            assert_eq!(is_brief(&request), brief, "{text}");
        }
    }
}
