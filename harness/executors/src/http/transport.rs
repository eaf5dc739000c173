//! What the way to a service is like, before anybody asks it for anything: handshakes of every version
//! of TLS, and what a first answer says of them. Recorded raw.

use domain::api::request::Request;
use domain::history::ResultSet;
use domain::inspection::{Answer, Fact, Topic};
use domain::surface::Cell;

use super::callers::HttpService;
use super::compose::Message;
use super::handshakes::{OLDER, PRESENT, offer, shake};
use super::wire::Wire;

const HEADER: &str = "Strict-Transport-Security";

/// One row for everything that was asked: what, and what came back.
pub(super) async fn look(wire: &Wire, at: &HttpService) -> Fact {
    let mut rows = vec![row("address", &at.base_url)];
    if wire.origin.is_tls {
        let patience = at.waits.connect;
        for (name, version) in OLDER {
            rows.push(row(name, &offer(&wire.origin, version, patience).await));
        }
        let shaken = shake(&wire.origin, &at.trust, patience).await;
        rows.push(row(PRESENT, &shaken));
        rows.extend(first_answer(wire).await);
    }
    Fact {
        topic: Topic::Transport,
        database: String::new(),
        asked: format!(
            "a client hello of each version of TLS, and GET, to {}",
            at.base_url
        ),
        answer: Answer::Sets(vec![ResultSet {
            columns: vec!["asked".into(), "came".into()],
            rows,
            rows_dropped: 0,
        }]),
    }
}

/// Status and promise of strictness of whatever is answered to a caller without credentials.
async fn first_answer(wire: &Wire) -> Vec<Vec<Cell>> {
    let request = Request {
        method: "GET".into(),
        path: "/".into(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
    };
    let Ok(message) = Message::new(&request, &[]) else {
        return Vec::new();
    };
    let answer = wire.exchange(&message).await;
    if answer.status == 0 {
        return Vec::new();
    }
    let mut rows = vec![row("status", &format!("HTTP {}", answer.status))];
    // Of several, only the first counts.
    let strict = answer.header(&HEADER.to_ascii_lowercase());
    rows.extend(strict.map(|value| row(HEADER, value)));
    rows
}

fn row(asked: &str, came: &str) -> Vec<Cell> {
    vec![Cell::Text(asked.into()), Cell::Text(came.into())]
}
