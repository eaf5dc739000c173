//! The campaigns against one system: with T-SQL, through its service, or both one after the other.

use std::fs::File;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use campaign::clock::Clock as _;
use campaign::journal::{self, Header, Journal, Resumed};
use campaign::plan::{Extent, Shrinking};
use configuration::Configuration;
use domain::control::Plane;
use domain::event::{Event, Summary};
use domain::seed::Seed;
use domain::system::System;
use sha2::{Digest as _, Sha256};

use crate::args::{PlaneArgument, RunArguments};
use crate::attack::Attack;
use crate::case_files;
use crate::environment::MachineClock;
use crate::exit_code::Failure;
use crate::output::OutputFolder;
use crate::planted::{Planted, PlantedInService};
use crate::preparation::{Permissions, Prepared};
use crate::progress::Progress;

/// Time that provisioning and the closing report may eat without leaving the attack nothing.
const ATTACK_MIN: Duration = Duration::from_secs(1);

/// What all campaigns of a run have in common.
pub(crate) struct Shared<'a> {
    pub(crate) arguments: &'a RunArguments,
    pub(crate) planted: &'a [Planted],
    pub(crate) in_service: &'a PlantedInService,
    pub(crate) folder: &'a OutputFolder,
    pub(crate) folders: case_files::Folders,
    pub(crate) progress: &'a Progress,
    /// What stands before each line, where several systems are attacked at the same time.
    pub(crate) label: Option<String>,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) clock: &'a MachineClock,
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

/// The campaigns against one system. The second value says that a journal could not be written.
/// `left` is the weight of all campaigns that share the rest of the budget, these included.
pub(crate) async fn campaigns(
    configuration: Configuration,
    planes: &[Plane],
    mut left: u32,
    shared: &Shared<'_>,
) -> Result<(Summary, Option<anyhow::Error>), Failure> {
    let arguments = shared.arguments;
    let seed = Seed(arguments.system.seed);
    let budget = arguments.budget.unwrap_or(configuration.budget);
    let header = header(&configuration, shared, seed);
    let key = key(&configuration.system);
    let system = key.clone();
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
    if !planted.is_empty() {
        for one in &planted {
            prepared.patch(&one.script, &one.target).await?;
        }
        let files = planted.iter().map(|one| one.script.file.clone()).collect();
        show(Event::Patched { files });
    }
    if !shared.in_service.is_empty() {
        for one in shared.in_service.patches(&self::key(&prepared.system)) {
            prepared.patch(&one.script, &one.target).await?;
        }
        let files = shared.in_service.names();
        show(Event::Patched { files });
    }
    prepared.survey(&mut show).await?;

    let mut whole: Option<Summary> = None;
    let mut failure = None;
    for plane in planes {
        let time = budget.saturating_sub(shared.clock.now());
        let share = time * weight(*plane) / left.max(weight(*plane));
        left = left.saturating_sub(weight(*plane));
        let extent = arguments
            .cases
            .map_or(Extent::Budget(share.max(ATTACK_MIN)), Extent::Cases);
        let key = match plane {
            Plane::Sql => key.clone(),
            Plane::Api => format!("{key}-api"),
        };
        let (mut file, resumed) = open_journal(shared, &key, &header)?;
        let mut journal = match resumed {
            Some(_) => Journal::append(&mut file),
            None => Journal::begin(&mut file, &header),
        };
        let attack = Attack {
            prepared: &prepared,
            seed,
            extent,
            shrinking: Shrinking::default(),
            resumed,
            journal: &mut journal,
            switched: &shared.in_service.switched,
            clock: shared.clock,
            stop: shared.stop,
            events: &mut |event: Event| shared.show(&event),
        };
        let summary = match (plane, &api) {
            (Plane::Api, Some(api)) => attack.through_api(api).await?,
            _ => attack.with_sql().await?,
        };
        let written = case_files::write(
            (shared.folder, &shared.folders.of(&system)),
            &prepared,
            &summary,
        );
        failure = failure.or(written.err()).or_else(|| {
            journal.failure().map(|reason| {
                anyhow::anyhow!(
                    "the journal in {} ended early: {reason}",
                    shared.folder.path().display()
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
    if let Err(failure) = prepared.dispose(arguments.keep).await {
        // The verdict stands; what was left behind must be told.
        shared
            .progress
            .line(&format!("Warning  cleanup failed: {:#}", failure.error));
    }
    let whole = whole
        .ok_or_else(|| anyhow::anyhow!("the system is described on no plane that was asked for"))
        .map_err(Failure::usage)?;
    Ok((whole, failure))
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
        "api": format!("{:?}", configuration.api),
        "planted": format!("{:?}", planted_for(shared.planted, &configuration.system)),
        "in_service": format!("{:?}", shared.in_service),
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
