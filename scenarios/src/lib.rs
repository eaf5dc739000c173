//! Which attack answers for which promise: hand-written attacks and what was found, as YAML, one file
//! each.
//!
//! A scenario speaks of an attacker and a victim; [`expand`] makes a case of it for every tenant
//! and its neighbour. [`of_cause`] writes what a campaign has found in the same words. Scenarios name what they attack by placeholders where they can, so that they
//! fit systems with other tables; where a system has no such thing, they do not apply, and say so.

mod attacks;
mod expand;
mod format;
mod found;
mod load;
mod names;
mod print;
mod request;
mod role;
mod schema;
mod symbols;
mod template;
mod ways;

pub use attacks::{Attack, Place, attacks};
pub use expand::{NotApplicable, expand, expand_any, expected};
pub use format::{
    Cast, Duty, Found, Kind, Purpose, Scenario, ScenarioAttack, ScenarioClaim, ScenarioStep,
    Setting, Treatment,
};
pub use found::{Origin, of_case, of_cause};
pub use load::{LoadError, load};
pub use print::{print, told};
pub use request::{Pair, ScenarioRequest};
pub use role::{Home, Role, ScenarioActor, Side};
pub use schema::{case_schema, schema};

/// The files of the catalogue: path and text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// What was found in the demonstrations: path and text.
const KEPT: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/regressions.rs"));

/// What was once found in the demonstrations, to be played first in every campaign against them.
///
/// # Panics
/// Never: a test holds every file valid.
pub fn regressions() -> Vec<Scenario> {
    KEPT.iter()
        .map(|(file, text)| load(file, text).expect("a test holds the regressions valid"))
        .collect()
}

/// Every scenario that comes with the tool, in order of ids.
///
/// # Panics
/// Never: a test holds every file of the catalogue valid.
pub fn catalogue() -> Vec<Scenario> {
    let mut scenarios: Vec<Scenario> = FILES
        .iter()
        .map(|(file, text)| load(file, text).expect("a test holds the catalogue valid"))
        .collect();
    scenarios.sort_by(|left, right| left.id.cmp(&right.id));
    scenarios
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::case::Actor;
    use domain::control::control;
    use domain::example;
    use domain::seed::Seed;
    use domain::system::Design;

    use super::{FILES, KEPT, Setting, attacks, catalogue, expand, load, print};

    #[test]
    fn every_file_is_valid_and_printed_as_the_printer_prints() {
        let mut ids = BTreeSet::new();
        for (file, text) in FILES {
            let scenario = load(file, text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(&print(&scenario), text, "{file}");
            let first = scenario.controls.first().expect("a control");
            let path = format!("{}/{first}/{}.yaml", scenario.design.name(), scenario.id);
            assert_eq!(&path, file);
            assert!(ids.insert(scenario.id.clone()), "{file}: the id is taken");
            let known = |id: &domain::control::ControlId| control(&id.0).is_some();
            assert!(scenario.controls.iter().all(known), "{file}");
            let is_sentence = |text: &str| text.trim_end().ends_with('.');
            assert!(is_sentence(&scenario.precondition), "{file}");
            assert!(is_sentence(&scenario.expectation), "{file}");
            for row in &scenario.catalogue {
                assert!(
                    attacks().iter().any(|attack| attack.id == *row),
                    "{file}: {row}"
                );
            }
        }
    }

    #[test]
    fn every_regression_is_valid_and_printed_as_the_printer_prints() {
        for (file, text) in KEPT {
            let kept = load(file, text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(&print(&kept), text, "{file}");
            assert_eq!(format!("regressions/{}.yaml", kept.id), *file);
            assert!(kept.found.is_some(), "{file}");
        }
    }

    #[test]
    fn every_scenario_of_a_database_per_tenant_applies_to_the_example_for_every_tenant() {
        let system = example::system(3);
        let world = example::world(3, Seed(7));
        let surface = example::surface(&world);
        let mut index = 0;
        for scenario in catalogue() {
            if !scenario.design.includes(Design::DatabasePerTenant) {
                assert_eq!(scenario.design, Setting::SharedDatabase);
                let reason = expand(&scenario, &system, &world, &surface, index);
                assert!(reason.is_err(), "{}", scenario.id);
                continue;
            }
            let cases = match expand(&scenario, &system, &world, &surface, index) {
                Ok(cases) => cases,
                // The example keeps no history.
                Err(reason) if reason.0.starts_with("there is no versioned.") => continue,
                Err(reason) => panic!("{}: {reason}", scenario.id),
            };
            index += cases.len() as u64;
            assert_eq!(cases.len(), 3);
            for case in &cases {
                assert!(
                    case.steps
                        .iter()
                        .any(|step| step.twin.is_some() || step.traits.opaque),
                    "{}",
                    case.title
                );
                for step in &case.steps {
                    let rest = step.batch.replace("{{step ", "");
                    assert!(!rest.contains("{{"), "{}: {}", case.title, step.batch);
                    let attacks = step.twin.is_some();
                    let administrator = matches!(step.actor, Actor::Administrator { .. });
                    assert!(!(attacks && administrator), "administrators do not attack");
                }
            }
        }
    }

    #[test]
    fn what_the_target_lacks_makes_a_scenario_not_applicable() {
        let system = example::system(3);
        let world = example::world(3, Seed(7));
        let mut surface = example::surface(&world);
        surface.features.clear();
        let needing = catalogue().into_iter().filter(|scenario| {
            scenario.design.includes(Design::DatabasePerTenant) && !scenario.needs.is_empty()
        });
        for scenario in needing {
            let reason = expand(&scenario, &system, &world, &surface, 0).expect_err(&scenario.id);
            let noun = scenario.needs[0].noun();
            assert_eq!(reason.0, format!("the target has no {noun}"));
        }
    }
}
