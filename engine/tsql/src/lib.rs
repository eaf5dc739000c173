//! T-SQL text to typed statements.
//!
//! The layer holds a sqlparser parser over the tokens of one batch: statement heads are ours,
//! expressions, queries and data types are sqlparser's (re-exported as [`sql`]). What is
//! rewritten on the way to sqlparser stands in the table of the `handover` module; the binder
//! meets these reserved functions:
//!
//! - `__next_value_for('[schema].[sequence]')`, possibly with OVER;
//! - `__system_time_all()`, `__system_time_between(a, b)`, `__system_time_from_to(a, b)` and
//!   `__system_time_contained_in(a, b)`, as the expression of `FOR SYSTEM_TIME AS OF`;
//! - `PARSE(x, 'type' [, culture])` and `TRY_PARSE`, the type as text.
//!
//! Positions in sqlparser's spans: the line is the line in the batch, the column is the byte
//! offset in the batch's text plus one.

pub mod ast;
mod backup;
mod batches;
mod boundary;
mod create;
mod cursor;
mod data_type;
mod dialect;
mod dml;
mod error;
mod execute;
mod handover;
mod index;
mod lexer;
mod limits;
mod merge;
mod module;
mod name;
mod permission;
mod policy;
mod principal;
mod reserved;
mod select;
mod signing;
mod skimmed;
mod statement;
mod table;
mod table_change;
mod table_clauses;
mod variables;

use std::sync::Arc;

pub use ast::*;
pub use batches::{ScriptBatch, split_batches};
pub use data_type::parse_data_type;
pub use error::ParseError;
pub use lexer::{Token, TokenKind, tokens};
pub use name::{parse_name, quote_name};
pub use reserved::is_reserved;
/// sqlparser's AST: expressions and queries.
pub use sqlparser::ast as sql;

use cursor::Cursor;
use error::Failure;

/// Reads one batch: what stands between two `GO` lines. Either every statement is read or the
/// first error is returned, as the server compiles nothing of a batch with a syntax error.
pub fn parse_batch(text: &str) -> Result<Batch, ParseError> {
    stacker::maybe_grow(STACK, 2 * STACK, || parse(text))
}

/// What the deepest nesting that is let through may need. sqlparser grows the stack as it
/// recurses, but looks at it too seldom for the frames of a debug build.
const STACK: usize = if cfg!(debug_assertions) {
    16 << 20
} else {
    1 << 20
};

fn parse(text: &str) -> Result<Batch, ParseError> {
    let mut cursor = Cursor::new(text, tokens(text)?);
    let statements = match cursor.statements() {
        Ok(statements) => statements,
        Err(Failure::Syntax(error)) => return Err(error),
        Err(Failure::Unsupported(construct)) => {
            return Err(ParseError {
                number: 102,
                line: cursor.line(),
                message: format!("Incorrect syntax near '{construct}'."),
            });
        }
    };
    if !cursor.is_at_end() {
        return Err(cursor.near(cursor.at));
    }
    Ok(Batch {
        text: Arc::from(text),
        statements,
    })
}
