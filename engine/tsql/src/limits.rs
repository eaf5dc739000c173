//! How tall a tree may grow, and joins that never say ON: what must be known of an expression
//! or a query before anything builds a tree of it.

use crate::cursor::Cursor;
use crate::error::{Failure, Parse, ParseError};
use crate::lexer::TokenKind;

/// How many operators may follow each other: `a + b + c` is a tree that leans to the left, and
/// every level of it costs stack in everything that walks it.
const CHAIN_MAX: usize = 400;

/// How many joins may wait for their ON.
const OPEN_JOINS_MAX: usize = 24;

/// Words that extend an expression to the right.
const CHAIN_WORDS: &[&str] = &["AND", "OR", "NOT", "IS", "LIKE", "IN", "AT", "COLLATE"];

/// Words after which a new expression begins.
const CLAUSE_WORDS: &[&str] = &[
    "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "ON", "WHEN", "THEN", "ELSE",
];

/// Operators met so far on one level of parentheses.
#[derive(Default)]
struct Chain {
    operators: usize,
    set_operators: usize,
    /// Joins whose ON has not come yet: each is a level of nesting.
    open_joins: usize,
}

impl Cursor<'_> {
    pub(crate) fn too_deep(&self) -> ParseError {
        ParseError {
            number: 191,
            line: self.line(),
            message: "Some part of your SQL statement is nested too deeply. Rewrite the query or \
                      break it up into smaller queries."
                .to_owned(),
        }
    }

    /// Refuses chains that would make a tree too tall, before anything builds that tree.
    pub(crate) fn check_chains(&self, from: usize, to: usize) -> Parse<()> {
        let mut open = vec![Chain::default()];
        let mut total = 0;
        for index in from..to {
            let level = open.len() - 1;
            match self.kind_at(index) {
                Some(TokenKind::Symbol("(")) => open.push(Chain::default()),
                Some(TokenKind::Symbol(")")) => {
                    self.check_joins(&open[level], index)?;
                    total -= open[level].operators + open[level].set_operators;
                    open.pop();
                    if open.is_empty() {
                        open.push(Chain::default());
                    }
                }
                Some(TokenKind::Symbol("," | ";")) => {
                    self.check_joins(&open[level], index)?;
                    total -= std::mem::take(&mut open[level].operators);
                }
                Some(TokenKind::Symbol(
                    "=" | "<" | ">" | "<=" | ">=" | "<>" | "!=" | "!<" | "!>" | "+" | "-" | "*"
                    | "/" | "%" | "&" | "|" | "||" | "^" | "~",
                )) => {
                    open[level].operators += 1;
                    total += 1;
                }
                Some(TokenKind::Word) => {
                    if self.is_one_of(index, CHAIN_WORDS) {
                        open[level].operators += 1;
                        total += 1;
                    } else if self.is_one_of(index, &["UNION", "EXCEPT", "INTERSECT"]) {
                        open[level].set_operators += 1;
                        total += 1;
                    } else if self.is_word(index, "JOIN") {
                        open[level].open_joins += 1;
                        if self.is_word(index.wrapping_sub(1), "CROSS") {
                            open[level].open_joins -= 1;
                        }
                    } else if self.is_one_of(index, CLAUSE_WORDS)
                        // `JOIN t FOR SYSTEM_TIME FROM a TO b ON …` is still the same join.
                        && !self.is_word(index.wrapping_sub(1), "SYSTEM_TIME")
                    {
                        if self.is_word(index, "ON") {
                            open[level].open_joins = open[level].open_joins.saturating_sub(1);
                        } else {
                            self.check_joins(&open[level], index)?;
                        }
                        total -= std::mem::take(&mut open[level].operators);
                    }
                }
                _ => {}
            }
            let joins = open.last().map_or(0, |chain| chain.open_joins);
            if total > CHAIN_MAX || joins > OPEN_JOINS_MAX {
                return Err(Failure::Syntax(self.too_deep()));
            }
        }
        open.iter()
            .try_for_each(|chain| self.check_joins(chain, to))
    }

    /// A join without ON, which sqlparser would let pass, is noticed where the clause ends.
    fn check_joins(&self, chain: &Chain, end: usize) -> Parse<()> {
        if chain.open_joins > 0 {
            return Err(Failure::Syntax(self.near(end)));
        }
        Ok(())
    }
}
