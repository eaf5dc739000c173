//! One campaign against a prepared system, on one plane.

use std::sync::atomic::AtomicBool;

use campaign::api::ApiPlan;
use campaign::journal::{Journal, Resumed};
use campaign::plan::{Extent, First, Plan, Shrinking};
use configuration::Api;
use domain::event::{Event, Summary};
use domain::seed::Seed;
use record::model::ContractRecord;
use scenarios::Scenario;

use crate::beside::{Pattern, Threads};
use crate::environment::MachineClock;
use crate::exit_code::Failure;
use crate::preparation::Prepared;
use crate::reference_erp::Switched;
use crate::service;

/// What a campaign needs.
pub(crate) struct Attack<'a, 'f> {
    /// The system, with its catalogs and rows read.
    pub(crate) prepared: &'a Prepared,
    /// Systems like it, on which a part of the cases is played.
    pub(crate) beside: Option<&'a Pattern>,
    /// Whence every random choice comes.
    pub(crate) seed: Seed,
    /// What was found earlier and is played first.
    pub(crate) regressions: &'a [Scenario],
    /// How long it goes on.
    pub(crate) extent: Extent,
    /// What is attacked before everything else.
    pub(crate) first: First<'a>,
    /// How far its findings are shrunk.
    pub(crate) shrinking: Shrinking,
    /// What an interrupted run of the same plan has done.
    pub(crate) resumed: Option<Resumed>,
    /// What survives a kill.
    pub(crate) journal: &'a mut Journal<'f>,
    /// What is switched on in the reference ERP.
    pub(crate) switched: &'a Switched,
    /// Where the service's contract is noted, for the record.
    pub(crate) contract: &'a mut Option<ContractRecord>,
    /// Where the contract itself is left, for whoever judges again.
    pub(crate) document: &'a mut Option<String>,
    /// The machine's clock.
    pub(crate) clock: &'a MachineClock,
    /// Set by whoever wants the campaign to end after the case at hand.
    pub(crate) stop: &'a AtomicBool,
    /// Who is told what happens.
    pub(crate) events: &'a mut dyn FnMut(Event),
}

impl Attack<'_, '_> {
    /// With T-SQL, as the principals of the databases.
    pub(crate) async fn with_sql(self) -> Result<Summary, Failure> {
        let prepared = self.prepared;
        // That there is a server was asked when the planes were chosen.
        let mut stage = prepared.live().await?.ok_or_else(|| {
            Failure::usage(anyhow::anyhow!("there is no database to attack with T-SQL"))
        })?;
        let plan = Plan {
            system: &prepared.system,
            world: &prepared.world,
            surface: &prepared.surface,
            target: prepared.name(),
            seed: self.seed,
            regressions: self.regressions,
            extent: self.extent,
            first: self.first,
            shrinking: self.shrinking,
            resumed: self.resumed,
        };
        let (beside, threads) = self.beside.map(Pattern::sql).unzip();
        let summary = campaign::run(
            &plan,
            (&mut stage, beside.unwrap_or_default()),
            self.journal,
            self.clock,
            self.events,
            self.stop,
        )
        .await;
        threads.into_iter().for_each(Threads::join);
        stage.leave_clean().await.map_err(Failure::environment)?;
        Ok(summary)
    }

    /// With requests, as the callers of the service.
    pub(crate) async fn through_api(self, api: &Api) -> Result<Summary, Failure> {
        let prepared = self.prepared;
        let mut ready = service::prepare(
            prepared,
            api,
            self.seed,
            self.switched.clone(),
            self.clock,
            self.events,
        )
        .await?;
        *self.contract = Some(ContractRecord {
            title: ready.contract.title.clone(),
            operations: ready.contract.operations.len() as u64,
            sha256: Some(ready.document_sha256.clone()),
        });
        *self.document = Some(ready.document.clone());
        let plan = ApiPlan {
            system: &prepared.system,
            world: &prepared.world,
            surface: &prepared.surface,
            contract: &ready.contract,
            secrets: ready.secrets.clone(),
            target: if prepared.target.is_some() {
                prepared.name()
            } else {
                &ready.address
            },
            seed: self.seed,
            regressions: self.regressions,
            extent: self.extent,
            shrinking: self.shrinking,
            resumed: self.resumed,
        };
        // A service that somebody else has started is there only once.
        let own = self.beside.filter(|_| matches!(api, Api::Reference));
        let (beside, threads) = own.map(Pattern::api).unzip();
        let summary = campaign::api::run(
            &plan,
            (&mut ready.stage, beside.unwrap_or_default()),
            self.journal,
            self.clock,
            self.events,
            self.stop,
        )
        .await;
        threads.into_iter().for_each(Threads::join);
        ready.dispose().await;
        Ok(summary)
    }
}
