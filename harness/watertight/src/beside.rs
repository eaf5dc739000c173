//! Cases of one system side by side: each lane is a thread with a server of its own, provisioned with the same seed and
//! the same logins, so that its cases begin from the same state.

use std::future::Future;
use std::sync::Arc;
use std::thread::JoinHandle;

use campaign::lanes::{self, Beside, Errands};
use campaign::plan::{Extent, First, Plan, Shrinking};
use campaign::stage::StageError;
use configuration::Api;
use domain::seed::Seed;
use domain::system::System;
use domain::world::World;
use executors::Credentials;

use crate::campaigns::plant;
use crate::environment::MachineClock;
use crate::exit_code::Failure;
use crate::planted::{Planted, PlantedInService};
use crate::preparation::Prepared;
use crate::{service, threads};

/// What a lane must be like, and how many there are to be beside the campaign's own.
#[derive(Clone)]
pub(crate) struct Pattern {
    pub(crate) system: System,
    pub(crate) world: Arc<World>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) seed: Seed,
    pub(crate) planted: Vec<Planted>,
    pub(crate) in_service: PlantedInService,
    pub(crate) clock: MachineClock,
    pub(crate) count: usize,
}

/// The threads of lanes. They end when their campaign has let go of them.
pub(crate) struct Threads(Vec<JoinHandle<()>>);

impl Threads {
    /// Waits for their servers to end.
    pub(crate) fn join(self) {
        for thread in self.0 {
            // One that panicked has said so, and its campaign has noticed.
            let _ = thread.join();
        }
    }
}

impl Pattern {
    /// Lanes that speak T-SQL.
    pub(crate) fn sql(
        &self,
    ) -> (
        Vec<Beside<domain::case::Case, domain::history::History>>,
        Threads,
    ) {
        self.lanes(|pattern, errands| async move {
            let prepared = match pattern.prepared().await {
                Ok(prepared) => prepared,
                Err(failure) => return refuse(errands, &failure).await,
            };
            match prepared.live().await {
                Ok(Some(mut stage)) => {
                    let plan = pattern.plan(&prepared);
                    lanes::serve_sql(&plan, &mut stage, &pattern.clock, errands).await;
                }
                Ok(None) => {}
                Err(failure) => return refuse(errands, &failure).await,
            }
            // What is left of a server in this process goes with it.
            let _ = prepared.dispose(false).await;
        })
    }

    /// Lanes that send requests to the reference ERP.
    pub(crate) fn api(
        &self,
    ) -> (
        Vec<Beside<domain::api::case::Case, domain::api::history::History>>,
        Threads,
    ) {
        self.lanes(|pattern, errands| async move {
            let prepared = match pattern.prepared().await {
                Ok(prepared) => prepared,
                Err(failure) => return refuse(errands, &failure).await,
            };
            let (switched, clock) = (pattern.in_service.switched.clone(), &pattern.clock);
            let (seed, mut silent) = (pattern.seed, |_| ());
            let ready = service::prepare(
                &prepared,
                &Api::Reference,
                seed,
                switched,
                clock,
                &mut silent,
            );
            match ready.await {
                Ok(mut ready) => {
                    let plan = pattern.plan(&prepared);
                    lanes::serve_api(&plan, &mut ready.stage, clock, errands).await;
                    ready.dispose().await;
                }
                Err(failure) => return refuse(errands, &failure).await,
            }
            let _ = prepared.dispose(false).await;
        })
    }

    fn lanes<C, H, F>(
        &self,
        serve: impl Fn(Self, Errands<C, H>) -> F + Copy + Send + 'static,
    ) -> (Vec<Beside<C, H>>, Threads)
    where
        C: Send + 'static,
        H: Send + 'static,
        F: Future<Output = ()>,
    {
        let (mut asking, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..self.count {
            let (campaign, errands) = lanes::beside();
            let pattern = self.clone();
            asking.push(campaign);
            let thread = threads::begin_alone(move || {
                // Without a runtime nobody answers, and the campaign says that the thread ended.
                let served = async {
                    serve(pattern, errands).await;
                    Ok(())
                };
                let _ = threads::alone(served);
            });
            // Without a thread nobody answers either.
            threads.extend(thread);
        }
        (asking, Threads(threads))
    }

    /// One more server like the campaign's own.
    async fn prepared(&self) -> Result<Prepared, Failure> {
        let (world, credentials) = (Arc::clone(&self.world), Arc::clone(&self.credentials));
        let mut prepared =
            Prepared::like(self.system.clone(), world, credentials, self.seed).await?;
        let planted: Vec<&Planted> = self.planted.iter().collect();
        plant(&prepared, &planted, &self.in_service).await?;
        prepared.survey(&mut |_| ()).await?;
        Ok(prepared)
    }

    /// What the players of a lane must know; everything else is the campaign's business.
    fn plan<'a>(&self, prepared: &'a Prepared) -> Plan<'a> {
        Plan {
            system: &prepared.system,
            world: &prepared.world,
            surface: &prepared.surface,
            target: prepared.name(),
            seed: self.seed,
            regressions: &[],
            extent: Extent::Cases(0),
            first: First::default(),
            shrinking: Shrinking::default(),
            resumed: None,
        }
    }
}

async fn refuse<C, H>(errands: Errands<C, H>, failure: &Failure) {
    let error = StageError {
        doing: "prepare another server for cases side by side (`--jobs`)".into(),
        reason: format!("{:#}", failure.error),
    };
    lanes::refuse_all(errands, &error).await;
}
