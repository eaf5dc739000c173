//! In which order, for how long, and with what coverage: the loop that turns cases into histories,
//! histories into findings, and findings into verdicts.
//!
//! Read [`plan`] (what is asked), [`stage`] (what is needed), [`run()`] (the loop), `course` (how far it has come), `play` (one
//! case), `lanes` (several at once), `ledger` (what it adds up to), [`triage`] (which of it has one cause), [`journal`] (what survives a kill). [`Live`] is the stage
//! of a real campaign.

pub mod api;
pub mod clock;
mod course;
mod deeds;
mod digest;
mod drill;
mod gone;
mod inspecting;
pub mod journal;
mod judging;
mod lacking;
pub mod lanes;
mod ledger;
mod live;
pub mod plan;
mod planes;
mod play;
mod references;
mod regressions;
mod rehearse;
pub mod replay;
mod run;
mod shrink;
mod single;
pub mod stage;
mod subject;
pub mod triage;

pub use deeds::Deed;
pub use domain::journal::{Broken, Doubt};
pub use lacking::{Lacking, lacking};
pub use live::Live;
pub use planes::joined;
pub use rehearse::choices;
pub use run::run;
pub use single::{Single, play_single};
