//! What does the server answer? The token stream.
//!
//! [`TokenWriter`] appends tokens to a buffer; the caller takes the bytes whenever it likes and
//! hands them to a [`PacketEncoder`](crate::PacketEncoder). A token is written whole or not at
//! all: a value that cannot be written leaves no half row behind.

use crate::{Collation, EncodeError, TdsVersion, TypeInfo, Value, Version};

mod token {
    pub(super) const RETURN_STATUS: u8 = 0x79;
    pub(super) const COLUMN_METADATA: u8 = 0x81;
    pub(super) const ORDER: u8 = 0xA9;
    pub(super) const ERROR: u8 = 0xAA;
    pub(super) const INFO: u8 = 0xAB;
    pub(super) const RETURN_VALUE: u8 = 0xAC;
    pub(super) const LOGIN_ACK: u8 = 0xAD;
    pub(super) const FEATURE_EXT_ACK: u8 = 0xAE;
    pub(super) const ROW: u8 = 0xD1;
    pub(super) const NULL_BITMAP_ROW: u8 = 0xD2;
    pub(super) const ENV_CHANGE: u8 = 0xE3;
    pub(super) const DONE: u8 = 0xFD;
    pub(super) const DONE_PROC: u8 = 0xFE;
    pub(super) const DONE_IN_PROC: u8 = 0xFF;
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name; may be empty.
    pub name: String,
    /// Its type.
    pub type_info: TypeInfo,
    /// Its properties.
    pub flags: ColumnFlags,
    /// The server's own number of the type; 0 for all built-in types but rowversion.
    pub user_type: u32,
}

impl Column {
    /// The number of the type `timestamp` (rowversion), which travels as binary(8).
    pub const ROWVERSION: u32 = 80;
}

/// Properties of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ColumnFlags {
    /// NULL is allowed.
    pub nullable: bool,
    /// Compared with regard to case.
    pub case_sensitive: bool,
    /// May be written to; an expression may not.
    pub updatable: bool,
    /// IDENTITY.
    pub identity: bool,
    /// Computed.
    pub computed: bool,
    /// Present because of FOR BROWSE, or a hidden temporal column.
    pub hidden: bool,
    /// Part of the key; FOR BROWSE.
    pub key: bool,
    /// Nothing is known about NULL.
    pub nullable_unknown: bool,
}

impl ColumnFlags {
    fn to_bits(self) -> u16 {
        [
            (self.nullable, 0),
            (self.case_sensitive, 1),
            (self.updatable, 2),
            (self.identity, 4),
            (self.computed, 5),
            (self.hidden, 13),
            (self.key, 14),
            (self.nullable_unknown, 15),
        ]
        .iter()
        .fold(0, |bits, (set, bit)| bits | (u16::from(*set) << bit))
    }
}

/// Which of the three tokens that end something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoneKind {
    /// A statement of a batch.
    Done,
    /// A procedure.
    DoneProc,
    /// A statement inside of a procedure.
    DoneInProc,
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Another result follows.
    pub more: bool,
    /// It failed.
    pub error: bool,
    /// A transaction is open.
    pub in_transaction: bool,
    /// The number of rows, where the statement counts them.
    pub rows: Option<u64>,
    /// An attention has been answered.
    pub attention: bool,
    /// It failed so badly that its rows are to be thrown away.
    pub server_error: bool,
    /// What kind of statement it was; see [`current_command`].
    pub current_command: u16,
}

/// Values of [`Done::current_command`] that clients look at.
pub mod current_command {
    /// None.
    pub const NONE: u16 = 0x00;
    /// SELECT.
    pub const SELECT: u16 = 0xC1;
    /// INSERT.
    pub const INSERT: u16 = 0xC3;
    /// DELETE.
    pub const DELETE: u16 = 0xC4;
    /// UPDATE.
    pub const UPDATE: u16 = 0xC5;
    /// EXECUTE.
    pub const EXECUTE: u16 = 0xE0;
    /// MERGE.
    pub const MERGE: u16 = 0x117;
}

/// An error or an informational message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerMessage {
    /// Its number.
    pub number: i32,
    /// Its state.
    pub state: u8,
    /// Its severity: up to 10 it is information, above an error.
    pub severity: u8,
    /// Its text.
    pub text: String,
    /// The server's name.
    pub server: String,
    /// The procedure in which it arose; empty outside.
    pub procedure: String,
    /// The line, from 1.
    pub line: u32,
}

/// A change of the session's environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvChange {
    /// The current database.
    Database {
        /// New.
        new: String,
        /// Old.
        old: String,
    },
    /// The language.
    Language {
        /// New.
        new: String,
        /// Old.
        old: String,
    },
    /// The packet size.
    PacketSize {
        /// New.
        new: usize,
        /// Old.
        old: usize,
    },
    /// The collation of the current database.
    Collation {
        /// New.
        new: Collation,
        /// Old; none at login.
        old: Option<Collation>,
    },
    /// A transaction has begun.
    BeginTransaction(u64),
    /// The transaction has been committed.
    CommitTransaction(u64),
    /// The transaction has been rolled back.
    RollbackTransaction(u64),
    /// The session has been reset.
    ResetAcknowledged,
}

/// The server's acceptance of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginAck {
    /// The version that both sides speak.
    pub version: TdsVersion,
    /// Name of the server program. Some clients go on only with "Microsoft SQL Server".
    pub program: String,
    /// Version of the server program.
    pub program_version: Version,
}

/// The value of an output parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnValue {
    /// Place of the parameter in the call, from 0.
    pub ordinal: u16,
    /// Its name with the at sign; may be empty.
    pub name: String,
    /// Its type.
    pub type_info: TypeInfo,
    /// Its value.
    pub value: Value,
}

/// Longest text of a message that fits its token with the names beside it.
const MESSAGE_UNITS_MAX: usize = 30_000;

/// Appends tokens to a buffer.
#[derive(Debug, Default)]
pub struct TokenWriter {
    out: Vec<u8>,
}

impl TokenWriter {
    /// An empty stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes not taken yet.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether there is nothing to take.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes the bytes written so far.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Writes what `write` writes, or nothing if it fails.
    fn whole(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let start = self.out.len();
        let written = write(&mut self.out);
        if written.is_err() {
            self.out.truncate(start);
        }
        written
    }

    /// Writes a token with a two-byte length that is known afterwards.
    fn with_length(
        &mut self,
        token: u8,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), EncodeError> {
        self.whole(|out| {
            out.push(token);
            let at = out.len();
            out.extend([0; 2]);
            write(out);
            let length = u16::try_from(out.len() - at - 2)
                .map_err(|_| EncodeError::TooLong { part: "token" })?;
            out[at..at + 2].copy_from_slice(&length.to_le_bytes());
            Ok(())
        })
    }

    /// The columns of the rows that follow.
    pub fn columns(&mut self, columns: &[Column]) -> Result<(), EncodeError> {
        self.whole(|out| {
            out.push(token::COLUMN_METADATA);
            let count = u16::try_from(columns.len())
                .ok()
                .filter(|count| *count < 0xFFFF)
                .ok_or(EncodeError::TooLong { part: "columns" })?;
            out.extend(count.to_le_bytes());
            for column in columns {
                out.extend(column.user_type.to_le_bytes());
                out.extend(column.flags.to_bits().to_le_bytes());
                column.type_info.encode(out);
                if column.type_info.names_its_table() {
                    // One part, without a name: the rows come from an expression.
                    out.push(1);
                    out.extend([0; 2]);
                }
                b_varchar(out, &column.name);
            }
            Ok(())
        })
    }

    /// A row of the columns written last.
    pub fn row(&mut self, columns: &[Column], values: &[Value]) -> Result<(), EncodeError> {
        self.whole(|out| {
            same_count(columns, values)?;
            out.push(token::ROW);
            for (column, value) in columns.iter().zip(values) {
                value.encode(column.type_info, out)?;
            }
            Ok(())
        })
    }

    /// The same row with a bitmap of its NULLs: shorter where there are many. TDS 7.3B and up.
    pub fn null_bitmap_row(
        &mut self,
        columns: &[Column],
        values: &[Value],
    ) -> Result<(), EncodeError> {
        self.whole(|out| {
            same_count(columns, values)?;
            out.push(token::NULL_BITMAP_ROW);
            for group in values.chunks(8) {
                out.push(group.iter().zip(0..8).fold(0, |bits, (value, bit)| {
                    bits | (u8::from(*value == Value::Null) << bit)
                }));
            }
            for (column, value) in columns.iter().zip(values) {
                if *value != Value::Null {
                    value.encode(column.type_info, out)?;
                }
            }
            Ok(())
        })
    }

    /// The columns, from 1, by which the rows are ordered.
    pub fn order(&mut self, columns: &[u16]) -> Result<(), EncodeError> {
        self.with_length(token::ORDER, |out| {
            out.extend(columns.iter().flat_map(|column| column.to_le_bytes()));
        })
    }

    /// The end of a statement, a procedure or a request.
    pub fn done(&mut self, kind: DoneKind, done: Done) {
        let status = [
            (done.more, 0x0001),
            (done.error, 0x0002),
            (done.in_transaction, 0x0004),
            (done.rows.is_some(), 0x0010),
            (done.attention, 0x0020),
            (done.server_error, 0x0100),
        ]
        .iter()
        .fold(
            0_u16,
            |status, (set, bit)| if *set { status | bit } else { status },
        );
        self.out.push(match kind {
            DoneKind::Done => token::DONE,
            DoneKind::DoneProc => token::DONE_PROC,
            DoneKind::DoneInProc => token::DONE_IN_PROC,
        });
        self.out.extend(status.to_le_bytes());
        self.out.extend(done.current_command.to_le_bytes());
        self.out.extend(done.rows.unwrap_or(0).to_le_bytes());
    }

    /// An error. Texts that do not fit are cut, as on the server.
    pub fn error(&mut self, message: &ServerMessage) {
        self.message(token::ERROR, message);
    }

    /// An informational message.
    pub fn info(&mut self, message: &ServerMessage) {
        self.message(token::INFO, message);
    }

    fn message(&mut self, token: u8, message: &ServerMessage) {
        self.with_length(token, |out| {
            out.extend(message.number.to_le_bytes());
            out.extend([message.state, message.severity]);
            let units = units(&message.text, MESSAGE_UNITS_MAX);
            let count = u16::try_from(units.len()).expect("cut to fewer units");
            out.extend(count.to_le_bytes());
            out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
            b_varchar(out, &message.server);
            b_varchar(out, &message.procedure);
            out.extend(message.line.to_le_bytes());
        })
        .expect("a cut text and two short names fit 65535 bytes");
    }

    /// A change of the session's environment.
    pub fn env_change(&mut self, change: &EnvChange) {
        self.with_length(token::ENV_CHANGE, |out| match change {
            EnvChange::Database { new, old } => env_text(out, 1, new, old),
            EnvChange::Language { new, old } => env_text(out, 2, new, old),
            EnvChange::PacketSize { new, old } => {
                env_text(out, 4, &new.to_string(), &old.to_string());
            }
            EnvChange::Collation { new, old } => {
                let old = old.map(Collation::to_bytes);
                env_bytes(out, 7, &new.to_bytes(), old.as_ref().map_or(&[], |old| old));
            }
            EnvChange::BeginTransaction(id) => env_bytes(out, 8, &id.to_le_bytes(), &[]),
            EnvChange::CommitTransaction(id) => env_bytes(out, 9, &[], &id.to_le_bytes()),
            EnvChange::RollbackTransaction(id) => env_bytes(out, 10, &[], &id.to_le_bytes()),
            EnvChange::ResetAcknowledged => env_bytes(out, 18, &[], &[]),
        })
        .expect("two short values fit 65535 bytes");
    }

    /// The acceptance of a login.
    pub fn login_ack(&mut self, ack: &LoginAck) {
        self.with_length(token::LOGIN_ACK, |out| {
            out.push(1); // the interface: T-SQL
            out.extend(ack.version.0.to_be_bytes());
            b_varchar(out, &ack.program);
            out.extend([ack.program_version.major, ack.program_version.minor]);
            out.extend(ack.program_version.build.to_be_bytes());
        })
        .expect("a short name fits 65535 bytes");
    }

    /// The features that the server takes up, each with its data.
    pub fn feature_ext_ack(&mut self, features: &[(u8, &[u8])]) -> Result<(), EncodeError> {
        self.whole(|out| {
            out.push(token::FEATURE_EXT_ACK);
            for (id, data) in features {
                out.push(*id);
                let length = u32::try_from(data.len())
                    .map_err(|_| EncodeError::TooLong { part: "feature" })?;
                out.extend(length.to_le_bytes());
                out.extend_from_slice(data);
            }
            out.push(0xFF);
            Ok(())
        })
    }

    /// The return code of a procedure.
    pub fn return_status(&mut self, status: i32) {
        self.out.push(token::RETURN_STATUS);
        self.out.extend(status.to_le_bytes());
    }

    /// The value of an output parameter.
    pub fn return_value(&mut self, value: &ReturnValue) -> Result<(), EncodeError> {
        self.whole(|out| {
            out.push(token::RETURN_VALUE);
            out.extend(value.ordinal.to_le_bytes());
            b_varchar(out, &value.name);
            out.push(1); // an output parameter, not the result of a function
            out.extend(0_u32.to_le_bytes());
            out.extend(
                ColumnFlags {
                    nullable: true,
                    ..ColumnFlags::default()
                }
                .to_bits()
                .to_le_bytes(),
            );
            value.type_info.encode(out);
            // Like a parameter: no text pointers.
            value.value.encode_parameter(value.type_info, out)
        })
    }
}

fn same_count(columns: &[Column], values: &[Value]) -> Result<(), EncodeError> {
    if columns.len() == values.len() {
        Ok(())
    } else {
        Err(EncodeError::ColumnCount {
            expected: columns.len(),
            found: values.len(),
        })
    }
}

/// The UTF-16 units of a text, cut between characters.
fn units(text: &str, units_max: usize) -> Vec<u16> {
    let mut units = Vec::new();
    for character in text.chars() {
        if units.len() + character.len_utf16() > units_max {
            break;
        }
        units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
    }
    units
}

/// Text after a one-byte count of units. Names have at most 128; what is longer is cut.
fn b_varchar(out: &mut Vec<u8>, text: &str) {
    let units = units(text, usize::from(u8::MAX));
    out.push(u8::try_from(units.len()).expect("cut to fewer units"));
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
}

fn env_text(out: &mut Vec<u8>, kind: u8, new: &str, old: &str) {
    out.push(kind);
    b_varchar(out, new);
    b_varchar(out, old);
}

fn env_bytes(out: &mut Vec<u8>, kind: u8, new: &[u8], old: &[u8]) {
    out.push(kind);
    for bytes in [new, old] {
        out.push(u8::try_from(bytes.len()).expect("descriptors and collations are short"));
        out.extend_from_slice(bytes);
    }
}
