//! What a campaign is asked to do.

use std::time::Duration;

use domain::seed::Seed;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;

use crate::journal::Resumed;

/// Everything that decides which cases a campaign runs. The same plan gives the same cases.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// What is under test, as declared.
    pub system: &'a System,
    /// The tenants and their marks.
    pub world: &'a World,
    /// The catalog and the rows from before the first attack.
    pub surface: &'a Surface,
    /// The target's name, for example `embedded`.
    pub target: &'a str,
    /// Whence every random choice comes.
    pub seed: Seed,
    /// How long it goes on.
    pub extent: Extent,
    /// What an earlier, interrupted run of the same plan has done already.
    pub resumed: Option<Resumed>,
}

/// How long a campaign goes on. Baseline, scenarios and sweep are the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Until this much time has passed since [`crate::run`] was called. When it does not suffice
    /// for the sweep, the campaign is incomplete.
    Budget(Duration),
    /// Until this many random cases have been run after the sweep.
    Cases(u64),
}
