//! What does a client ask for after its login? The requests, and the headers they share.

use crate::reader::{Reader, utf16_from_bytes};
use crate::rpc::{RpcRequest, decode_rpc};
use crate::transaction::{TransactionRequest, decode_transaction_request};
use crate::{DecodeError, Message, PacketType};

/// The headers that every request begins with (`ALL_HEADERS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestHeaders {
    /// The transaction that the request belongs to; 0 for none.
    pub transaction: u64,
    /// How many requests the client says are under way; 1 without MARS.
    pub outstanding: u32,
}

/// A decoded request.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// A batch of T-SQL.
    Batch {
        /// Headers.
        headers: RequestHeaders,
        /// The text.
        text: String,
    },
    /// Calls of procedures; usually one.
    Rpc(RpcRequest),
    /// A transaction manager request.
    Transaction {
        /// Headers.
        headers: RequestHeaders,
        /// What to do.
        request: TransactionRequest,
    },
    /// Stop the request that is running.
    Attention,
}

impl Request {
    /// Reads a message that came after the login.
    pub fn decode(message: &Message) -> Result<Self, DecodeError> {
        let payload = message.payload.as_slice();
        match message.kind {
            PacketType::SqlBatch => {
                let mut reader = Reader::new(payload);
                let headers = decode_headers(&mut reader)?;
                let text = utf16_from_bytes(reader.rest(), "batch text")?;
                Ok(Self::Batch { headers, text })
            }
            PacketType::Rpc => decode_rpc(payload).map(Self::Rpc),
            PacketType::TransactionManager => {
                let mut reader = Reader::new(payload);
                let headers = decode_headers(&mut reader)?;
                let request = decode_transaction_request(&mut reader)?;
                Ok(Self::Transaction { headers, request })
            }
            PacketType::Attention => Ok(Self::Attention),
            PacketType::BulkLoad => Err(DecodeError::UnsupportedMessage { name: "bulk load" }),
            PacketType::FederatedToken => Err(DecodeError::UnsupportedMessage {
                name: "a federated authentication token",
            }),
            PacketType::Sspi => Err(DecodeError::UnsupportedMessage {
                name: "integrated authentication",
            }),
            PacketType::LegacyLogin => Err(DecodeError::UnsupportedMessage {
                name: "a login of TDS 4.2 or 5.0",
            }),
            PacketType::Login7 => Err(DecodeError::UnsupportedMessage {
                name: "a second login",
            }),
            PacketType::Prelogin => Err(DecodeError::UnsupportedMessage {
                name: "a second prelogin",
            }),
            PacketType::TabularResult => Err(DecodeError::UnsupportedMessage {
                name: "a result from a client",
            }),
        }
    }
}

const TRANSACTION_DESCRIPTOR: u16 = 2;

/// Reads `ALL_HEADERS`. Query notifications and trace activity are read over.
pub(crate) fn decode_headers(reader: &mut Reader<'_>) -> Result<RequestHeaders, DecodeError> {
    const PART: &str = "request headers";
    let total = reader.u32(PART)?;
    let body = usize::try_from(total)
        .ok()
        .and_then(|total| total.checked_sub(4))
        .ok_or(DecodeError::InvalidField {
            field: PART,
            value: u64::from(total),
        })?;
    let mut all = Reader::new(reader.bytes(body, PART)?);
    let mut headers = RequestHeaders {
        transaction: 0,
        outstanding: 1,
    };
    while !all.is_empty() {
        let length = all.u32(PART)?;
        let data = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_sub(4))
            .ok_or(DecodeError::InvalidField {
                field: PART,
                value: u64::from(length),
            })?;
        let mut header = Reader::new(all.bytes(data, PART)?);
        if header.u16(PART)? == TRANSACTION_DESCRIPTOR {
            headers.transaction = header.u64(PART)?;
            headers.outstanding = header.u32(PART)?;
        }
    }
    Ok(headers)
}
