//! `watertight replay`: one case file from nothing, and whether it still shows what was found.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use campaign::api::ApiPlan;
use campaign::plan::{Extent, Plan};
use campaign::replay::{self, Answer, Expected, Play};
use clap::Args;
use configuration::{Api, Configuration, Reference, Server};
use domain::cause::{AnyCase, AnyHistory};
use domain::event::Event;
use domain::finding::Finding;
use domain::history::Changed;
use domain::seed::Seed;
use domain::system::Design;
use record::bundle::Bundle;
use record::canonical::document;
use record::redaction::Redaction;
use reports::hostile::{console_line, shortened};
use reports::terminal::{self, Colour};
use scenarios::{Scenario, Setting};

use crate::args::{DesignArgument, PlantArguments, SystemArguments};
use crate::campaigns::planted_for;
use crate::context::{self, Context};
use crate::environment::MachineClock;
use crate::exit_code::{Exit, Failure};
use crate::export::{self, Exhibit, Language};
use crate::output::write_file;
use crate::planted::{Planted, PlantedInService, planted};
use crate::preparation::{Permissions, Prepared, configurations};
use crate::service::{self, PreparedService};

/// Characters of a batch or a request's line that are shown of each step.
const LINE_MAX: usize = 160;

/// `watertight replay`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight replay watertight.out/cases/containment-3f9a1c02.yaml --fault read-by-id-unscoped
  watertight replay case.yaml --config watertight.yaml --times 5
  watertight replay case.yaml --patch fix.sql        is it gone with this change?
  watertight replay case.yaml --record played        what happened, for `watertight judge played/case.json`

Exit codes: 0 not reproduced · 1 reproduced · 2 precondition lost: a preparing or arming step does not
work any more · 3 usage · 4 environment")]
pub(crate) struct ReplayArguments {
    /// The case file: what `run` wrote below `cases/`, or a scenario.
    #[arg(value_name = "CASE.yaml")]
    pub(crate) case: PathBuf,
    #[command(flatten)]
    pub(crate) on: TargetArguments,
    /// How often it is played, each time from clean state.
    #[arg(long, value_name = "N", default_value_t = replay::TIMES,
          value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) times: u8,
    /// Write a script that shows the finding without this tool.
    #[arg(long, value_name = "LANGUAGE", value_enum)]
    pub(crate) export: Option<Language>,
    /// Where the script goes; without it, to standard output.
    #[arg(long, short, value_name = "FILE", requires = "export")]
    pub(crate) output: Option<PathBuf>,
    /// Write what happened into this folder, for `watertight judge`: `<case>.json` and, beside it,
    /// `context.json`.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) record: Option<PathBuf>,
}

/// Where a case is played.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TargetArguments {
    /// The description of your system. Without it, the demonstration of the case's design.
    #[arg(long, value_name = "watertight.yaml")]
    pub(crate) config: Option<PathBuf>,
    /// The number of tenants; the configuration's own names come first.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub(crate) tenants: Option<u16>,
    /// The seed of the tenants' marks. Without it, the one that the case was found with.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Another server than the configured one: `embedded`, or a connection string in an environment
    /// variable or a file: `env:NAME`, `file:PATH`.
    #[arg(long, value_name = "SERVER")]
    pub(crate) server: Option<String>,
    /// Another place of the service than the configured one: `reference` for the reference ERP, or
    /// the base URL of one that is described under `api:`.
    #[arg(long, value_name = "API")]
    pub(crate) api: Option<String>,
    #[command(flatten)]
    pub(crate) planted: PlantArguments,
    /// Use an external server even though it holds databases that are not of this run.
    #[arg(long)]
    pub(crate) i_know_this_server_holds_other_databases: bool,
}

/// Replays a case.
pub(crate) async fn replay(arguments: ReplayArguments, colour: Colour) -> Result<Exit, Failure> {
    let scenario = read(&arguments.case)?;
    let clock = MachineClock::start();
    let mut show = |event: Event| {
        if !matches!(event, Event::Progress { .. })
            && let Some(lines) = terminal::event_lines(&event, colour)
        {
            say(&lines);
        }
    };
    let ready = Ready::prepare(&scenario, &arguments.on, &mut show).await?;
    // The script may go to standard output: then everything else does not.
    let is_quiet = arguments.export.is_some() && arguments.output.is_none();
    let tell = |text: &str| {
        if is_quiet {
            say(text.trim_end());
        } else {
            print(text);
        }
    };
    tell(&introduction(&scenario));
    let played = ready
        .plays(&scenario, arguments.times, &clock, &mut show)
        .await;
    let script = match (&played, arguments.export) {
        (Ok(played), Some(language)) => Some(ready.script(&scenario, played, language)),
        _ => None,
    };
    let recorded = match (&played, &arguments.record) {
        (Ok(played), Some(folder)) => ready.record(folder, &scenario, played),
        _ => Ok(()),
    };
    ready.prepared.dispose(false).await?;
    let Played { cases, plays, .. } = played?;
    let answer = replay::answer(&plays);
    tell(&told(&scenario, &cases, &plays, &answer));
    recorded.map_err(Failure::evidence)?;
    match (script, &arguments.output) {
        (None, _) => {}
        (Some(script), None) => print(&script?),
        (Some(script), Some(path)) => write_file(path, &script?).map_err(Failure::evidence)?,
    }
    Ok(exit(&answer))
}

/// Replays a case as often as usual, without a word; for who asks of many.
pub(crate) async fn replayed(
    scenario: &Scenario,
    on: &TargetArguments,
    clock: &MachineClock,
) -> Result<Answer, Failure> {
    let mut silent = |_| {};
    let ready = Ready::prepare(scenario, on, &mut silent).await?;
    let played = ready
        .plays(scenario, replay::TIMES, clock, &mut silent)
        .await;
    ready.prepared.dispose(false).await?;
    Ok(replay::answer(&played?.plays))
}

/// The shell's answer.
pub(crate) fn exit(answer: &Answer) -> Exit {
    match answer {
        Answer::Reproduced { .. } => Exit::Violated,
        Answer::NotReproduced { .. } => Exit::Held,
        Answer::PreconditionLost(_) => Exit::Inconclusive,
    }
}

/// Reads a case file.
pub(crate) fn read(path: &Path) -> Result<Scenario, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read the case {}", path.display()))
        .map_err(Failure::usage)?;
    scenarios::load(&path.display().to_string(), &text).map_err(Failure::usage)
}

/// What was played.
#[derive(Default)]
struct Played {
    cases: Vec<AnyCase>,
    plays: Vec<Play>,
    /// The service's OpenAPI document, where the case speaks with one.
    document: Option<String>,
}

impl Played {
    /// The play that shows it, or the first one in which something was done.
    fn telling(&self) -> Option<(&Play, &AnyHistory)> {
        fn done(play: &Play) -> Option<(&Play, &AnyHistory)> {
            Some((play, play.history.as_ref()?))
        }
        let mut shown = self.plays.iter().filter(|play| play.shown);
        shown
            .find_map(done)
            .or_else(|| self.plays.iter().find_map(done))
    }
}

/// A target on which a case can be played.
struct Ready {
    prepared: Prepared,
    api: Option<Api>,
    in_service: PlantedInService,
    seed: Seed,
}

impl Ready {
    async fn prepare(
        scenario: &Scenario,
        on: &TargetArguments,
        show: &mut dyn FnMut(Event),
    ) -> Result<Self, Failure> {
        let found = scenario.found.as_ref();
        let seed = on.seed.or(found.map(|found| found.seed)).unwrap_or(1);
        let configuration = configuration(scenario, on, seed)?;
        let (planted, in_service) = planted(&on.planted)?;
        let planted: Vec<&Planted> = planted_for(&planted, &configuration.system);
        for one in &planted {
            one.check(&configuration.system)?;
        }
        let seed = Seed(seed);
        let permissions = Permissions {
            other_databases: on.i_know_this_server_holds_other_databases,
        };
        let api = configuration.api.clone();
        let mut prepared = Prepared::provision(configuration, seed, permissions, show).await?;
        for one in &planted {
            prepared.patch(&one.script, &one.target).await?;
        }
        let mut files: Vec<String> = planted.iter().map(|one| one.script.file.clone()).collect();
        files.extend(in_service.names());
        if !files.is_empty() {
            show(Event::Patched { files });
        }
        prepared.survey(show).await?;
        Ok(Self {
            prepared,
            api,
            in_service,
            seed,
        })
    }

    /// A script of the play that shows it, or of the first.
    fn script(
        &self,
        scenario: &Scenario,
        played: &Played,
        language: Language,
    ) -> Result<String, Failure> {
        let Some((play, history)) = played.telling() else {
            return Err(Failure::usage(anyhow::anyhow!(
                "there is nothing to export: no step was taken"
            )));
        };
        let place = (
            &self.prepared.system,
            &*self.prepared.world,
            &self.prepared.surface,
        );
        let wanted = Expected::of(scenario, place).unwrap_or_default();
        let finding = play.finding(&wanted);
        let step = wanted.step.or(finding.map(|finding| finding.step));
        export::script(
            &Exhibit {
                scenario,
                system: place.0,
                world: place.1,
                surface: place.2,
                history,
                finding,
                step: step.unwrap_or_default(),
                outcomes: &play.outcomes,
            },
            language,
        )
        .map_err(Failure::usage)
    }

    /// Writes what happened, and what a judge must know besides, into a folder.
    fn record(&self, folder: &Path, scenario: &Scenario, played: &Played) -> anyhow::Result<()> {
        let (_, history) = played
            .telling()
            .context("there is nothing to record: no step was taken")?;
        let mut redaction = Redaction::default();
        for secret in service::planted(&self.prepared.world, &self.prepared.credentials) {
            redaction.add(&secret.what, &secret.value);
        }
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
        let bundle = Bundle::new(folder).redacting(redaction);
        let context = Context::new(&self.prepared, played.document.clone()).printed()?;
        bundle.write(context::FILE, &context)?;
        bundle.write(&format!("{}.json", scenario.id), &document(history))?;
        Ok(())
    }

    /// Plays every case of the scenario.
    async fn plays(
        &self,
        scenario: &Scenario,
        times: u8,
        clock: &MachineClock,
        show: &mut dyn FnMut(Event),
    ) -> Result<Played, Failure> {
        let prepared = &self.prepared;
        let place = (&prepared.system, &*prepared.world, &prepared.surface);
        let not_begun = |reason| Played {
            plays: vec![replay::not_begun(reason)],
            ..Played::default()
        };
        let expected = match Expected::of(scenario, place) {
            Ok(expected) => expected,
            Err(reason) => return Ok(not_begun(reason.0)),
        };
        let mut plays = Vec::new();
        let mut document = None;
        if let Some(inspection) = &scenario.inspection
            && replay::looks_at_the_service(inspection)
        {
            let mut ready = self.service(clock, show).await?;
            let plan = self.api_plan(&ready.contract);
            let stage = &mut ready.stage;
            let looked = (inspection.as_str(), &expected);
            let own = replay::replay_service_inspection(&plan, stage, looked, times).await;
            plays = own.map_err(Failure::environment)?;
            ready.dispose().await;
            return Ok(Played {
                plays,
                ..Played::default()
            });
        }
        if let Some(inspection) = &scenario.inspection {
            let plan = self.plan();
            let mut stage = self.live().await?;
            plays =
                replay::replay_inspection(&plan, &mut stage, clock, (inspection, &expected), times)
                    .await
                    .map_err(Failure::environment)?;
            return Ok(Played {
                plays,
                ..Played::default()
            });
        }
        let first = (domain::case::Phase::Regressions, 0);
        let cases = match scenarios::expand_any(scenario, place.0, place.1, place.2, first) {
            Ok(cases) => cases,
            Err(reason) => return Ok(not_begun(reason.0)),
        };
        if scenario.is_of_the_api() {
            let mut ready = self.service(clock, show).await?;
            let plan = ApiPlan {
                contract: &ready.contract,
                secrets: ready.secrets.clone(),
                ..self.api_plan(&ready.contract)
            };
            for case in &cases {
                if let AnyCase::Api(case) = case {
                    let stage = &mut ready.stage;
                    let own = replay::replay_api(&plan, stage, clock, (case, &expected), times);
                    plays.extend(own.await.map_err(Failure::environment)?);
                }
            }
            document = Some(std::mem::take(&mut ready.document));
            ready.dispose().await;
        } else {
            let plan = self.plan();
            let mut stage = self.live().await?;
            for case in &cases {
                if let AnyCase::Sql(case) = case {
                    let own = replay::replay(&plan, &mut stage, clock, (case, &expected), times);
                    plays.extend(own.await.map_err(Failure::environment)?);
                }
            }
            stage.leave_clean().await.map_err(Failure::environment)?;
        }
        Ok(Played {
            cases,
            plays,
            document,
        })
    }

    async fn service(
        &self,
        clock: &MachineClock,
        show: &mut dyn FnMut(Event),
    ) -> Result<PreparedService, Failure> {
        let api = self
            .api
            .as_ref()
            .context("the case speaks with a service, and the configuration describes none")
            .map_err(Failure::usage)?;
        let switched = self.in_service.switched.clone();
        service::prepare(&self.prepared, api, self.seed, switched, clock, show).await
    }

    async fn live(&self) -> Result<campaign::Live, Failure> {
        self.prepared
            .live()
            .await?
            .context("the case speaks T-SQL, and the configuration describes no databases")
            .map_err(Failure::usage)
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            system: &self.prepared.system,
            world: &self.prepared.world,
            surface: &self.prepared.surface,
            target: self.prepared.name(),
            seed: self.seed,
            regressions: &[],
            extent: Extent::Cases(0),
            first: campaign::plan::First::default(),
            shrinking: campaign::plan::Shrinking::default(),
            resumed: None,
        }
    }

    fn api_plan<'a>(&'a self, contract: &'a contract::Contract) -> ApiPlan<'a> {
        ApiPlan {
            system: &self.prepared.system,
            world: &self.prepared.world,
            surface: &self.prepared.surface,
            contract,
            secrets: Vec::new(),
            target: self.prepared.name(),
            seed: self.seed,
            regressions: &[],
            extent: Extent::Cases(0),
            shrinking: campaign::plan::Shrinking::default(),
            resumed: None,
        }
    }
}

/// The system that the options and the case ask for.
fn configuration(
    scenario: &Scenario,
    on: &TargetArguments,
    seed: u64,
) -> Result<Configuration, Failure> {
    let design = match scenario.design {
        Setting::SharedDatabase => DesignArgument::SharedDatabase,
        Setting::DatabasePerTenant | Setting::Both => DesignArgument::DatabasePerTenant,
    };
    let system = SystemArguments {
        config: on.config.clone(),
        design: on.config.is_none().then_some(design),
        tenants: on.tenants,
        seed,
    };
    let mut configuration = configurations(&system)?
        .into_iter()
        .next()
        .context("there is no such system")
        .map_err(Failure::usage)?;
    let is_meant = |design: Design| scenario.design.includes(design);
    if !is_meant(configuration.system.design) {
        return Err(Failure::usage(anyhow::anyhow!(
            "the case is for the design {}; {} has another",
            scenario.design.name(),
            configuration.system.name
        )));
    }
    if let Some(server) = &on.server {
        configuration.server = self::server(server)?;
    }
    match (&on.api, &mut configuration.api) {
        (None, _) => {}
        (Some(api), place) if api == "reference" => *place = Some(Api::Reference),
        (Some(url), Some(Api::External(external))) => external.base_url.clone_from(url),
        (Some(url), _) => {
            return Err(Failure::usage(anyhow::anyhow!(
                "--api {url}: only a service that the configuration describes under `api:` can be \
                 elsewhere"
            )));
        }
    }
    Ok(configuration)
}

fn server(text: &str) -> Result<Server, Failure> {
    let external = |connection| Server::External {
        connection,
        allow_other_databases: false,
    };
    match (text, text.split_once(':')) {
        ("embedded", _) => Ok(Server::Embedded),
        (_, Some(("env", name))) => Ok(external(Reference::Environment(name.to_owned()))),
        (_, Some(("file", path))) => Ok(external(Reference::File(PathBuf::from(path)))),
        _ => Err(Failure::usage(anyhow::anyhow!(
            "--server is `embedded`, `env:NAME` or `file:PATH`; a connection string itself \
             does not belong on a command line"
        ))),
    }
}

/// The case's story, before anything is played.
fn introduction(scenario: &Scenario) -> String {
    let mut text = String::new();
    let controls: Vec<&str> = scenario.controls.iter().map(|own| own.0.as_str()).collect();
    let _ = writeln!(
        text,
        "Case     {}: {}",
        console_line(&scenario.id),
        shortened(&console_line(&scenario.title), LINE_MAX)
    );
    for (at, line) in scenario.story.lines().enumerate() {
        let head = if at == 0 { "Story" } else { "" };
        let _ = writeln!(text, "{head:<8} {}", console_line(line));
    }
    let _ = writeln!(text, "Control  {}", controls.join(" "));
    if let Some(found) = &scenario.found {
        let _ = writeln!(
            text,
            "Found    {} at {}, seed {}, case {}, by version {}",
            console_line(&found.system),
            console_line(&found.target),
            found.seed,
            console_line(&found.case),
            console_line(&found.tool)
        );
    }
    text
}

/// Each step with its outcome, what surfaced and changed, and the answer.
pub(crate) fn told(
    scenario: &Scenario,
    cases: &[AnyCase],
    plays: &[Play],
    answer: &Answer,
) -> String {
    let mut text = verdict(Some(scenario), plays);
    let name = console_line(&scenario.id);
    let _ = match answer {
        Answer::Reproduced { k, n } => {
            writeln!(
                text,
                "{name}: reproduced {k} of {n} times from a clean state"
            )
        }
        Answer::NotReproduced { n } => writeln!(
            text,
            "{name}: not reproduced in {n} times; all that it needs was there"
        ),
        Answer::PreconditionLost(lost) => {
            let step = lost.step.map_or_else(String::new, |step| {
                format!("step {} does not work any more: ", step + 1)
            });
            writeln!(
                text,
                "{name}: precondition lost: {step}{}",
                shortened(&console_line(&lost.reason), 400)
            )
        }
    };
    if cases.len() > 1 {
        let _ = writeln!(text, "{} pairs of tenants were played.", cases.len());
    }
    text
}

/// Each step with its outcome, and what surfaced and changed, of the play that says most.
pub(crate) fn verdict(scenario: Option<&Scenario>, plays: &[Play]) -> String {
    let mut text = String::new();
    let play = plays
        .iter()
        .find(|play| play.shown)
        .or_else(|| plays.iter().find(|play| play.lost.is_some()))
        .or(plays.first());
    if let Some(play) = play {
        steps(&mut text, scenario, play);
        for finding in play.findings.iter().take(3) {
            evidence(&mut text, finding);
        }
    }
    text
}

/// The steps as the file writes them, with what each came to.
fn steps(text: &mut String, scenario: Option<&Scenario>, play: &Play) {
    for (at, outcome) in play.outcomes.iter().enumerate() {
        if let Some(step) = scenario.and_then(|scenario| scenario.steps.get(at)) {
            let (who, what) = scenarios::told(step);
            let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(
                text,
                "Step {:<3} {}: {}",
                at + 1,
                console_line(&who),
                shortened(&console_line(&what), LINE_MAX)
            );
        }
        let _ = writeln!(text, "         {}", shortened(&console_line(outcome), 300));
    }
}

/// What a finding of the play says, and what surfaced and changed.
fn evidence(text: &mut String, finding: &Finding) {
    let _ = writeln!(text, "Found    {}", console_line(&finding.sentence));
    for sighting in finding.sightings.iter().take(3) {
        let _ = writeln!(
            text,
            "Surfaced {:?} in {} ({:?}, {:?})",
            shortened(&console_line(&sighting.value), 80),
            console_line(&sighting.place),
            sighting.kind,
            sighting.encoding
        );
    }
    for change in finding.changes.iter().take(6) {
        let what = match &change.what {
            Changed::Rows {
                table,
                added,
                removed,
            } => format!(
                "{table}: {} rows added, {} gone",
                added.len(),
                removed.len()
            ),
            Changed::Catalog { added, removed } => {
                let facts = added.iter().map(|fact| format!("+ {fact}"));
                let gone = removed.iter().map(|fact| format!("- {fact}"));
                facts.chain(gone).take(4).collect::<Vec<_>>().join(", ")
            }
            Changed::Unreadable { table, error } => format!("{table} cannot be read: {error}"),
        };
        let _ = writeln!(
            text,
            "Changed  {}: {}",
            console_line(&change.database),
            shortened(&console_line(&what), 300)
        );
    }
}

#[expect(clippy::print_stderr, reason = "progress goes to standard error")]
fn say(line: &str) {
    eprintln!("{line}");
}

#[expect(clippy::print_stdout, reason = "the answer is the command's result")]
pub(crate) fn print(text: &str) {
    print!("{text}");
}
