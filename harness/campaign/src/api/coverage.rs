//! What of a contract was reached: which operations were done by their owner, and why the others
//! were not.

use std::collections::BTreeMap;

use domain::api::case::{Case, Stance, Step};
use domain::api::history::History;
use domain::event::OperationCoverage;

use super::play::has_succeeded;

/// Counts by operation.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    operations: BTreeMap<String, OperationCoverage>,
}

impl Coverage {
    /// Every operation of the contract, none reached yet.
    pub(crate) fn new<'o>(operations: impl Iterator<Item = &'o str>) -> Self {
        let fresh = |operation: &str| OperationCoverage {
            operation: operation.to_owned(),
            ..OperationCoverage::default()
        };
        Self {
            operations: operations
                .map(|operation| (operation.to_owned(), fresh(operation)))
                .collect(),
        }
    }

    /// Adds what a case sent.
    pub(crate) fn enter(&mut self, history: &History) {
        for (step, record) in history.case.steps.iter().zip(&history.steps) {
            self.count(step, has_succeeded(record));
        }
    }

    /// Adds what a case sent before the run was killed: a letter for each step that was taken.
    pub(crate) fn recall(&mut self, case: &Case, outcomes: &str) {
        for (step, outcome) in case.steps.iter().zip(outcomes.chars()) {
            self.count(step, outcome == 'P');
        }
    }

    fn count(&mut self, step: &Step, has_succeeded: bool) {
        let Some(entry) = self.operations.get_mut(step.operation()) else {
            return;
        };
        entry.requests += 1;
        if step.attack().is_some() {
            entry.attacks += 1;
        }
        let is_rightful = matches!(
            step.stance,
            Stance::Prepare | Stance::Arm { .. } | Stance::Witness { .. }
        );
        if is_rightful && has_succeeded {
            entry.successes += 1;
        }
    }

    /// Notes why an operation is not reached.
    pub(crate) fn lacks(&mut self, operation: &str, reason: &str) {
        if let Some(entry) = self.operations.get_mut(operation) {
            entry.reason.get_or_insert_with(|| reason.to_owned());
        }
    }

    /// By operation, in the order of their keys; those that were reached need no reason.
    pub(crate) fn into_operations(self) -> Vec<OperationCoverage> {
        self.operations
            .into_values()
            .map(|mut entry| {
                if entry.successes > 0 {
                    entry.reason = None;
                }
                entry
            })
            .collect()
    }
}
