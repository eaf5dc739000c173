//! Who is there? Prelogin, TLS where the client wants it, and the login.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tds::{
    Certificate, DecodeError, Encryption, EnvChange, Login, LoginAck, Message, PACKET_SIZE_DEFAULT,
    PacketType, Prelogin, TokenWriter, Version, encode_message, negotiated_packet_size,
};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use values::SqlError;

use super::Shared;
use super::answer::{Answer, AnswerContext, COLLATION, wire_message};
use super::stream::{MessageReader, Stream};
use super::tunnel::PreloginTunnel;
use crate::limits::internal_error;
use crate::{LoginRequest, Session};

/// Bytes of a prelogin or a login: far more than any client sends.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// The version that clients see: SQL Server 2022.
const PROGRAM_VERSION: Version = Version {
    major: 16,
    minor: 0,
    build: 1000,
    sub_build: 0,
};
const ENCRYPTION_OF_LOGIN: Encryption = Encryption::Off;

/// A connection whose client has proven who it is.
pub(super) struct LoggedIn {
    pub(super) stream: Stream,
    pub(super) reader: MessageReader,
    pub(super) session: Session,
    pub(super) context: AnswerContext,
}

/// Takes a connection through its login. `None`: the client was refused, and told so.
pub(super) async fn log_in(
    mut tcp: TcpStream,
    shared: &Arc<Shared>,
) -> io::Result<Option<LoggedIn>> {
    let mut reader = MessageReader::new(MESSAGE_BYTES_MAX);
    let Some(hello) = reader.next(&mut tcp).await? else {
        return Ok(None);
    };
    let hello = expect(&hello, PacketType::Prelogin)
        .and_then(|message| Prelogin::decode(&message.payload).map_err(invalid))?;

    let certificate = if shared.acceptor.is_some() {
        Certificate::Present
    } else {
        Certificate::Absent
    };
    // Every client has to say; one that does not cannot be relied on to know what TLS is.
    let encryption = hello
        .encryption
        .unwrap_or(Encryption::NotSupported)
        .answer(certificate);
    let answer = Prelogin {
        version: Some(PROGRAM_VERSION),
        encryption: Some(encryption),
        instance: Some(vec![0]),
        thread_id: None,
        mars: Some(0),
        trace_id: None,
    };
    let packets = encode_message(
        PacketType::TabularResult,
        PACKET_SIZE_DEFAULT,
        0,
        &answer.encode(),
    );
    tcp.write_all(&packets).await?;

    let mut stream = match &shared.acceptor {
        Some(acceptor) if encryption != Encryption::NotSupported => {
            let tunnel = PreloginTunnel::new(tcp, &reader.take_buffered());
            let mut tls = acceptor.accept(tunnel).await?;
            tls.get_mut().0.open();
            Stream::Tls(Box::new(tls))
        }
        _ => Stream::Plain(tcp),
    };

    let Some(login) = reader.next(&mut stream).await? else {
        return Ok(None);
    };
    if encryption == ENCRYPTION_OF_LOGIN {
        stream = match stream {
            Stream::Tls(tls) => Stream::Plain(tls.into_inner().0.into_tcp()),
            plain @ Stream::Plain(_) => plain,
        };
    }
    let login =
        expect(&login, PacketType::Login7).map(|message| Login::decode(&message.payload))?;
    let server_name = shared.server.name();
    let accepted = match login {
        Ok(login) => authenticate(login, shared, server_name.clone()).await,
        Err(error) => Err(vec![unreadable_login(&error)]),
    };
    match accepted {
        Ok(Accepted {
            session,
            context,
            answer,
        }) => {
            send(&mut stream, &answer).await?;
            let mut requests = MessageReader::new(shared.options.request_bytes_max);
            requests.feed(&reader.take_buffered());
            Ok(Some(LoggedIn {
                stream,
                reader: requests,
                session,
                context,
            }))
        }
        Err(errors) => {
            let mut tokens = TokenWriter::new();
            for error in &errors {
                tokens.error(&wire_message(error, &server_name));
            }
            let failed = tds::Done {
                error: true,
                ..tds::Done::default()
            };
            tokens.done(tds::DoneKind::Done, failed);
            let answer = encode_message(
                PacketType::TabularResult,
                PACKET_SIZE_DEFAULT,
                0,
                &tokens.take(),
            );
            send(&mut stream, &answer).await?;
            stream.shutdown().await?;
            Ok(None)
        }
    }
}

/// A login that was accepted, and the packets that tell the client so.
struct Accepted {
    session: Session,
    context: AnswerContext,
    answer: Vec<u8>,
}

async fn authenticate(
    login: Login,
    shared: &Arc<Shared>,
    server_name: Arc<str>,
) -> Result<Accepted, Vec<SqlError>> {
    let version = login
        .version
        .negotiated()
        .map_err(|error| vec![unreadable_login(&error)])?;
    if login.options.integrated_security {
        return Err(vec![SqlError::new(
            18452,
            14,
            1,
            "Login failed. The login is from an untrusted domain and cannot be used with \
             Integrated authentication.",
        )]);
    }
    if login.options.change_password {
        return Err(vec![SqlError::unsupported(
            "changing a password while logging in",
        )]);
    }
    let packet_size = negotiated_packet_size(login.packet_size);
    let request = LoginRequest {
        user: login.user,
        password: login.password.expose().to_owned(),
        database: login.database,
        host_name: login.host,
        program_name: login.application,
    };
    let ack = LoginAck {
        version,
        program: shared.options.program_name.clone(),
        program_version: PROGRAM_VERSION,
    };
    let server = shared.server.clone();
    let unsent_bytes_max = shared.options.unsent_bytes_max;
    // The instance may be busy with a statement, and waiting for it must not hold up other
    // connections.
    let accepted = tokio::task::spawn_blocking(move || {
        let session = server.login(&request).map_err(|refused| refused.errors)?;
        let context = AnswerContext {
            server_name,
            session_id: session.id(),
            // The new packet size counts from the next message on.
            packet_size: PACKET_SIZE_DEFAULT,
            unsent_bytes_max,
            unsent: Arc::new(AtomicUsize::new(0)),
        };
        let answer = greeting(&session, &ack, packet_size, &context);
        let context = AnswerContext {
            packet_size,
            ..context
        };
        Ok(Accepted {
            session,
            context,
            answer,
        })
    });
    accepted
        .await
        .unwrap_or_else(|_| Err(vec![internal_error("a login panicked")]))
}

/// What a client is told when it is let in.
fn greeting(
    session: &Session,
    ack: &LoginAck,
    packet_size: usize,
    context: &AnswerContext,
) -> Vec<u8> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let context = AnswerContext {
        unsent: Arc::default(),
        ..context.clone()
    };
    let mut answer = Answer::new(context, sender, &|| {});
    session.greet(&mut answer);
    let tokens = answer.tokens();
    tokens.env_change(&EnvChange::Collation {
        new: COLLATION,
        old: None,
    });
    tokens.login_ack(ack);
    tokens.env_change(&EnvChange::PacketSize {
        new: packet_size,
        old: PACKET_SIZE_DEFAULT,
    });
    answer.finish();
    receiver.try_recv().unwrap_or_default()
}

fn unreadable_login(error: &DecodeError) -> SqlError {
    match error {
        DecodeError::UnsupportedVersion { .. } => SqlError::unsupported(error),
        _ => SqlError::new(
            17832,
            20,
            1,
            format!(
                "The login packet used to open the connection is structurally invalid; the \
                 connection has been closed: {error}."
            ),
        ),
    }
}

async fn send(stream: &mut Stream, packets: &[u8]) -> io::Result<()> {
    stream.write_all(packets).await?;
    stream.flush().await
}

fn expect(message: &Message, kind: PacketType) -> io::Result<&Message> {
    if message.kind == kind {
        return Ok(message);
    }
    let text = format!(
        "a {:?} message arrived where {kind:?} was due",
        message.kind
    );
    Err(io::Error::new(io::ErrorKind::InvalidData, text))
}

fn invalid(error: DecodeError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
