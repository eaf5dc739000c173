//! All oracles of the API plane over one history. An oracle that crashes casts doubt on its
//! promises and on nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::api::history::History;
use domain::control::ControlId;
use domain::finding::Finding;
use domain::journal::Doubt;
use oracles::api::{API_ORACLES, ApiJudge};

use crate::ledger::join;

/// What the oracles say of a history: findings, and crashes.
pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> (Vec<Finding>, Vec<Doubt>) {
    let mut findings = Vec::new();
    let mut doubts = Vec::new();
    for oracle in API_ORACLES {
        match catch_unwind(AssertUnwindSafe(|| (oracle.judge)(judge, history))) {
            Ok(found) => findings.extend(found),
            Err(_) => doubts.push(Doubt {
                controls: oracle
                    .controls
                    .iter()
                    .map(|id| ControlId::new(id))
                    .collect(),
                reason: format!(
                    "the oracle {} crashed in case {}",
                    oracle.name, history.case.id
                ),
            }),
        }
    }
    (join(findings), doubts)
}
