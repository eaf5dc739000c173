//! What happened, recorded raw and judged later. Time inside a history is a counter.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::surface::Cell;

/// One case and everything that was seen while it ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The case.
    pub case: Case,
    /// One record for each step, in order.
    pub steps: Vec<StepRecord>,
    /// How the tables and catalogs differed after the case from before, narrowed to steps where
    /// possible.
    pub changes: Vec<Change>,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The batch as it was sent, references resolved.
    pub batch: String,
    /// The answer to the twin, when there is one.
    pub twin: Option<Response>,
    /// The answer to the step.
    pub response: Response,
}

/// The answer to one batch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Response {
    /// Result sets in order.
    pub results: Vec<ResultSet>,
    /// Rows affected, summed over the batch's statements.
    pub rows_affected: u64,
    /// Errors in order.
    pub errors: Vec<ServerMessage>,
    /// Messages of severity 10 and below, in order.
    pub messages: Vec<ServerMessage>,
    /// Set when the connection was lost or the answer did not come in time.
    pub lost: Option<Loss>,
}

/// Why no whole answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The connection ended.
    ConnectionLost,
    /// The bounded wait ran out.
    TimedOut,
    /// The session could not be opened.
    NotConnected,
}

/// One result set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ResultSet {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
    /// Rows beyond the recording limit, counted but not kept.
    pub rows_dropped: u64,
}

/// A server message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerMessage {
    /// Number.
    pub number: i32,
    /// Severity.
    pub severity: u8,
    /// State.
    pub state: u8,
    /// Text.
    pub text: String,
}

/// One observed difference between two moments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The step after which it was seen; `None` when it could not be narrowed down.
    pub step: Option<usize>,
    /// The database.
    pub database: String,
    /// What changed.
    pub what: Changed,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Rows of a table.
    Rows {
        /// `schema.table`.
        table: String,
        /// Rows that were not there before.
        added: Vec<Vec<Cell>>,
        /// Rows that are gone.
        removed: Vec<Vec<Cell>>,
    },
    /// The catalog: objects, principals, permissions, memberships; one line each.
    Catalog {
        /// Facts that were not there before.
        added: Vec<String>,
        /// Facts that are gone.
        removed: Vec<String>,
    },
    /// The table cannot be read any more, or is gone.
    Unreadable {
        /// `schema.table`, or empty for the whole database.
        table: String,
        /// Why.
        error: String,
    },
}

/// A short name for every table of a database, and what its content hashes to.
pub type Fingerprints = BTreeMap<String, String>;

/// How far a database was touched, as far as a server tells without being asked in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    /// Its catalog may differ, and any of its tables.
    Everything,
    /// Only rows of these tables may, and what these sequences gave out last, as `schema.name`.
    Contents(BTreeSet<String>),
}

impl Response {
    /// The first error, if any.
    pub fn first_error(&self) -> Option<&ServerMessage> {
        self.errors.first()
    }

    /// Number of rows in all result sets, dropped ones included.
    pub fn rows_returned(&self) -> u64 {
        self.results
            .iter()
            .map(|set| set.rows.len() as u64 + set.rows_dropped)
            .sum()
    }
}
