//! What is a client told while its request runs?
//!
//! The events are those of TDS, in the order of TDS, but typed: the endpoint turns each into one
//! token. Tests record them as text.

use query::ResultColumn;
use values::{SqlError, SqlType, Value};

/// Receives the answer to one request, event by event.
///
/// The methods run while the instance is locked: they must not wait for the client. An endpoint
/// encodes into memory and sends later.
pub trait ResponseSink {
    /// A result set begins. A previous one, if any, has been ended by [`ResponseSink::done`].
    fn columns(&mut self, columns: &[ResultColumn]);

    /// One row of the result set.
    fn row(&mut self, row: &[Value]);

    /// An error (severity 11 and above) or a message (10 and below); line and procedure are set.
    fn message(&mut self, message: &SqlError);

    /// A statement or procedure has ended.
    fn done(&mut self, done: Done);

    /// The return code of a procedure; comes right before its [`DoneKind::Procedure`].
    fn return_status(&mut self, status: i32);

    /// An OUTPUT parameter of an RPC; comes after the return code.
    fn output_parameter(&mut self, parameter: &OutputParameter);

    /// The session's environment changed.
    fn environment_change(&mut self, change: &EnvironmentChange);
}

/// Which of the three DONE tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoneKind {
    /// DONE: a statement of a batch.
    Statement,
    /// DONEINPROC: a statement inside a procedure or a string.
    InProcedure,
    /// DONEPROC: a procedure.
    Procedure,
}

/// The end of one statement or procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Which token.
    pub kind: DoneKind,
    /// Rows returned or changed; `None` when the statement has no count or NOCOUNT is on.
    pub count: Option<u64>,
    /// More events follow in this response. The last one of a response says `false`.
    pub more: bool,
    /// The statement failed.
    pub error: bool,
    /// A transaction is open.
    pub in_transaction: bool,
    /// What ran, for the token's command field.
    pub command: Command,
}

/// The command field of a DONE token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// SELECT.
    Select,
    /// INSERT.
    Insert,
    /// DELETE.
    Delete,
    /// UPDATE.
    Update,
    /// MERGE.
    Merge,
    /// SELECT INTO.
    SelectInto,
    /// EXECUTE.
    Execute,
    /// CREATE TABLE and other definitions.
    Definition,
    /// BEGIN TRANSACTION.
    Begin,
    /// COMMIT.
    Commit,
    /// ROLLBACK.
    Rollback,
    /// SET and everything else.
    Other,
}

impl Command {
    /// The number that SQL Server sends.
    pub const fn number(self) -> u16 {
        match self {
            Self::Select => 0xc1,
            Self::SelectInto => 0xc2,
            Self::Insert => 0xc3,
            Self::Delete => 0xc4,
            Self::Update => 0xc5,
            Self::Merge => 0x117,
            Self::Execute => 0xe0,
            Self::Definition => 0xc6,
            Self::Begin => 0xd4,
            Self::Commit => 0xd5,
            Self::Rollback => 0xd2,
            Self::Other => 0xfd,
        }
    }
}

/// An OUTPUT parameter on its way back to an RPC client.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputParameter {
    /// Its place in the request, from 0.
    pub ordinal: u16,
    /// Its name with `@`; empty when the client sent none.
    pub name: String,
    /// Its type.
    pub data_type: SqlType,
    /// Its value.
    pub value: Value,
}

/// What ENVCHANGE tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentChange {
    /// The current database.
    Database {
        /// New.
        new: String,
        /// Old.
        old: String,
    },
    /// The session's language (always `us_english`).
    Language {
        /// New.
        new: String,
        /// Old.
        old: String,
    },
    /// The outermost transaction began; its descriptor follows in later requests.
    Begin(u64),
    /// It was committed.
    Commit(u64),
    /// It was rolled back.
    Rollback(u64),
    /// RESETCONNECTION was carried out.
    Reset,
}
