//! What may a driver ask of a transaction without writing T-SQL? Transaction manager requests.

use crate::DecodeError;
use crate::reader::{Reader, utf16_from_bytes};

/// The isolation level of a transaction that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// The session's level stays.
    Unchanged,
    /// READ UNCOMMITTED.
    ReadUncommitted,
    /// READ COMMITTED.
    ReadCommitted,
    /// REPEATABLE READ.
    RepeatableRead,
    /// SERIALIZABLE.
    Serializable,
    /// SNAPSHOT.
    Snapshot,
}

/// A transaction to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// Its isolation level.
    pub isolation: Isolation,
    /// Its name; may be empty.
    pub name: String,
}

/// A transaction manager request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransactionRequest {
    /// BEGIN TRANSACTION.
    Begin(Begin),
    /// COMMIT TRANSACTION.
    Commit {
        /// Name of the transaction; may be empty.
        name: String,
        /// The transaction to begin right after.
        begin: Option<Begin>,
    },
    /// ROLLBACK TRANSACTION.
    Rollback {
        /// Name of the transaction or savepoint; may be empty.
        name: String,
        /// The transaction to begin right after.
        begin: Option<Begin>,
    },
    /// SAVE TRANSACTION.
    Save {
        /// Name of the savepoint.
        name: String,
    },
}

const PART: &str = "transaction manager request";

/// Reads what follows the headers. Distributed transactions are refused.
pub(crate) fn decode_transaction_request(
    reader: &mut Reader<'_>,
) -> Result<TransactionRequest, DecodeError> {
    let request = match reader.u16(PART)? {
        0 | 1 | 6 => {
            return Err(DecodeError::UnsupportedMessage {
                name: "a distributed transaction",
            });
        }
        5 => TransactionRequest::Begin(begin(reader)?),
        7 => {
            let name = name(reader)?;
            TransactionRequest::Commit {
                name,
                begin: begin_after(reader)?,
            }
        }
        8 => {
            let name = name(reader)?;
            TransactionRequest::Rollback {
                name,
                begin: begin_after(reader)?,
            }
        }
        9 => TransactionRequest::Save {
            name: name(reader)?,
        },
        kind => {
            return Err(DecodeError::InvalidField {
                field: PART,
                value: u64::from(kind),
            });
        }
    };
    if !reader.is_empty() {
        return Err(DecodeError::TrailingBytes {
            part: PART,
            count: reader.rest().len(),
        });
    }
    Ok(request)
}

fn begin(reader: &mut Reader<'_>) -> Result<Begin, DecodeError> {
    let isolation = match reader.u8(PART)? {
        0 => Isolation::Unchanged,
        1 => Isolation::ReadUncommitted,
        2 => Isolation::ReadCommitted,
        3 => Isolation::RepeatableRead,
        4 => Isolation::Serializable,
        5 => Isolation::Snapshot,
        level => {
            return Err(DecodeError::InvalidField {
                field: "isolation level",
                value: u64::from(level),
            });
        }
    };
    Ok(Begin {
        isolation,
        name: name(reader)?,
    })
}

/// The transaction that commit and rollback may begin. Some clients leave the flag out.
fn begin_after(reader: &mut Reader<'_>) -> Result<Option<Begin>, DecodeError> {
    if reader.is_empty() || reader.u8(PART)? & 1 == 0 {
        return Ok(None);
    }
    begin(reader).map(Some)
}

/// A name after its length in bytes.
fn name(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    let length = reader.u8("transaction name")?;
    utf16_from_bytes(
        reader.bytes(usize::from(length), "transaction name")?,
        "transaction name",
    )
}
