//! Inspections: what is judged from a look at the target instead of from an attack. One per file,
//! pure: recorded facts in, items out.

mod guards;
mod migrations;
mod restore;
mod rights;
pub(crate) mod statements;
mod system_versioning;
mod tenant_keys;
mod transport;
mod undeclared_rights;

use domain::inspection::{Facts, Inspected, Moment, Topic};

use crate::judge::Judge;

/// One inspection.
#[derive(Debug, Clone, Copy)]
pub struct Inspection {
    /// Its name in fingerprints.
    pub name: &'static str,
    /// The promises that it looks after; it is left out when none of them is under test.
    pub controls: &'static [&'static str],
    /// When it looks.
    pub moment: Moment,
    /// What must be asked of every database.
    pub topics: &'static [Topic],
    /// What is not there cannot be wrong: a statement, a table that nobody registered. Of the others, what is
    /// not there is missed.
    pub absence_mends: bool,
    /// What the facts mean.
    pub inspect: fn(&Judge<'_>, &Facts) -> Inspected,
}

/// The inspection that tells who was given more than is declared.
pub const UNDECLARED_RIGHTS: &str = "undeclared_rights";

/// Every inspection. A position never changes: it is the inspection's number in journals.
pub const INSPECTIONS: &[Inspection] = &[
    Inspection {
        name: "system_versioning",
        controls: &["D05"],
        moment: Moment::BeforeAttacks,
        topics: &[Topic::Versioning, Topic::Rights],
        absence_mends: false,
        inspect: system_versioning::inspect,
    },
    Inspection {
        name: "tenant_keys",
        controls: &["S06"],
        moment: Moment::BeforeAttacks,
        topics: &[Topic::Keys],
        absence_mends: false,
        inspect: tenant_keys::inspect,
    },
    Inspection {
        name: "guards",
        controls: &["S07"],
        moment: Moment::BeforeAttacks,
        topics: &[Topic::Guards],
        absence_mends: false,
        inspect: guards::inspect,
    },
    Inspection {
        name: "statements",
        controls: &["S05"],
        moment: Moment::AfterBaseline,
        topics: &[Topic::Modules, Topic::Statements],
        absence_mends: true,
        inspect: statements::inspect,
    },
    Inspection {
        name: "migrations",
        controls: &["D17"],
        moment: Moment::BeforeAttacks,
        topics: &[Topic::Schema, Topic::Register],
        absence_mends: true,
        inspect: migrations::inspect,
    },
    Inspection {
        name: "restore_drill",
        controls: &["D15"],
        moment: Moment::AfterBaseline,
        topics: &[Topic::Restore],
        absence_mends: false,
        inspect: restore::inspect,
    },
    Inspection {
        name: "transport",
        controls: &["S13"],
        moment: Moment::BeforeAttacks,
        topics: &[Topic::Transport],
        inspect: transport::inspect,
        absence_mends: false,
    },
    Inspection {
        name: UNDECLARED_RIGHTS,
        controls: &["D02", "D03", "D05", "S01", "S07"],
        moment: Moment::AfterSweep,
        topics: &[Topic::Rights],
        absence_mends: true,
        inspect: undeclared_rights::inspect,
    },
];

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use domain::history::ResultSet;
    use domain::surface::Cell;

    use super::INSPECTIONS;

    /// A result set of texts and whole numbers; `-` is NULL.
    pub(crate) fn set(rows: &[&[&str]]) -> ResultSet {
        let cell = |text: &&str| match *text {
            "-" => Cell::Null,
            text => text
                .parse()
                .map_or_else(|_| Cell::Text(text.into()), Cell::Integer),
        };
        ResultSet {
            columns: Vec::new(),
            rows: rows
                .iter()
                .map(|row| row.iter().map(cell).collect())
                .collect(),
            rows_dropped: 0,
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = INSPECTIONS.iter().map(|one| one.name).collect();
        assert_eq!(names.len(), INSPECTIONS.len());
    }
}
