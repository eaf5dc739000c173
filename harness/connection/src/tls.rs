//! TLS inside of TDS, below the driver.
//!
//! TDS 7.x negotiates encryption in its prelogin message and carries the TLS handshake in prelogin
//! packets. The driver could do that, but then the tap would see ciphertext only. So the prelogin
//! happens here; the driver gets a stream that answers its own prelogin at once ("no encryption")
//! and carries everything else through TLS: all of it, or the login message alone.

use std::io::{self, Error, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::version;

use crate::endpoint::{Encryption, Endpoint};
use crate::trust::client_config;

const PRELOGIN: u8 = 0x12;
const TABULAR_RESULT: u8 = 0x04;
const HEADER: usize = 8;
const END_OF_MESSAGE: u8 = 0x01;
const PACKET_PAYLOAD_MAX: usize = 4_096 - HEADER;

/// The option of a prelogin message that speaks of encryption, and its values.
const OPTION_ENCRYPTION: u8 = 1;
const ENCRYPT_OFF: u8 = 0;
const ENCRYPT_ON: u8 = 1;
const ENCRYPT_NOT_SUPPORTED: u8 = 2;
const ENCRYPT_REQUIRED: u8 = 3;

/// Negotiates encryption with the server and gives the stream for the driver, which must not
/// encrypt by itself.
pub(crate) async fn negotiate(mut socket: TcpStream, endpoint: &Endpoint) -> io::Result<Channel> {
    let wanted = match endpoint.encryption {
        Encryption::None => return Ok(Channel::driver_negotiates(socket)),
        Encryption::Login => ENCRYPT_OFF,
        Encryption::All => ENCRYPT_ON,
    };
    let mut answer = prelogin(&mut socket, wanted).await?;
    let offered = encryption_option(&answer)
        .ok_or_else(|| Error::new(ErrorKind::InvalidData, "the prelogin answer is malformed"))?;
    let covers = match (wanted, answer[offered]) {
        (_, ENCRYPT_ON | ENCRYPT_REQUIRED) => Covers::Everything,
        (ENCRYPT_OFF, ENCRYPT_OFF) => Covers::Login,
        (ENCRYPT_OFF, _) => Covers::Nothing,
        _ => {
            return Err(Error::other(
                "the server does not encrypt, and Encrypt=true was asked for",
            ));
        }
    };
    answer[offered] = ENCRYPT_NOT_SUPPORTED;
    let layer = if covers == Covers::Nothing {
        Layer::Plain(socket)
    } else {
        Layer::Tls(Box::new(handshake(socket, endpoint).await?))
    };
    Ok(Channel {
        layer,
        covers,
        stage: Stage::Prelogin(Vec::new()),
        reply: packet(&answer),
    })
}

async fn prelogin(socket: &mut TcpStream, encryption: u8) -> io::Result<Vec<u8>> {
    // Options (token, offset, length), the terminator, then the data: version, encryption,
    // instance (empty), thread, multiple active result sets (off).
    const DATA_AT: u8 = 5 * 5 + 1;
    let mut message = Vec::new();
    let mut at = DATA_AT;
    for (token, length) in [(0, 6), (OPTION_ENCRYPTION, 1), (2, 1), (3, 4), (4, 1)] {
        message.extend([token, 0, at, 0, length]);
        at += length;
    }
    message.push(0xFF);
    message.extend([11, 0, 0, 0, 0, 0, encryption, 0, 0, 0, 0, 0, 0]);
    let mut bytes = header(PRELOGIN, message.len(), END_OF_MESSAGE);
    bytes.extend(message);
    socket.write_all(&bytes).await?;

    let mut answer = Vec::new();
    loop {
        let mut header = [0; HEADER];
        socket.read_exact(&mut header).await?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if header[0] != TABULAR_RESULT || length < HEADER || answer.len() > 1 << 16 {
            return Err(Error::new(
                ErrorKind::InvalidData,
                "no prelogin answer came",
            ));
        }
        let start = answer.len();
        answer.resize(start + length - HEADER, 0);
        socket.read_exact(&mut answer[start..]).await?;
        if header[1] & END_OF_MESSAGE != 0 {
            return Ok(answer);
        }
    }
}

/// Where in a prelogin message the byte for encryption is.
fn encryption_option(message: &[u8]) -> Option<usize> {
    let options = message
        .chunks_exact(5)
        .take_while(|option| option[0] != 0xFF);
    for option in options {
        if option[0] == OPTION_ENCRYPTION {
            let at = usize::from(u16::from_be_bytes([option[1], option[2]]));
            return (at < message.len()).then_some(at);
        }
    }
    None
}

fn header(kind: u8, payload: usize, status: u8) -> Vec<u8> {
    let length = u16::try_from(payload + HEADER)
        .unwrap_or(u16::MAX)
        .to_be_bytes();
    vec![kind, status, length[0], length[1], 0, 0, 1, 0]
}

fn packet(payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(TABULAR_RESULT, payload.len(), END_OF_MESSAGE);
    bytes.extend_from_slice(payload);
    bytes
}

async fn handshake(socket: TcpStream, endpoint: &Endpoint) -> io::Result<TlsStream<Tunnel>> {
    // TDS 7.x and TLS 1.3 do not go together: the login would arrive inside the handshake.
    let config = client_config(&endpoint.trust, &[&version::TLS12]).await?;
    let name = ServerName::try_from(endpoint.host.clone()).map_err(Error::other)?;
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, Tunnel::new(socket))
        .await?;
    stream.get_mut().0.handshaking = false;
    Ok(stream)
}

/// The stream under TLS: during the handshake its bytes travel in prelogin packets.
#[derive(Debug)]
pub(crate) struct Tunnel {
    socket: TcpStream,
    handshaking: bool,
    /// Of the packet that is being read: its header, and how much of its payload is still to come.
    incoming_header: Vec<u8>,
    incoming_payload: usize,
    /// Not yet wrapped, and not yet sent.
    outgoing: Vec<u8>,
    wrapped: Vec<u8>,
}

impl Tunnel {
    fn new(socket: TcpStream) -> Self {
        Self {
            socket,
            handshaking: true,
            incoming_header: Vec::new(),
            incoming_payload: 0,
            outgoing: Vec::new(),
            wrapped: Vec::new(),
        }
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outgoing = std::mem::take(&mut self.outgoing);
        let mut chunks = outgoing.chunks(PACKET_PAYLOAD_MAX).peekable();
        while let Some(chunk) = chunks.next() {
            let status = if chunks.peek().is_none() {
                END_OF_MESSAGE
            } else {
                0
            };
            self.wrapped.extend(header(PRELOGIN, chunk.len(), status));
            self.wrapped.extend_from_slice(chunk);
        }
        while !self.wrapped.is_empty() {
            let sent = ready!(Pin::new(&mut self.socket).poll_write(context, &self.wrapped))?;
            if sent == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.wrapped.drain(..sent);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.handshaking {
            return Pin::new(&mut this.socket).poll_read(context, buffer);
        }
        while this.incoming_payload == 0 {
            let mut bytes = [0; HEADER];
            let mut part = ReadBuf::new(&mut bytes[this.incoming_header.len()..]);
            ready!(Pin::new(&mut this.socket).poll_read(context, &mut part))?;
            if part.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.incoming_header.extend_from_slice(part.filled());
            if let [_, _, high, low, _, _, _, _] = this.incoming_header[..] {
                this.incoming_header.clear();
                this.incoming_payload =
                    usize::from(u16::from_be_bytes([high, low])).saturating_sub(HEADER);
            }
        }
        let mut bytes = [0; PACKET_PAYLOAD_MAX];
        let length = bytes
            .len()
            .min(this.incoming_payload)
            .min(buffer.remaining());
        let mut part = ReadBuf::new(&mut bytes[..length]);
        ready!(Pin::new(&mut this.socket).poll_read(context, &mut part))?;
        this.incoming_payload -= part.filled().len();
        buffer.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.handshaking {
            self.outgoing.extend_from_slice(bytes);
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// What TLS covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covers {
    Nothing,
    Login,
    Everything,
}

/// Where the driver is in its dialogue.
#[derive(Debug)]
enum Stage {
    /// It sends its prelogin; so much of it was swallowed.
    Prelogin(Vec<u8>),
    /// It sends its login; so much of the current packet has passed.
    Login(PacketCounter),
    /// Everything after.
    Session,
}

/// Counts bytes of packets, to know when a message has ended.
#[derive(Debug, Default)]
struct PacketCounter {
    header: Vec<u8>,
    payload: usize,
    is_last: bool,
}

impl PacketCounter {
    /// How many of `bytes` belong to the current message, and whether it ends there.
    fn count(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut used = 0;
        while used < bytes.len() {
            if self.header.len() < HEADER {
                self.header.push(bytes[used]);
                used += 1;
                if self.header.len() == HEADER {
                    let length = u16::from_be_bytes([self.header[2], self.header[3]]);
                    self.payload = usize::from(length).saturating_sub(HEADER);
                    self.is_last = self.header[1] & END_OF_MESSAGE != 0;
                }
            } else {
                let part = self.payload.min(bytes.len() - used);
                self.payload -= part;
                used += part;
            }
            if self.header.len() == HEADER && self.payload == 0 {
                if self.is_last {
                    return (used, true);
                }
                self.header.clear();
            }
        }
        (used, false)
    }
}

#[derive(Debug)]
enum Layer {
    Plain(TcpStream),
    Tls(Box<TlsStream<Tunnel>>),
    /// Only while one becomes the other.
    Changing,
}

/// The driver's stream.
#[derive(Debug)]
pub(crate) struct Channel {
    layer: Layer,
    covers: Covers,
    stage: Stage,
    /// The answer to the driver's prelogin, until it has been read.
    reply: Vec<u8>,
}

impl Channel {
    /// No encryption: the driver's prelogin goes to the server as it is.
    fn driver_negotiates(socket: TcpStream) -> Self {
        Self {
            layer: Layer::Plain(socket),
            covers: Covers::Nothing,
            stage: Stage::Session,
            reply: Vec::new(),
        }
    }

    fn poll_layer_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.layer {
            Layer::Plain(socket) => Pin::new(socket).poll_flush(context),
            Layer::Tls(stream) => Pin::new(stream).poll_flush(context),
            Layer::Changing => Poll::Ready(Err(ErrorKind::NotConnected.into())),
        }
    }

    fn poll_layer_write(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.layer {
            Layer::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            Layer::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            Layer::Changing => Poll::Ready(Err(ErrorKind::NotConnected.into())),
        }
    }

    /// After the login message only the login was to be covered: TLS ends without a farewell.
    fn uncover(&mut self) {
        if self.covers == Covers::Login {
            self.layer = match std::mem::replace(&mut self.layer, Layer::Changing) {
                Layer::Tls(stream) => Layer::Plain(stream.into_inner().0.socket),
                other => other,
            };
        }
    }
}

impl AsyncRead for Channel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !matches!(this.stage, Stage::Prelogin(_)) && !this.reply.is_empty() {
            let count = this.reply.len().min(buffer.remaining());
            buffer.put_slice(&this.reply[..count]);
            this.reply.drain(..count);
            return Poll::Ready(Ok(()));
        }
        match &mut this.layer {
            Layer::Plain(socket) => Pin::new(socket).poll_read(context, buffer),
            Layer::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
            Layer::Changing => Poll::Ready(Err(ErrorKind::NotConnected.into())),
        }
    }
}

impl AsyncWrite for Channel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        match &mut this.stage {
            Stage::Prelogin(swallowed) => {
                swallowed.extend_from_slice(bytes);
                let mut counter = PacketCounter::default();
                if counter.count(swallowed).1 {
                    this.stage = Stage::Login(PacketCounter::default());
                }
                Poll::Ready(Ok(bytes.len()))
            }
            Stage::Login(_) => {
                let written = ready!(this.poll_layer_write(context, bytes))?;
                if let Stage::Login(counter) = &mut this.stage
                    && counter.count(&bytes[..written]).1
                {
                    // The driver flushes after a message, and waits for the answer.
                    this.stage = Stage::Session;
                }
                Poll::Ready(Ok(written))
            }
            Stage::Session => this.poll_layer_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(this.poll_layer_flush(context))?;
        if matches!(this.stage, Stage::Session) {
            this.uncover();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.layer {
            Layer::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Layer::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Layer::Changing => Poll::Ready(Ok(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PacketCounter, encryption_option};

    #[test]
    fn the_end_of_a_message_is_found_however_it_is_cut() {
        // Two packets, the second the last, then the beginning of another message.
        let mut bytes = vec![0x10, 0, 0, 10, 0, 0, 1, 0, 1, 2];
        bytes.extend([0x10, 1, 0, 9, 0, 0, 2, 0, 3]);
        let end = bytes.len();
        bytes.extend([0x01, 1, 0, 8]);
        for cut in 1..bytes.len() {
            let mut counter = PacketCounter::default();
            let (first, second) = bytes.split_at(cut);
            let (used, ended) = counter.count(first);
            let used = if ended {
                used
            } else {
                used + counter.count(second).0
            };
            assert_eq!(used, end, "cut at {cut}");
        }
    }

    #[test]
    fn the_encryption_option_is_found_or_not_there() {
        for (message, expected) in [
            (vec![0, 0, 11, 0, 6, 1, 0, 11, 0, 1, 0xFF, 2], Some(11)),
            (vec![1, 0, 6, 0, 1, 0xFF, 3], Some(6)),
            (vec![0, 0, 6, 0, 1, 0xFF, 3], None),
            (vec![1, 0, 60, 0, 1, 0xFF, 3], None),
            (vec![], None),
        ] {
            assert_eq!(encryption_option(&message), expected, "{message:?}");
        }
    }
}
