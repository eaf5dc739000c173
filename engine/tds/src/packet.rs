//! Where does one message end and the next begin? Packets in, packets out.
//!
//! [`PacketDecoder`] is fed with whatever a socket returned, in pieces of any size.
//! [`MessageAssembler`] joins the packets of a message. [`PacketEncoder`] cuts an answer into
//! packets while it is still being written, so that rows can be streamed.

use crate::FramingError;

/// Bytes of a packet's header.
pub const HEADER_LENGTH: usize = 8;

/// The packet size before a login negotiates another one.
pub const PACKET_SIZE_DEFAULT: usize = 4096;

/// The smallest packet size that a client may ask for.
pub const PACKET_SIZE_MIN: usize = 512;

/// The largest packet size that a client may ask for.
pub const PACKET_SIZE_MAX: usize = 32767;

/// The packet size that a login's request results in: 0 asks for the server's default.
pub fn negotiated_packet_size(requested: u32) -> usize {
    match usize::try_from(requested).unwrap_or(usize::MAX) {
        0 => PACKET_SIZE_DEFAULT,
        size => size.clamp(PACKET_SIZE_MIN, PACKET_SIZE_MAX),
    }
}

/// What a message is, from its packets' headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PacketType {
    /// Text of a batch.
    SqlBatch,
    /// The login of TDS 4.2 and 5.0.
    LegacyLogin,
    /// A remote procedure call.
    Rpc,
    /// A server's answer.
    TabularResult,
    /// A request to stop the running request.
    Attention,
    /// Rows of `INSERT BULK`.
    BulkLoad,
    /// A federated authentication token.
    FederatedToken,
    /// Begin, commit, roll back, save.
    TransactionManager,
    /// LOGIN7.
    Login7,
    /// The next leg of an integrated authentication.
    Sspi,
    /// The first message of a connection, and the TLS handshake.
    Prelogin,
}

impl PacketType {
    /// The type of a header's first byte.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0x01 => Self::SqlBatch,
            0x02 => Self::LegacyLogin,
            0x03 => Self::Rpc,
            0x04 => Self::TabularResult,
            0x06 => Self::Attention,
            0x07 => Self::BulkLoad,
            0x08 => Self::FederatedToken,
            0x0E => Self::TransactionManager,
            0x10 => Self::Login7,
            0x11 => Self::Sspi,
            0x12 => Self::Prelogin,
            _ => return None,
        })
    }

    /// The header's first byte.
    pub fn to_byte(self) -> u8 {
        match self {
            Self::SqlBatch => 0x01,
            Self::LegacyLogin => 0x02,
            Self::Rpc => 0x03,
            Self::TabularResult => 0x04,
            Self::Attention => 0x06,
            Self::BulkLoad => 0x07,
            Self::FederatedToken => 0x08,
            Self::TransactionManager => 0x0E,
            Self::Login7 => 0x10,
            Self::Sspi => 0x11,
            Self::Prelogin => 0x12,
        }
    }
}

/// The status byte of a packet's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status(pub u8);

impl Status {
    /// The last packet of its message.
    pub const END_OF_MESSAGE: u8 = 0x01;
    /// The client gave the message up while sending it; it must not be processed.
    pub const IGNORE: u8 = 0x02;
    /// Reset the session before processing the message.
    pub const RESET_CONNECTION: u8 = 0x08;
    /// Reset the session, but keep its transaction.
    pub const RESET_CONNECTION_SKIP_TRANSACTION: u8 = 0x10;

    /// Whether all of the given bits are set.
    pub fn contains(self, bits: u8) -> bool {
        self.0 & bits == bits
    }
}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What its message is.
    pub kind: PacketType,
    /// Its status bits.
    pub status: Status,
    /// Its bytes after the header.
    pub payload: Vec<u8>,
}

/// Cuts a stream of bytes into packets.
#[derive(Debug)]
pub struct PacketDecoder {
    buffer: Vec<u8>,
    packet_size_max: usize,
}

impl PacketDecoder {
    /// A decoder that refuses packets above the given size, header included.
    pub fn new(packet_size_max: usize) -> Self {
        Self {
            buffer: Vec::new(),
            packet_size_max,
        }
    }

    /// Adds bytes in the order in which they arrived.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// How many bytes wait for the rest of their packet.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// What was fed and not yet taken, for a caller who changes to another protocol (TLS).
    pub fn take_buffered(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    /// The next whole packet, or `None` until more bytes are fed.
    ///
    /// A packet's length and type are judged as soon as its header is there, so a hostile
    /// header never makes the caller wait for, or keep, an impossible packet.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, FramingError> {
        let Some(header) = self.buffer.first_chunk::<HEADER_LENGTH>() else {
            return Ok(None);
        };
        let [kind, status, high, low, ..] = *header;
        let kind = PacketType::from_byte(kind).ok_or(FramingError::UnknownPacketType { kind })?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length < HEADER_LENGTH {
            return Err(FramingError::PacketTooShort { length });
        }
        if length > self.packet_size_max {
            return Err(FramingError::PacketTooLong {
                length,
                length_max: self.packet_size_max,
            });
        }
        if self.buffer.len() < length {
            return Ok(None);
        }
        let rest = self.buffer.split_off(length);
        let mut payload = std::mem::replace(&mut self.buffer, rest);
        payload.drain(..HEADER_LENGTH);
        Ok(Some(Packet {
            kind,
            status: Status(status),
            payload,
        }))
    }
}

/// What a request asks to happen to its session first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reset {
    /// Nothing.
    #[default]
    None,
    /// `sp_reset_connection`.
    Connection,
    /// `sp_reset_connection`, keeping the transaction.
    ConnectionKeepTransaction,
}

/// One whole message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: PacketType,
    /// What must happen first.
    pub reset: Reset,
    /// The payloads of its packets, joined.
    pub payload: Vec<u8>,
}

/// Joins the packets of a message.
#[derive(Debug)]
pub struct MessageAssembler {
    length_max: usize,
    open: Option<Message>,
}

impl MessageAssembler {
    /// An assembler that refuses messages above the given length.
    pub fn new(length_max: usize) -> Self {
        Self {
            length_max,
            open: None,
        }
    }

    /// Whether a message has begun and not ended.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Adds a packet, and returns the message that it ends.
    ///
    /// A message whose last packet carries the ignore bit was given up by its client and is
    /// dropped here.
    pub fn push(&mut self, packet: Packet) -> Result<Option<Message>, FramingError> {
        let mut message = match self.open.take() {
            Some(message) if message.kind != packet.kind => return Err(FramingError::TypeChanged),
            Some(message) => message,
            // The reset bits count in the first packet of a message only.
            None => Message {
                kind: packet.kind,
                reset: if packet
                    .status
                    .contains(Status::RESET_CONNECTION_SKIP_TRANSACTION)
                {
                    Reset::ConnectionKeepTransaction
                } else if packet.status.contains(Status::RESET_CONNECTION) {
                    Reset::Connection
                } else {
                    Reset::None
                },
                payload: Vec::new(),
            },
        };
        if message.payload.len() + packet.payload.len() > self.length_max {
            return Err(FramingError::MessageTooLong {
                length_max: self.length_max,
            });
        }
        if message.payload.is_empty() {
            message.payload = packet.payload;
        } else {
            message.payload.extend_from_slice(&packet.payload);
        }
        if !packet.status.contains(Status::END_OF_MESSAGE) {
            self.open = Some(message);
            return Ok(None);
        }
        if packet.status.contains(Status::IGNORE) {
            return Ok(None);
        }
        Ok(Some(message))
    }
}

/// Cuts one outgoing message into packets.
///
/// ```
/// use tds::{PacketEncoder, PacketType};
///
/// let mut encoder = PacketEncoder::new(PacketType::TabularResult, 512, 51);
/// encoder.push(&[0; 600]);
/// let mut wire = encoder.take_ready(); // one full packet, ready to be sent
/// wire.extend(encoder.finish()); // the rest, marked as the end
/// assert_eq!(wire.len(), 600 + 2 * 8);
/// ```
#[derive(Debug)]
pub struct PacketEncoder {
    kind: PacketType,
    packet_size: usize,
    session_id: u16,
    packet_id: u8,
    pending: Vec<u8>,
    ready: Vec<u8>,
}

impl PacketEncoder {
    /// An encoder for one message. Sizes outside of what can be negotiated are brought into
    /// the range, so that a packet always has room and always fits its length field.
    pub fn new(kind: PacketType, packet_size: usize, session_id: u16) -> Self {
        Self {
            kind,
            packet_size: packet_size.clamp(PACKET_SIZE_MIN, PACKET_SIZE_MAX),
            session_id,
            packet_id: 1,
            pending: Vec::new(),
            ready: Vec::new(),
        }
    }

    /// Adds bytes of the message.
    pub fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        let room = self.packet_size - HEADER_LENGTH;
        // Strictly more: the last packet must be kept, because only it may say that it is.
        if self.pending.len() > room {
            let pending = std::mem::take(&mut self.pending);
            let mut rest = pending.as_slice();
            while rest.len() > room {
                let (payload, after) = rest.split_at(room);
                self.write_packet(payload, 0);
                rest = after;
            }
            self.pending.extend_from_slice(rest);
        }
    }

    /// Takes the packets that are complete so far.
    pub fn take_ready(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.ready)
    }

    /// How many bytes of complete packets wait to be taken.
    pub fn ready_length(&self) -> usize {
        self.ready.len()
    }

    /// Ends the message and returns the packets not taken yet.
    pub fn finish(mut self) -> Vec<u8> {
        let pending = std::mem::take(&mut self.pending);
        self.write_packet(&pending, Status::END_OF_MESSAGE);
        self.ready
    }

    fn write_packet(&mut self, payload: &[u8], status: u8) {
        let length = u16::try_from(payload.len() + HEADER_LENGTH)
            .expect("a packet is never larger than PACKET_SIZE_MAX");
        self.ready.extend_from_slice(&[self.kind.to_byte(), status]);
        self.ready.extend_from_slice(&length.to_be_bytes());
        self.ready.extend_from_slice(&self.session_id.to_be_bytes());
        self.ready.extend_from_slice(&[self.packet_id, 0]);
        self.ready.extend_from_slice(payload);
        self.packet_id = self.packet_id.wrapping_add(1);
    }
}

/// A whole message as packets.
pub fn encode_message(
    kind: PacketType,
    packet_size: usize,
    session_id: u16,
    payload: &[u8],
) -> Vec<u8> {
    let mut encoder = PacketEncoder::new(kind, packet_size, session_id);
    encoder.push(payload);
    encoder.finish()
}
