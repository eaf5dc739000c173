//! `watertight judge`: a recorded history again, without any target.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use campaign::replay::{self, Expected};
use clap::Args;
use domain::cause::AnyHistory;
use oracles::Judge;
use oracles::api::ApiJudge;
use scenarios::Scenario;

use crate::commands::replay::{exit, print, read, verdict};
use crate::context::{self, Context};
use crate::exit_code::{Exit, Failure};

/// `watertight judge`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight judge watertight.out/histories/containment-3f9a1c02.json
  watertight judge history.json --context context.json --case containment-3f9a1c02.yaml

What the rightful were answered when nobody attacked is not in a history, so what differs by itself from
answer to answer may be told here and not in a run.

Exit codes: 0 it shows nothing of the kind · 1 it shows what was found · 2 precondition lost: a preparing
or arming step did not work · 3 usage")]
pub(crate) struct JudgeArguments {
    /// The history, as `run` writes it below `histories/`.
    #[arg(value_name = "HISTORY.json")]
    pub(crate) history: PathBuf,
    /// What must be known besides; without it, `context.json` beside the history.
    #[arg(long, value_name = "CONTEXT.json")]
    pub(crate) context: Option<PathBuf>,
    /// The case whose finding is looked for; without it, the one of the same name below `cases/`, and
    /// where there is none, any finding counts.
    #[arg(long, value_name = "CASE.yaml")]
    pub(crate) case: Option<PathBuf>,
}

/// Judges a history.
pub(crate) fn judge(arguments: &JudgeArguments) -> Result<Exit, Failure> {
    let path = &arguments.history;
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read the history {}", path.display()))
        .map_err(Failure::usage)?;
    let history: AnyHistory = serde_json::from_str(&text)
        .with_context(|| format!("{} is no history of this version", path.display()))
        .map_err(Failure::usage)?;
    let beside = path.with_file_name(context::FILE);
    let context = arguments.context.as_deref().unwrap_or(&beside);
    let context = Context::read(context).map_err(Failure::usage)?;
    let scenario = scenario(arguments)?;
    let place = (&context.system, &context.world, &context.surface);
    let wanted = match &scenario {
        None => Expected::default(),
        Some(scenario) => Expected::of(scenario, place).map_err(|reason| {
            Failure::usage(anyhow::anyhow!("the case does not fit: {}", reason.0))
        })?,
    };
    let (system, world, surface) = place;
    let play = match history {
        AnyHistory::Sql(history) => {
            let tenants = history
                .case
                .steps
                .iter()
                .filter_map(|step| step.actor.tenant());
            check(tenants.map(|tenant| tenant.0).max(), &context)?;
            replay::judged(&Judge::new(system, world, surface), history, &wanted)
        }
        AnyHistory::Api(history) => {
            let callers = history
                .case
                .steps
                .iter()
                .filter_map(|step| step.caller()?.tenant);
            check(callers.map(|tenant| tenant.0).max(), &context)?;
            let document = context
                .contract
                .as_ref()
                .context("the history is of a service, and the context holds no contract")
                .map_err(Failure::usage)?;
            let contract = contract::read(document.as_bytes(), None)
                .context("the contract in the context cannot be used")
                .map_err(Failure::usage)?;
            let mut judge = ApiJudge::new(system, world, surface, &contract);
            judge.learn(std::slice::from_ref(&history));
            replay::judged_api(&judge, history, &wanted)
        }
    };
    let plays = [play];
    let answer = replay::answer(&plays);
    print(&verdict(scenario.as_ref(), &plays));
    let shows = match exit(&answer) {
        Exit::Violated => "it shows what was found".to_owned(),
        Exit::Held => "it shows nothing of the kind".to_owned(),
        _ => match &answer {
            replay::Answer::PreconditionLost(lost) => {
                format!(
                    "nothing can be said: {}",
                    reports::hostile::console_line(&lost.reason)
                )
            }
            _ => "nothing can be said".to_owned(),
        },
    };
    print(&format!("{}: {shows}\n", path.display()));
    Ok(exit(&answer))
}

/// A history of another world must not be judged with this one.
fn check(last: Option<usize>, context: &Context) -> Result<(), Failure> {
    let tenants = context.world.tenants.len();
    match last {
        Some(last) if last >= tenants => Err(Failure::usage(anyhow::anyhow!(
            "the history speaks of tenant {}, and the context has {tenants}: they are of two runs",
            last + 1
        ))),
        _ => Ok(()),
    }
}

/// The case that the history is of, where it can be found.
fn scenario(arguments: &JudgeArguments) -> Result<Option<Scenario>, Failure> {
    if let Some(path) = &arguments.case {
        return read(path).map(Some);
    }
    let beside = beside(&arguments.history);
    match beside.filter(|path| path.is_file()) {
        Some(path) => read(&path).map(Some),
        None => Ok(None),
    }
}

/// `cases/a/x.yaml` of `histories/a/x.json`.
fn beside(history: &Path) -> Option<PathBuf> {
    let mut found = false;
    let mut path = PathBuf::new();
    for part in history.components() {
        if !found && part.as_os_str() == "histories" {
            found = true;
            path.push("cases");
        } else {
            path.push(part);
        }
    }
    found.then(|| path.with_extension("yaml"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::beside;

    #[test]
    fn a_history_has_its_case_beside_it() {
        for (history, case) in [
            ("out/histories/a-1.json", Some("out/cases/a-1.yaml")),
            ("histories/d/a-1.json", Some("cases/d/a-1.yaml")),
            ("a-1.json", None),
        ] {
            assert_eq!(beside(Path::new(history)).as_deref(), case.map(Path::new));
        }
    }
}
