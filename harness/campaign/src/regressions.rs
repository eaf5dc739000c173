//! What was found earlier, played first: a mended one stays as a guard, and one that cannot be played any
//! more is told.

use domain::case::{CaseId, Phase};
use domain::cause::AnyCase;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;
use scenarios::{Scenario, expand_any};

use crate::replay::{Expected, Play};

/// One case that must not show again.
#[derive(Debug, Clone)]
pub(crate) struct Regression {
    /// Its name: the file's.
    pub(crate) name: String,
    /// The case, numbered among the regressions.
    pub(crate) case: AnyCase,
    /// What it showed.
    pub(crate) expected: Expected,
}

/// The regressions of one plane that can be played here, and what is to be said of the others.
/// Inspections are left out: every campaign looks at everything anyway.
pub(crate) fn due(
    kept: &[Scenario],
    (system, world, surface): (&System, &World, &Surface),
    of_the_api: bool,
) -> (Vec<Regression>, Vec<String>) {
    let mut regressions = Vec::new();
    let mut notes = Vec::new();
    let of_plane = kept.iter().filter(|scenario| {
        scenario.inspection.is_none()
            && scenario.is_of_the_api() == of_the_api
            && scenario.design.includes(system.design)
    });
    for scenario in of_plane {
        let place = (system, world, surface);
        let first = (Phase::Regressions, 0);
        let cases = expand_any(scenario, system, world, surface, first);
        let wanted = Expected::of(scenario, place);
        match (cases, wanted) {
            (Ok(cases), Ok(expected)) => {
                for mut case in cases {
                    let id = CaseId {
                        phase: Phase::Regressions,
                        index: regressions.len() as u64,
                    };
                    match &mut case {
                        AnyCase::Sql(case) => case.id = id,
                        AnyCase::Api(case) => case.id = id,
                    }
                    regressions.push(Regression {
                        name: scenario.id.clone(),
                        case,
                        expected: expected.clone(),
                    });
                }
            }
            (Err(reason), _) | (_, Err(reason)) => notes.push(stale(&scenario.id, &reason.0)),
        }
    }
    (regressions, notes)
}

/// What is to be said of a play, if anything.
pub(crate) fn told(regression: &Regression, play: &Play) -> Option<String> {
    let lost = play.lost.as_ref()?;
    let step = lost.step.map_or_else(String::new, |step| {
        format!("step {} does not work any more: ", step + 1)
    });
    Some(stale(&regression.name, &format!("{step}{}", lost.reason)))
}

fn stale(name: &str, reason: &str) -> String {
    format!("the regression {name} is stale and guards nothing: {reason}")
}
