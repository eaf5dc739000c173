//! A client that is as low as the wire: it sends the packets it is told to, and reads tokens.
//!
//! Drivers hide what matters at the endpoint: where a message ends, which DONE carries what,
//! what an attention is answered. This client shows it, as one line of text per token.

use std::io;
use std::net::SocketAddr;

use tds::{
    Encryption, MessageAssembler, PACKET_SIZE_DEFAULT, PACKET_SIZE_MAX, PacketDecoder, PacketType,
    Prelogin, Reader, Reset, Status, TypeInfo, Value, encode_message,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[path = "../../../tds/tests/client/mod.rs"]
pub(crate) mod wire;

pub(crate) use wire::LoginText;

/// A connection at the level of packets.
pub(crate) struct RawClient {
    tcp: TcpStream,
    decoder: PacketDecoder,
    assembler: MessageAssembler,
    columns: Vec<TypeInfo>,
}

impl RawClient {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self {
            tcp: TcpStream::connect(address)
                .await
                .expect("the endpoint listens"),
            decoder: PacketDecoder::new(PACKET_SIZE_MAX),
            assembler: MessageAssembler::new(64 << 20),
            columns: Vec::new(),
        }
    }

    /// Connects without encryption and logs in; the tokens of the answer.
    pub(crate) async fn log_in(
        address: SocketAddr,
        user: &str,
        password: &str,
        database: &str,
    ) -> (Self, Vec<String>) {
        let mut client = Self::connect(address).await;
        let hello = Prelogin {
            encryption: Some(Encryption::NotSupported),
            ..Prelogin::default()
        };
        client
            .send(PacketType::Prelogin, Reset::None, &hello.encode())
            .await;
        let answer = client.message().await.expect("an answer").expect("open");
        let answer = Prelogin::decode(&answer).expect("readable");
        assert_eq!(answer.encryption, Some(Encryption::NotSupported));
        let login = LoginText {
            host: "test-host".to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
            application: "raw client".to_owned(),
            database: database.to_owned(),
            ..LoginText::default()
        };
        client
            .send(PacketType::Login7, Reset::None, &wire::login(&login))
            .await;
        let tokens = client.tokens().await;
        (client, tokens)
    }

    pub(crate) async fn send(&mut self, kind: PacketType, reset: Reset, payload: &[u8]) {
        let mut packets = encode_message(kind, PACKET_SIZE_DEFAULT, 0, payload);
        packets[1] |= match reset {
            Reset::None => 0,
            Reset::Connection => Status::RESET_CONNECTION,
            Reset::ConnectionKeepTransaction => Status::RESET_CONNECTION_SKIP_TRANSACTION,
        };
        self.send_bytes(&packets).await.expect("connected");
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tcp.write_all(bytes).await
    }

    /// Sends a batch and reads its answer.
    pub(crate) async fn batch(&mut self, text: &str) -> Vec<String> {
        self.send(PacketType::SqlBatch, Reset::None, &wire::batch(0, text))
            .await;
        self.tokens().await
    }

    /// Sends a call and reads its answer.
    pub(crate) async fn call(&mut self, call: tds::RpcCall) -> Vec<String> {
        let request = tds::RpcRequest {
            headers: tds::RequestHeaders::default(),
            calls: vec![call],
        };
        self.send(PacketType::Rpc, Reset::None, &wire::rpc(&request))
            .await;
        self.tokens().await
    }

    /// The next message of the server; `None` when it has closed.
    pub(crate) async fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = [0; 8192];
        loop {
            while let Some(packet) = self.decoder.next_packet().expect("valid packets") {
                assert_eq!(packet.kind, PacketType::TabularResult);
                if let Some(message) = self.assembler.push(packet).expect("small messages") {
                    return Ok(Some(message.payload));
                }
            }
            match self.tcp.read(&mut bytes).await? {
                0 => return Ok(None),
                count => self.decoder.feed(&bytes[..count]),
            }
        }
    }

    /// Whether the server has closed the connection.
    pub(crate) async fn is_closed(&mut self) -> bool {
        matches!(self.message().await, Ok(None) | Err(_))
    }

    /// The next message's tokens, one line each.
    pub(crate) async fn tokens(&mut self) -> Vec<String> {
        let message = self.message().await.expect("connected").expect("an answer");
        let mut reader = Reader::new(&message);
        let mut lines = Vec::new();
        while !reader.is_empty() {
            lines.push(token(&mut reader, &mut self.columns).expect("a well-formed token"));
        }
        lines
    }
}

fn token(reader: &mut Reader<'_>, columns: &mut Vec<TypeInfo>) -> Result<String, tds::DecodeError> {
    const PART: &str = "token";
    Ok(match reader.u8(PART)? {
        0x81 => {
            let mut names = Vec::new();
            columns.clear();
            for _ in 0..reader.u16(PART)? {
                reader.bytes(6, PART)?;
                let type_info = TypeInfo::decode(reader)?;
                if type_info.names_its_table() {
                    for _ in 0..reader.u8(PART)? {
                        reader.us_varchar(PART)?;
                    }
                }
                names.push(format!("{} {}", reader.b_varchar(PART)?, type_info.name()));
                columns.push(type_info);
            }
            format!("columns {}", names.join(", "))
        }
        0xD1 => {
            let mut values = Vec::new();
            for type_info in columns {
                values.push(show(&Value::decode(reader, *type_info)?));
            }
            format!("row {}", values.join(", "))
        }
        kind @ (0xFD..=0xFF) => {
            let status = reader.u16(PART)?;
            reader.u16(PART)?;
            let rows = reader.u64(PART)?;
            let name = ["done", "done_proc", "done_in_proc"][usize::from(kind - 0xFD)];
            let mut line = name.to_owned();
            for (bit, word) in [
                (0x01, "more"),
                (0x02, "error"),
                (0x04, "in_transaction"),
                (0x20, "attention"),
                (0x100, "server_error"),
            ] {
                if status & bit != 0 {
                    line = format!("{line} {word}");
                }
            }
            if status & 0x10 != 0 {
                line = format!("{line} {rows}");
            }
            line
        }
        kind @ (0xAA | 0xAB) => {
            reader.u16(PART)?;
            let number = reader.i32(PART)?;
            let state = reader.u8(PART)?;
            let severity = reader.u8(PART)?;
            let text = reader.us_varchar(PART)?;
            let _server = reader.b_varchar(PART)?;
            let procedure = reader.b_varchar(PART)?;
            let line = reader.u32(PART)?;
            let name = if kind == 0xAA { "error" } else { "info" };
            format!("{name} {number}/{severity}/{state} {procedure}:{line} {text}")
        }
        0xE3 => {
            let length = usize::from(reader.u16(PART)?);
            let mut change = Reader::new(reader.bytes(length, PART)?);
            match change.u8(PART)? {
                1 => format!("database {}", change.b_varchar(PART)?),
                2 => format!("language {}", change.b_varchar(PART)?),
                4 => format!("packet size {}", change.b_varchar(PART)?),
                7 => "collation".to_owned(),
                8 => "begin".to_owned(),
                9 => "commit".to_owned(),
                10 => "rollback".to_owned(),
                18 => "reset".to_owned(),
                other => format!("environment {other}"),
            }
        }
        0xAD => {
            let length = usize::from(reader.u16(PART)?);
            let mut ack = Reader::new(reader.bytes(length, PART)?);
            ack.u8(PART)?;
            let version = ack.u32_be(PART)?;
            format!("login {version:08x} {}", ack.b_varchar(PART)?)
        }
        0x79 => format!("status {}", reader.i32(PART)?),
        0xAC => {
            let ordinal = reader.u16(PART)?;
            let name = reader.b_varchar(PART)?;
            reader.bytes(7, PART)?;
            let type_info = TypeInfo::decode(reader)?;
            format!(
                "return {ordinal} {name} = {}",
                show(&Value::decode(reader, type_info)?)
            )
        }
        other => panic!("token {other:#04x} is not known to this client"),
    })
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text(text) => text.clone(),
        Value::Int(value) => value.to_string(),
        Value::BigInt(value) => value.to_string(),
        other => format!("{other:?}"),
    }
}
