//! The record of one run while it goes on: its plan is frozen first, cases are kept as they are judged, and at
//! the end everything that is known is put together and the bundle closed.

mod facts;
mod keeping;

use std::collections::BTreeMap;

use anyhow::Context as _;
use domain::cause::Waiver;
use domain::event::Summary;
use domain::selftest::Selftest;
use domain::verdict::Tally;
use record::Record;
use record::bundle::{self, Bundle, Files, plan_sha256};
use record::canonical::document;
use record::model::{
    Causes, Cleanup, Counts, Coverage, Identities, Inventory, Limitation, Plan, Run, RunVerdict,
    State, SystemCauses, SystemCoverage, SystemRun, TestControls, Waivers,
};
use record::redaction::Redaction;

pub(crate) use facts::SystemFacts;
pub(crate) use keeping::Keeping;

use crate::args::RunArguments;
use crate::environment;
use crate::exit_code::{Exit, Failure};
use crate::output::OutputFolder;

/// The record of a run.
#[derive(Debug)]
pub(crate) struct Recording {
    bundle: Bundle,
    plan: Plan,
    plan_sha256: String,
    run: Run,
}

impl Recording {
    /// Freezes the plan: writes it, or finds that it is the one that an interrupted run froze.
    pub(crate) fn begin(folder: &OutputFolder, plan: Plan, resume: bool) -> Result<Self, Failure> {
        let bundle = Bundle::new(folder.path());
        let plan_sha256 = plan_sha256(&plan, bundle.redaction());
        let run = if resume {
            let files = files_of_begun(&bundle).map_err(Failure::usage)?;
            let frozen = Plan::read(&files).map_err(|error| {
                Failure::usage(anyhow::anyhow!("the record cannot be resumed: {error}"))
            })?;
            if let Some(what) = difference(&frozen, &plan) {
                return Err(Failure::usage(anyhow::anyhow!(
                    "the record in {} belongs to another run: {what} differs; repeat the command that was killed, \
                     with --resume",
                    folder.path().display()
                )));
            }
            let earlier = Run::read(&files).map_err(|error| {
                Failure::usage(anyhow::anyhow!("the record cannot be resumed: {error}"))
            })?;
            Run {
                resumptions: earlier.resumptions + 1,
                run_id: earlier.run_id,
                started: earlier.started,
                ..unfinished(&plan, &plan_sha256)?
            }
        } else {
            unfinished(&plan, &plan_sha256)?
        };
        bundle.begin(&plan, &run).map_err(Failure::evidence)?;
        Ok(Self {
            bundle,
            plan,
            plan_sha256,
            run,
        })
    }

    /// The folder, writing without these secrets.
    pub(crate) fn bundle(&self, redaction: Redaction) -> Bundle {
        self.bundle.clone().redacting(redaction)
    }

    /// Keeps some cases of a campaign whole.
    pub(crate) fn keeping(&self, campaign: &str, bundle: Bundle) -> Keeping {
        Keeping::new(bundle, campaign, &self.plan_sha256, self.plan.trace_sample)
    }

    /// Puts everything together and closes the bundle. `beside` writes what was asked for besides the views,
    /// while the manifest can still know it.
    pub(crate) fn close(
        self,
        systems: Vec<(SystemFacts, Summary)>,
        (waivers, sensitivity): (&[Waiver], Option<&Selftest>),
        duration_ms: u64,
        beside: &dyn Fn(&Record) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Self {
            bundle,
            plan,
            plan_sha256,
            mut run,
        } = self;
        let mut redaction = Redaction::default();
        let mut inventory = Vec::new();
        let mut identities = Vec::new();
        let mut coverage = Vec::new();
        let mut causes = Vec::new();
        let mut cleanup = Vec::new();
        let mut environment = BTreeMap::new();
        let mut summaries = Vec::new();
        let present = bundle::load(bundle.root()).context("could not read the record back")?;
        let cases = bundle::cases(&present, &plan).context("could not read the cases back")?;
        let mut tallies = Vec::new();
        for (facts, summary) in systems {
            let campaigns = plan
                .systems
                .iter()
                .filter(|system| system.key == facts.key)
                .flat_map(|system| &system.campaigns);
            let mut traces = record::model::Traces::default();
            let mut tally = Tally::default();
            for campaign in campaigns {
                let lines = cases
                    .get(&campaign.name)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                traces +=
                    record::traces::kept(&plan_sha256, &campaign.name, lines, plan.trace_sample).1;
                tally += record::verdict::tally(lines);
            }
            tallies.push((facts.key.clone(), tally));
            redaction.join(facts.redaction.clone());
            inventory.push(facts.inventory);
            identities.push(facts.identities);
            coverage.push(SystemCoverage::new(&facts.key, &summary, traces));
            let of_causes = SystemCauses::new(&facts.key, plan.systems.len() == 1, &summary);
            write_histories(&bundle, &of_causes, &summary, &facts.redaction)?;
            causes.push(of_causes);
            cleanup.push(facts.cleanup);
            environment.insert(facts.key.clone(), facts.environment);
            run.systems
                .push(SystemRun::new(&facts.key, facts.design, &summary));
            summaries.push(summary);
        }
        let exit = Exit::of(&summaries);
        run.state = State::Finished;
        run.verdict = record::verdict::verdict(&summaries);
        run.exit_code = Some(exit as u8);
        run.gate = record::verdict::rules(&summaries);
        run.ended = Some(environment::now());
        run.duration_ms = Some(duration_ms);
        run.counts = Counts::of(&summaries);
        let mut record = Record {
            run,
            inventory: Inventory {
                schema: Inventory::SCHEMA.to_owned(),
                systems: inventory,
            },
            identities: Identities {
                schema: Identities::SCHEMA.to_owned(),
                canaries: Identities::CANARIES.to_owned(),
                systems: identities,
            },
            controls: TestControls::new(
                &tallies,
                reports::numbers::rounded(
                    serde_json::to_value(sensitivity).context("could not print the selftest")?,
                ),
            ),
            coverage: Coverage {
                schema: Coverage::SCHEMA.to_owned(),
                systems: coverage,
            },
            causes: Causes {
                schema: Causes::SCHEMA.to_owned(),
                systems: causes,
            },
            statistics: serde_json::Value::Null,
            environment,
            cleanup: Cleanup {
                schema: Cleanup::SCHEMA.to_owned(),
                systems: cleanup,
            },
            waivers: Waivers::new(waivers, &summaries),
            cases,
            plan,
        };
        record.statistics = reports::numbers::document(&record);
        bundle::close(&bundle.redacting(redaction), &mut record, &|record| {
            beside(record)
                .and_then(|()| views(record))
                .map_err(|error| format!("{error:#}"))
        })
        .context("the record could not be closed")?;
        Ok(())
    }
}

/// Reads what a selftest of this version found out about it.
pub(crate) fn sensitivity(arguments: &RunArguments) -> Result<Option<Selftest>, Failure> {
    let Some(path) = &arguments.selftest else {
        return Ok(None);
    };
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read {shown}"))
        .map_err(Failure::usage)?;
    let selftest: Selftest = serde_json::from_str(&text)
        .with_context(|| format!("{shown} is not what `watertight selftest --json` writes"))
        .map_err(Failure::usage)?;
    let own = env!("CARGO_PKG_VERSION");
    if selftest.schema != domain::selftest::SCHEMA || selftest.tool != own {
        return Err(Failure::usage(anyhow::anyhow!(
            "{shown} is about version {} of the tool, not about this one, {own}; run `watertight selftest` again",
            selftest.tool
        )));
    }
    Ok(Some(selftest))
}

/// Writes what happened when each cause's shortest case was played, for `watertight judge`.
fn write_histories(
    bundle: &Bundle,
    causes: &SystemCauses,
    summary: &Summary,
    redaction: &Redaction,
) -> anyhow::Result<()> {
    let bundle = bundle.clone().redacting(redaction.clone());
    for (told, cause) in causes.causes.iter().zip(&summary.causes) {
        if let (Some(told), Some(shrunk)) = (&told.shrunk, &cause.shrunk) {
            bundle.write(&told.history_file, &document(&shrunk.history))?;
        }
    }
    Ok(())
}

/// The views of a record, which `verify` makes again.
pub(crate) fn views(record: &Record) -> anyhow::Result<Files> {
    reports::views(record).context("could not render the views")
}

/// A run that has only begun.
fn unfinished(plan: &Plan, plan_sha256: &str) -> Result<Run, Failure> {
    Ok(Run {
        schema: Run::SCHEMA.to_owned(),
        run_id: environment::uuid().map_err(Failure::environment)?,
        state: State::Unfinished,
        verdict: RunVerdict::Inconclusive,
        exit_code: None,
        gate: Vec::new(),
        started: environment::now(),
        ended: None,
        duration_ms: None,
        resumptions: 0,
        clock: "this machine's own; it was compared with no other".to_owned(),
        tool: environment::tool(),
        operator: environment::operator(),
        seed: plan.seed,
        plan_sha256: plan_sha256.to_owned(),
        leaves: None,
        counts: Counts::default(),
        redacted: BTreeMap::new(),
        systems: Vec::new(),
        limitations: Limitation::all(),
    })
}

/// The files that are there from the first moment on; a bundle has more and larger ones.
fn files_of_begun(bundle: &Bundle) -> anyhow::Result<Files> {
    let mut files = Files::new();
    for path in ["plan.json", "run.json"] {
        let whole = bundle.root().join(path);
        let bytes =
            std::fs::read(&whole).with_context(|| format!("could not read {}", whole.display()))?;
        files.insert(path.to_owned(), bytes);
    }
    Ok(files)
}

/// In what two plans differ, in a word; `None` when they do not.
fn difference(frozen: &Plan, plan: &Plan) -> Option<&'static str> {
    let tenants = |plan: &Plan| -> Vec<Vec<String>> {
        plan.systems.iter().map(|one| one.tenants.clone()).collect()
    };
    let campaigns = |plan: &Plan| -> Vec<_> {
        plan.systems
            .iter()
            .map(|one| one.campaigns.clone())
            .collect()
    };
    [
        (
            frozen.tool_version == plan.tool_version,
            "the tool's version",
        ),
        (frozen.seed == plan.seed, "the seed"),
        (
            frozen.extent == plan.extent,
            "the budget or number of cases",
        ),
        (tenants(frozen) == tenants(plan), "the list of tenants"),
        (
            campaigns(frozen) == campaigns(plan),
            "the list of systems and planes",
        ),
        (frozen == plan, "the configuration"),
    ]
    .into_iter()
    .find_map(|(same, what)| (!same).then_some(what))
}
