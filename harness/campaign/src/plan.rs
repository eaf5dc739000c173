//! What a campaign is asked to do.

use std::time::Duration;

use domain::case::{Case, Phase};
use domain::seed::Seed;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;
use generators::Choices;
use scenarios::Scenario;

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
    /// What was found earlier and is played first.
    pub regressions: &'a [Scenario],
    /// How long it goes on.
    pub extent: Extent,
    /// What is attacked before everything else.
    pub first: First<'a>,
    /// How much is spent on finding the shortest cases.
    pub shrinking: Shrinking,
    /// What an earlier, interrupted run of the same plan has done already.
    pub resumed: Option<Resumed>,
}

/// What is attacked before everything else, right after what is seen by looking: for who knows where to
/// look.
#[derive(Debug, Clone, Copy, Default)]
pub struct First<'a> {
    /// Tables, views and modules as `schema.object`: the planned cases that speak of one of them.
    pub objects: &'a [String],
    /// Whether the campaign ends there. Then it proves nothing of what was not found.
    pub only: bool,
    /// The rows on which the rightful ways work, where they are known; else they are found first.
    pub choices: Option<&'a Choices>,
}

impl First<'_> {
    /// Whether a case speaks of one of the objects.
    pub(crate) fn is_spoken_of(&self, case: &Case) -> bool {
        let is_named = |text: &str| {
            let text = text.to_lowercase();
            let mut objects = self.objects.iter();
            objects.any(|object| text.contains(&object.to_lowercase()))
        };
        !self.objects.is_empty()
            && case.steps.iter().any(|step| {
                is_named(&step.batch)
                    || step
                        .claim
                        .as_ref()
                        .is_some_and(|claim| is_named(&claim.object))
            })
    }
}

/// How much is spent on finding the shortest cases, after the last attack. Cases played are the
/// bound that is the same on every machine; time is the net below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shrinking {
    /// Causes that are cut down; the rest are told as they were seen.
    pub causes_max: usize,
    /// Cases played for one cause.
    pub evaluations_max: u64,
    /// Time for one cause.
    pub time_each: Duration,
    /// Time for all.
    pub time: Duration,
    /// Whether causes are cut down even when the campaign was told to stop.
    pub when_stopped: bool,
}

impl Shrinking {
    /// The usual bounds. A number of cases asks for the same record on every machine, so that time is no bound then.
    pub fn within(extent: Extent) -> Self {
        let usual = Self::default();
        match extent {
            Extent::Budget(_) => usual,
            Extent::Cases(_) => Self {
                time_each: Duration::MAX,
                time: Duration::MAX,
                ..usual
            },
        }
    }
}

impl Default for Shrinking {
    fn default() -> Self {
        Self {
            causes_max: 20,
            evaluations_max: 400,
            time_each: Duration::from_secs(20),
            time: Duration::from_secs(60),
            when_stopped: false,
        }
    }
}

/// How long a campaign goes on. Baseline, scenarios and sweep are the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Until this much time has passed since [`crate::run`] was called. Planned cases are gone on
    /// with for a few times as long, so that a busy machine gives a late verdict instead of none;
    /// when that does not suffice, the campaign is incomplete.
    Budget(Duration),
    /// Until this many random cases have been run after the sweep.
    Cases(u64),
}

/// What is told when planned cases have used the budget up.
pub(crate) const NOTHING_RANDOM: &str =
    "the planned cases used the budget up: no random case was tried";

/// How many times the budget planned cases may take.
const OVERTIME: u32 = 3;

impl Extent {
    /// Whether no case of this phase may be begun any more.
    pub(crate) fn is_over(self, phase: Phase, elapsed: Duration) -> bool {
        let Self::Budget(budget) = self else {
            return false;
        };
        let is_random = matches!(phase, Phase::Fuzz | Phase::Sequences | Phase::Races);
        elapsed >= budget * if is_random { 1 } else { OVERTIME }
    }
}
