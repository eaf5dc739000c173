//! What a campaign of the API plane is asked to do.

use contract::Contract;
use domain::seed::Seed;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;
use oracles::api::Planted;
use scenarios::Scenario;

use crate::journal::Resumed;
use crate::plan::{Extent, First, Plan, Shrinking};

/// Everything that decides which cases a campaign runs. The same plan gives the same cases.
#[derive(Debug, Clone)]
pub struct ApiPlan<'a> {
    /// What is under test, as declared; its service among it.
    pub system: &'a System,
    /// The tenants and their marks.
    pub world: &'a World,
    /// The catalog and the rows from before the first request; empty where there is no database.
    pub surface: &'a Surface,
    /// What the service says of itself.
    pub contract: &'a Contract,
    /// Secrets that must surface nowhere.
    pub secrets: Vec<Planted>,
    /// The target's name.
    pub target: &'a str,
    /// Whence every random choice comes.
    pub seed: Seed,
    /// What was found earlier and is played first.
    pub regressions: &'a [Scenario],
    /// How long it goes on.
    pub extent: Extent,
    /// How much is spent on finding the shortest cases.
    pub shrinking: Shrinking,
    /// What an earlier, interrupted run of the same plan has done already.
    pub resumed: Option<Resumed>,
}

impl<'a> ApiPlan<'a> {
    /// The plan of one who looks below the service.
    pub(crate) fn below(&self) -> Plan<'a> {
        Plan {
            system: self.system,
            world: self.world,
            surface: self.surface,
            target: self.target,
            seed: self.seed,
            extent: self.extent,
            first: First::default(),
            shrinking: self.shrinking,
            regressions: &[],
            resumed: None,
        }
    }
}
