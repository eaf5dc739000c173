//! The place where a service delivers its webhooks: a listener on loopback that keeps everything.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::api::history::Delivery;
use domain::world::TenantIndex;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::error::HttpError;

/// Bytes of a delivery's body; what is longer is cut off.
const BODY_MAX: usize = 1 << 20;
/// Deliveries that are kept until they are taken; later ones are answered and forgotten.
const KEPT_MAX: usize = 10_000;
/// Connections at the same time.
const CONNECTIONS_MAX: usize = 64;
const HEAD_WAIT: Duration = Duration::from_secs(10);
const DELIVERED: u16 = 200;

/// Receives webhooks until it is dropped.
#[derive(Debug)]
pub struct Receiver {
    port: u16,
    book: Arc<Mutex<Book>>,
    listener: JoinHandle<()>,
}

/// What has arrived and what shall be answered.
#[derive(Debug, Default)]
struct Book {
    arrived: Vec<Delivery>,
    answers: BTreeMap<TenantIndex, VecDeque<u16>>,
}

impl Receiver {
    /// Listens on a free port of loopback.
    pub async fn start() -> Result<Self, HttpError> {
        let failed = |error: std::io::Error| HttpError::Receiver {
            reason: error.to_string(),
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let book = Arc::new(Mutex::new(Book::default()));
        let listener = tokio::spawn(listen(listener, Arc::clone(&book)));
        Ok(Self {
            port,
            book,
            listener,
        })
    }

    /// The URL that is handed out for a tenant.
    pub fn url(&self, tenant: TenantIndex) -> String {
        format!("http://127.0.0.1:{}/hooks/{}", self.port, tenant.0)
    }

    /// Answers the next deliveries to a tenant's URL with these statuses, one each; those after
    /// them with 200 again.
    pub fn answer_with(&self, tenant: TenantIndex, statuses: &[u16]) {
        let statuses = statuses.iter().copied().collect();
        book(&self.book).answers.insert(tenant, statuses);
    }

    /// What arrived since it was last asked, in order, as seen after `step`.
    pub fn take(&self, step: usize) -> Vec<Delivery> {
        let mut arrived = std::mem::take(&mut book(&self.book).arrived);
        for delivery in &mut arrived {
            delivery.step = step;
        }
        arrived
    }

    /// Forgets what arrived and what was to be answered: before another case.
    pub fn forget(&self) {
        *book(&self.book) = Book::default();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn book(shared: &Mutex<Book>) -> MutexGuard<'_, Book> {
    // Deliveries are added whole, so whoever panicked left whole ones.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, shared: Arc<Mutex<Book>>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        // A connection that was gone before it was accepted is no reason to stop.
        let Ok((socket, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let answer = service_fn(|request| receive(request, &shared));
            // Whatever went wrong with it, the delivery was kept or never came.
            let _ = Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_WAIT)
                .serve_connection(TokioIo::new(socket), answer)
                .await;
            drop(place);
        });
    }
}

async fn receive(
    request: Request<Incoming>,
    shared: &Mutex<Book>,
) -> Result<Response<Empty<Bytes>>, std::convert::Infallible> {
    let (head, body) = request.into_parts();
    let target = head
        .uri
        .path_and_query()
        .map_or_else(|| head.uri.to_string(), ToString::to_string);
    let receiver = head.uri.path().strip_prefix("/hooks/");
    let receiver = receiver.and_then(|rest| rest.split('/').next()?.parse().ok());
    let receiver = receiver.map(TenantIndex);
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    });
    let headers = headers.collect();
    let body = whole(body).await;
    let mut book = book(shared);
    let answered = receiver
        .and_then(|tenant| book.answers.get_mut(&tenant)?.pop_front())
        .unwrap_or(DELIVERED);
    if book.arrived.len() < KEPT_MAX {
        book.arrived.push(Delivery {
            step: 0,
            receiver,
            target,
            headers,
            body,
            answered,
        });
    }
    drop(book);
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::from_u16(answered).unwrap_or(StatusCode::OK);
    Ok(response)
}

async fn whole(body: Incoming) -> Vec<u8> {
    let mut body = Limited::new(body, BODY_MAX);
    let mut bytes = Vec::new();
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            if let Some(data) = frame.data_ref() {
                bytes.extend_from_slice(data);
            }
        }
    };
    // A body that does not end is kept as far as it came.
    let _ = tokio::time::timeout(HEAD_WAIT, read).await;
    bytes
}
