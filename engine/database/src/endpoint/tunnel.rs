//! How does TLS start inside of TDS? Its handshake travels in prelogin packets; after it, the
//! packets travel in TLS.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tds::{PACKET_SIZE_DEFAULT, PACKET_SIZE_MAX, PacketDecoder, PacketType, encode_message};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::{ServerConfig, crypto::ring, version};

/// A TLS acceptor with a certificate made for this run, for `localhost`.
///
/// - TLS 1.2 only. With 1.3 a client's login arrives behind its Finished, while this side still
///   expects the packets of the handshake; drivers of TDS 7.4 expect 1.2.
/// - No resumption, for the same reason: it turns the order of the two Finished around.
/// - The provider is named, because the default depends on what other crates switch on.
pub(super) fn self_signed_acceptor() -> io::Result<TlsAcceptor> {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(
        certified.signing_key.serialize_der(),
    ));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS12])
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .map_err(io::Error::other)?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The stream under TLS: wraps the handshake in prelogin packets, then lets everything through.
#[derive(Debug)]
pub(super) struct PreloginTunnel {
    tcp: TcpStream,
    handshaking: bool,
    decoder: PacketDecoder,
    /// Unwrapped bytes not read yet.
    inbound: Vec<u8>,
    /// Bytes of the handshake not wrapped yet.
    outbound: Vec<u8>,
    /// Packets not sent yet.
    wrapped: Vec<u8>,
}

impl PreloginTunnel {
    /// A tunnel over a connection whose prelogin is done. `early` is what was read behind it.
    pub(super) fn new(tcp: TcpStream, early: &[u8]) -> Self {
        let mut decoder = PacketDecoder::new(PACKET_SIZE_MAX);
        decoder.feed(early);
        Self {
            tcp,
            handshaking: true,
            decoder,
            inbound: Vec::new(),
            outbound: Vec::new(),
            wrapped: Vec::new(),
        }
    }

    /// The handshake is over: no more packets of its own.
    pub(super) fn open(&mut self) {
        self.handshaking = false;
        self.inbound.extend(self.decoder.take_buffered());
    }

    /// The bare connection, for a client that encrypts its login only.
    pub(super) fn into_tcp(self) -> TcpStream {
        self.tcp
    }

    fn poll_send_wrapped(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.outbound.is_empty() {
            let flight = std::mem::take(&mut self.outbound);
            self.wrapped.extend(encode_message(
                PacketType::Prelogin,
                PACKET_SIZE_DEFAULT,
                0,
                &flight,
            ));
        }
        while !self.wrapped.is_empty() {
            match ready!(Pin::new(&mut self.tcp).poll_write(cx, &self.wrapped))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => drop(self.wrapped.drain(..sent)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for PreloginTunnel {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if !this.inbound.is_empty() {
                let count = this.inbound.len().min(buffer.remaining());
                buffer.put_slice(&this.inbound[..count]);
                this.inbound.drain(..count);
                return Poll::Ready(Ok(()));
            }
            if !this.handshaking {
                return Pin::new(&mut this.tcp).poll_read(cx, buffer);
            }
            match this.decoder.next_packet() {
                Ok(Some(packet)) if packet.kind == PacketType::Prelogin => {
                    this.inbound.extend(packet.payload);
                    continue;
                }
                Ok(Some(_)) => {
                    let text = "a packet of another type arrived during the TLS handshake";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
                }
                Ok(None) => {}
                Err(error) => {
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
                }
            }
            // Waiting for the client's flight makes sense only after our own has left.
            ready!(this.poll_send_wrapped(cx))?;
            let mut bytes = [0; 4096];
            let mut raw = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.tcp).poll_read(cx, &mut raw))?;
            if raw.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.decoder.feed(raw.filled());
        }
    }
}

impl AsyncWrite for PreloginTunnel {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.handshaking {
            // Collected until the flush, so that a flight is one message.
            this.outbound.extend_from_slice(bytes);
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(this.poll_send_wrapped(cx))?;
        Pin::new(&mut this.tcp).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send_wrapped(cx))?;
        Pin::new(&mut this.tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send_wrapped(cx))?;
        Pin::new(&mut this.tcp).poll_shutdown(cx)
    }
}
