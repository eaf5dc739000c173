//! What do the packets travel on? A bare connection or TLS, and messages read from either.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tds::{FramingError, Message, MessageAssembler, PACKET_SIZE_MAX, PacketDecoder};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::tunnel::PreloginTunnel;

/// A connection, encrypted or not.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<PreloginTunnel>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

/// Reads whole messages.
#[derive(Debug)]
pub(super) struct MessageReader {
    decoder: PacketDecoder,
    assembler: MessageAssembler,
}

impl MessageReader {
    pub(super) fn new(message_bytes_max: usize) -> Self {
        Self {
            decoder: PacketDecoder::new(PACKET_SIZE_MAX),
            assembler: MessageAssembler::new(message_bytes_max),
        }
    }

    /// The next message; `None` when the client has closed between messages.
    ///
    /// May be dropped and called again: what was read so far is kept here, and a single read
    /// either happens or does not.
    pub(super) async fn next(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<Option<Message>> {
        let mut bytes = [0; 8192];
        loop {
            while let Some(packet) = self.decoder.next_packet().map_err(invalid)? {
                if let Some(message) = self.assembler.push(packet).map_err(invalid)? {
                    return Ok(Some(message));
                }
            }
            let count = reader.read(&mut bytes).await?;
            if count == 0 {
                return if self.decoder.buffered() == 0 && !self.assembler.is_open() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
            self.decoder.feed(bytes.get(..count).unwrap_or_default());
        }
    }

    /// Takes over what another reader had read behind its last message.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.decoder.feed(bytes);
    }

    /// What was read behind the last message.
    pub(super) fn take_buffered(&mut self) -> Vec<u8> {
        self.decoder.take_buffered()
    }
}

fn invalid(error: FramingError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
