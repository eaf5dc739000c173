//! What does a compliance platform read of a run? An OSCAL 1.2.1 assessment plan, frozen before the first
//! attack, and assessment results: one observation for every promise of every system, a finding where
//! something was tested, a risk where something crossed.
//!
//! `satisfied` is said of promises of ours that held, never of a framework's control: that is the auditor's
//! word. What is inconclusive is not satisfied, for another reason than failure.

mod plan;
mod results;
mod words;

pub use plan::render as plan;
pub use results::render as results;
