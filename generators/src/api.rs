//! What shall be tried on the API plane: how each operation of a contract is called by whoever may,
//! on things of his own, and where another's identifier could stand.
//!
//! [`Workbook`] is built once from the contract, the declared service and the tenants, and asked for
//! every case. What works is found by rehearsal: there are several [recipes](Workbook::recipes) for
//! each operation, and the campaign chooses the first that its owner succeeds with.

mod attacks;
mod bodies;
mod callers;
mod cursors;
mod dependencies;
mod needs;
mod negative;
mod odd;
pub mod positions;
mod preparation;
mod promised;
mod promises;
mod recipes;
mod reference;
mod renamed;
mod requests;
mod sequences;
mod serialise;
mod smuggling;
mod sources;
mod statements;
mod states;
mod sweep;
mod taken;
mod things;
mod values;
mod versions;
mod words;
pub mod workbook;

pub use positions::{Place, Position};
pub use promises::promises;
pub use sequences::sequence;
pub use statements::Statements;
pub use sweep::{Sweep, baseline, honest, sweep};
pub use workbook::{Unreachable, Workbook};
