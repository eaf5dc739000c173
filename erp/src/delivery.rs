//! How does a message reach somebody else's server? One signed POST, to where it may go, no further.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::sign::{hexadecimal, hmac};
use crate::options::Destinations;

/// A message, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number, the same for every attempt.
    pub id: String,
    /// The event that it tells.
    pub event: String,
    /// Its body, JSON.
    pub body: String,
}

/// How one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The receiver answered with this status.
    Answered(u16),
    /// Nobody answered.
    Unreachable,
    /// The address is not one where messages may go.
    Blocked,
}

/// Which kind of failure decides when to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// It arrived.
    Delivered,
    /// Nobody answered: soon, and more seldom.
    Unreachable,
    /// The receiver failed: a little later.
    Failed,
    /// The receiver asks for patience.
    Throttled,
    /// The receiver does not want it, or it may not be sent: never again.
    Refused,
}

/// How long one attempt may take.
const ATTEMPT_WAIT: Duration = Duration::from_secs(3);
/// What is read of an answer; nobody looks at it.
const ANSWER_MAX: usize = 16 * 1024;

impl Ending {
    /// Its category.
    pub fn category(self) -> Category {
        match self {
            Self::Answered(200..=299) => Category::Delivered,
            Self::Answered(429) => Category::Throttled,
            Self::Answered(408 | 500..=599) => Category::Failed,
            // A redirect is not followed: it could lead anywhere.
            Self::Answered(_) | Self::Blocked => Category::Refused,
            Self::Unreachable => Category::Unreachable,
        }
    }

    /// The status, if somebody answered.
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Answered(status) => Some(status),
            Self::Unreachable | Self::Blocked => None,
        }
    }
}

impl Category {
    /// Milliseconds until the next attempt after `attempt` of them; nothing when that was the last.
    pub fn back_off_ms(self, attempt: u32) -> Option<u64> {
        let schedule: &[u64] = match self {
            Self::Delivered | Self::Refused => &[],
            Self::Unreachable => &[1_000, 5_000],
            Self::Failed => &[2_000, 10_000],
            Self::Throttled => &[30_000, 60_000],
        };
        let at = usize::try_from(attempt.checked_sub(1)?).ok()?;
        schedule.get(at).copied()
    }

    /// What the log of deliveries says, when another attempt follows or none.
    pub fn outcome(self, retried: bool) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            _ if retried => "retried",
            _ => "given up",
        }
    }
}

/// What a message is signed with: its number, the time of the attempt and the body as it is sent, so
/// that nobody can replay it later or under another number.
pub fn signature(secret: &[u8], id: &str, timestamp: u64, body: &str) -> String {
    let stamp = timestamp.to_string();
    let parts = [id.as_bytes(), b".", stamp.as_bytes(), b".", body.as_bytes()];
    format!("v1={}", hexadecimal(&hmac(secret, &parts)))
}

/// Host and port of an address where messages may go.
fn destination(to: Destinations, url: &str) -> Option<(String, u16, String)> {
    let rest = url.strip_prefix("http://")?;
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, format!("/{path}")),
        None => (rest, "/".to_owned()),
    };
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, 80),
    };
    // By its literal name: what a name server says of another one can change afterwards.
    let loopback = host == "localhost" || host == "127.0.0.1";
    match to {
        Destinations::Loopback if loopback => Some(("127.0.0.1".to_owned(), port, path)),
        Destinations::Loopback | Destinations::Nowhere => None,
    }
}

/// Sends a message once.
pub async fn post(
    to: Destinations,
    url: &str,
    message: &Message,
    timestamp: u64,
    signature: &str,
) -> Ending {
    let Some((host, port, path)) = destination(to, url) else {
        return Ending::Blocked;
    };
    let request = hyper::Request::post(path)
        .header("Host", format!("{host}:{port}"))
        .header("Content-Type", "application/json")
        .header("Webhook-Id", &message.id)
        .header("Webhook-Event", &message.event)
        .header("Webhook-Timestamp", timestamp.to_string())
        .header("Webhook-Signature", signature)
        .body(Full::new(Bytes::from(message.body.clone())));
    let Ok(request) = request else {
        return Ending::Blocked;
    };
    match timeout(ATTEMPT_WAIT, exchange(&host, port, request)).await {
        Ok(Some(status)) => Ending::Answered(status),
        Ok(None) | Err(_) => Ending::Unreachable,
    }
}

async fn exchange(host: &str, port: u16, request: hyper::Request<Full<Bytes>>) -> Option<u16> {
    let socket = TcpStream::connect((host, port)).await.ok()?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(socket));
    let (mut sender, connection) = handshake.await.ok()?;
    let exchange = async {
        let response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        // Read, so that the receiver is not cut off; what it says does not matter.
        let _ = Limited::new(response.into_body(), ANSWER_MAX)
            .collect()
            .await;
        Some(status)
    };
    tokio::pin!(exchange);
    tokio::select! {
        status = &mut exchange => status,
        _ = connection => exchange.await,
    }
}

#[cfg(test)]
mod tests {
    use super::{Category, Destinations, Ending, destination, signature};

    #[test]
    fn messages_go_to_this_machine_over_http_alone() {
        for (url, expected) in [
            (
                "http://127.0.0.1:8080/hooks/a",
                Some(("127.0.0.1", 8080, "/hooks/a")),
            ),
            ("http://localhost", Some(("127.0.0.1", 80, "/"))),
            ("https://127.0.0.1/", None),
            ("http://127.0.0.1.example/", None),
            ("http://localhost@example/", None),
            ("http://169.254.169.254/", None),
            ("http://127.0.0.1:70000/", None),
            ("file:///etc/passwd", None),
        ] {
            let found = destination(Destinations::Loopback, url);
            let found = found
                .as_ref()
                .map(|(host, port, path)| (host.as_str(), *port, path.as_str()));
            assert_eq!(found, expected, "{url}");
            assert_eq!(destination(Destinations::Nowhere, url), None);
        }
    }

    #[test]
    fn each_category_backs_off_in_its_own_way() {
        for (ending, waits) in [
            (Ending::Answered(204), &[][..]),
            (Ending::Answered(301), &[]),
            (Ending::Answered(404), &[]),
            (Ending::Blocked, &[]),
            (Ending::Answered(429), &[30_000, 60_000]),
            (Ending::Answered(500), &[2_000, 10_000]),
            (Ending::Unreachable, &[1_000, 5_000]),
        ] {
            let category = ending.category();
            let taken: Vec<u64> = (1..)
                .map_while(|attempt| category.back_off_ms(attempt))
                .collect();
            assert_eq!(taken, waits, "{ending:?}");
        }
        assert_eq!(Category::Unreachable.outcome(true), "retried");
        assert_eq!(Category::Unreachable.outcome(false), "given up");
    }

    #[test]
    fn a_signature_covers_number_time_and_body() {
        let signed = signature(b"secret", "1", 7, "{}");
        assert!(signed.starts_with("v1=") && signed.len() == 3 + 64);
        for other in [
            signature(b"secreu", "1", 7, "{}"),
            signature(b"secret", "2", 7, "{}"),
            signature(b"secret", "1", 8, "{}"),
            signature(b"secret", "1", 7, "{ }"),
        ] {
            assert_ne!(signed, other);
        }
    }
}
