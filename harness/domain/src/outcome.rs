//! How the target answered one step. Only `Denied` is evidence of isolation.

use serde::{Deserialize, Serialize};

/// The meaning of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was carried out.
    Permitted,
    /// It was refused because of missing rights.
    Denied {
        /// The error number.
        number: i32,
    },
    /// It failed for a reason unrelated to isolation: bad syntax, missing feature, constraint.
    Failed {
        /// The error number.
        number: i32,
    },
    /// The connection died or the wait ran out: it may or may not have happened.
    Unknown,
}

impl Outcome {
    /// One letter for compact records: P, D, F, U.
    pub fn letter(&self) -> char {
        match self {
            Self::Permitted => 'P',
            Self::Denied { .. } => 'D',
            Self::Failed { .. } => 'F',
            Self::Unknown => 'U',
        }
    }
}
