//! What changed underneath, step by step and owner by owner.

use std::ops::RangeInclusive;

use domain::api::history::History;
use domain::api::request::Caller;
use domain::history::{Change, Changed};
use domain::surface::Cell;
use domain::world::TenantIndex;

use super::judge::ApiJudge;
use crate::portions::{Portion, portions};

/// Rows of one table that came and went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moved<'h> {
    pub(crate) change: &'h Change,
    pub(crate) table: &'h str,
    pub(crate) added: &'h [Vec<Cell>],
    pub(crate) removed: &'h [Vec<Cell>],
}

/// The steps that were sent together with this one.
pub(crate) fn group(history: &History, step: usize) -> RangeInclusive<usize> {
    history.case.race(step)
}

/// What was seen to change after the race that a step belongs to, which is the step alone for most.
pub(crate) fn after(history: &History, step: usize) -> impl Iterator<Item = &Change> {
    let steps = group(history, step);
    history
        .changes
        .iter()
        .filter(move |change| change.step.is_some_and(|own| steps.contains(&own)))
}

/// The rows among changes.
pub(crate) fn moved(change: &Change) -> Option<Moved<'_>> {
    match &change.what {
        Changed::Rows {
            table,
            added,
            removed,
        } => Some(Moved {
            change,
            table,
            added,
            removed,
        }),
        Changed::Catalog { .. } | Changed::Unreadable { .. } => None,
    }
}

impl ApiJudge<'_> {
    /// A change, owner by owner, as seen from a caller. Nobody's for a caller without credentials.
    pub(crate) fn portions(&self, caller: &Caller, change: &Change) -> Vec<Portion> {
        // Somebody of no tenant has nothing of his own: what he changes is somebody else's.
        let principal = self.principal(caller).unwrap_or(crate::judge::Principal {
            tenant: TenantIndex(usize::MAX),
            name: "",
            department: None,
        });
        portions(&self.plane, principal, change)
    }

    /// Rows that were added to a table of this tenant's after a step.
    pub(crate) fn added<'h>(
        &self,
        history: &'h History,
        step: usize,
        tenant: TenantIndex,
        table: &str,
    ) -> Vec<&'h Vec<Cell>> {
        after(history, step)
            .filter_map(moved)
            .filter(|moved| moved.table.eq_ignore_ascii_case(table))
            .flat_map(|moved| {
                moved
                    .added
                    .iter()
                    .filter(move |row| self.holder(moved.change, row) == Some(tenant))
            })
            .collect()
    }

    /// Whose a row is.
    pub(crate) fn holder(&self, change: &Change, row: &[Cell]) -> Option<TenantIndex> {
        let world = self.world();
        if let Some(tenant) = world.tenant_of_database(&change.database) {
            return Some(tenant);
        }
        let Changed::Rows { table, .. } = &change.what else {
            return None;
        };
        let tenancy = self.plane.system.tenancy.as_ref()?;
        let table = self.plane.table(&change.database, table)?;
        tenancy.holder(world, table, row)
    }

    /// The position of a column of a table, wherever the table is.
    pub(crate) fn column(&self, table: &str, column: &str) -> Option<usize> {
        self.plane
            .surface
            .databases
            .iter()
            .find_map(|database| {
                let found = database
                    .tables
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(table));
                found.map(|(_, table)| table)
            })?
            .position(column)
    }
}

#[cfg(test)]
mod tests {
    use domain::api::case::Manner;

    use super::group;
    use crate::api::sample;

    #[test]
    fn steps_of_one_race_belong_together() {
        let mut history = sample::history();
        for manner in [
            Manner::Alone,
            Manner::WithNext,
            Manner::WithNext,
            Manner::Alone,
            Manner::Abandoned,
        ] {
            sample::take(&mut history, sample::get(0, "clerk", "/items"), 200, "{}");
            let last = history.case.steps.last_mut().expect("just taken");
            last.manner = manner;
        }
        for (step, expected) in [(0, 0..=0), (1, 1..=3), (2, 1..=3), (3, 1..=3), (4, 4..=4)] {
            assert_eq!(group(&history, step), expected, "{step}");
        }
    }
}
