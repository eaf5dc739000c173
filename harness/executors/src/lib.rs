//! How it is carried out: sessions over TDS, provisioning, patches, introspection and undo, and
//! requests over HTTP ([`http`]).
//!
//! Knows nothing of right and wrong: it sends batches and records answers. Whether a target is
//! the embedded server or a real one shows in one place, [`Target::reset`]: who can put a whole
//! server back does so by snapshot, everybody else inside a transaction.

mod catalog_queries;
mod census;
mod cleanup;
mod credentials;
mod error;
mod features;
pub mod http;
mod in_process;
mod introspect;
mod ledger;
mod patch;
mod provision;
pub mod quote;
mod script;
mod sessions;
mod target;

pub use census::{ROWS_PER_TABLE_MAX, census};
pub use cleanup::{Removed, cleanup};
pub use credentials::Credentials;
pub use error::ExecutorError;
pub use features::features;
pub use in_process::InProcess;
pub use introspect::introspect;
pub use patch::{Patch, PatchTarget, apply_patch};
pub use provision::{OtherDatabases, Progress, provision};
pub use sessions::{CannotUndo, Sessions};
pub use target::{Mark, Reset, Target};
