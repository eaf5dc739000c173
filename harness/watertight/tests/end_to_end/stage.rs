//! An embedded server with the demonstration's tenants, for tests.

use std::sync::Arc;

use connection::{Connection, Login, Waits};
use database::{
    Endpoint, EndpointOptions, Limits, LogicalEnvironment, Server, ServerOptions, Snapshot, Tls,
};
use domain::case::Actor;
use domain::history::Response;
use domain::seed::Seed;
use domain::surface::Surface;
use domain::system::System;
use domain::world::{TenantIndex, World};
use executors::{Credentials, ExecutorError, Mark, OtherDatabases, Reset, Sessions, Target};

pub(crate) struct Stage {
    pub(crate) system: System,
    pub(crate) world: Arc<World>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) target: Arc<Target>,
    endpoint: Endpoint,
}

struct Snapshots(Server);

impl Reset for Snapshots {
    fn save(&self) -> Mark {
        Mark::new(self.0.snapshot())
    }

    fn restore(&self, mark: &Mark) {
        self.0.restore(
            mark.state::<Snapshot>()
                .expect("only this type makes marks"),
        );
    }
}

const PASSWORD: &str = "Zebra-tulip-42";

impl Stage {
    pub(crate) async fn with_tenants(count: usize) -> Self {
        Self::new(count, Tls::Off).await
    }

    pub(crate) async fn with_tls(count: usize) -> Self {
        Self::new(count, Tls::SelfSigned).await
    }

    async fn new(count: usize, tls: Tls) -> Self {
        let demonstration = configuration::builtin("database-per-tenant").expect("it exists");
        let system = demonstration.expect("it is valid").system;
        let system = configuration::with_tenant_count(system, count);
        let world = World::new(&system, Seed(7));
        let credentials = Credentials::new(&system, &world, |_, login| {
            Ok::<_, std::convert::Infallible>(format!("pw'{login}-A1"))
        })
        .expect("it cannot fail");
        let server = Server::new(ServerOptions {
            name: "TEST".to_owned(),
            sa_password: PASSWORD.to_owned(),
            environment: Box::new(LogicalEnvironment::new(7)),
            limits: Limits::default(),
        });
        let options = EndpointOptions {
            tls,
            ..EndpointOptions::default()
        };
        let endpoint = Endpoint::bind(server.clone(), options)
            .await
            .expect("a free port");
        let target = Arc::new(Target {
            name: "embedded".to_owned(),
            endpoint: connection::Endpoint::loopback(endpoint.address().port()),
            administrator: Login {
                name: "sa".to_owned(),
                password: PASSWORD.to_owned(),
            },
            waits: Waits::default(),
            reset: Some(Arc::new(Snapshots(server))),
        });
        let stage = Self {
            system,
            world: Arc::new(world),
            credentials: Arc::new(credentials),
            target,
            endpoint,
        };
        stage
            .provision(OtherDatabases::Refuse)
            .await
            .expect("the demonstration is valid");
        stage
    }

    pub(crate) async fn provision(&self, others: OtherDatabases) -> Result<(), ExecutorError> {
        let (system, world) = (&self.system, &self.world);
        executors::provision(
            &self.target,
            system,
            world,
            &self.credentials,
            others,
            &mut |_| {},
        )
        .await
    }

    pub(crate) async fn surface(&self) -> Surface {
        let mut administrator = self.administrator().await;
        let surface = executors::introspect(&mut administrator, &self.world).await;
        let mut surface = surface.expect("catalogs are readable");
        let warnings = executors::census(&mut administrator, &mut surface).await;
        assert_eq!(warnings.expect("tables are readable"), Vec::<String>::new());
        surface
    }

    async fn administrator(&self) -> Connection {
        self.target
            .administrate(Some("master"))
            .await
            .expect("sa may connect")
    }

    /// Runs a batch that must succeed, as administrator in master.
    pub(crate) async fn administrate(&self, batch: &str) -> Response {
        let response = self.administrator().await.run(batch).await;
        assert_eq!(response.errors, [], "{batch}");
        assert_eq!(response.lost, None, "{batch}");
        response
    }

    pub(crate) fn sessions(&self) -> Sessions {
        self.sessions_at(Target::clone(&self.target))
    }

    pub(crate) fn sessions_at(&self, target: Target) -> Sessions {
        let (world, credentials) = (Arc::clone(&self.world), Arc::clone(&self.credentials));
        Sessions::new(Arc::new(target), world, credentials, None)
    }

    pub(crate) async fn shutdown(self) {
        self.endpoint.shutdown().await;
    }
}

pub(crate) fn actor(tenant: usize, principal: &str) -> Actor {
    Actor::Principal {
        tenant: TenantIndex(tenant),
        principal: principal.to_owned(),
    }
}

pub(crate) fn numbers_of(response: &Response) -> Vec<i32> {
    response.errors.iter().map(|error| error.number).collect()
}
