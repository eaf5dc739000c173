//! T-SQL text to typed statements.
//!
//! The layer holds a sqlparser parser over the tokens of one batch: statement heads are ours,
//! expressions, queries and data types are sqlparser's (re-exported as [`sql`]).

pub mod ast;

pub use ast::*;
/// sqlparser's AST: expressions and queries.
pub use sqlparser::ast as sql;
