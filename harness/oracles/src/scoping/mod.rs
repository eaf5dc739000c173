//! Scoping: was the tenant applied? One boolean for each statement, as a proof over its text.
//!
//! Every reference to a tenant-owned table is *bound* when the text alone proves that no row of
//! another tenant can reach the statement's answer or its effects, whatever rows there are:
//! the tenant's column must equal the caller's value in everything that survives the joins and
//! filters. What cannot be proven is *unbound*, with the reason; nothing is guessed.
//!
//! Read in this order: [`Tenancy`] and [`Catalog`] (what is declared and what is there),
//! [`verdict`](self::Statement) (what is said), `formula` (what a condition proves), `plan` (a
//! query with its names resolved), `binder` (text to plan), `proof` (plan to verdicts), `flow`
//! (what variables hold at each statement of a batch or module), `changes` and `calls` (the
//! statements that are no queries).
//!
//! Out of reach on purpose: what errors and durations tell, and rows that security policies
//! take away. Names are compared without case.

mod binder;
mod calls;
mod catalog;
mod changes;
mod conversion;
mod dynamic;
mod flow;
mod formula;
mod guard;
mod plan;
mod proof;
mod skim;
mod state;
mod tenancy;
mod verdict;

pub use catalog::{Catalog, Objects, Routine, Table, TableColumn};
pub use dynamic::parameterized;
pub use flow::{Batch, judge_batch, judge_modules};
pub use tenancy::{Tenancy, context_key};
pub use verdict::{Binding, Reference, Statement};
