//! `coverage.json`: which cells were planned, attempted and armed, and which were not.

use domain::event::{CellResult, CellVerdict, OperationCoverage, Summary};
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// [`Coverage::SCHEMA`].
    pub schema: String,
    /// One for each system.
    pub systems: Vec<SystemCoverage>,
}

impl Coverage {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/coverage/v1";
}

/// One system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemCoverage {
    /// The system's key.
    pub key: String,
    /// Cells planned, or reached by a random case.
    pub cells_planned: u64,
    /// Cells with an attempt.
    pub cells_attempted: u64,
    /// Cells with an armed attempt.
    pub cells_armed: u64,
    /// Cells in which something crossed.
    pub cells_violated: u64,
    /// Cells of which nothing is known.
    pub cells_inconclusive: u64,
    /// Attempts made.
    pub attempts: u64,
    /// Attempts that count.
    pub armed: u64,
    /// Every cell, in order of names.
    pub cells: Vec<CellResult>,
    /// How far each operation of the contract was reached.
    pub operations: Vec<OperationCoverage>,
    /// How many cases were kept whole.
    pub traces: Traces,
}

/// How many cases were kept whole, with everything that was sent and came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Traces {
    /// Because they showed something.
    pub violated: u64,
    /// Because nothing could be said.
    pub inconclusive: u64,
    /// Because the hash of plan and case drew them.
    pub sampled: u64,
    /// That would have been kept, but for the limit.
    pub beyond_limit: u64,
}

impl std::ops::AddAssign for Traces {
    fn add_assign(&mut self, other: Self) {
        self.violated += other.violated;
        self.inconclusive += other.inconclusive;
        self.sampled += other.sampled;
        self.beyond_limit += other.beyond_limit;
    }
}

impl SystemCoverage {
    /// What a summary says of the system called `key`.
    pub fn new(key: &str, summary: &Summary, traces: Traces) -> Self {
        let count =
            |is: fn(&CellResult) -> bool| summary.cells.iter().filter(|one| is(one)).count();
        Self {
            key: key.to_owned(),
            cells_planned: summary.cells.len() as u64,
            cells_attempted: count(|cell| cell.attempts > 0) as u64,
            cells_armed: count(|cell| cell.armed > 0) as u64,
            cells_violated: count(|cell| matches!(cell.result, CellVerdict::Violated { .. }))
                as u64,
            cells_inconclusive: count(|cell| {
                matches!(cell.result, CellVerdict::Inconclusive { .. })
            }) as u64,
            attempts: summary.cells.iter().map(|cell| cell.attempts).sum(),
            armed: summary.cells.iter().map(|cell| cell.armed).sum(),
            cells: summary.cells.clone(),
            operations: summary.operations.clone(),
            traces,
        }
    }
}
