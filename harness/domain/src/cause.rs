//! One mistake behind many findings, told once: with its blast radius, its shortest case, and whether
//! somebody has decided to live with it.

use serde::{Deserialize, Serialize};

use crate::control::ControlId;
use crate::finding::{Finding, Fingerprint, Severity};
use crate::{api, case, history};

/// A cause: findings that one repair would make disappear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// Stable over runs, seeds and versions of the tool; names its files: `scoping-3f9a1c02`.
    pub id: String,
    /// The finding that shows it best. Its sentence, batch and changes are those of the shortest case.
    pub finding: Finding,
    /// Every promise that it breaks, those of its finding first.
    pub controls: Vec<ControlId>,
    /// Every other fingerprint of the same cause, in order.
    pub blast_radius: Vec<Fingerprint>,
    /// Why it is a contradiction, in a few short lines: what is declared, who did what, what was seen.
    pub contradiction: Vec<String>,
    /// Whether it counts for the gate.
    pub standing: Standing,
    /// Its shortest case and how that was come by; the case in which it was first seen where states
    /// cannot be put back or it does not show again; `None` for what an inspection saw.
    pub shrunk: Option<Shrunk>,
}

/// Whether a cause counts for the gate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It counts.
    #[default]
    New,
    /// It is in the baseline file: it was there before.
    Known,
    /// Somebody decided to live with it for a while.
    Waived(Waiver),
}

/// A decision to live with a cause for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Its own id, for reports.
    pub id: String,
    /// Id of the cause.
    pub cause: String,
    /// The promises whose breaking is lived with; when a cause breaks others, it counts. Empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<ControlId>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Last day on which it applies, `YYYY-MM-DD`.
    pub expires: String,
}

/// A cause that was there before: a line of a baseline file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownCause {
    /// The system in which it was found.
    pub system: String,
    /// Its id.
    pub id: String,
    /// The promises that it broke; when it breaks others, it counts.
    pub controls: Vec<ControlId>,
    /// How bad it was; when it is worse, it counts.
    pub severity: Severity,
    /// What it was, for people.
    pub sentence: String,
}

/// The shortest case that shows a cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shrunk {
    /// The case.
    pub case: AnyCase,
    /// What happened when it last showed the cause, for `watertight judge`.
    pub history: AnyHistory,
    /// Steps of the case in which it was first seen.
    pub steps_before: usize,
    /// Steps of the shortest case, arming steps included.
    pub steps_after: usize,
    /// Cases played to get there.
    pub evaluations: u64,
    /// Whether nothing smaller was left to try; otherwise time or evaluations ran out.
    pub is_minimal: bool,
}

/// A case of either plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnyCase {
    /// With T-SQL.
    Sql(case::Case),
    /// Through the API.
    Api(api::case::Case),
}

/// A history of either plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnyHistory {
    /// With T-SQL.
    Sql(history::History),
    /// Through the API.
    Api(api::history::History),
}
