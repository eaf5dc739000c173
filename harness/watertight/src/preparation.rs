//! From the command line to a world that can be attacked: the system, the target, the tenants.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use configuration::{Configuration, Reference, Server};
use connection::Waits;
use domain::event::Event;
use domain::seed::Seed;
use domain::surface::Surface;
use domain::system::{Script, Secret, System};
use domain::world::World;
use executors::{Credentials, ExecutorError, OtherDatabases, PatchTarget, Sessions, Target};
use record::model::Ended;

use crate::args::{DesignArgument, SystemArguments};
use crate::embedded::{Embedded, Time};
use crate::environment;
use crate::exit_code::Failure;

/// The built-in demonstrations, in the order in which `run` tests them.
pub(crate) const DEMONSTRATIONS: [&str; 2] = ["database-per-tenant", "shared-database"];

/// The configurations that the options ask for: the user's file, one demonstration, or all.
pub(crate) fn configurations(arguments: &SystemArguments) -> Result<Vec<Configuration>, Failure> {
    let mut configurations = match (&arguments.config, arguments.design) {
        (Some(path), _) => vec![load(path)?],
        (None, Some(design)) => vec![demonstration(name(design))?],
        (None, None) => DEMONSTRATIONS
            .iter()
            .map(|name| demonstration(name))
            .collect::<Result<_, _>>()?,
    };
    if let Some(count) = arguments.tenants {
        configurations = configurations
            .into_iter()
            .map(|configuration| with_tenants(configuration, count))
            .collect();
    }
    Ok(configurations)
}

pub(crate) fn name(design: DesignArgument) -> &'static str {
    match design {
        DesignArgument::DatabasePerTenant => DEMONSTRATIONS[0],
        DesignArgument::SharedDatabase => DEMONSTRATIONS[1],
    }
}

/// One of [`DEMONSTRATIONS`].
pub(crate) fn demonstration(name: &str) -> Result<Configuration, Failure> {
    configuration::builtin(name)
        .ok_or_else(|| Failure::usage(anyhow::anyhow!("there is no demonstration called {name}")))?
        .map_err(Failure::usage)
}

/// The same system with another number of tenants.
pub(crate) fn with_tenants(configuration: Configuration, count: u16) -> Configuration {
    let system = configuration::with_tenant_count(configuration.system, usize::from(count));
    Configuration {
        system,
        ..configuration
    }
}

fn load(path: &Path) -> Result<Configuration, Failure> {
    configuration::load(path, &|file| std::fs::read_to_string(file)).map_err(Failure::usage)
}

/// A target with tenants in it.
pub(crate) struct Prepared {
    /// What is under test.
    pub(crate) system: System,
    /// The tenants.
    pub(crate) world: Arc<World>,
    /// Their logins.
    pub(crate) credentials: Arc<Credentials>,
    /// Where they are; `None` where only a service is described.
    pub(crate) target: Option<Arc<Target>>,
    /// The catalog and the rows; empty until [`Prepared::survey`].
    pub(crate) surface: Surface,
    /// What the server says that it is.
    pub(crate) version: Option<String>,
    embedded: Option<Embedded>,
    external: bool,
}

/// What the options allow on a server that is not ours.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Permissions {
    /// The user said that other databases may be there.
    pub(crate) other_databases: bool,
}

impl Prepared {
    /// Starts or reaches the target and provisions the tenants.
    pub(crate) async fn provision(
        configuration: Configuration,
        seed: Seed,
        permissions: Permissions,
        events: &mut dyn FnMut(Event),
    ) -> Result<Self, Failure> {
        let Configuration { system, server, .. } = configuration;
        let (target, embedded, others) = match server {
            Server::None => return Self::of_service(system, seed),
            Server::Embedded => {
                let embedded = Embedded::start(Time::Logical(seed), 0, database::Tls::Off)
                    .await
                    .map_err(Failure::environment)?;
                (embedded.target(), Some(embedded), OtherDatabases::Refuse)
            }
            Server::External {
                connection,
                allow_other_databases,
            } => {
                let others = if allow_other_databases || permissions.other_databases {
                    OtherDatabases::Allow
                } else {
                    OtherDatabases::Refuse
                };
                (Arc::new(external(&connection)?), None, others)
            }
        };
        let external = embedded.is_none();
        let mut prepared = Self::fill(system, target, embedded, external, seed, others).await?;
        let version = prepared.version().await?;
        prepared.version = Some(version.clone());
        events(Event::Connected { version });
        Ok(prepared)
    }

    /// Fills a target that is already there.
    pub(crate) async fn fill(
        system: System,
        target: Arc<Target>,
        embedded: Option<Embedded>,
        external: bool,
        seed: Seed,
        others: OtherDatabases,
    ) -> Result<Self, Failure> {
        let world = Arc::new(World::new(&system, seed));
        let credentials = Credentials::new(&system, &world, |secret, _login| {
            environment::secret(secret)
        })
        .map_err(Failure::usage)?;
        let who = (world, Arc::new(credentials));
        Self::with_tenants(system, who, (target, embedded, external), others).await
    }

    /// Provisions these tenants with these logins.
    async fn with_tenants(
        system: System,
        (world, credentials): (Arc<World>, Arc<Credentials>),
        (target, embedded, external): (Arc<Target>, Option<Embedded>, bool),
        others: OtherDatabases,
    ) -> Result<Self, Failure> {
        executors::provision(&target, &system, &world, &credentials, others, &mut |_| {})
            .await
            .map_err(failure)?;
        Ok(Self {
            system,
            world,
            credentials,
            target: Some(target),
            surface: Surface::default(),
            version: None,
            embedded,
            external,
        })
    }

    /// Tenants of another prepared system, with the same logins, in one more embedded server, so that cases can be played
    /// side by side; patches and the survey are still to come.
    pub(crate) async fn like(
        system: System,
        world: Arc<World>,
        credentials: Arc<Credentials>,
        seed: Seed,
    ) -> Result<Self, Failure> {
        let embedded = Embedded::start(Time::Logical(seed), 0, database::Tls::Off)
            .await
            .map_err(Failure::environment)?;
        let place = (embedded.target(), Some(embedded), false);
        let others = OtherDatabases::Refuse;
        let mut prepared = Self::with_tenants(system, (world, credentials), place, others).await?;
        // Asked for its own sake, too: the server's clock ticks with each question.
        prepared.version = Some(prepared.version().await?);
        Ok(prepared)
    }

    /// Whether it can be had more than once.
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Tenants that exist already, of whom nothing but their service can be seen.
    fn of_service(system: System, seed: Seed) -> Result<Self, Failure> {
        // What stays from an earlier run must not be taken for this one's: the marks are new in each.
        let nonce = u64::from_le_bytes(environment::entropy().map_err(Failure::environment)?);
        let world = World::new(&system, Seed(seed.0 ^ nonce));
        Ok(Self {
            system,
            world: Arc::new(world),
            credentials: Arc::new(Credentials::default()),
            target: None,
            surface: Surface::default(),
            version: None,
            embedded: None,
            external: true,
        })
    }

    /// The server that the tenants' databases are at.
    pub(crate) fn server(&self) -> Result<&Arc<Target>, Failure> {
        self.target
            .as_ref()
            .context("the configuration describes no databases, only a service")
            .map_err(Failure::usage)
    }

    /// Sessions and watch over the databases, if there are any.
    pub(crate) async fn live(&self) -> Result<Option<campaign::Live>, Failure> {
        if self.target.is_none() {
            return Ok(None);
        }
        let watch = observers::Watch::new(&self.surface, self.depth());
        campaign::Live::new(self.sessions()?, watch)
            .await
            .map(Some)
            .map_err(Failure::environment)
    }

    async fn version(&self) -> Result<String, Failure> {
        let mut administrator = self
            .server()?
            .administrate(Some("master"))
            .await
            .map_err(Failure::environment)?;
        let response = administrator.run("SELECT @@VERSION").await;
        let version = response
            .results
            .first()
            .and_then(|set| set.rows.first()?.first());
        let version = match version {
            Some(domain::surface::Cell::Text(text)) => {
                text.lines().next().unwrap_or_default().to_owned()
            }
            _ => "a server that does not tell its version".to_owned(),
        };
        Ok(format!("{}, which calls itself {version}", self.name()))
    }

    /// Applies a patch.
    pub(crate) async fn patch(
        &self,
        patch: &Script,
        databases: &PatchTarget,
    ) -> Result<(), Failure> {
        executors::apply_patch(
            self.server()?,
            &self.system,
            &self.world,
            &self.credentials,
            patch,
            databases,
        )
        .await
        .map_err(|error| match failure(error) {
            Failure {
                exit: crate::exit_code::Exit::Environment,
                error,
            } => Failure::environment(error.context("a patch could not be applied")),
            Failure { error, .. } => Failure::usage(error.context("a patch could not be applied")),
        })
    }

    /// Reads catalogs and rows.
    pub(crate) async fn survey(&mut self, events: &mut dyn FnMut(Event)) -> Result<(), Failure> {
        if self.target.is_none() {
            return Ok(());
        }
        let mut administrator = self
            .server()?
            .administrate(Some("master"))
            .await
            .map_err(Failure::environment)?;
        let mut surface = executors::introspect(&mut administrator, &self.world)
            .await
            .map_err(failure)?;
        let warnings = executors::census(&mut administrator, &mut surface)
            .await
            .map_err(failure)?;
        if let Some(first) = surface.databases.first() {
            surface.features = executors::features(self.server()?, &first.name)
                .await
                .map_err(failure)?;
        }
        let tables = || {
            surface
                .databases
                .iter()
                .flat_map(|database| database.tables.values())
        };
        events(Event::Provisioned {
            tenants: self.world.tenants.len(),
            tables: tables().count(),
            rows: tables().map(|table| table.rows.len() as u64).sum(),
        });
        for text in warnings {
            events(Event::Warning { text });
        }
        if let Some(tenancy) = &self.system.tenancy {
            let mut world = World::clone(&self.world);
            let found = domain::own::departments(tenancy, &world, &surface);
            for (tenant, departments) in world.tenants.iter_mut().zip(found) {
                tenant.departments = departments;
            }
            self.world = Arc::new(world);
        }
        self.surface = surface;
        Ok(())
    }

    /// Sessions for the world's principals.
    pub(crate) fn sessions(&self) -> Result<Sessions, Failure> {
        Ok(Sessions::new(
            Arc::clone(self.server()?),
            Arc::clone(&self.world),
            Arc::clone(&self.credentials),
            self.system.tenancy.clone(),
        ))
    }

    /// The target's name, for reports.
    pub(crate) fn name(&self) -> &str {
        self.target
            .as_ref()
            .map_or("a service", |target| target.name.as_str())
    }

    /// How thoroughly tables must be hashed there.
    pub(crate) fn depth(&self) -> observers::Depth {
        if self.external {
            observers::Depth::Digests
        } else {
            observers::Depth::Checksums
        }
    }

    /// Removes what was created, or just ends the embedded server.
    pub(crate) async fn dispose(self, keep: bool) -> Result<Ended, Failure> {
        let ended = match (&self.target, self.external) {
            (None, _) => Ended::Service,
            (Some(_), false) => Ended::ServerEnded,
            (Some(_), true) if keep => Ended::Kept,
            (Some(target), true) => {
                executors::cleanup(target, &self.system.marker)
                    .await
                    .map_err(failure)?;
                Ended::Removed
            }
        };
        if let Some(embedded) = self.embedded {
            embedded.shutdown().await;
        }
        Ok(ended)
    }
}

fn external(connection: &Reference) -> Result<Target, Failure> {
    let connection = match connection {
        Reference::Environment(name) => Secret::Environment(name.clone()),
        Reference::File(path) => Secret::File(path.display().to_string()),
    };
    let text = environment::secret(&connection)
        .context("could not read the connection string")
        .map_err(Failure::usage)?;
    let (endpoint, administrator) =
        connection::parse_connection_string(&text).map_err(Failure::usage)?;
    Ok(Target {
        name: endpoint.to_string(),
        endpoint,
        administrator,
        waits: Waits::default(),
        reset: None,
    })
}

/// What the user can mend in his files is usage; the rest is the environment's.
fn failure(error: ExecutorError) -> Failure {
    match error {
        ExecutorError::Script { .. }
        | ExecutorError::UnknownVariable { .. }
        | ExecutorError::Unknown { .. }
        | ExecutorError::OtherDatabases { .. }
        | ExecutorError::NotOurs { .. } => Failure::usage(error),
        other => Failure::environment(other),
    }
}
