//! One request over the wire, and whatever comes back: bounded in time and in bytes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connection::{Trust, client_config};
use domain::api::history::Answer;
use domain::history::Loss;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::DEFAULT_VERSIONS;
use tokio_rustls::rustls::pki_types::ServerName;

use super::compose::Message;
use super::decode::decode;
use super::error::HttpError;
use super::origin::Origin;

/// Bytes of a body that are kept; the rest is counted.
pub const BODY_RECORDED_MAX: usize = 1 << 20;
/// Bytes of a body that are read at all; then the connection is closed.
const BODY_READ_MAX: u64 = 64 << 20;
/// Header lines and bytes that an answer's head may have.
const HEADERS_MAX: usize = 1_000;
const HEAD_BYTES_MAX: usize = 1 << 20;
/// Connections that wait for their next request.
const IDLE_MAX: usize = 64;

/// How long to wait for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// For a connection.
    pub connect: Duration,
    /// For a whole answer, connection included.
    pub answer: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

type Sender = SendRequest<Full<Bytes>>;

/// The way to one service, with the connections that are open.
pub(super) struct Wire {
    pub(super) origin: Origin,
    tls: Option<TlsConnector>,
    waits: Waits,
    /// Bytes of a body that are kept.
    kept_max: usize,
    idle: Mutex<Vec<Sender>>,
}

impl Wire {
    pub(super) async fn new(
        origin: Origin,
        trust: &Trust,
        waits: Waits,
        kept_max: usize,
    ) -> Result<Self, HttpError> {
        let tls = if origin.is_tls {
            let config = client_config(trust, DEFAULT_VERSIONS).await;
            let config = config.map_err(|error| HttpError::Authorities {
                reason: error.to_string(),
            })?;
            Some(TlsConnector::from(Arc::new(config)))
        } else {
            None
        };
        Ok(Self {
            origin,
            tls,
            waits,
            kept_max,
            idle: Mutex::default(),
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Sender>> {
        // Whoever panicked left a list of connections, which is what it was.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes what is open.
    pub(super) fn close(&self) {
        self.idle().clear();
    }

    /// Sends a message and reads the answer to it.
    pub(super) async fn exchange(&self, message: &Message) -> Answer {
        let mut answer = Answer::default();
        // What had arrived when the time was over is kept: a leak is one whether or not it ends.
        let filled = timeout(self.waits.answer, self.fill(message, &mut answer)).await;
        if let Some(loss) = filled.unwrap_or(Some(Loss::TimedOut)) {
            answer.lost = Some(loss);
        }
        unpack(&mut answer, self.kept_max);
        answer
    }

    async fn fill(&self, message: &Message, answer: &mut Answer) -> Option<Loss> {
        let Ok(request) = message.to_request(&self.origin) else {
            return Some(Loss::NotConnected);
        };
        loop {
            let (mut sender, reused) = match self.idle_connection().await {
                Some(sender) => (sender, true),
                None => match self.connect().await {
                    Ok(sender) => (sender, false),
                    Err(()) => return Some(Loss::NotConnected),
                },
            };
            match sender.try_send_request(request.clone()).await {
                Ok(response) => return self.read(sender, response, answer).await,
                // The service had closed a connection that was kept for it. What was never sent can
                // be sent again, and so can what only reads; anything else may have happened.
                Err(mut error) if reused => {
                    if error.take_message().is_none() && !message.only_reads() {
                        return Some(Loss::ConnectionLost);
                    }
                }
                Err(_) => return Some(Loss::ConnectionLost),
            }
        }
    }

    async fn read(
        &self,
        sender: Sender,
        response: Response<Incoming>,
        answer: &mut Answer,
    ) -> Option<Loss> {
        let (head, mut body) = response.into_parts();
        answer.status = head.status.as_u16();
        answer.headers = head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str().to_owned(), value.into_owned())
            })
            .collect();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return Some(Loss::ConnectionLost);
            };
            let Some(data) = frame.data_ref() else {
                continue;
            };
            let kept = data.len().min(self.kept_max - answer.body.len());
            answer.body.extend_from_slice(&data[..kept]);
            answer.body_dropped += (data.len() - kept) as u64;
            if answer.body_dropped > BODY_READ_MAX {
                return Some(Loss::TimedOut);
            }
        }
        if !sender.is_closed() {
            let mut idle = self.idle();
            if idle.len() < IDLE_MAX {
                idle.push(sender);
            }
        }
        None
    }

    async fn idle_connection(&self) -> Option<Sender> {
        loop {
            let mut sender = self.idle().pop()?;
            if sender.ready().await.is_ok() {
                return Some(sender);
            }
        }
    }

    /// Sees to it that this many connections are open, so that a race is one of requests only.
    pub(super) async fn open(&self, count: usize) {
        let mut opened = Vec::new();
        for _ in 0..count {
            match self.idle_connection().await {
                Some(sender) => opened.push(sender),
                None => opened.extend(self.connect().await),
            }
        }
        self.idle().extend(opened);
    }

    async fn connect(&self) -> Result<Sender, ()> {
        let stream = timeout(self.waits.connect, self.stream()).await;
        let stream = stream.map_err(|_| ())??;
        let handshake = Builder::new()
            .max_headers(HEADERS_MAX)
            .max_buf_size(HEAD_BYTES_MAX)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
            .await;
        let (sender, driver) = handshake.map_err(|_| ())?;
        // It ends when the sender and the body that is being read are dropped.
        tokio::spawn(async move {
            // What goes wrong is seen by whoever waits for the answer.
            let _ = driver.await;
        });
        Ok(sender)
    }

    async fn stream(&self) -> Result<Box<dyn Stream>, ()> {
        let address = (self.origin.host.as_str(), self.origin.port);
        let socket = TcpStream::connect(address).await.map_err(|_| ())?;
        socket.set_nodelay(true).map_err(|_| ())?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(socket));
        };
        let name = ServerName::try_from(self.origin.host.clone()).map_err(|_| ())?;
        let stream = tls.connect(name, socket).await.map_err(|_| ())?;
        Ok(Box::new(stream))
    }

    /// Sends a message, and closes the connection before the answer.
    pub(super) async fn abandon(&self, message: &Message) -> Answer {
        let sent = timeout(self.waits.answer, async {
            let mut stream = self.stream().await.map_err(|()| Loss::NotConnected)?;
            let bytes = message.to_bytes(&self.origin);
            let lost = |_| Loss::ConnectionLost;
            stream.write_all(&bytes).await.map_err(lost)?;
            stream.flush().await.map_err(lost)?;
            Ok::<(), Loss>(())
        });
        let lost = match sent.await {
            Ok(Ok(())) => Loss::ConnectionLost,
            Ok(Err(loss)) => loss,
            Err(_) => Loss::TimedOut,
        };
        Answer {
            lost: Some(lost),
            ..Answer::default()
        }
    }
}

fn unpack(answer: &mut Answer, kept_max: usize) {
    let encoding = answer.header("content-encoding").map(str::to_owned);
    if let Some(encoding) = encoding.filter(|_| !answer.body.is_empty()) {
        let decoded = decode(&encoding, std::mem::take(&mut answer.body), kept_max);
        answer.body = decoded.body;
        answer.body_dropped += decoded.dropped;
    }
}

/// Waits, as whoever looks again later does.
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// A request as the HTTP library wants it.
pub(super) type Outgoing = Request<Full<Bytes>>;
