//! Bytes from events and verdicts: what a person, a build server and later an auditor read.
//!
//! Pure: the same summary gives the same bytes. Text that came from the target is hostile, and
//! every sink has its own neutraliser in [`hostile`].

pub mod cards;
pub mod hostile;
pub mod junit;
mod junit_writer;
pub mod terminal;

pub use junit_writer::{Dialect, WriteError};
