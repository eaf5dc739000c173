//! Exact bounds and tests: what may be said about rare events, and nothing more.
//!
//! Read [`proportion`] first (how rare is what was never seen?), then [`species`] (what would the search
//! still find?), [`ranks`] (do two samples of times differ?), and [`model`], which puts them together for
//! a report. [`told`] has the words for numbers. Pure; the formulas stand where they are used.

mod beta;
pub mod level;
pub mod model;
mod normal;
pub mod proportion;
pub mod ranks;
pub mod species;
pub mod told;

pub use level::Level;
pub use model::{Input, Statistics, of};
pub use proportion::{Interval, Sample};
