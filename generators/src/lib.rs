//! What shall be tried: cases made from the declared system, the tenants and the catalog.
//!
//! Pure: the same [`Terrain`] and seed give the same cases everywhere. [`baseline`] is what the
//! rightful principals do, [`sweep`] is the whole matrix principal × securable × action once, and
//! [`fuzz`] makes the *i*-th random case.

mod access;
pub mod api;
mod baseline;
mod boundary;
mod draw;
mod frozen;
mod fuzz;
mod literal;
mod rows;
mod statements;
mod sweep;
mod terrain;

pub use access::{Choices, Rehearsal, rehearsals};
pub use baseline::baseline;
pub use fuzz::{CaseTree, fuzz, fuzz_tree};
pub use sweep::{sweep, sweep_limits};
pub use terrain::{EVERYBODY_MAX, NEIGHBOURS, Terrain};
