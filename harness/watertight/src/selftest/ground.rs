//! A provisioned system that is put back between faults: what takes seconds is done once for each
//! design and seed, and a fault is planted in milliseconds.

use campaign::journal::Journal;
use campaign::plan::{Extent, Shrinking};
use configuration::{Api, Configuration};
use connection::Connection;
use domain::event::{Event, Summary};
use domain::seed::Seed;
use executors::{Mark, PatchTarget};

use super::catalogue::{Layer, Plant};
use crate::attack::Attack;
use crate::environment::MachineClock;
use crate::exit_code::Failure;
use crate::preparation::{Permissions, Prepared, demonstration, with_tenants};
use crate::reference_erp::Switched;

/// A demonstration, provisioned in an embedded server of its own.
pub(crate) struct Ground {
    design: String,
    seed: Seed,
    prepared: Prepared,
    api: Option<Api>,
    clean: Mark,
}

/// What is planted in a system: the T-SQL of each in turn, and all switches together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Planting {
    /// Faults.
    pub(crate) faults: Vec<Plant>,
    /// Near misses.
    pub(crate) near_misses: Vec<Plant>,
}

impl Planting {
    fn switched(&self) -> Switched {
        let switches = |plants: &[Plant]| plants.iter().filter_map(|plant| plant.switch).collect();
        Switched {
            faults: switches(&self.faults),
            near_misses: switches(&self.near_misses),
        }
    }
}

/// How a campaign is to be run on a ground.
pub(crate) struct Turn<'a> {
    /// Where it attacks.
    pub(crate) layer: Layer,
    /// How long it goes on.
    pub(crate) extent: Extent,
    /// How far what it finds is shrunk.
    pub(crate) shrinking: Shrinking,
    /// What ends it early.
    pub(crate) stop: &'a std::sync::atomic::AtomicBool,
    /// The machine's clock.
    pub(crate) clock: &'a MachineClock,
}

impl Ground {
    /// Provisions a demonstration.
    pub(crate) async fn provision(design: &str, seed: Seed, tenants: u16) -> Result<Self, Failure> {
        let configuration: Configuration = with_tenants(demonstration(design)?, tenants);
        let api = configuration.api.clone();
        let prepared =
            Prepared::provision(configuration, seed, Permissions::default(), &mut |_| {}).await?;
        let clean = prepared.server()?.reset.as_ref().map(|reset| reset.save());
        let clean = clean.ok_or_else(|| {
            Failure::environment(anyhow::anyhow!(
                "the demonstration's server cannot be put back, so faults cannot be planted one by one"
            ))
        })?;
        Ok(Self {
            design: design.to_owned(),
            seed,
            prepared,
            api,
            clean,
        })
    }

    /// Whether it is that of a design and seed.
    pub(crate) fn is(&self, design: &str, seed: Seed) -> bool {
        self.design == design && self.seed == seed
    }

    /// Puts it back, plants, and lets a campaign run.
    pub(crate) async fn attack(
        &mut self,
        planting: &Planting,
        turn: Turn<'_>,
        events: &mut dyn FnMut(Event),
    ) -> Result<Summary, Failure> {
        self.plant(planting).await?;
        self.prepared.survey(events).await?;
        let attack = Attack {
            prepared: &self.prepared,
            seed: self.seed,
            regressions: &[],
            extent: turn.extent,
            shrinking: turn.shrinking,
            resumed: None,
            journal: &mut Journal::none(),
            switched: &planting.switched(),
            contract: &mut None,
            document: &mut None,
            clock: turn.clock,
            stop: turn.stop,
            events,
        };
        match (turn.layer, &self.api) {
            (Layer::Service, Some(api)) => attack.through_api(api).await,
            (Layer::Service, None) => Err(Failure::usage(anyhow::anyhow!(
                "{} has no service to attack",
                self.design
            ))),
            (Layer::Sql, _) => attack.with_sql().await,
        }
    }

    /// An administrator's session where the tenants' rows are: in the first tenant's database, or in the
    /// one that all have in common.
    pub(crate) async fn administrate(&self) -> Result<Connection, Failure> {
        let world = &self.prepared.world;
        let common = self.target_of_rows();
        let database = match &common {
            PatchTarget::Shared(key) => world
                .shared_databases
                .iter()
                .find(|(own, _)| own == key)
                .map(|(_, name)| name.as_str()),
            _ => world.tenants.first().map(|tenant| tenant.database.as_str()),
        };
        self.prepared
            .server()?
            .administrate(database)
            .await
            .map_err(Failure::environment)
    }

    /// Where a script that is about the tenants' rows runs.
    pub(crate) fn target_of_rows(&self) -> PatchTarget {
        let shared = &self.prepared.system.databases.shared;
        match (&self.prepared.system.tenancy, shared.keys().next()) {
            (Some(_), Some(key)) => PatchTarget::Shared(key.clone()),
            _ => PatchTarget::Tenants,
        }
    }

    /// The declared principals, by name.
    pub(crate) fn principals(&self) -> Vec<String> {
        self.prepared.system.principals.keys().cloned().collect()
    }

    /// Puts it back as it was when it was provisioned, and plants.
    pub(crate) async fn plant(&mut self, planting: &Planting) -> Result<(), Failure> {
        if let Some(reset) = &self.prepared.server()?.reset {
            reset.restore(&self.clean);
        }
        let plants = planting.faults.iter().chain(&planting.near_misses);
        for script in plants.flat_map(|plant| &plant.scripts) {
            self.prepared.patch(&script.script, &script.target).await?;
        }
        Ok(())
    }

    /// Ends its server.
    pub(crate) async fn dispose(self) -> Result<(), Failure> {
        self.prepared.dispose(false).await.map(drop)
    }
}
