//! Which promises a finding breaks, from whom it concerns and what showed it.

use domain::control::ControlId;
use domain::system::System;

use crate::matrix::Relation;

/// What showed a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    /// Values of another tenant came back.
    pub(crate) values: bool,
    /// They came in a message.
    pub(crate) in_a_message: bool,
    /// Rows appeared or vanished.
    pub(crate) rows_moved: bool,
    /// It was the past that was asked for.
    pub(crate) past: bool,
    /// Nothing was changed: rows were read, a database was entered.
    pub(crate) reading: bool,
    /// A definition or a right was changed.
    pub(crate) definition: bool,
}

/// The broken promises.
pub(crate) fn controls(
    system: &System,
    relation: Relation,
    object: &str,
    shown: Shown,
) -> Vec<ControlId> {
    let intent = &system.intent;
    let guarded = intent.is_append_only(object) || intent.is_audit(object);
    let common = system.tenancy.is_some();
    let mut ids = match relation {
        Relation::Own if intent.is_frozen_rows(object) => vec!["D09"],
        Relation::Own if intent.is_history(object) && common => vec!["S08"],
        Relation::Own if intent.is_history(object) && !shown.reading => vec!["D05"],
        Relation::Own if guarded && common => vec!["S07"],
        Relation::Own if guarded => vec!["D03"],
        Relation::Own | Relation::Other | Relation::Shared if common => vec!["S01"],
        Relation::Department => vec!["S02"],
        Relation::Own => vec!["D02"],
        Relation::Other | Relation::Shared => vec!["D01"],
    };
    if common && shown.rows_moved && relation != Relation::Own && relation != Relation::Department {
        ids.push("S03");
        if guarded {
            ids.push("S07");
        }
    }
    if !common {
        if relation == Relation::Own && shown.definition && intent.is_system_versioned(object) {
            ids.push("D05");
        }
        if relation == Relation::Shared && !shown.reading && intent.is_register(object) {
            ids.push("D17");
        }
    }
    if common && shown.past {
        ids.push("S08");
    }
    if shown.values {
        ids.push("B01");
    }
    if shown.in_a_message {
        ids.push("B05");
    }
    if guarded && shown.rows_moved && !common {
        ids.push("D04");
    }
    ids.into_iter().map(ControlId::new).collect()
}
