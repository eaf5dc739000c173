//! Was it right? Oracles judge histories against declared intent, one property per file, pure.
//!
//! None of them asks the server what is allowed: they know the intent of the configuration, what
//! was planted, what came back and what changed underneath. Begin with [`Judge`]; [`classify`]
//! says what an answer means, [`matrix`] which cell of the matrix an attempt belongs to,
//! [`arming`] whether it counts. [`INSPECTIONS`] judge what was looked at instead of attacked. The
//! API plane has its own histories and its own oracles: [`api`].

pub mod api;
pub mod arming;
mod authorization;
pub mod classify;
mod confinement;
mod containment;
mod departments;
mod error_text;
mod evidence;
mod immutability;
mod indistinguishability;
mod inspections;
mod irreversibility;
mod judge;
pub mod matrix;
mod portions;
mod recognise;
pub mod scoping;
mod server_names;
mod versions;

pub use inspections::statements::{Examined, Unseen, examine};
pub use inspections::{INSPECTIONS, Inspection, UNDECLARED_RIGHTS};
pub use judge::{Attempt, Ending, Judge, ORACLES, Oracle};
