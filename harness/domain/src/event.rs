//! What a campaign announces. The only road from running to reporting.

use serde::{Deserialize, Serialize};

use crate::case::Phase;
use crate::cause::Cause;
use crate::finding::Finding;
use crate::verdict::ControlResult;

/// One announcement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A system's turn begins.
    System {
        /// Its name.
        name: String,
        /// Where it is attacked, in words.
        plane: String,
    },
    /// The service's contract was read.
    Contract {
        /// What the service calls itself.
        title: String,
        /// Operations in it.
        operations: usize,
        /// Where the service is.
        address: String,
    },
    /// The target answered, and this is what it is.
    Connected {
        /// First line of `@@VERSION`.
        version: String,
    },
    /// Databases, principals and rows are there.
    Provisioned {
        /// Tenants provisioned.
        tenants: usize,
        /// Tables over all databases.
        tables: usize,
        /// Rows over all databases.
        rows: u64,
    },
    /// Patches were applied.
    Patched {
        /// Files, in order.
        files: Vec<String>,
    },
    /// A phase begins.
    PhaseStarted {
        /// Which.
        phase: Phase,
        /// Cases planned; `None` when the budget decides.
        cases: Option<u64>,
    },
    /// Progress within a phase.
    Progress {
        /// Which.
        phase: Phase,
        /// Cases done in it.
        cases: u64,
        /// Statements judged so far in the run.
        judged: u64,
        /// Armed attempts so far in the run.
        armed: u64,
        /// Findings so far.
        findings: usize,
        /// What is being tried.
        title: String,
    },
    /// A new finding (a new fingerprint).
    Found(Box<Finding>),
    /// A cause is being cut down to the shortest case that shows it.
    Shrinking {
        /// Id of the cause.
        cause: String,
        /// Its number among those that are shrunk, from 1.
        number: usize,
        /// How many are shrunk.
        of: usize,
        /// Cases played for it so far.
        evaluations: u64,
        /// Steps of the shortest case so far, arming steps included.
        steps: usize,
        /// Whether this is the end of it.
        is_done: bool,
    },
    /// Something that the reader must know and that is no finding.
    Warning {
        /// One sentence.
        text: String,
    },
    /// The campaign ended.
    Finished(Box<Summary>),
}

/// How a campaign ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Name of the system under test.
    pub system: String,
    /// Target, for example `embedded`.
    pub target: String,
    /// The seed.
    pub seed: u64,
    /// Tenants.
    pub tenants: usize,
    /// Whether every planned phase ran to its end.
    pub complete: bool,
    /// Why not, if not.
    pub incomplete_reason: Option<String>,
    /// Cases run.
    pub cases: u64,
    /// Statements judged.
    pub judged: u64,
    /// Requests judged.
    #[serde(default)]
    pub requests: u64,
    /// One row for each selected control.
    pub controls: Vec<ControlResult>,
    /// One finding for each fingerprint but the oracle.
    pub findings: Vec<Finding>,
    /// The findings, put together by what one repair would mend.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// The cells of the matrix: one JUnit test case each.
    pub cells: Vec<CellResult>,
    /// What the reader must know about what was covered and how, one sentence each.
    pub notes: Vec<String>,
    /// What of the service's contract was reached; empty on the SQL plane.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<OperationCoverage>,
    /// Where the time went.
    pub effort: Effort,
}

/// How far one operation of a contract was reached.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OperationCoverage {
    /// Its key, `METHOD /path`.
    pub operation: String,
    /// Requests sent.
    pub requests: u64,
    /// Requests that were attacks.
    pub attacks: u64,
    /// Requests of rightful callers that succeeded.
    pub successes: u64,
    /// Why it was never reached with a success, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Where a campaign's time went, in microseconds. Measured, so it differs from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Effort {
    /// Sending batches and waiting for their answers, twins included.
    pub executing_us: u64,
    /// Fingerprints, differences and resets.
    pub observing_us: u64,
    /// Oracles and arming.
    pub judging_us: u64,
}

/// One cell of the matrix: one JUnit test case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellResult {
    /// Unique and stable name: `app_rw select dbo.Customers of another tenant`.
    pub name: String,
    /// `isolation.<relation>.<object>`.
    pub class: String,
    /// Where it lies in the matrix.
    #[serde(default)]
    pub at: Coordinates,
    /// Controls it counts for.
    pub controls: Vec<crate::control::ControlId>,
    /// Armed attempts.
    pub armed: u64,
    /// Attempts.
    pub attempts: u64,
    /// What came out.
    pub result: CellVerdict,
}

/// Where a cell lies in the matrix: the data behind its name.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Coordinates {
    /// Who tries: a principal, a role, or nobody in a look.
    pub who: String,
    /// What is tried: a securable, an operation, or the thing that is looked at.
    pub what: String,
    /// How: an action, a family of attacks, or the inspection.
    pub how: String,
    /// Whose it is: `own`, `department`, `other` or `shared`; empty in a look.
    pub whose: String,
}

/// What came out of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellVerdict {
    /// Armed, and nothing crossed.
    Held,
    /// It crossed: `(type, sentence)` such as `("cross_tenant_read", "…")`.
    Violated {
        /// JUnit failure type.
        kind: String,
        /// The finding's sentence and evidence.
        text: String,
    },
    /// Never armed, or failed.
    Inconclusive {
        /// Short reason, a JUnit error type suffix such as `unarmed`.
        kind: String,
        /// Why.
        text: String,
    },
    /// There is no such thing at this target.
    NotApplicable {
        /// Why.
        reason: String,
    },
}
