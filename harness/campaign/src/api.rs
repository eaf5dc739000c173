//! The loop of the API plane: every operation by its owner, every attack once, the declared
//! promises, then random sequences until the budget or the count ends.

mod coverage;
mod digest;
pub(crate) mod judging;
mod live;
mod looks;
mod order;
mod plan;
pub(crate) mod play;
mod rehearse;
mod run;
pub mod stage;

pub use live::LiveApi;
pub use plan::ApiPlan;
pub use run::run;
