//! How does the server reach a socket? It listens, and serves every connection as TDS 7.4.
//!
//! | file | question |
//! |---|---|
//! | `handshake.rs` | who is there: prelogin, TLS, login |
//! | `connection.rs` | what happens on a connection after its login? |
//! | `requests.rs` | which call of the session is a request, and what is an unreadable one answered? |
//! | `answer.rs` | how does an answer become packets? |
//! | `wire_types.rs` | how do types and values look on the wire? |
//! | `stream.rs`, `tunnel.rs` | what do the packets travel on? |
//!
//! Everything waits with a bound: a login for its timeout, an answer for the limit on unread
//! bytes. Only an idle connection may wait for ever. A failure of one connection ends that
//! connection and is reported to [`EndpointOptions::on_failure`].

mod answer;
mod connection;
mod handshake;
mod requests;
mod stream;
mod tunnel;
mod wire_types;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::Server;

/// Whether the endpoint can encrypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// It cannot: clients that demand encryption go away.
    Off,
    /// TLS 1.2 with a certificate made for this run, for clients that ask for it, and for the
    /// login of the others.
    SelfSigned,
}

/// How an endpoint listens.
#[derive(Clone)]
pub struct EndpointOptions {
    /// Where; port 0 takes a free one.
    pub address: SocketAddr,
    /// Encryption.
    pub tls: Tls,
    /// How long a client may take from connecting to the end of its login.
    pub login_timeout: Duration,
    /// Connections at one time, before and after their login; further ones are closed.
    pub connections_max: usize,
    /// Bytes of one request.
    pub request_bytes_max: usize,
    /// Bytes of an answer that may wait for the client to read them.
    pub unsent_bytes_max: usize,
    /// The name that a login is answered with. Some clients accept "Microsoft SQL Server" only.
    pub program_name: String,
    /// Whether whoever asks has nobody beside him who must not wait: then requests that are soon over run in the task of
    /// their connection even where all tasks share one thread.
    pub serves_one: bool,
    /// Is told of every connection that ended for another reason than its client's wish.
    pub on_failure: Arc<dyn Fn(&ConnectionFailure) + Send + Sync>,
}

impl Default for EndpointOptions {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: Tls::SelfSigned,
            login_timeout: Duration::from_secs(15),
            connections_max: 4096,
            request_bytes_max: 64 << 20,
            unsent_bytes_max: 256 << 20,
            program_name: "Microsoft SQL Server".to_owned(),
            serves_one: false,
            on_failure: Arc::new(|_| {}),
        }
    }
}

impl fmt::Debug for EndpointOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointOptions")
            .field("address", &self.address)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Why a connection ended.
#[derive(Debug)]
pub enum ConnectionFailure {
    /// The bytes on it were no TDS, or the network failed.
    Io(SocketAddr, io::Error),
    /// No login within the timeout.
    LoginTimeout(SocketAddr),
    /// There were too many connections.
    TooMany(SocketAddr),
    /// A bug of this server: a request panicked outside of what a session contains.
    Panic(SocketAddr),
}

impl fmt::Display for ConnectionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(peer, error) => write!(f, "connection from {peer} failed: {error}"),
            Self::LoginTimeout(peer) => write!(f, "connection from {peer} did not log in in time"),
            Self::TooMany(peer) => {
                write!(f, "connection from {peer} closed: too many connections")
            }
            Self::Panic(peer) => {
                write!(
                    f,
                    "a request from {peer} panicked; its connection was closed"
                )
            }
        }
    }
}

/// A listening server. Dropping it closes the socket and every connection; [`Endpoint::shutdown`]
/// does the same and waits for it.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    /// Closed when the last session is gone.
    alive: mpsc::Receiver<Infallible>,
}

/// What every connection is given.
struct Shared {
    server: Server,
    options: EndpointOptions,
    acceptor: Option<TlsAcceptor>,
    /// Requests that were handed to other threads and are not over.
    elsewhere: AtomicUsize,
}

/// How long [`Endpoint::shutdown`] waits for requests that are being cancelled.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

impl Endpoint {
    /// Listens. Must be called inside of a tokio runtime with time and network; every connection
    /// is a task of that runtime.
    pub async fn bind(server: Server, options: EndpointOptions) -> io::Result<Self> {
        let acceptor = match options.tls {
            Tls::Off => None,
            Tls::SelfSigned => Some(tunnel::self_signed_acceptor()?),
        };
        let listener = TcpListener::bind(options.address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let (alive_sender, alive) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            server,
            options,
            acceptor,
            elsewhere: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(listener, shared, stopped, alive_sender));
        Ok(Self {
            address,
            stop,
            accepting,
            alive,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the socket and every connection, and waits until their sessions are gone. Running
    /// requests are cancelled; one that does not end soon is left behind.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let gone = async {
            // A panic of the accepting task has ended it too.
            let _ = (&mut self.accepting).await;
            self.alive.recv().await;
        };
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, gone).await;
    }
}

async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
    alive: mpsc::Sender<Infallible>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                // Errors of accept belong to one client, or to a lack of descriptors that the
                // end of a connection will cure.
                let Ok((tcp, peer)) = accepted else {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    continue;
                };
                if connections.len() >= shared.options.connections_max {
                    (shared.options.on_failure)(&ConnectionFailure::TooMany(peer));
                    continue;
                }
                let stopped = stopped.clone();
                connections.spawn(contain(tcp, peer, Arc::clone(&shared), stopped, alive.clone()));
            }
        }
    }
    while connections.join_next().await.is_some() {}
}

/// Serves one connection and reports how it failed, if it did.
async fn contain(
    tcp: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
    alive: mpsc::Sender<Infallible>,
) {
    let on_failure = Arc::clone(&shared.options.on_failure);
    // A task of its own, so that a panic ends the connection and is seen here.
    let mut serving = tokio::spawn(connection::serve(tcp, peer, shared, alive));
    let outcome = tokio::select! {
        outcome = &mut serving => outcome,
        _ = stopped.changed() => {
            serving.abort();
            serving.await
        }
    };
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => on_failure(&failure),
        Err(error) if error.is_panic() => on_failure(&ConnectionFailure::Panic(peer)),
        Err(_) => {}
    }
}
