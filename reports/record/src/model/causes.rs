//! `causes.json`: what was found, put together by what one repair would mend.

use domain::cause::{AnyCase, Cause, Standing};
use domain::control::ControlId;
use domain::event::Summary;
use domain::finding::{Finding, Fingerprint};
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Causes {
    /// [`Causes::SCHEMA`].
    pub schema: String,
    /// One for each system.
    pub systems: Vec<SystemCauses>,
}

impl Causes {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/causes/v1";
}

/// One system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemCauses {
    /// The system's key.
    pub key: String,
    /// The causes.
    pub causes: Vec<CauseRecord>,
    /// One finding for each fingerprint but the oracle, the worst first.
    pub findings: Vec<Finding>,
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CauseRecord {
    /// Stable over runs; names its files.
    pub id: String,
    /// The promises that its findings break.
    pub controls: Vec<ControlId>,
    /// The finding that shows it best.
    pub finding: Finding,
    /// Every other fingerprint of the same cause.
    pub blast_radius: Vec<Fingerprint>,
    /// Why it is a contradiction, in a few short lines.
    pub contradiction: Vec<String>,
    /// Whether it counts for the gate.
    pub standing: Standing,
    /// Its shortest case.
    pub shrunk: Option<ShrunkRecord>,
}

/// The shortest case that shows a cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShrunkRecord {
    /// The case.
    pub case: AnyCase,
    /// Steps of the case in which it was first seen.
    pub steps_before: usize,
    /// Steps of the shortest case.
    pub steps_after: usize,
    /// Cases played to get there.
    pub evaluations: u64,
    /// Whether nothing smaller was left to try.
    pub is_minimal: bool,
    /// `cases/<id>.yaml`, for `watertight replay`; in a folder of the system's where several are under test.
    pub case_file: String,
    /// `histories/<id>.json`, for `watertight judge`.
    pub history_file: String,
}

impl SystemCauses {
    /// What a summary says of the system called `key`, one of several or the only one.
    pub fn new(key: &str, is_one: bool, summary: &Summary) -> Self {
        let below = if is_one {
            String::new()
        } else {
            format!("{key}/")
        };
        let of = |cause| CauseRecord::new(cause, &below);
        Self {
            key: key.to_owned(),
            causes: summary.causes.iter().map(of).collect(),
            findings: summary.findings.clone(),
        }
    }
}

impl CauseRecord {
    fn new(cause: &Cause, below: &str) -> Self {
        let shrunk = cause.shrunk.as_ref().map(|shrunk| ShrunkRecord {
            case: shrunk.case.clone(),
            steps_before: shrunk.steps_before,
            steps_after: shrunk.steps_after,
            evaluations: shrunk.evaluations,
            is_minimal: shrunk.is_minimal,
            case_file: format!("cases/{below}{}.yaml", cause.id),
            history_file: format!("histories/{below}{}.json", cause.id),
        });
        Self {
            id: cause.id.clone(),
            controls: cause.controls.clone(),
            finding: cause.finding.clone(),
            blast_radius: cause.blast_radius.clone(),
            contradiction: cause.contradiction.clone(),
            standing: cause.standing.clone(),
            shrunk,
        }
    }

    /// The cause, without its shortest case: the history lies in a file of its own.
    pub fn cause(&self) -> Cause {
        Cause {
            id: self.id.clone(),
            controls: self.controls.clone(),
            finding: self.finding.clone(),
            blast_radius: self.blast_radius.clone(),
            contradiction: self.contradiction.clone(),
            standing: self.standing.clone(),
            shrunk: None,
        }
    }
}
