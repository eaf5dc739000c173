//! How does the answer to one request become packets? Events in, bytes out.
//!
//! The events arrive while the instance is locked, so nothing here waits: full packets go into
//! a channel that the connection's task empties. How much may lie there is bounded; a client
//! that does not read has its request ended rather than the server's memory filled.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use query::ResultColumn;
use tds::{PacketEncoder, PacketType, TokenWriter};
use tokio::sync::mpsc::UnboundedSender;
use values::{SqlError, SqlType, Value};

use super::wire_types::{to_wire_type, to_wire_value};
use crate::limits::{internal_error, limit_reached};
use crate::{Command, Done, DoneKind, EnvironmentChange, OutputParameter, ResponseSink};

/// Packets are handed over in pieces of at most about this size.
const PIECE_BYTES_MAX: usize = 64 * 1024;

/// What every answer on a connection has in common.
#[derive(Debug, Clone)]
pub(super) struct AnswerContext {
    /// `@@SERVERNAME`, which every message carries.
    pub(super) server_name: Arc<str>,
    /// `@@SPID`.
    pub(super) session_id: u16,
    /// The negotiated packet size.
    pub(super) packet_size: usize,
    /// Bytes that may wait for a client to read them.
    pub(super) unsent_bytes_max: usize,
    /// Bytes that wait now.
    pub(super) unsent: Arc<AtomicUsize>,
}

/// The answer to one request.
pub(super) struct Answer<'a> {
    context: AnswerContext,
    /// Ends the request at its next statement.
    cancel: &'a (dyn Fn() + Send + Sync),
    sender: UnboundedSender<Vec<u8>>,
    tokens: TokenWriter,
    packets: PacketEncoder,
    /// Size of the next piece: a client sees its first rows after one packet, as it does with
    /// the server, and a long result goes in few pieces.
    piece_bytes: usize,
    columns: Vec<tds::Column>,
    types: Vec<SqlType>,
    values: Vec<tds::Value>,
    /// A row could not be sent; the rest of its result is left out and the result marked failed.
    broken: bool,
    /// The last token was a final DONE.
    ended: bool,
    /// Another call of the same request follows, so that no DONE is final.
    more_expected: bool,
}

impl<'a> Answer<'a> {
    pub(super) fn new(
        context: AnswerContext,
        sender: UnboundedSender<Vec<u8>>,
        cancel: &'a (dyn Fn() + Send + Sync),
    ) -> Self {
        let packets = PacketEncoder::new(
            PacketType::TabularResult,
            context.packet_size,
            context.session_id,
        );
        Self {
            piece_bytes: context.packet_size,
            context,
            cancel,
            sender,
            tokens: TokenWriter::new(),
            packets,
            columns: Vec::new(),
            types: Vec::new(),
            values: Vec::new(),
            broken: false,
            ended: false,
            more_expected: false,
        }
    }

    /// Says whether another call of the same request follows.
    pub(super) fn expect_more(&mut self, more: bool) {
        self.more_expected = more;
    }

    /// Tokens that no event stands for: those of a login.
    pub(super) fn tokens(&mut self) -> &mut TokenWriter {
        &mut self.tokens
    }

    /// The whole answer is an error.
    pub(super) fn fail(&mut self, error: &SqlError) {
        self.message(error);
        self.done(Done {
            kind: DoneKind::Statement,
            count: None,
            more: false,
            error: true,
            in_transaction: false,
            command: Command::Other,
        });
    }

    /// Ends the message. An answer always ends with a final DONE, even where the request had
    /// no statement at all.
    pub(super) fn finish(mut self) {
        if !self.ended {
            self.done(Done {
                kind: DoneKind::Statement,
                count: None,
                more: false,
                error: false,
                in_transaction: false,
                command: Command::Other,
            });
        }
        self.packets.push(&self.tokens.take());
        let rest = self.packets.finish();
        self.context.unsent.fetch_add(rest.len(), Ordering::Relaxed);
        // The receiver is gone only when the client is.
        let _ = self.sender.send(rest);
    }

    fn after_token(&mut self) {
        if self.tokens.len() < self.piece_bytes {
            return;
        }
        self.piece_bytes = (self.piece_bytes * 2).min(PIECE_BYTES_MAX);
        self.packets.push(&self.tokens.take());
        let ready = self.packets.take_ready();
        let unsent = self
            .context
            .unsent
            .fetch_add(ready.len(), Ordering::Relaxed)
            + ready.len();
        let _ = self.sender.send(ready);
        if unsent > self.context.unsent_bytes_max && !self.broken {
            self.break_result(&limit_reached(
                "unread bytes of a result",
                self.context.unsent_bytes_max,
            ));
        }
    }

    fn break_result(&mut self, error: &SqlError) {
        self.broken = true;
        self.tokens
            .error(&wire_message(error, &self.context.server_name));
        (self.cancel)();
    }
}

impl ResponseSink for Answer<'_> {
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.ended = false;
        self.types = columns.iter().map(|column| column.data_type).collect();
        self.columns = columns.iter().map(wire_column).collect();
        if let Err(error) = self.tokens.columns(&self.columns) {
            self.break_result(&internal_error(&format!(
                "the result cannot be described: {error}"
            )));
        }
        self.after_token();
    }

    fn row(&mut self, row: &[Value]) {
        if self.broken {
            return;
        }
        self.values.clear();
        for (value, sql_type) in row.iter().zip(&self.types) {
            match to_wire_value(value, *sql_type, COLLATION) {
                Some(value) => self.values.push(value),
                None => break,
            }
        }
        let written = if self.values.len() == row.len() {
            self.tokens.row(&self.columns, &self.values)
        } else {
            let column = self.values.len();
            Err(tds::EncodeError::Mismatch {
                name: self
                    .columns
                    .get(column)
                    .map_or("nothing", |column| column.type_info.name()),
                value: "another type's",
            })
        };
        if let Err(error) = written {
            let names: Vec<&str> = self
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .collect();
            let what = format!("a row of ({}) cannot be sent: {error}", names.join(", "));
            self.break_result(&internal_error(&what));
        }
        self.after_token();
    }

    fn message(&mut self, message: &SqlError) {
        self.ended = false;
        let wire = wire_message(message, &self.context.server_name);
        if message.severity > INFORMATION_MAX {
            self.tokens.error(&wire);
        } else {
            self.tokens.info(&wire);
        }
        self.after_token();
    }

    fn done(&mut self, done: Done) {
        let broken = std::mem::take(&mut self.broken);
        let more = done.more || self.more_expected;
        self.tokens.done(
            match done.kind {
                DoneKind::Statement => tds::DoneKind::Done,
                DoneKind::InProcedure => tds::DoneKind::DoneInProc,
                DoneKind::Procedure => tds::DoneKind::DoneProc,
            },
            tds::Done {
                more,
                error: done.error || broken,
                in_transaction: done.in_transaction,
                rows: done.count,
                attention: false,
                server_error: false,
                current_command: done.command.number(),
            },
        );
        self.ended = !more;
        self.after_token();
    }

    fn return_status(&mut self, status: i32) {
        self.ended = false;
        self.tokens.return_status(status);
        self.after_token();
    }

    fn output_parameter(&mut self, parameter: &OutputParameter) {
        self.ended = false;
        let type_info = to_wire_type(parameter.data_type, COLLATION);
        let written = to_wire_value(&parameter.value, parameter.data_type, COLLATION)
            .ok_or(tds::EncodeError::Mismatch {
                name: type_info.name(),
                value: "another type's",
            })
            .and_then(|value| {
                self.tokens.return_value(&tds::ReturnValue {
                    ordinal: parameter.ordinal,
                    name: parameter.name.clone(),
                    type_info,
                    value,
                })
            });
        if let Err(error) = written {
            let what = format!("the parameter {} cannot be sent: {error}", parameter.name);
            self.break_result(&internal_error(&what));
        }
        self.after_token();
    }

    fn environment_change(&mut self, change: &EnvironmentChange) {
        self.ended = false;
        self.tokens.env_change(&match change.clone() {
            EnvironmentChange::Database { new, old } => tds::EnvChange::Database { new, old },
            EnvironmentChange::Language { new, old } => tds::EnvChange::Language { new, old },
            EnvironmentChange::Begin(id) => tds::EnvChange::BeginTransaction(id),
            EnvironmentChange::Commit(id) => tds::EnvChange::CommitTransaction(id),
            EnvironmentChange::Rollback(id) => tds::EnvChange::RollbackTransaction(id),
            EnvironmentChange::Reset => tds::EnvChange::ResetAcknowledged,
        });
        self.after_token();
    }
}

/// The collation that character columns announce. The engine stores text, and every collation
/// that it knows has the same code page, so one answer is right for all of them.
pub(super) const COLLATION: tds::Collation = tds::Collation::SQL_LATIN1_GENERAL_CP1_CI_AS;

/// Messages up to this severity are information.
const INFORMATION_MAX: u8 = 10;

fn wire_column(column: &ResultColumn) -> tds::Column {
    tds::Column {
        name: column.name.clone(),
        type_info: to_wire_type(column.data_type, COLLATION),
        flags: tds::ColumnFlags {
            nullable: column.nullable,
            ..tds::ColumnFlags::default()
        },
        user_type: if column.data_type == SqlType::RowVersion {
            tds::Column::ROWVERSION
        } else {
            0
        },
    }
}

pub(super) fn wire_message(message: &SqlError, server_name: &str) -> tds::ServerMessage {
    tds::ServerMessage {
        number: message.number,
        state: message.state,
        // SQL Server sends 10 as 0, for clients of its early versions.
        severity: if message.severity == INFORMATION_MAX {
            0
        } else {
            message.severity
        },
        text: message.message.clone(),
        server: server_name.to_owned(),
        procedure: message.procedure.as_deref().unwrap_or_default().to_owned(),
        line: message.line,
    }
}
