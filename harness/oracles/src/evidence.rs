//! Which promises a finding breaks, from whom it concerns and what showed it.

use domain::control::ControlId;
use domain::intent::Intent;

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
}

/// The broken promises.
pub(crate) fn controls(
    intent: &Intent,
    relation: Relation,
    object: &str,
    shown: Shown,
) -> Vec<ControlId> {
    let guarded = intent.is_append_only(object) || intent.is_audit(object);
    let mut ids = match relation {
        Relation::Own if guarded => vec!["D03"],
        Relation::Own => vec!["D02"],
        Relation::Other | Relation::Shared => vec!["D01"],
    };
    if shown.values {
        ids.push("B01");
    }
    if shown.in_a_message {
        ids.push("B05");
    }
    if guarded && shown.rows_moved {
        ids.push("D04");
    }
    ids.into_iter().map(ControlId::new).collect()
}
