//! Which promises a finding breaks, from whom it concerns and what showed it.

use domain::api::case::Attack;
use domain::control::ControlId;
use domain::system::Design;

use super::judge::ApiJudge;
use crate::matrix::Relation;

/// What showed a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    /// Something of the victim's came back.
    pub(crate) values: bool,
    /// It came with a refusal.
    pub(crate) in_an_error: bool,
    /// Something of the victim's was changed.
    pub(crate) changed: bool,
    /// Rows of an audit table are concerned.
    pub(crate) audit: bool,
    /// It happened to an honest request, while others were at work.
    pub(crate) mixed: bool,
}

/// Promises about how a thing is refused, told and described. Whatever else is shown or changed does not
/// break these: they have oracles of their own.
const OF_MANNERS: &[&str] = &[
    "B01", "B02", "B03", "B05", "B06", "D04", "D10", "D12", "D18", "S01", "S02", "S03", "S04",
    "D01",
];

impl ApiJudge<'_> {
    /// Whether databases are described, so that it is known how tenants are kept apart.
    pub(crate) fn has_databases(&self) -> bool {
        let databases = &self.plane.system.databases;
        databases.tenant.is_some() || !databases.shared.is_empty()
    }

    /// The broken promises: the boundary's own, and those that the attack put to the test besides.
    pub(crate) fn broken(
        &self,
        relation: Relation,
        attack: Option<&Attack>,
        shown: Shown,
    ) -> Vec<ControlId> {
        let common = self.design() == Design::SharedDatabase;
        let mut ids = Vec::new();
        match relation {
            Relation::Department => ids.push("S02"),
            Relation::Other | Relation::Shared if !self.has_databases() => {
                // Where only the service is known, all that crosses breaks the one promise of it.
                ids.push("B01");
                if shown.values && shown.in_an_error {
                    ids.push("B05");
                }
            }
            Relation::Other | Relation::Shared => {
                ids.push(if common { "S01" } else { "D01" });
                if common && shown.changed {
                    ids.push("S03");
                }
                if shown.values {
                    ids.push("B01");
                }
                if shown.in_an_error {
                    ids.push("B05");
                }
            }
            Relation::Own => {}
        }
        if shown.audit && !common {
            ids.push("D04");
        }
        if shown.mixed {
            ids.push("B04");
        }
        let mut broken: Vec<ControlId> = ids.into_iter().map(ControlId::new).collect();
        for control in attack.iter().flat_map(|attack| &attack.controls) {
            let of_manners = OF_MANNERS.contains(&control.0.as_str());
            if (!of_manners || relation == Relation::Own) && !broken.contains(control) {
                broken.push(control.clone());
            }
        }
        broken
    }
}
