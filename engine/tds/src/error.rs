//! What can be wrong with the bytes of a client, and with what the server wants to write.
//!
//! A client's bytes are hostile until decoded: every decoder answers with one of these instead
//! of panicking. The server turns them into messages such as 4002 or 8009; this crate does not
//! know message texts.

use std::fmt;

/// Why a message of a client could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes ended inside the named part.
    Truncated {
        /// The part that was being read.
        part: &'static str,
    },
    /// A length or an offset points outside of the message, or parts overlap in a way that
    /// the protocol does not allow.
    OutOfBounds {
        /// The part whose place is wrong.
        part: &'static str,
    },
    /// Bytes are left over after the named message.
    TrailingBytes {
        /// The message that should have ended.
        part: &'static str,
        /// How many bytes follow.
        count: usize,
    },
    /// A field holds a value that the protocol does not define.
    InvalidField {
        /// The field.
        field: &'static str,
        /// Its value.
        value: u64,
    },
    /// Text is longer than the protocol allows for this field.
    TextTooLong {
        /// The field.
        field: &'static str,
        /// The limit in UTF-16 units.
        units_max: usize,
    },
    /// Text holds half of a surrogate pair or an odd number of bytes.
    InvalidUtf16 {
        /// The field.
        field: &'static str,
    },
    /// A character value in a code page that this crate does not carry.
    UnsupportedCodePage {
        /// The locale of its collation.
        lcid: u32,
    },
    /// The type token is none that TDS 7.4 defines for a client.
    UnknownType {
        /// The token.
        token: u8,
    },
    /// The type is defined, but not decoded here: table-valued, CLR and later types.
    UnsupportedType {
        /// The token.
        token: u8,
        /// The type's name.
        name: &'static str,
    },
    /// The declared length of a type, or the length of a value of it, is impossible.
    InvalidLength {
        /// The type's token.
        token: u8,
        /// The length.
        length: u64,
    },
    /// Precision or scale is outside of the type's range.
    InvalidPrecision {
        /// The type's token.
        token: u8,
    },
    /// The bytes are not a value of the type: a date after 9999, a NaN, a 39-digit decimal.
    InvalidValue {
        /// The type's name.
        name: &'static str,
    },
    /// The message is of a kind that is recognised and not supported.
    UnsupportedMessage {
        /// The message, as the protocol names it.
        name: &'static str,
    },
    /// The client speaks a version without the features every session here needs.
    UnsupportedVersion {
        /// The version the client asked for.
        version: u32,
    },
    /// A parameter of a remote procedure call is wrong.
    Parameter {
        /// Its ordinal, from 1.
        ordinal: usize,
        /// Its name, with the at sign, or empty.
        name: String,
        /// What is wrong with it.
        cause: Box<DecodeError>,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { part } => write!(f, "the message ends inside {part}"),
            Self::OutOfBounds { part } => write!(f, "{part} lies outside of its message"),
            Self::TrailingBytes { part, count } => write!(f, "{count} bytes follow {part}"),
            Self::InvalidField { field, value } => write!(f, "{field} cannot be {value:#x}"),
            Self::TextTooLong { field, units_max } => {
                write!(f, "{field} is longer than {units_max} characters")
            }
            Self::InvalidUtf16 { field } => write!(f, "{field} is not valid UTF-16"),
            Self::UnsupportedCodePage { lcid } => {
                write!(f, "the code page of locale {lcid:#06x} is not supported")
            }
            Self::UnknownType { token } => write!(f, "data type {token:#04x} is unknown"),
            Self::UnsupportedType { token, name } => {
                write!(f, "data type {name} ({token:#04x}) is not supported")
            }
            Self::InvalidLength { token, length } => {
                write!(f, "data type {token:#04x} cannot have length {length}")
            }
            Self::InvalidPrecision { token } => {
                write!(
                    f,
                    "data type {token:#04x} has an invalid precision or scale"
                )
            }
            Self::InvalidValue { name } => write!(f, "the value is not a valid {name}"),
            Self::UnsupportedMessage { name } => write!(f, "{name} is not supported"),
            Self::UnsupportedVersion { version } => {
                write!(f, "TDS version {version:#010x} is not supported")
            }
            Self::Parameter {
                ordinal,
                name,
                cause,
            } => {
                write!(f, "parameter {ordinal} (\"{name}\"): {cause}")
            }
        }
    }
}

impl std::error::Error for DecodeError {}

/// Why a stream of packets could not be followed any further. The connection has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FramingError {
    /// The header's length is smaller than the header.
    PacketTooShort {
        /// The length in the header.
        length: usize,
    },
    /// The packet is longer than was negotiated.
    PacketTooLong {
        /// The length in the header.
        length: usize,
        /// The limit.
        length_max: usize,
    },
    /// The packets of one message add up to more than the server reads.
    MessageTooLong {
        /// The limit in bytes.
        length_max: usize,
    },
    /// The header names no packet type that a client sends.
    UnknownPacketType {
        /// The type byte.
        kind: u8,
    },
    /// A packet of another type arrived before the end of the message.
    TypeChanged,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PacketTooShort { length } => {
                write!(f, "a packet of {length} bytes is shorter than its header")
            }
            Self::PacketTooLong { length, length_max } => {
                write!(
                    f,
                    "a packet of {length} bytes exceeds the limit of {length_max}"
                )
            }
            Self::MessageTooLong { length_max } => {
                write!(f, "a message exceeds the limit of {length_max} bytes")
            }
            Self::UnknownPacketType { kind } => write!(f, "packet type {kind:#04x} is unknown"),
            Self::TypeChanged => write!(f, "the packet type changes inside of a message"),
        }
    }
}

impl std::error::Error for FramingError {}

/// Why a value could not be written. It is a mistake of the server, never of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodeError {
    /// The value is of another type than its column, or NULL in a type without NULL.
    Mismatch {
        /// The type's name.
        name: &'static str,
        /// The kind of the value.
        value: &'static str,
    },
    /// The value does not fit the declared length, precision or range.
    OutOfRange {
        /// The type's name.
        name: &'static str,
    },
    /// A row has another number of values than its metadata has columns.
    ColumnCount {
        /// The number of columns.
        expected: usize,
        /// The number of values.
        found: usize,
    },
    /// A name or a list is longer than its length field can say.
    TooLong {
        /// The part.
        part: &'static str,
    },
    /// A character value in a code page that this crate does not carry.
    UnsupportedCodePage {
        /// The locale of its collation.
        lcid: u32,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch { name, value } => write!(f, "a {value} value cannot be sent as {name}"),
            Self::OutOfRange { name } => write!(f, "the value does not fit {name}"),
            Self::ColumnCount { expected, found } => {
                write!(
                    f,
                    "a row of {found} values was given for {expected} columns"
                )
            }
            Self::TooLong { part } => write!(f, "{part} is too long for its length field"),
            Self::UnsupportedCodePage { lcid } => {
                write!(f, "the code page of locale {lcid:#06x} is not supported")
            }
        }
    }
}

impl std::error::Error for EncodeError {}
