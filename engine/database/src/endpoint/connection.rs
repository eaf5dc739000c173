//! What happens on a connection after its login? Requests, one after the other, and attention.
//!
//! A request runs on a blocking thread, because it may wait for locks. Meanwhile this task sends
//! what is ready and listens for an attention, which may come at any moment. What is soon over
//! ([`is_brief`]) and finds nobody in its way runs in the task itself: two changes of thread cost
//! more than most requests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tds::{Message, PacketType, Request, Reset, TokenWriter, encode_message};
use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::mpsc;
use tokio::task::JoinError;

use super::answer::{Answer, AnswerContext};
use super::handshake::{LoggedIn, log_in};
use super::requests::{carry_out, is_brief, unreadable};
use super::stream::{MessageReader, Stream};
use super::{ConnectionFailure, Shared};
use crate::{CancelHandle, Session};

/// How often a cancellation is repeated until the request has heard it. It may have been said
/// before the request began, which clears it.
const CANCEL_INTERVAL: Duration = Duration::from_millis(10);

/// Serves one connection to its end.
pub(super) async fn serve(
    tcp: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    alive: mpsc::Sender<Infallible>,
) -> Result<(), ConnectionFailure> {
    let io = |error| ConnectionFailure::Io(peer, error);
    tcp.set_nodelay(true).map_err(io)?;
    let logged_in =
        match tokio::time::timeout(shared.options.login_timeout, log_in(tcp, &shared)).await {
            Err(_) => return Err(ConnectionFailure::LoginTimeout(peer)),
            Ok(logged_in) => logged_in.map_err(io)?,
        };
    let Some(LoggedIn {
        stream,
        reader,
        session,
        context,
    }) = logged_in
    else {
        return Ok(());
    };
    let (read_half, write_half) = tokio::io::split(stream);
    let mut connection = Connection {
        peer,
        reader,
        read_half,
        write_half,
        context,
        shared,
        session: OwnedSession {
            session: Some(session),
            alive,
        },
        queued: None,
    };
    match connection.serve_requests().await {
        Err(ConnectionFailure::Io(_, error)) if is_hang_up(&error) => Ok(()),
        outcome => outcome,
    }
}

/// A session that is dropped on a blocking thread: its end undoes a transaction, for which it
/// has to wait for the instance.
struct OwnedSession {
    session: Option<Session>,
    alive: mpsc::Sender<Infallible>,
}

/// A session on its way back from a request. Fields are dropped in order: the session first.
struct Running {
    session: Session,
    #[expect(dead_code, reason = "its end is what the endpoint waits for")]
    alive: mpsc::Sender<Infallible>,
}

impl Drop for OwnedSession {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        let alive = self.alive.clone();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || {
                drop(session);
                drop(alive);
            });
        }
    }
}

/// Cancels a request whose connection is given up.
struct CancelOnDrop(CancelHandle);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A request that was handed to another thread, from then until it is over.
struct Elsewhere(Arc<Shared>);

impl Elsewhere {
    fn one_more(shared: &Arc<Shared>) -> Self {
        shared.elsewhere.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(shared))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.0.elsewhere.fetch_sub(1, Ordering::AcqRel);
    }
}

struct Connection {
    peer: SocketAddr,
    reader: MessageReader,
    read_half: ReadHalf<Stream>,
    write_half: WriteHalf<Stream>,
    context: AnswerContext,
    shared: Arc<Shared>,
    session: OwnedSession,
    /// A request that came while another one was running.
    queued: Option<Message>,
}

/// What the client did while its request was running.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Client {
    Waits,
    /// It wants the request to end.
    Attention,
    /// It is gone.
    Gone,
}

impl Connection {
    async fn serve_requests(&mut self) -> Result<(), ConnectionFailure> {
        loop {
            let message = match self.queued.take() {
                Some(message) => message,
                None => match self.reader.next(&mut self.read_half).await {
                    Ok(Some(message)) => message,
                    Ok(None) => return Ok(()),
                    Err(error) => return Err(ConnectionFailure::Io(self.peer, error)),
                },
            };
            match Request::decode(&message) {
                // Nothing runs: it ended before the attention arrived.
                Ok(Request::Attention) => self.acknowledge_attention().await?,
                Ok(request) => {
                    if self.run(request, message.reset).await? == Client::Gone {
                        return Ok(());
                    }
                    if self.session.session.as_ref().is_none_or(Session::is_dead) {
                        return self.hang_up().await;
                    }
                }
                Err(error) => {
                    let (error, connection) = unreadable(&error);
                    let (sender, mut receiver) = mpsc::unbounded_channel();
                    let mut answer = Answer::new(self.context.clone(), sender, &|| {});
                    answer.fail(&error);
                    answer.finish();
                    while let Some(packets) = receiver.recv().await {
                        self.send(&packets).await?;
                    }
                    if connection == super::requests::Connection::Closes {
                        return self.hang_up().await;
                    }
                }
            }
        }
    }

    /// Runs a request and sends its answer while it grows.
    async fn run(&mut self, request: Request, reset: Reset) -> Result<Client, ConnectionFailure> {
        let Some(mut session) = self.session.session.take() else {
            return Ok(Client::Gone);
        };
        if is_brief(&request) && session.is_unhindered() && self.may_run_here() {
            return self.run_here(session, request, reset).await;
        }
        let cancel = session.cancel_handle();
        let guard = CancelOnDrop(cancel.clone());
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let context = self.context.clone();
        let alive = self.session.alive.clone();
        let elsewhere = Elsewhere::one_more(&self.shared);
        let mut job = tokio::task::spawn_blocking(move || {
            let _elsewhere = elsewhere;
            let cancel = session.cancel_handle();
            let cancel = move || cancel.cancel();
            let mut answer = Answer::new(context, sender, &cancel);
            carry_out(&mut session, request, reset, &mut answer);
            answer.finish();
            // Nobody may be left to take the session: it must end before its sign of life does.
            Running { session, alive }
        });
        let mut client = Client::Waits;
        let finished: Result<Running, JoinError> = loop {
            tokio::select! {
                biased;
                Some(packets) = receiver.recv() => self.send(&packets).await?,
                finished = &mut job => break finished,
                message = self.reader.next(&mut self.read_half),
                    if client == Client::Waits && self.queued.is_none() => match message
                {
                    Ok(Some(message)) if message.kind == PacketType::Attention => {
                        client = Client::Attention;
                        cancel.cancel();
                    }
                    Ok(Some(message)) => self.queued = Some(message),
                    Ok(None) | Err(_) => {
                        client = Client::Gone;
                        cancel.cancel();
                    }
                },
                () = tokio::time::sleep(CANCEL_INTERVAL), if client != Client::Waits => {
                    cancel.cancel();
                }
            }
        };
        drop(guard);
        match finished {
            Ok(running) => self.session.session = Some(running.session),
            Err(_) => return Err(ConnectionFailure::Panic(self.peer)),
        }
        if client == Client::Gone {
            return Ok(client);
        }
        while let Some(packets) = receiver.recv().await {
            self.send(&packets).await?;
        }
        if client == Client::Attention {
            // In a message of its own: clients wait for the end of the request's answer first.
            self.acknowledge_attention().await?;
        }
        Ok(client)
    }

    /// Whether nobody is kept waiting who must not be. Where all tasks share one thread, a request may run on it only
    /// while none runs elsewhere: the two could need each other's locks, and the other's transaction could not go on.
    fn may_run_here(&self) -> bool {
        let is_alone = self.shared.elsewhere.load(Ordering::Acquire) == 0;
        (self.shared.options.serves_one && is_alone) || others_go_on()
    }

    /// Runs a request in this task, and then sends its answer.
    async fn run_here(
        &mut self,
        mut session: Session,
        request: Request,
        reset: Reset,
    ) -> Result<Client, ConnectionFailure> {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        // Nobody can read yet what is being written.
        let context = AnswerContext {
            unsent_bytes_max: usize::MAX,
            ..self.context.clone()
        };
        let finished = catch_unwind(AssertUnwindSafe(|| {
            let mut answer = Answer::new(context, sender, &|| {});
            carry_out(&mut session, request, reset, &mut answer);
            answer.finish();
            session
        }));
        match finished {
            Ok(session) => self.session.session = Some(session),
            Err(_) => return Err(ConnectionFailure::Panic(self.peer)),
        }
        while let Some(packets) = receiver.recv().await {
            self.send(&packets).await?;
        }
        Ok(Client::Waits)
    }

    async fn acknowledge_attention(&mut self) -> Result<(), ConnectionFailure> {
        let mut tokens = TokenWriter::new();
        tokens.done(
            tds::DoneKind::Done,
            tds::Done {
                attention: true,
                ..tds::Done::default()
            },
        );
        let AnswerContext {
            packet_size,
            session_id,
            ..
        } = self.context;
        let packets = encode_message(
            PacketType::TabularResult,
            packet_size,
            session_id,
            &tokens.take(),
        );
        self.context
            .unsent
            .fetch_add(packets.len(), Ordering::Relaxed);
        self.send(&packets).await
    }

    async fn send(&mut self, packets: &[u8]) -> Result<(), ConnectionFailure> {
        let sent = async {
            self.write_half.write_all(packets).await?;
            self.write_half.flush().await
        };
        sent.await
            .map_err(|error| ConnectionFailure::Io(self.peer, error))?;
        self.context
            .unsent
            .fetch_sub(packets.len(), Ordering::Relaxed);
        Ok(())
    }

    /// The server ends the connection, after everything was sent.
    async fn hang_up(&mut self) -> Result<(), ConnectionFailure> {
        self.write_half
            .shutdown()
            .await
            .map_err(|error| ConnectionFailure::Io(self.peer, error))
    }
}

/// Whether other tasks go on while this one does not give way.
fn others_go_on() -> bool {
    let runtime = Handle::current();
    runtime.runtime_flavor() == RuntimeFlavor::MultiThread && runtime.metrics().num_workers() > 1
}

/// Many clients end a connection by letting go of their socket.
fn is_hang_up(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}
