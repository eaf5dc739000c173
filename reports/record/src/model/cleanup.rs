//! `cleanup.json`: what the run made at its target, and whether it is gone again.

use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleanup {
    /// [`Cleanup::SCHEMA`].
    pub schema: String,
    /// One for each system.
    pub systems: Vec<SystemCleanup>,
}

impl Cleanup {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/cleanup/v1";
}

/// One system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemCleanup {
    /// The system's key.
    pub key: String,
    /// Databases that the run made.
    pub databases: Vec<String>,
    /// Names of everything that it made begin with this, and nothing else was touched.
    pub marker: String,
    /// What became of them.
    pub ended: Ended,
}

/// What became of what the run made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The server itself was the run's own and ended with it.
    ServerEnded,
    /// Removed.
    Removed,
    /// Left on purpose (`--keep`).
    Kept,
    /// Could not be removed.
    Failed {
        /// Why.
        reason: String,
    },
    /// There is no server; what requests made stays where the service put it.
    Service,
}
