//! How is the reference ERP started? In this process, over the target that its tenants were
//! provisioned in, with the logins that the run made, and reached through HTTP like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use domain::seed::Seed;
use domain::system::{Design, System};
use domain::world::World;
use erp::{
    Destinations, Environment, Fault, LogicalEnvironment, Login, MachineEnvironment, Options,
    Running, Secrets, SqlServer, TenantSecrets,
};
use executors::{Credentials, InProcess, Target};

use crate::embedded::Time;
use crate::environment;

/// Key of the shared database that knows the tenants, in the demonstration.
const REGISTRY: &str = "registry";

/// Who makes tenants and removes them, in the demonstration; his password ends with the first tenant's
/// mark.
const OPERATOR: &str = "operator";

/// Defects that are planted in the service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Switched {
    /// Faults.
    pub(crate) faults: BTreeSet<Fault>,
    /// Near misses.
    pub(crate) near_misses: BTreeSet<Fault>,
}

/// The reference ERP while it runs.
pub(crate) struct ReferenceErp {
    running: Running,
    /// The clock that goes back when the database does.
    clock: Option<Arc<Rewindable>>,
    files: PathBuf,
}

impl ReferenceErp {
    /// Starts it.
    pub(crate) async fn start(
        (system, world): (&System, &World),
        credentials: &Credentials,
        target: &Target,
        time: Time,
        listen: u16,
        switched: Switched,
    ) -> anyhow::Result<Self> {
        let (environment, clock): (Arc<dyn Environment>, _) = match time {
            Time::Logical(seed) => {
                let clock = Arc::new(Rewindable::new(seed));
                (Arc::clone(&clock) as Arc<dyn Environment>, Some(clock))
            }
            Time::Machine => (Arc::new(MachineEnvironment), None),
        };
        let files = environment::temporary_folder("erp-files")?;
        let mut secrets = secrets(system, world, credentials, target);
        let key = |purpose: &str| match time {
            Time::Logical(seed) => seed.child(purpose).bytes().to_vec(),
            Time::Machine => {
                let mut key = vec![0; 32];
                MachineEnvironment.random(&mut key);
                key
            }
        };
        secrets.token_key = key("tokens");
        secrets.master_key = key("master key");
        let running = erp::start(Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, listen)),
            design: match system.design {
                Design::DatabasePerTenant => erp::Design::DatabasePerTenant,
                Design::SharedDatabase => erp::Design::SharedDatabase,
            },
            server: SqlServer {
                host: target.endpoint.host.clone(),
                port: target.endpoint.port,
            },
            secrets,
            environment,
            faults: switched.faults,
            near_misses: switched.near_misses,
            files: files.clone(),
            webhooks_to: Destinations::Loopback,
            log: Arc::new(|_| {}),
        })
        .await
        .context("could not start the reference ERP")?;
        Ok(Self {
            running,
            clock,
            files,
        })
    }

    /// Where it is.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.running.address())
    }

    /// Its contract, as it publishes it.
    pub(crate) fn document(&self) -> &str {
        self.running.document()
    }

    /// Ends it.
    pub(crate) async fn shutdown(self) {
        self.running.shutdown().await;
        // What it has stored belongs to tenants that are gone.
        let _ = std::fs::remove_dir_all(&self.files);
    }
}

impl InProcess for ReferenceErp {
    fn settle(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.running.settle())
    }

    fn forget(&self) {
        self.running.forget();
        if let Some(clock) = &self.clock {
            clock.rewind();
        }
    }

    fn take_log(&self) -> Vec<String> {
        self.running.log_lines()
    }
}

fn secrets(system: &System, world: &World, credentials: &Credentials, target: &Target) -> Secrets {
    let mut secrets = Secrets {
        provisioner: Some(Login {
            name: target.administrator.name.clone(),
            password: target.administrator.password.clone(),
        }),
        operator: world.tenants.first().map(|tenant| Login {
            name: OPERATOR.to_owned(),
            password: format!("{OPERATOR}-{}", tenant.mark.text),
        }),
        registry: world
            .shared_databases
            .iter()
            .find(|(key, _)| key == REGISTRY)
            .map(|(_, name)| name.clone()),
        ..Secrets::default()
    };
    for index in world.indexes() {
        let tenant = world.tenant(index);
        let own = TenantSecrets {
            database: tenant.database.clone(),
            organisation: tenant
                .organisation
                .as_ref()
                .and_then(|literal| literal.parse().ok()),
            principals: BTreeMap::new(),
        };
        secrets.tenants.insert(tenant.name.clone(), own);
    }
    for (index, principal, login) in credentials.iter() {
        let login = Login {
            name: login.name.clone(),
            password: login.password.clone(),
        };
        let principals = if system.tenancy.is_some() {
            Some(&mut secrets.shared)
        } else {
            let tenant = &world.tenant(index).name;
            secrets
                .tenants
                .get_mut(tenant)
                .map(|tenant| &mut tenant.principals)
        };
        if let Some(principals) = principals {
            principals.insert(principal.to_owned(), login);
        }
    }
    secrets
}

/// A logical clock that begins again when the database is put back, so that every case meets the
/// same service.
struct Rewindable {
    seed: u64,
    inner: Mutex<LogicalEnvironment>,
}

impl Rewindable {
    fn new(seed: Seed) -> Self {
        let seed = seed.child("erp").0;
        Self {
            seed,
            inner: Mutex::new(LogicalEnvironment::new(seed)),
        }
    }

    fn rewind(&self) {
        *self.inner() = LogicalEnvironment::new(self.seed);
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, LogicalEnvironment> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Environment for Rewindable {
    fn now_ms(&self) -> u64 {
        self.inner().now_ms()
    }

    fn random(&self, bytes: &mut [u8]) {
        self.inner().random(bytes);
    }
}
