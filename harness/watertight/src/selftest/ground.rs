//! A provisioned system that is put back between faults: what takes seconds is done once for each
//! design and seed, and a fault is planted in milliseconds.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use campaign::journal::Journal;
use campaign::plan::{Extent, First, Plan, Shrinking};
use campaign::replay::Answer;
use configuration::{Api, Configuration};
use connection::Connection;
use domain::cause::Cause;
use domain::event::{Event, Summary};
use domain::seed::Seed;
use domain::selftest::Replay;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;
use executors::{Mark, PatchTarget};
use generators::Choices;
use scenarios::{Scenario, of_cause, print};

use super::automatic::Place;
use super::catalogue::{Layer, Plant};
use crate::args::PlantArguments;
use crate::attack::Attack;
use crate::case_files::origin;
use crate::commands::replay::{TargetArguments, replayed};
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
    /// What a look at the clean system says; asked once, when it is needed.
    known: Option<Known>,
}

/// What a system looks like where nothing is planted.
struct Known {
    surface: Surface,
    world: Arc<World>,
    choices: Choices,
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
    /// What it attacks before everything else.
    pub(crate) first: First<'a>,
    /// How far what it finds is shrunk.
    pub(crate) shrinking: Shrinking,
    /// Whether what is planted changes no table, module or row, so that the system need not be read anew.
    pub(crate) is_known: bool,
    /// What ends it early.
    pub(crate) stop: &'a AtomicBool,
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
            known: None,
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
        if turn.is_known && self.known.is_none() {
            self.known = Some(self.look(&turn, events).await?);
        }
        self.plant(planting).await?;
        let mut first = turn.first;
        match &self.known {
            Some(known) if turn.is_known => {
                self.prepared.surface.clone_from(&known.surface);
                self.prepared.world = Arc::clone(&known.world);
                first.choices = Some(&known.choices);
            }
            _ => self.prepared.survey(events).await?,
        }
        let attack = Attack {
            prepared: &self.prepared,
            beside: None,
            seed: self.seed,
            regressions: &[],
            extent: turn.extent,
            first,
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

    /// Reads the clean system, and finds out on which rows the rightful ways work.
    async fn look(
        &mut self,
        turn: &Turn<'_>,
        events: &mut dyn FnMut(Event),
    ) -> Result<Known, Failure> {
        self.plant(&Planting::default()).await?;
        self.prepared.survey(events).await?;
        let prepared = &self.prepared;
        let mut stage = prepared
            .live()
            .await?
            .ok_or_else(|| Failure::usage(anyhow::anyhow!("there is no database to look at")))?;
        let plan = Plan {
            system: &prepared.system,
            world: &prepared.world,
            surface: &prepared.surface,
            target: prepared.name(),
            seed: self.seed,
            regressions: &[],
            extent: turn.extent,
            first: turn.first,
            shrinking: turn.shrinking,
            resumed: None,
        };
        let choices = campaign::choices(&plan, &mut stage, turn.clock)
            .await
            .map_err(Failure::environment)?;
        Ok(Known {
            surface: prepared.surface.clone(),
            world: Arc::clone(&prepared.world),
            choices,
        })
    }

    /// The case file of a cause that a campaign on this ground found.
    pub(crate) fn case_of(&self, cause: &Cause, summary: &Summary) -> Option<Scenario> {
        of_cause(cause, &origin(&self.prepared, summary))
    }

    /// What a case file says from nothing: with a fault, or where nothing is wrong.
    pub(crate) async fn replay(
        &self,
        case: &Scenario,
        fault: Option<&str>,
        clock: &MachineClock,
    ) -> Result<Replay, Failure> {
        let tenants = u16::try_from(self.prepared.world.tenants.len()).ok();
        let on = TargetArguments {
            tenants,
            seed: Some(self.seed.0),
            planted: PlantArguments {
                fault: fault.map(str::to_owned).into_iter().collect(),
                ..PlantArguments::default()
            },
            ..TargetArguments::default()
        };
        // As whoever gets the file would: it is read from its text.
        let case = scenarios::load(&case.id, &print(case)).map_err(Failure::environment)?;
        let answer = replayed(&case, &on, clock).await?;
        Ok(match answer {
            Answer::Reproduced { .. } => Replay::Reproduced,
            Answer::NotReproduced { .. } => Replay::NotReproduced,
            Answer::PreconditionLost(lost) => Replay::PreconditionLost(lost.reason),
        })
    }

    /// An administrator's session in the database of a place.
    pub(crate) async fn administrate(&self, place: &Place) -> Result<Connection, Failure> {
        self.prepared
            .server()?
            .administrate(Some(&place.database))
            .await
            .map_err(Failure::environment)
    }

    /// The databases whose safeguards can be taken away: the one with the tenants' rows, which stands for
    /// every tenant's where each has its own, and those that belong to nobody.
    pub(crate) fn places(&self) -> Vec<Place> {
        let world = &self.prepared.world;
        let common = |key: &String, name: &String| Place {
            key: Some(key.clone()),
            target: PatchTarget::Shared(key.clone()),
            database: name.clone(),
        };
        let shared = world.shared_databases.iter();
        let mut places: Vec<Place> = shared.map(|(key, name)| common(key, name)).collect();
        match (&self.prepared.system.tenancy, world.tenants.first()) {
            (Some(tenancy), _) => {
                for place in &mut places {
                    if place.key.as_ref() == Some(&tenancy.database) {
                        place.key = None;
                    }
                }
            }
            (None, Some(tenant)) => places.insert(
                0,
                Place {
                    key: None,
                    target: PatchTarget::Tenants,
                    database: tenant.database.clone(),
                },
            ),
            (None, None) => {}
        }
        places
    }

    /// Whether there is a service to attack.
    pub(crate) fn has_service(&self) -> bool {
        self.api.is_some()
    }

    /// The system, as declared.
    pub(crate) fn system(&self) -> &System {
        &self.prepared.system
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
