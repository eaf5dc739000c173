//! The canonical record of a run, the *bundle*: one folder of plain files, written while the run goes on and
//! readable without our tool. Everything else that a reader gets (JUnit, SARIF, HTML …) is a view that can be
//! derived from it again.
//!
//! Read [`model`] (what the files say), [`canonical`] (how they are printed), [`bundle`] (the folder), [`tree`]
//! and [`checkpoint`] (the hash over all cases), [`manifest`] (the hash of every file), [`redaction`] (what never
//! gets in), [`traces`] (which cases are kept whole), [`verdict`] (what the cases alone amount to). Nothing here signs: that is `seal`'s.

pub mod bundle;
pub mod canonical;
pub mod checkpoint;
pub mod manifest;
pub mod model;
pub mod names;
pub mod redaction;
pub mod traces;
pub mod tree;
pub mod verdict;

pub use model::Record;
