//! `watertight selftest`: plants every fault of the catalogue and sees it found, and sees nothing found
//! where nothing is wrong.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use domain::seed::Seed;
use domain::selftest::{Ending, PlantedFault, SCHEMA, Selftest, Silence, Trial};
use reports::terminal::Colour;

use crate::args::DesignArgument;
use crate::commands::automatic;
use crate::environment::MachineClock;
use crate::exit_code::{Exit, Failure};
use crate::output::write_file;
use crate::preparation::{DEMONSTRATIONS, name};
use crate::progress::Progress;
use crate::selftest::automatic::page;
use crate::selftest::catalogue::{Entry, Layer, digest, entries};
use crate::selftest::ground::Ground;
use crate::selftest::hunt::hunt;
use crate::selftest::plan::{Task, Wanted, What};
use crate::selftest::silence::listen;
use crate::selftest::{sums, table};
use crate::threads::{alone, begin, joined};

/// `watertight selftest`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight selftest                                       the whole catalogue, in both designs
  watertight selftest --faults temporal-missing,read-by-id-unscoped
  watertight selftest --layer sql --seeds 3 --jobs 2 --json selftest.json
  watertight selftest --from selftest.json --docs docs/sensitivity.md
  watertight selftest --automatic --design shared-database --matching DENY
  watertight selftest --automatic --budget-per-fault 5m --json automatic.json
  watertight selftest --automatic --from automatic.json --docs docs/mutants.md

Exit codes: 0 every fault was caught under a promise that it breaks, and nothing else was found ·
            1 a fault was missed or caught by another, a case file said something else than it should, or there
              was a false alarm; an automatic fault survives and nothing explains it · 2 unfinished")]
pub(crate) struct SelftestArguments {
    /// These faults only, separated by commas; `watertight list faults` shows all.
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    faults: Vec<String>,
    /// One layer instead of both.
    #[arg(long, value_enum)]
    layer: Option<Layer>,
    /// One design of the demonstration instead of both.
    #[arg(long, value_enum)]
    design: Option<DesignArgument>,
    /// Under how many seeds each fault is planted.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The longest that a fault is looked for.
    #[arg(long, value_name = "DURATION", value_parser = configuration::parse_duration, default_value = "30s")]
    budget_per_fault: Duration,
    /// Under how many seeds clean systems are attacked, which must stay silent.
    #[arg(long, value_name = "K", default_value_t = 1)]
    clean_seeds: u64,
    /// Plant faults only: no near misses, no clean systems.
    #[arg(long)]
    faults_only: bool,
    /// Replay the case file of each fault that is caught from nothing: with the fault it must be reproduced, and
    /// without it not.
    #[arg(long)]
    replay: bool,
    /// Tenants of each system.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(2..=50))]
    tenants: u16,
    /// How many systems are attacked at the same time. More are done sooner; times to detection then
    /// tell less.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    jobs: u16,
    /// Instead of the catalogue: take each safeguard of the fixtures away by itself (rights, denials, triggers,
    /// constraints, history, conditions of views and modules), give each plausible right that nobody
    /// declared, and tell which of these automatic faults survive, and why.
    #[arg(long, conflicts_with_all = ["faults", "layer", "seeds", "jobs"])]
    automatic: bool,
    /// Only automatic faults that have this in their name.
    #[arg(long, value_name = "TEXT", requires = "automatic")]
    matching: Option<String>,
    /// Plant nothing: read what earlier selftests wrote, put together. Repeatable.
    #[arg(long, value_name = "FILE.json", conflicts_with_all = ["faults", "layer", "design", "seeds", "jobs"])]
    from: Vec<PathBuf>,
    /// Write what was found, for programs.
    #[arg(long, value_name = "FILE.json")]
    json: Option<PathBuf>,
    /// Write the page of the documentation.
    #[arg(long, value_name = "FILE.md")]
    docs: Option<PathBuf>,
    /// Print the closing report only.
    #[arg(long, short)]
    quiet: bool,
}

/// Plants, attacks, and reports.
pub(crate) async fn selftest(
    arguments: SelftestArguments,
    colour: Colour,
) -> Result<Exit, Failure> {
    let progress = Progress::new(colour, arguments.quiet);
    if arguments.automatic {
        return automatic_faults(&arguments, &progress).await;
    }
    let selftest = if arguments.from.is_empty() {
        let stop = crate::signals::stop_on_signal(&progress)?;
        let wanted = wanted(&arguments);
        let all = entries();
        let catalogue = digest(&all);
        let selected = wanted.select(all)?;
        let bench = Bench {
            wanted: &wanted,
            tasks: Mutex::new(wanted.tasks(&selected)?.into()),
            results: Mutex::new(Vec::new()),
            clock: MachineClock::start(),
            stop: &stop,
            progress: &progress,
        };
        let ended: Result<Vec<()>, Failure> = std::thread::scope(|scope| {
            let work = || alone(bench.work());
            let workers: Result<Vec<_>, Failure> =
                (0..arguments.jobs).map(|_| begin(scope, work)).collect();
            workers?.into_iter().map(joined).collect()
        });
        progress.finish();
        ended?;
        bench.close(&selected, catalogue)
    } else {
        read(&arguments.from)?
    };
    print(&table::terminal(&selftest));
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&selftest).map_err(Failure::environment)?;
        write_file(path, &(text + "\n")).map_err(Failure::evidence)?;
    }
    if let Some(path) = &arguments.docs {
        write_file(path, &table::page(&selftest)).map_err(Failure::evidence)?;
    }
    Ok(sums::exit(&selftest))
}

async fn automatic_faults(
    arguments: &SelftestArguments,
    progress: &Progress,
) -> Result<Exit, Failure> {
    let outcomes = if arguments.from.is_empty() {
        let stop = crate::signals::stop_on_signal(progress)?;
        let wanted = automatic::Wanted {
            designs: designs(arguments),
            matching: arguments.matching.as_deref(),
            seed: arguments.seed,
            tenants: arguments.tenants,
            budget: arguments.budget_per_fault,
        };
        automatic::run(&wanted, progress, &stop).await?
    } else {
        automatic::read(&arguments.from)?
    };
    progress.finish();
    print(&page::report(&outcomes));
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&outcomes).map_err(Failure::environment)?;
        write_file(path, &(text + "\n")).map_err(Failure::evidence)?;
    }
    if let Some(path) = &arguments.docs {
        write_file(path, &page::page(&outcomes)).map_err(Failure::evidence)?;
    }
    Ok(automatic::exit(&outcomes))
}

fn designs(arguments: &SelftestArguments) -> Vec<String> {
    match arguments.design {
        Some(design) => vec![name(design).to_owned()],
        None => DEMONSTRATIONS.map(str::to_owned).to_vec(),
    }
}

fn wanted(arguments: &SelftestArguments) -> Wanted {
    let designs = designs(arguments);
    let from = |count: u64| (0..count).map(|next| arguments.seed + next).collect();
    Wanted {
        designs,
        seeds: from(arguments.seeds),
        clean_seeds: from(arguments.clean_seeds),
        layer: arguments.layer,
        faults: arguments.faults.clone(),
        listens: !arguments.faults_only,
        budget: arguments.budget_per_fault,
        replay: arguments.replay,
        tenants: arguments.tenants,
    }
}

/// Where everything that is to be done lies, and what came of what is done.
struct Bench<'a> {
    wanted: &'a Wanted,
    tasks: Mutex<VecDeque<Task<'a>>>,
    results: Mutex<Vec<Ended>>,
    clock: MachineClock,
    stop: &'a AtomicBool,
    progress: &'a Progress,
}

/// What one task came to.
enum Ended {
    Hunted(String, Trial),
    Listened(Silence),
}

impl Bench<'_> {
    /// Takes one task after the other until there is none, or the user has had enough.
    async fn work(&self) -> Result<(), Failure> {
        let mut ground: Option<Ground> = None;
        while !self.stop.load(Ordering::Relaxed) {
            let Some(task) = self.next() else { break };
            let seed = Seed(task.seed);
            let mut own = match ground.take() {
                Some(own) if own.is(&task.design, seed) => own,
                other => {
                    if let Some(other) = other {
                        other.dispose().await?;
                    }
                    Ground::provision(&task.design, seed, self.wanted.tenants).await?
                }
            };
            let ended = self.perform(&mut own, &task).await?;
            self.tell(&ended);
            if let Ok(mut results) = self.results.lock() {
                results.push(ended);
            }
            ground = Some(own);
        }
        match ground {
            Some(ground) => ground.dispose().await,
            None => Ok(()),
        }
    }

    fn next(&self) -> Option<Task<'_>> {
        self.tasks.lock().ok()?.pop_front()
    }

    async fn perform(&self, ground: &mut Ground, task: &Task<'_>) -> Result<Ended, Failure> {
        let (design, seed) = (task.design.as_str(), task.seed);
        Ok(match &task.what {
            What::Hunt(entry) => {
                let how = (self.wanted.budget, self.wanted.replay);
                let who = (design, seed);
                let trial = hunt(ground, entry, who, how, &self.clock, self.stop).await?;
                Ended::Hunted(entry.id.clone(), trial)
            }
            What::Listen(layer, near_misses) => {
                let who = (design, *layer, seed);
                let silence = listen(ground, near_misses, who, &self.clock, self.stop).await?;
                Ended::Listened(silence)
            }
        })
    }

    /// One line for each task that is done.
    fn tell(&self, ended: &Ended) {
        let left = self.tasks.lock().map_or(0, |tasks| tasks.len());
        let text = match ended {
            Ended::Hunted(id, trial) => {
                let detection = trial.detection.as_ref();
                let how = detection.map_or_else(String::new, |one| {
                    format!(
                        " under {} by {} after {:.1} s, {} cases",
                        one.controls.first().map_or("", |id| id.0.as_str()),
                        one.oracle,
                        one.ms as f64 / 1000.0,
                        one.cases
                    )
                });
                format!("{id} in {}: {}{how}", trial.design, trial.ending.words())
            }
            Ended::Listened(silence) => format!(
                "{} in {}, {}: {} false alarms in {} cases",
                match silence.planted.len() {
                    0 => "nothing planted".to_owned(),
                    1 => silence.planted[0].clone() + ", near miss",
                    count => format!("{count} near misses"),
                },
                silence.design,
                silence.layer,
                silence.false_alarms.len(),
                silence.cases
            ),
        };
        self.progress.line(&format!("{left:>4} left  {text}"));
    }

    fn close(self, selected: &[Entry], catalogue: String) -> Selftest {
        let left = self.tasks.into_inner().map_or(0, |tasks| tasks.len());
        let mut selftest = Selftest {
            schema: SCHEMA.to_owned(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            catalogue,
            seeds: self.wanted.seeds.clone(),
            tenants: usize::from(self.wanted.tenants),
            budget_per_fault_ms: crate::selftest::hunt::millis(self.wanted.budget),
            is_complete: left == 0,
            faults: selected
                .iter()
                .map(|entry| PlantedFault {
                    id: entry.id.clone(),
                    layer: entry.layer().name().to_owned(),
                    sentence: entry.sentence.clone(),
                    controls: entry.controls.clone(),
                    trials: Vec::new(),
                })
                .collect(),
            near_misses: Vec::new(),
            clean: Vec::new(),
            sums: Vec::new(),
        };
        for ended in self.results.into_inner().unwrap_or_default() {
            match ended {
                Ended::Hunted(id, trial) => {
                    selftest.is_complete &= trial.ending != Ending::Unfinished;
                    let mut faults = selftest.faults.iter_mut();
                    if let Some(fault) = faults.find(|fault| fault.id == id) {
                        fault.trials.push(trial);
                    }
                }
                Ended::Listened(silence) => {
                    selftest.is_complete &= silence.is_complete;
                    if silence.planted.is_empty() {
                        selftest.clean.push(silence);
                    } else {
                        selftest.near_misses.push(silence);
                    }
                }
            }
        }
        sums::finish(&mut selftest);
        selftest
    }
}

/// What earlier selftests wrote, put together.
fn read(paths: &[PathBuf]) -> Result<Selftest, Failure> {
    let mut whole: Option<Selftest> = None;
    for path in paths {
        let one = std::fs::read_to_string(path)
            .with_context(|| format!("could not read {}", path.display()))
            .and_then(|text| {
                let selftest: Selftest = serde_json::from_str(&text)
                    .with_context(|| format!("{} is no file of a selftest", path.display()))?;
                anyhow::ensure!(
                    selftest.schema == SCHEMA,
                    "{} is of the form {}; this version reads {SCHEMA}",
                    path.display(),
                    selftest.schema
                );
                Ok(selftest)
            })
            .map_err(Failure::usage)?;
        whole = Some(match whole {
            None => one,
            Some(earlier) => sums::joined(earlier, one).map_err(Failure::usage)?,
        });
    }
    whole
        .context("no file of a selftest was named")
        .map_err(Failure::usage)
}

#[expect(
    clippy::print_stdout,
    reason = "the closing report is the command's result"
)]
fn print(text: &str) {
    print!("{text}");
}
