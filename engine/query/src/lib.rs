//! Bound T-SQL to rows: expressions, queries and row changes, with the permissions they need.
//!
//! A statement is *bound* first (names become objects and columns, every expression gets its
//! type, and every permission that it needs is noted), then the permissions are checked, then
//! rows are touched. Nothing of a statement runs before it is allowed.
//!
//! # How to use
//! - [`evaluate`] and [`evaluate_condition`]: one expression, as of SET, IF, RETURN, arguments.
//! - [`select`], [`select_assign`], [`insert`], [`update`], [`delete`], [`merge`], [`truncate`]:
//!   one statement. Changes are atomic: after an error the undo log is back at its mark.
//! - [`insert_rows`]: the second half of INSERT … EXEC.
//! - [`describe`]: the columns of a query without running it.
//! - [`with_ddl`]: the catalog's definition layer, with this layer evaluating its expressions.
//! - [`set_identity_insert`]: SET IDENTITY_INSERT.

mod binder;
mod definitions;
mod dml;
mod execution;
mod footprint;
mod json;
mod messages;
mod permissions;
mod plan;
mod redaction;
mod session_functions;
mod stack;
mod state;
mod statements;
mod visit;

pub use definitions::with_ddl;
pub use dml::{delete, insert, insert_rows, merge, set_identity_insert, truncate, update};
pub use execution::reads_versions;
pub use footprint::{Access, Footprint, Isolation, LockHints, Read, TableKey};
pub use redaction::redact;
pub use session_functions::same_session_key;
pub use state::*;
pub use statements::{describe, evaluate, evaluate_condition, select, select_assign};
