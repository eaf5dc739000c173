//! All oracles over one history. An oracle that crashes casts doubt on its promises and on nothing
//! else.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::case::Phase;
use domain::control::ControlId;
use domain::finding::Finding;
use domain::history::{History, Response};
use domain::intent::Action;
use domain::journal::Doubt;
use domain::outcome::Outcome;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;
use oracles::classify::classify;
use oracles::matrix::{Cell, Relation};
use oracles::{Judge, ORACLES};

use crate::ledger::join;

/// What the oracles say of a history.
pub(crate) struct Judgement {
    /// One finding for each step and cause.
    pub(crate) findings: Vec<Finding>,
    /// Oracles that crashed.
    pub(crate) doubts: Vec<Doubt>,
}

/// Asks every oracle.
pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Judgement {
    let mut findings = Vec::new();
    let mut doubts = Vec::new();
    for oracle in ORACLES {
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
    for finding in &mut findings {
        name_by_claim(finding, history);
    }
    Judgement {
        findings: join(findings),
        doubts,
    }
}

/// An effect on the very thing that a step was after goes by the name of what the step tried, so
/// that a statement and its effect are one cause.
fn name_by_claim(finding: &mut Finding, history: &History) {
    let Some(claim) = history
        .case
        .steps
        .get(finding.step)
        .and_then(|step| step.claim.as_ref())
    else {
        return;
    };
    let Some((tenant, _)) = finding.actor.principal() else {
        return;
    };
    let fingerprint = &mut finding.fingerprint;
    let object = if claim.object.is_empty() {
        "the database"
    } else {
        claim.object.as_str()
    };
    if fingerprint.place == object
        && fingerprint.victim == Relation::of(tenant, claim.tenant).name()
        && fingerprint.oracle != "error_text"
    {
        fingerprint.action = claim.action.name().into();
    }
}

/// What rightful principals could not do in a baseline case.
pub(crate) fn failures(
    world: &World,
    surface: &Surface,
    system: &System,
    history: &History,
) -> Vec<Doubt> {
    if history.case.id.phase != Phase::Baseline {
        return Vec::new();
    }
    let mut doubts = Vec::new();
    for (step, record) in history.case.steps.iter().zip(&history.steps) {
        let (Some(claim), Some((tenant, principal))) = (&step.claim, step.actor.principal()) else {
            continue;
        };
        let planted = surface
            .databases
            .iter()
            .find(|database| database.name == claim.database)
            .is_some_and(|database| database.tables.contains_key(&claim.object));
        let why = match classify(&record.response) {
            Outcome::Permitted if !planted || had_effect(claim.action, &record.response) => {
                continue;
            }
            Outcome::Permitted => "it had no effect".to_owned(),
            Outcome::Unknown => "the connection was lost".to_owned(),
            Outcome::Denied { .. } | Outcome::Failed { .. } => record
                .response
                .first_error()
                .map_or_else(String::new, |error| {
                    format!("error {}: {}", error.number, error.text)
                }),
        };
        let Some(cell) = Cell::of_claim(world, &step.actor, claim) else {
            continue;
        };
        // Who cannot do what he may cannot arm the attempts of others on the same thing either.
        let outside = Cell {
            relation: Relation::Other,
            ..cell.clone()
        };
        let mut controls = cell.controls(system);
        for id in outside.controls(system) {
            if !controls.contains(&id) {
                controls.push(id);
            }
        }
        let object = if claim.object.is_empty() {
            "its database"
        } else {
            &claim.object
        };
        let who = format!("{principal} of {}", world.tenant(tenant).name);
        let reason = format!("{who} could not {} {object}: {why}", claim.action.name());
        doubts.push(Doubt { controls, reason });
    }
    doubts
}

fn had_effect(action: Action, response: &Response) -> bool {
    match action {
        Action::Select => response.rows_returned() > 0,
        Action::Insert | Action::Update | Action::Delete => response.rows_affected > 0,
        _ => true,
    }
}
