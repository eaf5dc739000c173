//! The canonical record of a run, the *bundle*: one folder of plain files, written while the run goes on and
//! readable without our tool. Everything else that a reader gets (JUnit, SARIF, HTML …) is a view that can be
//! derived from it again.
//!
//! Read [`model`] (what the files say) and [`canonical`] (how they are printed). Nothing here signs: that is
//! `seal`'s.

pub mod canonical;
pub mod model;

pub use model::Record;
