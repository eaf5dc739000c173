//! What happened underneath: rows and catalogs before and after, in every tenant.
//!
//! Facts only. A [`Watch`] hashes everything in few batches after each case; only where a hash
//! differs are rows and catalog read in full and compared, as multisets, with what was there
//! before. All questions are asked over TDS as administrator, in words that a real server
//! understands. For inspections, [`facts()`] records what the catalog says about a topic.

mod contents;
mod error;
mod facts;
mod look;
mod questions;
mod watch;

pub use contents::Contents;
pub use error::WatchError;
pub use look::{facts, facts_in_words};
pub use watch::{Depth, Watch, changed};
