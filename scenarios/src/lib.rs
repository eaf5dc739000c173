//! Which attack answers for which promise: hand-written attacks as YAML, one file each.
//!
//! A scenario speaks of an attacker and a victim; [`expand`] makes a case of it for every tenant
//! and its neighbour. Scenarios name what they attack by placeholders where they can, so that they
//! fit systems with other tables; where a system has no such thing, they do not apply, and say so.

mod expand;
mod format;
mod template;

pub use expand::{NotApplicable, expand};
pub use format::{
    LoadError, Scenario, ScenarioActor, ScenarioClaim, ScenarioStep, Side, load, print,
};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$((
            concat!("database-per-tenant/", $name, ".yaml"),
            include_str!(concat!("../database-per-tenant/", $name, ".yaml")),
        )),*]
    };
}

/// The files of the catalogue: path and text.
const FILES: &[(&str, &str)] = files![
    "disguised-purge",
    "dormant-ownership-chain",
    "entered-database",
    "forgery-rolled-back",
    "granted-to-oneself",
    "guest-door",
    "impersonated-colleague",
    "impersonated-login",
    "investigator-writes",
    "merge-purge",
    "output-leak",
    "registry-census",
    "revoked-denial",
    "taken-ownership",
    "temporary-table-handover",
    "truncated-trail",
];

/// Every scenario that comes with the tool, in order of ids.
///
/// # Panics
/// Never: a test holds every file of the catalogue valid.
pub fn catalogue() -> Vec<Scenario> {
    FILES
        .iter()
        .map(|(file, text)| load(file, text).expect("a test holds the catalogue valid"))
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::case::Actor;
    use domain::control::control;
    use domain::example;
    use domain::seed::Seed;

    use super::{FILES, catalogue, expand, load, print};

    #[test]
    fn every_file_is_valid_and_printed_as_the_printer_prints() {
        for (file, text) in FILES {
            let scenario = load(file, text).unwrap_or_else(|error| panic!("{error}"));
            let stem = file
                .rsplit('/')
                .next()
                .and_then(|name| name.strip_suffix(".yaml"));
            assert_eq!(stem, Some(scenario.id.as_str()));
            assert_eq!(&print(&scenario), text, "{file}");
            assert!(
                scenario.controls.iter().all(|id| control(&id.0).is_some()),
                "{file}"
            );
        }
        let names = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/database-per-tenant"))
            .expect("the catalogue is beside the sources")
            .count();
        assert_eq!(names, FILES.len(), "a new scenario must be listed in FILES");
    }

    #[test]
    fn every_scenario_applies_to_the_example_for_every_tenant() {
        let system = example::system(3);
        let world = example::world(3, Seed(7));
        let surface = example::surface(&world);
        let mut index = 0;
        for scenario in catalogue() {
            let cases = expand(&scenario, &system, &world, &surface, index)
                .unwrap_or_else(|reason| panic!("{}: {reason}", scenario.id));
            index += cases.len() as u64;
            assert_eq!(cases.len(), 3);
            for case in &cases {
                assert!(
                    case.steps
                        .iter()
                        .any(|step| step.twin.is_some() || step.traits.opaque)
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
}
