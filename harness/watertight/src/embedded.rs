//! How is the embedded server started? In this process, on a free loopback port, with a password
//! of its own; reached through TDS like any other.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use connection::{Login, Waits};
use database::{
    ConnectionFailure, Endpoint, EndpointOptions, Limits, LogicalEnvironment, Server,
    ServerEnvironment, ServerOptions, Snapshot, Tls, WallEnvironment,
};
use domain::history::Touched;
use domain::seed::Seed;
use executors::{Mark, Reset, Target};

use crate::environment;

/// Which clock the embedded server lives by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Time {
    /// A counter, so that a campaign repeats byte by byte.
    Logical(Seed),
    /// The machine's, for people.
    Machine,
}

/// A running embedded server; dropping it ends it.
pub(crate) struct Embedded {
    endpoint: Endpoint,
    target: Arc<Target>,
}

impl Embedded {
    /// Starts one.
    pub(crate) async fn start(time: Time, port: u16, tls: Tls) -> anyhow::Result<Self> {
        let password = environment::password()?;
        let limits = match time {
            // One session at a time: who waits here waits for somebody who has left a transaction
            // open, and would wait in vain.
            Time::Logical(_) => Limits {
                lock_wait_ms_max: 2_000,
                ..Limits::default()
            },
            Time::Machine => Limits::default(),
        };
        let environment: Box<dyn ServerEnvironment> = match time {
            Time::Logical(seed) => Box::new(LogicalEnvironment::new(seed.child("server").0)),
            Time::Machine => Box::new(WallEnvironment::new(u64::from_le_bytes(
                environment::entropy()?,
            ))),
        };
        let server = Server::new(ServerOptions {
            name: "WATERTIGHT".to_owned(),
            sa_password: password.clone(),
            environment,
            limits,
        });
        let options = EndpointOptions {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            tls,
            // In a campaign who asks waits for the answer, and nobody else is there.
            serves_one: matches!(time, Time::Logical(_)),
            on_failure: Arc::new(warn),
            ..EndpointOptions::default()
        };
        let endpoint = Endpoint::bind(server.clone(), options)
            .await
            .with_context(|| format!("could not listen on 127.0.0.1:{port}"))?;
        let target = Arc::new(Target {
            name: "embedded server".to_owned(),
            endpoint: connection::Endpoint::loopback(endpoint.address().port()),
            administrator: Login {
                name: "sa".to_owned(),
                password,
            },
            // It is in this process: what takes long is a busy machine, never a lost server.
            waits: Waits {
                connect: Duration::from_secs(60),
                answer: Duration::from_secs(60),
            },
            reset: Some(Arc::new(Snapshots(server))),
        });
        Ok(Self { endpoint, target })
    }

    /// How it is driven.
    pub(crate) fn target(&self) -> Arc<Target> {
        Arc::clone(&self.target)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.endpoint.address()
    }

    /// Ends it, and waits for its connections to end.
    pub(crate) async fn shutdown(self) {
        self.endpoint.shutdown().await;
    }
}

/// Clients come and go; what is worth a word is what the server did wrong.
#[expect(clippy::print_stderr, reason = "warnings go to standard error")]
fn warn(failure: &ConnectionFailure) {
    if !matches!(failure, ConnectionFailure::Io(..)) {
        eprintln!("warning: the embedded server: {failure}");
    }
}

/// The embedded server is put back by pointer copies.
struct Snapshots(Server);

impl Reset for Snapshots {
    fn save(&self) -> Mark {
        Mark::new(self.0.snapshot())
    }

    fn restore(&self, mark: &Mark) {
        if let Some(snapshot) = mark.state::<Snapshot>() {
            self.0.restore(snapshot);
        }
    }

    fn forget_statements(&self) {
        self.0.forget_statements();
    }

    fn touched_since(&self, mark: &Mark) -> Option<BTreeMap<String, Touched>> {
        let snapshot = mark.state::<Snapshot>()?;
        let touched = self.0.touched_since(snapshot).into_iter();
        let told = touched.map(|(database, how)| {
            let how = match how {
                database::Touched::Everything => Touched::Everything,
                database::Touched::Contents(names) => Touched::Contents(names),
            };
            (database, how)
        });
        Some(told.collect())
    }
}
