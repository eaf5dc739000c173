//! Who listens, and what bounds a request?

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::answer::{Answer, Body};
use super::problem::Problem;
use super::router::{self, Request};
use crate::service::Service;

/// The largest body that is read.
pub const BODY_MAX: usize = 256 * 1024;
/// How long one request may take.
pub const REQUEST_WAIT: Duration = Duration::from_secs(30);
/// How long a client may take for its headers.
const HEADERS_WAIT: Duration = Duration::from_secs(10);

/// Accepts connections until `ended` says so.
pub async fn serve(service: Arc<Service>, listener: TcpListener, mut ended: watch::Receiver<bool>) {
    loop {
        let socket = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => socket,
                // Too many open files, for instance: others will end.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            _ = ended.changed() => return,
        };
        let service = Arc::clone(&service);
        let mut ended = ended.clone();
        tokio::spawn(async move {
            let _ = socket.set_nodelay(true);
            let answer = service_fn(move |request| respond(Arc::clone(&service), request));
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS_WAIT)
                // The machine's clock is not this service's.
                .auto_date_header(false)
                .max_buf_size(64 * 1024)
                .serve_connection(TokioIo::new(socket), answer);
            // What a client does to its own connection is its own affair.
            tokio::select! {
                _ = connection => {}
                _ = ended.changed() => {}
            }
        });
    }
}

async fn respond(
    service: Arc<Service>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let method = request.method().as_str().to_owned();
    let answered = timeout(REQUEST_WAIT, read_and_answer(&service, request)).await;
    let (answer, operation) = answered.unwrap_or_else(|_| {
        let problem = Problem::new(503, "unavailable", "The service cannot answer now");
        (problem.into(), None)
    });
    // A line names the operation and not the path, which may hold anybody's words.
    let operation = operation.unwrap_or("unknown path");
    service.log(&format!("{} {operation} {}", known(&method), answer.status));
    Ok(response(answer))
}

async fn read_and_answer(
    service: &Arc<Service>,
    request: hyper::Request<Incoming>,
) -> (Answer, Option<&'static str>) {
    let (parts, body) = request.into_parts();
    // What is not asked for is not read.
    let asked_for = router::find(&service.routes, parts.method.as_str(), parts.uri.path());
    let bytes_max = match asked_for {
        Ok((route, _)) if route.operation.body.is_some() => BODY_MAX,
        _ => {
            drop(body);
            return router::answer(service, received(parts, Vec::new())).await;
        }
    };
    let body = match Limited::new(body, bytes_max).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) => {
            let problem = if error.is::<http_body_util::LengthLimitError>() {
                Problem::new(413, "too-large", "The body is too large")
            } else {
                Problem::new(400, "malformed", "The body cannot be read")
            };
            return (problem.into(), None);
        }
    };
    router::answer(service, received(parts, body)).await
}

fn received(parts: hyper::http::request::Parts, body: Vec<u8>) -> Request {
    Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    }
}

fn known(method: &str) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("OTHER")
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let (content_type, bytes) = match answer.body {
        Body::Nothing => (None, Vec::new()),
        Body::Json(value) => (Some("application/json"), value.to_string().into_bytes()),
        Body::Bytes(content_type, bytes) => (Some(content_type), bytes),
    };
    let mut response = Response::new(Full::new(Bytes::from(bytes)));
    *response.status_mut() =
        hyper::StatusCode::from_u16(answer.status).unwrap_or(hyper::StatusCode::OK);
    let headers = response.headers_mut();
    secure(headers);
    let own = answer.headers.into_iter();
    for (name, value) in own.chain(content_type.map(|value| ("Content-Type", value.to_owned()))) {
        if let (Ok(name), Ok(value)) = (
            hyper::header::HeaderName::from_bytes(name.as_bytes()),
            hyper::header::HeaderValue::from_str(&value),
        ) {
            headers.insert(name, value);
        }
    }
    response
}

/// What every answer tells browsers and caches: nothing of this is for anybody else.
fn secure(headers: &mut HeaderMap) {
    for (name, value) in [
        ("cache-control", "no-store"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("referrer-policy", "no-referrer"),
        (
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("vary", "Authorization"),
    ] {
        headers.insert(name, hyper::header::HeaderValue::from_static(value));
    }
}
