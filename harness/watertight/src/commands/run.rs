//! `watertight run`: provision, patch, attack, judge, report.

use std::sync::atomic::Ordering;

use anyhow::Context as _;
use campaign::clock::Clock as _;
use configuration::Configuration;
use domain::cause::Waiver;
use domain::control::Plane;
use domain::event::Summary;
use domain::seed::Seed;
use record::Record;
use record::model::{CampaignPlan, Extent, Plan, SystemPlan};
use record::redaction::Redaction;
use record::verdict::RULES;
use reports::cards::{Page, whole_card};
use reports::terminal::{self, Colour};

use crate::args::{DesignArgument, RunArguments};
use crate::campaigns::{
    Ended, Shared, campaign_name, campaigns, header, key, planes, planted_for, weight,
};
use crate::case_files::{Folders, ReplayCommand};
use crate::environment::{self, MachineClock};
use crate::exit_code::{Exit, Failure};
use crate::gating::Gating;
use crate::output::{OutputFolder, write_file};
use crate::planted::{Planted, PlantedInService, planted};
use crate::preparation::configurations;
use crate::progress::Progress;
use crate::recording::Recording;
use crate::threads::{alone, begin, joined};

/// Servers for one system unless somebody wants more: each costs memory, and who enters what they came to is one.
const JOBS_MAX: usize = 4;

/// How the campaigns against one system ended.
type Campaigned = Result<Ended, Failure>;

/// Runs every campaign that the options ask for.
pub(crate) async fn run(arguments: RunArguments, colour: Colour) -> Result<Exit, Failure> {
    let clock = MachineClock::start();
    let mut system = arguments.system.clone();
    if !arguments.planted.patch.is_empty() && system.config.is_none() {
        system.design = system.design.or(Some(DesignArgument::DatabasePerTenant));
    }
    let mut configurations = configurations(&system)?;
    let (planted, in_service) = planted(&arguments.planted)?;
    if !planted.is_empty() || !in_service.is_empty() {
        // A fault is made for one design; the others would run as if nothing had been planted.
        let is_meant = |configuration: &Configuration| {
            let design = key(&configuration.system);
            planted.iter().any(|one| one.is_for(&design)) || in_service.is_for(&design)
        };
        configurations.retain(is_meant);
    }
    let turns: Vec<(Configuration, Vec<Plane>)> = configurations
        .into_iter()
        .map(|configuration| {
            let planes = planes(&configuration, &arguments, &planted, &in_service);
            (configuration, planes)
        })
        .filter(|(_, planes)| !planes.is_empty())
        .collect();
    if turns.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!(
            "nothing is described on the plane that was asked for; see `--plane`"
        )));
    }
    for (configuration, _) in &turns {
        for one in planted_for(&planted, &configuration.system) {
            one.check(&configuration.system)?;
        }
    }
    let gating = Gating::read(&arguments)?;
    let sensitivity = crate::recording::sensitivity(&arguments)?;
    let folder = if arguments.resume {
        OutputFolder::open(&arguments.out).map_err(Failure::usage)?
    } else {
        OutputFolder::create(&arguments.out).map_err(Failure::evidence)?
    };
    let waivers: Vec<Waiver> = turns
        .iter()
        .flat_map(|(configuration, _)| configuration.waivers.clone())
        .collect();
    let plan = plan(&arguments, &turns, &planted, &in_service, &waivers);
    let recording = Recording::begin(&folder, plan, arguments.resume)?;
    let progress = Progress::new(colour, arguments.quiet);
    let stop = crate::signals::stop_on_signal(&progress)?;

    let is_own = |configuration: &Configuration| {
        configuration.server == configuration::Server::Embedded
            && !matches!(configuration.api, Some(configuration::Api::External(_)))
    };
    // Servers of our own do not disturb each other, and each is slower than a processor.
    let at_once = turns.len() > 1 && turns.iter().all(|(own, _)| is_own(own));
    let folders = Folders {
        is_one: turns.len() == 1,
    };
    let jobs = jobs(&arguments, if at_once { turns.len() } else { 1 });
    let replay = ReplayCommand::new(&arguments, folders);
    let weigh = |planes: &[Plane]| planes.iter().map(|plane| weight(*plane)).sum::<u32>();
    let mut left: u32 = turns.iter().map(|(_, planes)| weigh(planes)).sum();
    let mut running = Vec::new();
    for (configuration, planes) in turns {
        let key = key(&configuration.system);
        let shared = Shared {
            arguments: &arguments,
            planted: &planted,
            in_service: &in_service,
            folders,
            recording: &recording,
            progress: &progress,
            label: at_once.then(|| key.clone()),
            stop: &stop,
            clock: &clock,
            jobs,
        };
        let own = weigh(&planes);
        let weight = if at_once { own } else { left };
        left = left.saturating_sub(own);
        let gating = &gating;
        running.push(move || -> Campaigned {
            let waivers = configuration.waivers.clone();
            let campaigns = campaigns(configuration, &planes, weight, &shared);
            let mut ended = alone(campaigns);
            if let Ok(ended) = &mut ended {
                gating.decide(&mut ended.summary, &waivers);
            }
            ended
        });
    }
    let mut summaries = Vec::new();
    let mut evidence_failure = None;
    let mut facts_of_systems = Vec::new();
    let mut close = |ended: Campaigned| -> Result<(), Failure> {
        let Ended {
            summary,
            facts,
            failure,
        } = ended?;
        progress.finish();
        let page = Page {
            colour,
            width: environment::columns(),
        };
        print(&terminal::closing(&summary, page, &|cause| {
            replay.of(&facts.key, cause)
        }));
        evidence_failure = evidence_failure.take().or(failure);
        summaries.push(summary);
        facts_of_systems.push(facts);
        Ok(())
    };
    // A thread for each system, on which nobody but its own campaign waits.
    std::thread::scope(|scope| {
        let mut begun = Vec::new();
        for campaign in running {
            let campaign = begin(scope, campaign)?;
            if at_once {
                begun.push(campaign);
                continue;
            }
            close(joined(campaign))?;
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        for campaign in begun {
            close(joined(campaign))?;
        }
        Ok::<(), Failure>(())
    })?;

    let duration_ms = u64::try_from(clock.now().as_millis()).unwrap_or(u64::MAX);
    let keys: Vec<String> = facts_of_systems.iter().map(|one| one.key.clone()).collect();
    let mut causes = summaries.iter().zip(&keys);
    let first = causes.find_map(|(summary, key)| {
        let cause = summary.causes.first()?;
        Some((cause.id.clone(), key.clone()))
    });
    let mut redaction = Redaction::default();
    for facts in &facts_of_systems {
        redaction.join(facts.redaction.clone());
    }
    let written = write_findings(&folder, (&summaries, &keys), (&replay, &redaction))
        .and_then(|()| gating.write(&arguments, &summaries));
    let exit = Exit::of(&summaries);
    // Last, so that it holds everything that was written into the folder.
    let systems = facts_of_systems.into_iter().zip(summaries).collect();
    let junit = |record: &Record| write_junit(&arguments, record);
    let written = written.and(recording.close(
        systems,
        (&waivers, sensitivity.as_ref()),
        duration_ms,
        &junit,
    ));
    if let Some(error) = evidence_failure.or(written.err()) {
        return Err(Failure::evidence(error));
    }
    if let Some((cause, key)) = first {
        progress.line(&format!("Keep     {}", replay.keep(&key, &cause)));
    }
    progress.line(&format!("Record   {}", folder.path().display()));
    Ok(exit)
}

/// On how many servers each of the systems that are attacked at the same time is played.
fn jobs(arguments: &RunArguments, systems: usize) -> usize {
    let fair = || (environment::processors() / systems.max(1)).clamp(1, JOBS_MAX);
    arguments.jobs.map_or_else(fair, usize::from)
}

/// What is going to be tried, and when it is enough: everything that can be said before anything is touched.
fn plan(
    arguments: &RunArguments,
    turns: &[(Configuration, Vec<Plane>)],
    planted: &[Planted],
    in_service: &PlantedInService,
    waivers: &[Waiver],
) -> Plan {
    let seed = Seed(arguments.system.seed);
    let budgets = turns.iter().map(|(configuration, _)| configuration.budget);
    let budget = arguments.budget.or(budgets.max()).unwrap_or_default();
    let system = |(configuration, planes): &(Configuration, Vec<Plane>)| {
        let key = key(&configuration.system);
        let campaigns = planes
            .iter()
            .map(|plane| CampaignPlan::new(&campaign_name(&key, *plane), *plane));
        let files = planted_for(planted, &configuration.system)
            .into_iter()
            .map(|one| one.script.file.clone());
        let configuration_sha256 = header(configuration, planted, in_service, seed).configuration;
        SystemPlan::new(
            &key,
            &configuration.system,
            campaigns.collect(),
            files.chain(in_service.names()).collect(),
            &configuration_sha256,
        )
    };
    Plan {
        schema: Plan::SCHEMA.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: seed.0,
        extent: match arguments.cases {
            Some(cases) => Extent::Cases(cases),
            None => Extent::BudgetMs(u64::try_from(budget.as_millis()).unwrap_or(u64::MAX)),
        },
        gate: RULES.iter().map(|&rule| rule.to_owned()).collect(),
        trace_sample: record::traces::SAMPLE,
        waivers: waivers.to_vec(),
        systems: turns.iter().map(system).collect(),
    }
}

fn write_findings(
    folder: &OutputFolder,
    (summaries, keys): (&[Summary], &[String]),
    (replay, redaction): (&ReplayCommand, &Redaction),
) -> anyhow::Result<()> {
    let findings: String = summaries
        .iter()
        .zip(keys)
        .flat_map(|(summary, key)| summary.causes.iter().map(move |cause| (cause, key)))
        .map(|(cause, key)| whole_card(cause, &|cause| replay.of(key, cause)) + "\n")
        .collect();
    write_file(
        &folder.path().join("findings.txt"),
        &redaction.apply(&findings),
    )
}

/// Writes the JUnit report that was asked for: where the user wants it, for the reader that he has.
fn write_junit(arguments: &RunArguments, record: &Record) -> anyhow::Result<()> {
    let Some(path) = &arguments.junit else {
        return Ok(());
    };
    let xml = reports::junit::render(record, arguments.junit_dialect.into())
        .context("could not render the JUnit report")?;
    write_file(path, &xml)
}

#[expect(
    clippy::print_stdout,
    reason = "the closing report is the command's result"
)]
fn print(text: &str) {
    print!("{text}");
}
