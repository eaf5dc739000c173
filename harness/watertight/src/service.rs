//! From the configuration to a service that can be attacked: started where it must be, its contract
//! read, everybody logged in, and the rows below it in sight where there is a database.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use campaign::api::LiveApi;
use campaign::clock::Clock as _;
use configuration::{Api, ContractSource, ExternalService, ServiceTrust};
use connection::Trust;
use contract::Contract;
use domain::api::request::Caller;
use domain::api::service::Service;
use domain::event::Event;
use domain::seed::Seed;
use domain::world::World;
use executors::http::{Callers, Command, HttpService, Process, Receiver, Waits, fetch_document};
use executors::{Credentials, InProcess};
use oracles::api::Planted;

use crate::embedded::Time;
use crate::environment::{self, MachineClock};
use crate::exit_code::Failure;
use crate::preparation::Prepared;
use crate::reference_erp::{ReferenceErp, Switched};

/// How long a service that cannot be asked is given for its background work after each request.
const PATIENCE: Duration = Duration::from_millis(20);
/// Contract warnings that are shown one by one.
const WARNINGS_SHOWN: usize = 10;

/// A service, ready to be attacked.
pub(crate) struct PreparedService {
    /// Where cases are played.
    pub(crate) stage: LiveApi,
    /// What it says of itself.
    pub(crate) contract: Contract,
    /// The document that says it.
    pub(crate) document: String,
    /// SHA-256 of that document.
    pub(crate) document_sha256: String,
    /// What must surface nowhere.
    pub(crate) secrets: Vec<Planted>,
    /// Where it is.
    pub(crate) address: String,
    erp: Option<Arc<ReferenceErp>>,
}

/// Starts or reaches the service of a prepared system.
pub(crate) async fn prepare(
    prepared: &Prepared,
    api: &Api,
    seed: Seed,
    switched: Switched,
    clock: &MachineClock,
    events: &mut dyn FnMut(Event),
) -> Result<PreparedService, Failure> {
    let service = prepared
        .system
        .service
        .as_ref()
        .context("the configuration describes no service under `api:`")
        .map_err(Failure::usage)?;
    let receiver = Receiver::start().await.map_err(Failure::environment)?;
    let (at, document, erp, process) = match api {
        Api::Reference => {
            let erp = reference(prepared, seed, switched).await?;
            let at = HttpService::at(&erp.base_url());
            let document = erp.document().as_bytes().to_vec();
            (at, Some(document), Some(Arc::new(erp)), None)
        }
        Api::External(external) => {
            let at = place(external);
            let process = started(external, &at).await?;
            let document = document(external, &at).await?;
            (at, document, None, process)
        }
    };
    let now = {
        let clock = *clock;
        Arc::new(move || clock.now())
    };
    let callers = Callers::new(
        service,
        &at,
        Arc::clone(&prepared.world),
        environment::secret,
        now,
    )
    .await
    .map_err(Failure::usage)?
    .with_hooks(&receiver);
    for (caller, why) in callers.log_in_all().await {
        let text = format!(
            "{} could not log in: {why}",
            named(&prepared.world, &caller)
        );
        events(Event::Warning { text });
    }
    let document = match (document, api) {
        (Some(document), _) => document,
        (None, Api::External(external)) => {
            document_as(external, service, &callers, &prepared.world).await?
        }
        (None, Api::Reference) => Vec::new(),
    };
    let contract = contract::read(&document, Some(&at.base_url))
        .context("the OpenAPI document cannot be used")
        .map_err(Failure::usage)?;
    tell(&contract, &at.base_url, events);
    let mut stage = LiveApi::new(
        callers,
        receiver,
        if erp.is_some() {
            Duration::ZERO
        } else {
            PATIENCE
        },
    );
    if let Some(erp) = &erp {
        stage = stage.inside(Arc::clone(erp) as Arc<dyn InProcess>);
    }
    if let Some(process) = process {
        stage = stage.process(process);
    }
    if let Some(live) = prepared.live().await? {
        stage = stage.over(live).await.map_err(Failure::environment)?;
    }
    Ok(PreparedService {
        stage,
        contract,
        document_sha256: record::canonical::sha256_hex(&document),
        document: String::from_utf8_lossy(&document).into_owned(),
        secrets: planted(&prepared.world, &prepared.credentials),
        address: at.base_url,
        erp,
    })
}

impl PreparedService {
    /// Ends what this run has started.
    pub(crate) async fn dispose(self) {
        if let Some(process) = self.stage.into_process() {
            process.end().await;
        }
        if let Some(erp) = self.erp.and_then(Arc::into_inner) {
            erp.shutdown().await;
        }
    }
}

async fn reference(
    prepared: &Prepared,
    seed: Seed,
    switched: Switched,
) -> Result<ReferenceErp, Failure> {
    let target = prepared
        .target
        .as_ref()
        .context("the reference ERP needs the databases of its demonstration")
        .map_err(Failure::usage)?;
    let time = if target.reset.is_some() {
        Time::Logical(seed)
    } else {
        Time::Machine
    };
    ReferenceErp::start(
        (&prepared.system, &prepared.world),
        &prepared.credentials,
        target,
        time,
        0,
        switched,
    )
    .await
    .map_err(Failure::environment)
}

fn place(external: &ExternalService) -> HttpService {
    HttpService {
        base_url: external.base_url.clone(),
        trust: match &external.trust {
            ServiceTrust::System => Trust::System,
            ServiceTrust::Any => Trust::Any,
            ServiceTrust::Authority(path) => Trust::Authority(path.clone()),
        },
        waits: Waits {
            answer: external.answer_wait,
            ..Waits::default()
        },
    }
}

async fn started(external: &ExternalService, at: &HttpService) -> Result<Option<Process>, Failure> {
    let Some(command) = &external.command else {
        return Ok(None);
    };
    let command = Command {
        line: command.line.clone(),
        folder: command.folder.clone(),
        environment: command.environment.clone(),
        wait: command.wait,
    };
    Process::start(&command, &at.base_url, &at.trust)
        .await
        .map(Some)
        .map_err(Failure::environment)
}

/// The contract's bytes, unless only somebody who is logged in may have them.
async fn document(
    external: &ExternalService,
    at: &HttpService,
) -> Result<Option<Vec<u8>>, Failure> {
    match &external.contract {
        ContractSource::File { text, .. } => Ok(Some(text.clone().into_bytes())),
        ContractSource::Url(_) if external.openapi_as.is_some() => Ok(None),
        ContractSource::Url(url) => fetch_document(url, &at.trust, at.waits)
            .await
            .map(Some)
            .map_err(Failure::environment),
    }
}

async fn document_as(
    external: &ExternalService,
    service: &Service,
    callers: &Callers,
    world: &World,
) -> Result<Vec<u8>, Failure> {
    let (Some(actor), ContractSource::Url(url)) = (&external.openapi_as, &external.contract) else {
        return Ok(Vec::new());
    };
    let caller = world
        .indexes()
        .map(|tenant| Caller::of(tenant, actor))
        .find(|caller| callers.known().any(|known| known == caller))
        .with_context(|| {
            let names: Vec<&str> = service.actors.keys().map(String::as_str).collect();
            format!(
                "`openapi_as: {actor}` names no actor with credentials; there are {}",
                names.join(", ")
            )
        })
        .map_err(Failure::usage)?;
    callers
        .fetch_document(&caller, url)
        .await
        .map_err(Failure::environment)
}

fn tell(contract: &Contract, address: &str, events: &mut dyn FnMut(Event)) {
    events(Event::Contract {
        title: contract.title.clone(),
        operations: contract.operations.len(),
        address: address.to_owned(),
    });
    for warning in contract.warnings.iter().take(WARNINGS_SHOWN) {
        let text = format!("the contract, {warning}");
        events(Event::Warning { text });
    }
    if let Some(more) = contract.warnings.len().checked_sub(WARNINGS_SHOWN + 1) {
        let text = format!("the contract has {} more places like these", more + 1);
        events(Event::Warning { text });
    }
}

/// `clerk of acme`.
fn named(world: &World, caller: &Caller) -> String {
    match caller.tenant {
        Some(tenant) => format!("{} of {}", caller.actor, world.tenant(tenant).name),
        None => "somebody".to_owned(),
    }
}

/// The passwords that the run made: they must surface nowhere.
pub(crate) fn planted(world: &World, credentials: &Credentials) -> Vec<Planted> {
    credentials
        .iter()
        .map(|(tenant, principal, login)| Planted {
            what: format!(
                "the password of {principal} of {}",
                world.tenant(tenant).name
            ),
            value: login.password.clone(),
        })
        .collect()
}
