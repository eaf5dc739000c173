//! One violation with its evidence, and what makes two of them the same.

use serde::{Deserialize, Serialize};

use crate::canary::Sighting;
use crate::case::{Actor, CaseId};
use crate::control::ControlId;
use crate::history::Change;

/// The identity of a finding: the same cause gives the same fingerprint, whatever the values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Which oracle.
    pub oracle: String,
    /// The attacker's principal name (not the tenant).
    pub attacker: String,
    /// `own tenant`, `other tenant` or `shared`.
    pub victim: String,
    /// What was done, by [`crate::intent::Action::name`], or the kind of effect.
    pub action: String,
    /// Where: `schema.object`, or what else was touched.
    pub place: String,
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}/{}",
            self.oracle, self.attacker, self.victim, self.action, self.place
        )
    }
}

/// How bad it is, apart from how sure we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A rule is broken without an effect that was seen.
    Low,
    /// Inside one tenant.
    Medium,
    /// An audit row was changed, or duties are not separate.
    High,
    /// A tenant boundary was crossed.
    Critical,
}

/// How sure we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Seen in the running campaign only.
    Seen,
    /// Seen again, `k` of `n` times, from a clean state.
    Confirmed {
        /// Times it showed.
        k: u8,
        /// Times it was tried.
        n: u8,
    },
    /// Did not show again.
    Unstable {
        /// Times it was tried.
        n: u8,
    },
}

/// One violation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What makes it the same as another.
    pub fingerprint: Fingerprint,
    /// The broken promises.
    pub controls: Vec<ControlId>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The contradiction in one sentence: who did what to whom, and what should have happened.
    pub sentence: String,
    /// Who did it.
    pub actor: Actor,
    /// The batch that shows it.
    pub batch: String,
    /// Where it was first seen.
    pub case: CaseId,
    /// Step of that case.
    pub step: usize,
    /// Other tenants' values that surfaced.
    pub sightings: Vec<Sighting>,
    /// What changed underneath.
    pub changes: Vec<Change>,
    /// How often the same cause was seen.
    pub occurrences: u64,
}
