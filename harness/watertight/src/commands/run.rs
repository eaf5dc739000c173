//! `watertight run`: provision, patch, attack, judge, report.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use campaign::clock::Clock as _;
use campaign::journal::{self, Header, Journal, Resumed};
use campaign::plan::{Extent, Plan};
use configuration::Configuration;
use domain::event::{Event, Summary};
use domain::seed::Seed;
use domain::system::System;
use observers::Watch;
use reports::junit::RunFacts;
use reports::terminal::{self, Colour};
use sha2::{Digest as _, Sha256};

use crate::args::{DesignArgument, JunitDialect, Plane, RunArguments};
use crate::environment::{self, MachineClock};
use crate::exit_code::{Exit, Failure};
use crate::output::{OutputFolder, write_file};
use crate::planted::{Planted, planted};
use crate::preparation::{Permissions, Prepared, configurations};
use crate::progress::Progress;

/// Time that provisioning and the closing report may eat without leaving the attack nothing.
const ATTACK_MIN: Duration = Duration::from_secs(1);

/// Runs every campaign that the options ask for.
pub(crate) async fn run(arguments: RunArguments, colour: Colour) -> Result<Exit, Failure> {
    let clock = MachineClock::start();
    let started_unix = environment::unix_seconds();
    // The one plane that there is; another was refused with the command line.
    let Plane::Sql = arguments.plane;
    let mut system = arguments.system.clone();
    if !arguments.patch.is_empty() && system.config.is_none() {
        system.design = system.design.or(Some(DesignArgument::DatabasePerTenant));
    }
    let mut configurations = configurations(&system)?;
    let planted = planted(&arguments)?;
    if !planted.is_empty() {
        // A fault is made for one design; the others would run as if nothing had been planted.
        let is_meant = |configuration: &Configuration| {
            let design = key(&configuration.system);
            planted.iter().any(|one| one.is_for(&design))
        };
        configurations.retain(is_meant);
    }
    for configuration in &configurations {
        for one in planted_for(&planted, &configuration.system) {
            one.check(&configuration.system)?;
        }
    }
    let folder = if arguments.resume {
        OutputFolder::open(&arguments.out).map_err(Failure::usage)?
    } else {
        OutputFolder::create(&arguments.out).map_err(Failure::evidence)?
    };
    let progress = Progress::new(colour, arguments.quiet);
    let stop = stop_on_signal(&progress)?;

    let campaigns = configurations.len();
    let mut summaries = Vec::new();
    let mut evidence_failure = None;
    for (done, configuration) in configurations.into_iter().enumerate() {
        let key = key(&configuration.system);
        let shared = Shared {
            arguments: &arguments,
            planted: &planted,
            folder: &folder,
            progress: &progress,
            stop: &stop,
            clock: &clock,
            campaigns_left: campaigns - done,
        };
        let (summary, journal_failure) = campaign(configuration, &key, &shared).await?;
        progress.finish();
        print(&terminal::closing(&summary, colour));
        let written = folder.write_summary(&key, &summary);
        evidence_failure = evidence_failure.or(journal_failure).or(written.err());
        summaries.push(summary);
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }

    let facts = RunFacts {
        started_unix,
        duration_ms: u64::try_from(clock.now().as_millis()).unwrap_or(u64::MAX),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let written = write_reports(&arguments, &folder, &summaries, &facts);
    if let Some(error) = evidence_failure.or(written.err()) {
        return Err(Failure::evidence(error));
    }
    progress.line(&format!("Record   {}", folder.path().display()));
    Ok(Exit::of(&summaries))
}

/// What all campaigns of a run have in common.
struct Shared<'a> {
    arguments: &'a RunArguments,
    planted: &'a [Planted],
    folder: &'a OutputFolder,
    progress: &'a Progress,
    stop: &'a AtomicBool,
    clock: &'a MachineClock,
    /// Campaigns that share the rest of the budget, this one included.
    campaigns_left: usize,
}

/// One campaign against one system. The second value says that its journal could not be written.
async fn campaign(
    configuration: Configuration,
    key: &str,
    shared: &Shared<'_>,
) -> Result<(Summary, Option<anyhow::Error>), Failure> {
    let arguments = shared.arguments;
    let seed = Seed(arguments.system.seed);
    let budget = arguments.budget.unwrap_or(configuration.budget);
    let header = header(&configuration, shared, seed);
    let (mut file, resumed) = open_journal(shared, key, &header)?;

    let permissions = Permissions {
        other_databases: arguments.i_know_this_server_holds_other_databases,
    };
    let mut show = |event: Event| shared.progress.show(&event);
    let mut prepared = Prepared::provision(configuration, seed, permissions, &mut show).await?;
    let planted = planted_for(shared.planted, &prepared.system);
    if !planted.is_empty() {
        for one in &planted {
            prepared.patch(&one.script, &one.target).await?;
        }
        let files = planted.iter().map(|one| one.script.file.clone()).collect();
        show(Event::Patched { files });
    }
    prepared.survey(&mut show).await?;
    let watch = Watch::new(&prepared.surface, prepared.depth());
    let mut stage = campaign::Live::new(prepared.sessions(), watch)
        .await
        .map_err(Failure::environment)?;

    let left = budget.saturating_sub(shared.clock.now());
    let share = left / u32::try_from(shared.campaigns_left).unwrap_or(1);
    let plan = Plan {
        system: &prepared.system,
        world: &prepared.world,
        surface: &prepared.surface,
        target: &prepared.target.name,
        seed,
        extent: arguments
            .cases
            .map_or(Extent::Budget(share.max(ATTACK_MIN)), Extent::Cases),
        resumed: resumed.clone(),
    };
    let mut journal = match resumed {
        Some(_) => Journal::append(&mut file),
        None => Journal::begin(&mut file, &header),
    };
    let summary = campaign::run(
        &plan,
        &mut stage,
        &mut journal,
        shared.clock,
        &mut show,
        shared.stop,
    )
    .await;
    let failure = journal.failure().map(|reason| {
        anyhow::anyhow!(
            "the journal in {} ended early: {reason}",
            shared.folder.path().display()
        )
    });
    if let Err(failure) = prepared.dispose(arguments.keep).await {
        // The verdict stands; what was left behind must be told.
        shared
            .progress
            .line(&format!("Warning  cleanup failed: {:#}", failure.error));
    }
    Ok((summary, failure))
}

fn open_journal(
    shared: &Shared<'_>,
    key: &str,
    header: &Header,
) -> Result<(File, Option<Resumed>), Failure> {
    if shared.arguments.resume
        && let Some((file, resumed)) = shared
            .folder
            .resume_journal(key, header)
            .map_err(Failure::usage)?
    {
        shared
            .progress
            .line(&format!("Resumed  after {} cases", resumed.cases.len()));
        return Ok((file, Some(resumed)));
    }
    Ok((
        shared.folder.new_journal(key).map_err(Failure::evidence)?,
        None,
    ))
}

/// Everything that decides the cases, hashed: a journal is resumed only under the same.
fn header(configuration: &Configuration, shared: &Shared<'_>, seed: Seed) -> Header {
    let decided = serde_json::json!({
        "system": configuration.system,
        "server": format!("{:?}", configuration.server),
        "planted": format!("{:?}", planted_for(shared.planted, &configuration.system)),
    });
    let digest = Sha256::digest(decided.to_string().as_bytes());
    Header {
        schema: journal::SCHEMA,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        seed: seed.0,
        configuration: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        tenants: configuration.system.tenants.clone(),
    }
}

/// Name of the system's files: its design.
fn key(system: &System) -> String {
    match system.design {
        domain::system::Design::DatabasePerTenant => "database-per-tenant".to_owned(),
        domain::system::Design::SharedDatabase => "shared-database".to_owned(),
    }
}

/// What is planted in systems of this design.
fn planted_for<'a>(planted: &'a [Planted], system: &System) -> Vec<&'a Planted> {
    let design = key(system);
    planted.iter().filter(|one| one.is_for(&design)).collect()
}

fn write_reports(
    arguments: &RunArguments,
    folder: &OutputFolder,
    summaries: &[Summary],
    facts: &RunFacts,
) -> anyhow::Result<()> {
    let findings: String = summaries
        .iter()
        .flat_map(|summary| &summary.findings)
        .map(|finding| terminal::card(finding, Colour::No) + "\n")
        .collect();
    folder.write_findings(&findings)?;
    if let Some(path) = &arguments.junit {
        let dialect = match arguments.junit_dialect {
            JunitDialect::Jenkins => reports::Dialect::Jenkins,
            JunitDialect::Ant => reports::Dialect::Ant,
            JunitDialect::Surefire => reports::Dialect::Surefire,
        };
        let xml = reports::junit::render(summaries, facts, dialect)
            .context("could not render the JUnit report")?;
        write_file(path, &xml)?;
    }
    Ok(())
}

/// The first signal ends the campaign after the case at hand, with a partial report; the second
/// ends the process.
fn stop_on_signal(progress: &Progress) -> Result<Arc<AtomicBool>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = Arc::new(AtomicBool::new(false));
    let listen = |kind| signal(kind).context("could not listen for signals");
    let mut interrupt = listen(SignalKind::interrupt()).map_err(Failure::environment)?;
    let mut terminate = listen(SignalKind::terminate()).map_err(Failure::environment)?;
    let stopping = Arc::clone(&stop);
    let line = progress.handle();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if stopping.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(Exit::Inconclusive as u8));
            }
            line.say("Stopping after the case at hand; once more to stop at once");
        }
    });
    Ok(stop)
}

#[expect(
    clippy::print_stdout,
    reason = "the closing report is the command's result"
)]
fn print(text: &str) {
    print!("{text}");
}
