//! `watertight list scenarios` and `watertight list attacks`: which hand-written attack answers for
//! which promise and for which row of the catalogue, and whether it applies to the target.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::control::CONTROLS;
use domain::seed::Seed;
use scenarios::{Attack, Place, Scenario, attacks};

use crate::args::ListArguments;
use crate::exit_code::Failure;
use crate::preparation::{Permissions, Prepared, configurations};

/// What one target says to every scenario: nothing, or why it does not apply.
struct Applicability {
    system: String,
    /// `None` when the target was not asked.
    reasons: Option<BTreeMap<String, String>>,
}

/// Every scenario under the promises that it attacks.
pub(crate) async fn scenarios(arguments: &ListArguments) -> Result<String, Failure> {
    let catalogue = scenarios::catalogue();
    let targets = ask_targets(arguments, &catalogue).await?;
    let mut text = String::new();
    for control in CONTROLS {
        if let Some(wanted) = &arguments.control
            && !wanted.eq_ignore_ascii_case(control.id)
        {
            continue;
        }
        let answering: Vec<_> = catalogue
            .iter()
            .filter(|scenario| scenario.controls.iter().any(|id| id.0 == control.id))
            .collect();
        if answering.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}  {}", control.id, control.promise);
        for scenario in answering {
            let rows = if scenario.catalogue.is_empty() {
                String::new()
            } else {
                format!(" [{}]", scenario.catalogue.join(" "))
            };
            let _ = writeln!(text, "     {}: {}{rows}", scenario.id, scenario.title);
            for line in remarks(scenario, &targets) {
                let _ = writeln!(text, "       {line}");
            }
        }
    }
    if text.is_empty() {
        let wanted = arguments.control.as_deref().unwrap_or_default();
        return Err(Failure::usage(anyhow::anyhow!(
            "no scenario attacks a control called {wanted}; `watertight list controls` names them"
        )));
    }
    Ok(text)
}

/// Every row of the catalogue and what covers it.
pub(crate) async fn rows(arguments: &ListArguments) -> Result<String, Failure> {
    let catalogue = scenarios::catalogue();
    let targets = ask_targets(arguments, &catalogue).await?;
    let mut text = String::new();
    for attack in attacks() {
        let Attack {
            id,
            attack,
            place,
            excused,
        } = attack;
        let design = match place {
            Place::Both => "",
            Place::DatabasePerTenant => " (one database per tenant)",
            Place::SharedDatabase => " (shared database)",
        };
        let _ = writeln!(text, "{id}  {attack}{design}");
        if let Some(reason) = excused {
            let _ = writeln!(text, "     no scenario: {reason}");
        }
        for scenario in &catalogue {
            if scenario.catalogue.contains(&id) {
                let controls: Vec<&str> =
                    scenario.controls.iter().map(|id| id.0.as_str()).collect();
                let _ = writeln!(text, "     {} ({})", scenario.id, controls.join(" "));
                for line in remarks(scenario, &targets) {
                    let _ = writeln!(text, "       {line}");
                }
            }
        }
    }
    Ok(text)
}

/// Where a scenario does not apply, and why.
fn remarks(scenario: &Scenario, targets: &[Applicability]) -> Vec<String> {
    let mut lines = Vec::new();
    for target in targets {
        match &target.reasons {
            Some(reasons) => lines.extend(
                reasons
                    .get(&scenario.id)
                    .map(|reason| format!("not applicable to {}, because {reason}", target.system)),
            ),
            None if scenario.needs.is_empty() => {}
            None => {
                let needs: Vec<&str> = scenario.needs.iter().map(|need| need.name()).collect();
                lines.push(format!(
                    "applies to {} if it has {}; the run asks it",
                    target.system,
                    needs.join(" and ")
                ));
            }
        }
    }
    lines
}

/// The embedded server is asked; an external server is never touched by `list`.
async fn ask_targets(
    arguments: &ListArguments,
    catalogue: &[Scenario],
) -> Result<Vec<Applicability>, Failure> {
    let mut targets = Vec::new();
    for configuration in configurations(&arguments.system)? {
        let system = configuration.system.name.clone();
        if !matches!(configuration.server, configuration::Server::Embedded) {
            let reasons = None;
            targets.push(Applicability { system, reasons });
            continue;
        }
        let design = configuration.system.design;
        let seed = Seed(arguments.system.seed);
        let mut silent = |_| {};
        let mut prepared =
            Prepared::provision(configuration, seed, Permissions::default(), &mut silent).await?;
        prepared.survey(&mut silent).await?;
        let mut reasons = BTreeMap::new();
        for scenario in catalogue {
            // That a scenario is for the other design is seen from its place.
            if !scenario.design.includes(design) {
                continue;
            }
            let expanded = scenarios::expand(
                scenario,
                &prepared.system,
                &prepared.world,
                &prepared.surface,
                0,
            );
            if let Err(reason) = expanded {
                reasons.insert(scenario.id.clone(), reason.to_string());
            }
        }
        prepared.dispose(false).await?;
        let reasons = Some(reasons);
        targets.push(Applicability { system, reasons });
    }
    Ok(targets)
}
