//! TDS 7.4, the protocol of SQL Server, seen from the server: bytes to messages and back.
//!
//! There are no sockets here, no threads and no clock. A connection is served like this:
//!
//! 1. [`PacketDecoder`] is fed with bytes and yields packets; [`MessageAssembler`] joins them.
//! 2. The first message is a [`Prelogin`], the second a [`Login`], all others [`Request`]s.
//! 3. The answer is written with a [`TokenWriter`] and cut into packets by a [`PacketEncoder`].
//!
//! Everything that comes from a client is hostile until decoded. Decoders return a
//! [`DecodeError`] and never panic, never recurse by what the bytes say, and never allocate
//! more than a small multiple of the bytes that they were given.
//!
//! Left out on purpose: table-valued and CLR parameters, bulk load, MARS, integrated and
//! federated authentication, Always Encrypted. Each is recognised and refused by name.

mod collation;
mod error;
mod login;
mod packet;
mod prelogin;
mod reader;
mod request;
mod rpc;
mod tokens;
mod transaction;
mod type_info;
mod value;

pub use collation::{Collation, UnsupportedCodePage};
pub use error::{DecodeError, EncodeError, FramingError};
pub use login::{Feature, Login, LoginOptions, Password, TdsVersion};
pub use packet::{
    HEADER_LENGTH, Message, MessageAssembler, PACKET_SIZE_DEFAULT, PACKET_SIZE_MAX,
    PACKET_SIZE_MIN, Packet, PacketDecoder, PacketEncoder, PacketType, Reset, Status,
    encode_message, negotiated_packet_size,
};
pub use prelogin::{Certificate, Encryption, Prelogin, Version};
pub use reader::Reader;
pub use request::{Request, RequestHeaders};
pub use rpc::{Parameter, Procedure, ProcedureId, RpcCall, RpcRequest};
pub use tokens::{
    Column, ColumnFlags, Done, DoneKind, EnvChange, LoginAck, ReturnValue, ServerMessage,
    TokenWriter, current_command,
};
pub use transaction::{Begin, Isolation, TransactionRequest};
pub use type_info::{FixedType, Length, TypeInfo};
pub use value::Value;
