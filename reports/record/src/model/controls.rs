//! `controls.json`: the controls of the test itself. Did rightful callers get in (positive), were others refused
//! (negative), and are planted faults found (sensitivity)? The promises under test are in `run.json`.

use domain::verdict::Tally;
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestControls {
    /// [`TestControls::SCHEMA`].
    pub schema: String,
    /// For each system, what rightful callers got.
    pub positive: Vec<Positive>,
    /// For each system, what others were refused.
    pub negative: Vec<Negative>,
    /// What `watertight selftest --out FILE` wrote about this version and configuration; `null` when it was not
    /// given, and then nothing is said about sensitivity.
    pub sensitivity: serde_json::Value,
}

impl TestControls {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/test-controls/v1";
}

/// An attempt counts only if the rightful owner did the same in the same state and succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Positive {
    /// The system's key.
    pub system: String,
    /// Attempts made.
    pub attempts: u64,
    /// Attempts whose rightful twin succeeded first.
    pub twins_succeeded: u64,
    /// Attempts that do not count, for any reason.
    pub not_counted: u64,
}

/// What was refused, and what was carried out without a forbidden effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Negative {
    /// The system's key.
    pub system: String,
    /// Armed attempts that were refused for the right reason.
    pub refused: u64,
    /// Armed attempts that were carried out and had no forbidden effect.
    pub harmless: u64,
    /// Armed attempts that crossed.
    pub crossed: u64,
}

impl TestControls {
    /// What the cells of each system, by key, come to.
    pub fn new(tallies: &[(String, Tally)], sensitivity: serde_json::Value) -> Self {
        let positive = tallies.iter().map(|(system, tally)| Positive {
            system: system.clone(),
            attempts: tally.attempts,
            twins_succeeded: tally.armed,
            not_counted: tally.attempts.saturating_sub(tally.armed),
        });
        let negative = tallies.iter().map(|(system, tally)| Negative {
            system: system.clone(),
            refused: tally.denied,
            harmless: tally.harmless,
            crossed: tally.crossed,
        });
        Self {
            schema: Self::SCHEMA.to_owned(),
            positive: positive.collect(),
            negative: negative.collect(),
            sensitivity,
        }
    }
}
