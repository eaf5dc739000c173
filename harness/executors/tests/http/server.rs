//! A small service for tests: it reads a request and does with the connection what it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connection::Trust;
use domain::api::history::{Answer, Record};
use domain::api::request::{Caller, Request};
use domain::api::service::{ApiActor, Authentication, Service};
use domain::seed::Seed;
use domain::system::Secret;
use domain::world::{Mark, Tenant, TenantIndex, World};
use executors::http::{Callers, HttpService, Waits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the service does after it has read a request.
pub(crate) enum Reply {
    /// Writes this and waits for the next request.
    Keep(Vec<u8>),
    /// Writes this and closes.
    Close(Vec<u8>),
    /// Writes this and nothing more, ever.
    Hang(Vec<u8>),
    /// Writes the first, then the second again and again.
    Repeat(Vec<u8>, Vec<u8>),
}

/// A response with a length.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// Every request that a service has read, as text.
pub(crate) type Read = Arc<Mutex<Vec<String>>>;

/// Starts a service; gives its base URL and what it reads.
pub(crate) async fn serve(
    answer: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (String, Read) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let read = Read::default();
    let (answer, shared) = (Arc::new(answer), Arc::clone(&read));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (answer, shared) = (Arc::clone(&answer), Arc::clone(&shared));
            tokio::spawn(async move {
                // A client that goes away is part of the tests.
                let _ = converse(socket, &*answer, &shared).await;
            });
        }
    });
    (url, read)
}

async fn converse(
    mut socket: TcpStream,
    answer: &(dyn Fn(&str) -> Reply + Send + Sync),
    read: &Read,
) -> std::io::Result<()> {
    while let Some(request) = request(&mut socket).await? {
        read.lock().expect("no panic").push(request.clone());
        match answer(&request) {
            Reply::Keep(bytes) => socket.write_all(&bytes).await?,
            Reply::Close(bytes) => {
                socket.write_all(&bytes).await?;
                return socket.shutdown().await;
            }
            Reply::Hang(bytes) => {
                socket.write_all(&bytes).await?;
                std::future::pending::<()>().await;
            }
            Reply::Repeat(first, again) => {
                socket.write_all(&first).await?;
                loop {
                    socket.write_all(&again).await?;
                }
            }
        }
    }
    Ok(())
}

async fn request(socket: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(Some(text));
            }
        }
        let mut chunk = [0; 4_096];
        let count = socket.read(&mut chunk).await?;
        if count == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk[..count]);
    }
}

/// Two tenants.
pub(crate) fn world() -> Arc<World> {
    let tenant = |(index, name): (usize, &&str)| Tenant {
        name: (*name).to_owned(),
        database: String::new(),
        mark: Mark::new(Seed(1), index),
        organisation: None,
        departments: Vec::new(),
    };
    let tenants = ["acme", "globex"].iter().enumerate().map(tenant);
    Arc::new(World {
        tenants: tenants.collect(),
        shared_databases: Vec::new(),
    })
}

/// Callers of a service with one actor, `clerk`, who proves himself like this.
pub(crate) async fn callers(url: &str, authentication: Authentication) -> Callers {
    trusting(url, authentication, Trust::System).await
}

/// The same, who believe whom they are told to.
pub(crate) async fn trusting(url: &str, authentication: Authentication, trust: Trust) -> Callers {
    let actor = ApiActor {
        authentication,
        department: None,
        may: None,
        tenants: Vec::new(),
    };
    let service = Service {
        actors: BTreeMap::from([("clerk".to_owned(), actor)]),
        ..Service::default()
    };
    let at = HttpService {
        base_url: url.to_owned(),
        trust,
        waits: Waits {
            connect: Duration::from_millis(500),
            answer: Duration::from_millis(700),
        },
    };
    let secrets = |_: &Secret| Ok::<_, std::io::Error>("s3cret".to_owned());
    let now = Arc::new(|| Duration::ZERO);
    let callers = Callers::new(&service, &at, world(), secrets, now).await;
    callers.expect("a valid URL")
}

pub(crate) fn clerk() -> Caller {
    Caller::of(TenantIndex(0), "clerk")
}

pub(crate) fn get(path: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
    }
}

pub(crate) fn answer(record: Record) -> Answer {
    match record {
        Record::Call { answer, .. } => answer,
        other => panic!("it was not sent: {other:?}"),
    }
}
