//! What is kept of each case as soon as it is judged: one line of JSON, the record's smallest part.
//!
//! Lines depend on plan and target alone. The only measured field is `ms`, the last of a case's line,
//! so the lines of two runs of one seed are equal when it is left out. An inspection has a line of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::CaseId;
use crate::control::ControlId;
use crate::finding::{Finding, Fingerprint};
use crate::inspection::Item;
use crate::verdict::Tally;

/// Version of the lines below.
pub const SCHEMA: u32 = 1;

/// What a journal is about; a journal is resumed only under an equal header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA`] of the writer.
    pub schema: u32,
    /// Version of the tool that wrote it.
    pub tool: String,
    /// The seed.
    pub seed: u64,
    /// SHA-256 of everything else that decides the cases: configuration, scripts, patches.
    pub configuration: String,
    /// The tenants' names.
    pub tenants: Vec<String>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "line")]
pub enum Line {
    /// The first.
    Header(Header),
    /// The second: what was going to be attacked, before anything was.
    Planned(PlannedLine),
    /// A case was run and judged.
    Case(CaseLine),
    /// An inspection looked.
    Inspection(InspectionLine),
    /// A finding was seen for the first time, or is shown by better words from now on.
    Finding(Box<Finding>),
}

/// The cells of the matrix that the planned cases were going to reach. They are known when the target was looked at,
/// and written before the first attack; random cases may reach more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedLine {
    /// Their names, in order.
    pub cells: Vec<String>,
}

/// One inspection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InspectionLine {
    /// Its number.
    pub case: CaseId,
    /// Its name.
    pub inspection: String,
    /// What it looked at, and what it saw there.
    pub items: Vec<Item>,
    /// Why there was nothing to look at, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_applicable: Option<String>,
    /// Set when it crashed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// SHA-256 of the facts that it judged.
    pub facts: String,
    /// Milliseconds that it took. The only field that is measured.
    pub ms: u64,
}

/// One judged case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLine {
    /// Which.
    pub case: CaseId,
    /// The steps' outcomes, a letter each (see `Outcome::letter`); `~` for requests that were sent together.
    pub outcomes: String,
    /// What it adds to each cell of the matrix, by the cell's name.
    pub cells: BTreeMap<String, Tally>,
    /// Which promises its attempts broke.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub broken: Broken,
    /// Attempts that do not count.
    pub failed: Vec<FailedAttempt>,
    /// What it showed.
    pub findings: Vec<Fingerprint>,
    /// What casts doubt on promises: rightful principals that failed, oracles that crashed.
    pub doubts: Vec<Doubt>,
    /// SHA-256 of the case's history, without what differs from run to run.
    pub history: String,
    /// The outcomes of the requests that were sent together, a letter each. Who wins a race is chance, so this may
    /// differ from run to run.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub raced: String,
    /// Milliseconds that it took. The only field that is measured.
    pub ms: u64,
}

/// An attempt that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedAttempt {
    /// The step.
    pub step: usize,
    /// Its cell, by name.
    pub cell: String,
    /// Why it does not count.
    pub reason: String,
}

/// A reason why nothing good can be said about some promises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The promises.
    pub controls: Vec<ControlId>,
    /// Why.
    pub reason: String,
}

/// How many attempts broke which promises, by cell.
pub type Broken = BTreeMap<String, BTreeMap<ControlId, u64>>;
