//! The campaigns against one system: with T-SQL, through its service, or both one after the other.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use campaign::clock::Clock as _;
use campaign::journal::{self, Header, Journal, Resumed};
use campaign::plan::{Extent, First, Shrinking};
use configuration::Configuration;
use domain::control::Plane;
use domain::event::{Event, Summary};
use domain::seed::Seed;
use domain::system::System;
use record::bundle::Bundle;
use record::model::cases_file;
use record::redaction::{Redacting, Redaction};
use sha2::{Digest as _, Sha256};

use crate::args::{PlaneArgument, RunArguments};
use crate::attack::Attack;
use crate::beside::Pattern;
use crate::case_files;
use crate::context::{self, Context};
use crate::environment::MachineClock;
use crate::exit_code::Failure;
use crate::output::OutputFolder;
use crate::planted::{Planted, PlantedInService};
use crate::preparation::{Permissions, Prepared};
use crate::progress::Progress;
use crate::recording::{Recording, SystemFacts};
use crate::service;

/// Time that provisioning and the closing report may eat without leaving the attack nothing.
const ATTACK_MIN: Duration = Duration::from_secs(1);

/// What all campaigns of a run have in common.
pub(crate) struct Shared<'a> {
    pub(crate) arguments: &'a RunArguments,
    pub(crate) planted: &'a [Planted],
    pub(crate) in_service: &'a PlantedInService,
    pub(crate) folders: case_files::Folders,
    pub(crate) recording: &'a Recording,
    pub(crate) progress: &'a Progress,
    /// What stands before each line, where several systems are attacked at the same time.
    pub(crate) label: Option<String>,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) clock: &'a MachineClock,
    /// On how many systems that are alike the cases of one are played.
    pub(crate) jobs: usize,
}

impl Shared<'_> {
    fn show(&self, event: &Event) {
        self.progress.show(self.label.as_deref(), event);
    }
}

/// Where a system is to be attacked.
pub(crate) fn planes(
    configuration: &Configuration,
    arguments: &RunArguments,
    planted: &[Planted],
    in_service: &PlantedInService,
) -> Vec<Plane> {
    let described = |plane: &Plane| match plane {
        Plane::Sql => configuration.server != configuration::Server::None,
        Plane::Api => configuration.api.is_some(),
    };
    let wanted = |plane: &Plane| match (arguments.plane, plane) {
        (Some(PlaneArgument::Both), _)
        | (Some(PlaneArgument::Sql), Plane::Sql)
        | (Some(PlaneArgument::Api), Plane::Api) => true,
        (Some(_), _) => false,
        // What is planted is looked for where it lies.
        (None, Plane::Sql) => !planted.is_empty() || in_service.is_empty(),
        (None, Plane::Api) => planted.is_empty(),
    };
    Plane::ALL
        .into_iter()
        .filter(described)
        .filter(wanted)
        .collect()
}

/// How much of the time a plane wants: a request is many statements.
pub(crate) fn weight(plane: Plane) -> u32 {
    match plane {
        Plane::Sql => 1,
        Plane::Api => 2,
    }
}

/// How the campaigns against one system ended.
pub(crate) struct Ended {
    /// What they found.
    pub(crate) summary: Summary,
    /// What else is known of the system.
    pub(crate) facts: SystemFacts,
    /// Why cases could not be written, if so.
    pub(crate) failure: Option<anyhow::Error>,
}

/// The campaigns against one system.
/// `left` is the weight of all campaigns that share the rest of the budget, these included.
pub(crate) async fn campaigns(
    configuration: Configuration,
    planes: &[Plane],
    mut left: u32,
    shared: &Shared<'_>,
) -> Result<Ended, Failure> {
    let arguments = shared.arguments;
    let seed = Seed(arguments.system.seed);
    let budget = arguments.budget.unwrap_or(configuration.budget);
    let header = header(&configuration, shared.planted, shared.in_service, seed);
    let key = key(&configuration.system);
    let system = key.clone();
    let config = arguments.system.config.as_deref();
    let regressions = case_files::regressions(config, &configuration)?;
    let api = configuration.api.clone();
    let permissions = Permissions {
        other_databases: arguments.i_know_this_server_holds_other_databases,
    };
    let mut show = |event: Event| shared.show(&event);
    show(Event::System {
        name: configuration.system.name.clone(),
        plane: match planes {
            [Plane::Sql] => "with T-SQL".into(),
            [Plane::Api] => "through its API".into(),
            _ => "with T-SQL and through its API".into(),
        },
    });
    let mut prepared = Prepared::provision(configuration, seed, permissions, &mut show).await?;
    let planted = planted_for(shared.planted, &prepared.system);
    plant(&prepared, &planted, shared.in_service).await?;
    if !planted.is_empty() {
        let files = planted.iter().map(|one| one.script.file.clone()).collect();
        show(Event::Patched { files });
    }
    if !shared.in_service.is_empty() {
        let files = shared.in_service.names();
        show(Event::Patched { files });
    }
    // Before the survey, which every lane makes for itself.
    let pattern = (prepared.is_embedded() && shared.jobs > 1).then(|| Pattern {
        system: prepared.system.clone(),
        world: Arc::clone(&prepared.world),
        credentials: Arc::clone(&prepared.credentials),
        seed,
        planted: planted.iter().copied().cloned().collect(),
        in_service: shared.in_service.clone(),
        clock: *shared.clock,
        count: shared.jobs - 1,
    });
    prepared.survey(&mut show).await?;

    let mut redaction = Redaction::default();
    for secret in service::planted(&prepared.world, &prepared.credentials) {
        redaction.add(&secret.what, &secret.value);
    }
    let whole_weight = left;
    let mut whole: Option<Summary> = None;
    let mut failure = None;
    let mut contract = None;
    let mut document = None;
    for plane in planes {
        let time = budget.saturating_sub(shared.clock.now());
        let share = time * weight(*plane) / left.max(weight(*plane));
        left = left.saturating_sub(weight(*plane));
        // Who comes last must not pay for a busy machine with what he had to try.
        let share = share.max(budget * weight(*plane) / whole_weight.max(1) / 2);
        let extent = arguments
            .cases
            .map_or(Extent::Budget(share.max(ATTACK_MIN)), Extent::Cases);
        let name = campaign_name(&key, *plane);
        let bundle = shared.recording.bundle(redaction.clone());
        let mut keeping = shared.recording.keeping(&name, bundle.clone());
        let (file, resumed) = open_cases(shared, &bundle, &cases_file(&name), &header)?;
        let mut file = Redacting::new(file, redaction.clone());
        let mut journal = match &resumed {
            Some(resumed) => {
                keeping.resume(&resumed.cases);
                Journal::append(&mut file)
            }
            None => Journal::begin(&mut file, &header),
        }
        .keeping(&mut keeping);
        let attack = Attack {
            prepared: &prepared,
            beside: pattern.as_ref(),
            seed,
            regressions: &regressions,
            extent,
            first: First::default(),
            shrinking: Shrinking::within(extent),
            resumed,
            journal: &mut journal,
            switched: &shared.in_service.switched,
            clock: shared.clock,
            stop: shared.stop,
            events: &mut |event: Event| shared.show(&event),
            contract: &mut contract,
            document: &mut document,
        };
        let summary = match (plane, &api) {
            (Plane::Api, Some(api)) => attack.through_api(api).await?,
            _ => attack.with_sql().await?,
        };
        let written =
            case_files::write((&bundle, &shared.folders.of(&system)), &prepared, &summary);
        failure = failure.or(written.err()).or_else(|| {
            journal.failure().map(|reason| {
                anyhow::anyhow!(
                    "the record in {} ended early: {reason}",
                    shared.arguments.out.display()
                )
            })
        });
        whole = Some(match whole {
            None => summary,
            Some(sql) => campaign::joined(sql, summary),
        });
        if shared.stop.load(std::sync::atomic::Ordering::Relaxed) {
            break;
        }
    }
    if whole
        .as_ref()
        .is_some_and(|summary| !summary.causes.is_empty())
    {
        let bundle = shared.recording.bundle(redaction.clone());
        let file = shared.folders.below("histories", &system);
        let written = Context::new(&prepared, document)
            .printed()
            .and_then(|context| Ok(bundle.write(&format!("{file}/{}", context::FILE), &context)?));
        failure = failure.or(written.err());
    }
    let summary = whole
        .ok_or_else(|| anyhow::anyhow!("the system is described on no plane that was asked for"))
        .map_err(Failure::usage)?;
    let mut facts = SystemFacts::new(&key, &prepared, &summary, contract, redaction);
    facts.cleanup.ended = match prepared.dispose(arguments.keep).await {
        Ok(ended) => ended,
        Err(failure) => {
            // The verdict stands; what was left behind must be told.
            let reason = format!("{:#}", failure.error);
            shared
                .progress
                .line(&format!("Warning  cleanup failed: {reason}"));
            record::model::Ended::Failed { reason }
        }
    };
    Ok(Ended {
        summary,
        facts,
        failure,
    })
}

/// Applies what is planted in a system.
pub(crate) async fn plant(
    prepared: &Prepared,
    planted: &[&Planted],
    in_service: &PlantedInService,
) -> Result<(), Failure> {
    for one in planted {
        prepared.patch(&one.script, &one.target).await?;
    }
    for one in in_service.patches(&key(&prepared.system)) {
        prepared.patch(&one.script, &one.target).await?;
    }
    Ok(())
}

fn open_cases(
    shared: &Shared<'_>,
    bundle: &Bundle,
    file: &str,
    header: &Header,
) -> Result<(File, Option<Resumed>), Failure> {
    if shared.arguments.resume
        && let Some((file, resumed)) =
            OutputFolder::resume_cases(bundle, file, header).map_err(Failure::usage)?
    {
        shared
            .progress
            .line(&format!("Resumed  after {} cases", resumed.cases.len()));
        return Ok((file, Some(resumed)));
    }
    Ok((bundle.new_cases(file).map_err(Failure::evidence)?, None))
}

/// The name of the campaign against a system on a plane.
pub(crate) fn campaign_name(key: &str, plane: Plane) -> String {
    match plane {
        Plane::Sql => key.to_owned(),
        Plane::Api => format!("{key}-api"),
    }
}

/// Everything that decides the cases, hashed: a journal is resumed only under the same.
pub(crate) fn header(
    configuration: &Configuration,
    planted: &[Planted],
    in_service: &PlantedInService,
    seed: Seed,
) -> Header {
    let decided = serde_json::json!({
        "system": configuration.system,
        "server": format!("{:?}", configuration.server),
        "api": format!("{:?}", configuration.api),
        "planted": format!("{:?}", planted_for(planted, &configuration.system)),
        "in_service": format!("{in_service:?}"),
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
pub(crate) fn key(system: &System) -> String {
    match system.design {
        domain::system::Design::DatabasePerTenant => "database-per-tenant".to_owned(),
        domain::system::Design::SharedDatabase => "shared-database".to_owned(),
    }
}

/// What is planted in systems of this design.
pub(crate) fn planted_for<'a>(planted: &'a [Planted], system: &System) -> Vec<&'a Planted> {
    let design = key(system);
    planted.iter().filter(|one| one.is_for(&design)).collect()
}
