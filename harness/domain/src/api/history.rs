//! What happened on the API plane, recorded raw and judged later.

use serde::{Deserialize, Serialize};

use super::case::Case;
use crate::history::{Change, Loss, Response};
use crate::world::TenantIndex;

/// One case and everything that was seen while it ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The case.
    pub case: Case,
    /// One record for each step that was taken, in order. A case ends early when a preparation
    /// fails; then there are fewer records than steps.
    pub steps: Vec<Record>,
    /// How tables and catalogs differed, with the step after which it was seen. Steps of one race
    /// share the last one's. Empty where the database cannot be seen; see [`History::sees_rows`].
    pub changes: Vec<Change>,
    /// Whether rows were watched at all.
    pub sees_rows: bool,
    /// What the service delivered to the webhook receiver, in order of arrival.
    pub deliveries: Vec<Delivery>,
    /// What it wrote to its log, where that can be seen.
    pub log: Vec<LogLine>,
    /// Statements that reached the server, where that can be seen.
    pub statements: Vec<Statement>,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A request.
    Call {
        /// As it was sent.
        sent: Sent,
        /// What came back.
        answer: Answer,
    },
    /// T-SQL.
    Batch {
        /// As it was sent.
        batch: String,
        /// What came back.
        response: Response,
    },
    /// It could not be sent: an earlier answer did not hold what it refers to.
    Unresolved {
        /// The reference and why.
        reason: String,
    },
}

/// A request as it went over the wire, credentials redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Headers; `Authorization` and its like hold `<redacted>`.
    pub headers: Vec<(String, String)>,
    /// Body.
    #[serde(with = "super::octets")]
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The status; 0 when none came.
    pub status: u16,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed, cut at the recording limit.
    #[serde(with = "super::octets")]
    pub body: Vec<u8>,
    /// Bytes beyond the recording limit, counted but not kept.
    pub body_dropped: u64,
    /// Why no whole answer came.
    pub lost: Option<Loss>,
    /// Whether the caller's session was found dead, and could not be renewed: the answer says nothing
    /// of what he may do.
    pub dead_session: bool,
    /// Microseconds until the answer; measured, so left out of digests.
    pub latency_us: u64,
}

impl Answer {
    /// The body as JSON, if it is.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The first header of this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the status says success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// One request that the webhook receiver got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The step after which it was there.
    pub step: usize,
    /// The tenant for whom the receiving URL was handed out, if it was.
    pub receiver: Option<TenantIndex>,
    /// Path and query.
    pub target: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    #[serde(with = "super::octets")]
    pub body: Vec<u8>,
    /// What the receiver answered.
    pub answered: u16,
}

/// One line of the service's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The step after which it was there.
    pub step: usize,
    /// The line.
    pub text: String,
}

/// One statement that the service sent to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The step after which it was there.
    pub step: usize,
    /// Login.
    pub login: String,
    /// Database.
    pub database: String,
    /// Its text.
    pub text: String,
}

impl Record {
    /// The answer, when it was a request that was sent.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Call { answer, .. } => Some(answer),
            Self::Batch { .. } | Self::Unresolved { .. } => None,
        }
    }
}

impl History {
    /// The answer to a step, by its number from 0.
    pub fn answer(&self, step: usize) -> Option<&Answer> {
        self.steps.get(step).and_then(Record::answer)
    }
}
