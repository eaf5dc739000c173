//! Exact bounds and tests: what may be said about rare events, and nothing more.
//!
//! Pure, and without floating point that depends on the machine beyond the last digits. Read
//! [`proportion`] first: every other file rests on its limits.

mod beta;
pub mod level;
pub mod proportion;

pub use level::Level;
pub use proportion::{Interval, Sample};
