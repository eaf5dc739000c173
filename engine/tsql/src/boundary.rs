//! Where a statement, a query or an expression ends when no semicolon says so.
//!
//! T-SQL has no separator between statements; its reserved words do the separating. The scans
//! here find the end of the tokens that sqlparser is given, so that it can never take a word of
//! the next statement for an alias. They may stop late, never early: what is left over is an
//! error.

use crate::cursor::Cursor;
use crate::lexer::TokenKind;
use crate::reserved::{begins_statement, is_reserved, may_stand_in_query};

impl Cursor<'_> {
    /// The end of the query that begins at `from`: before OPTION, before the next statement, or
    /// before a parenthesis that was not opened here.
    pub(crate) fn query_end(&self, from: usize) -> usize {
        self.scan(from, &["OPTION"], Scan::Query)
    }

    /// The furthest that an expression beginning at `from` can reach.
    pub(crate) fn expression_end(&self, from: usize) -> usize {
        self.scan(from, &["OPTION", "WHERE", "AS", "INTO"], Scan::Expression)
    }

    /// The end of a statement that is only skimmed.
    pub(crate) fn statement_end(&self, from: usize) -> usize {
        self.scan(from, &[], Scan::Statement)
    }

    fn scan(&self, from: usize, stops: &[&str], what: Scan) -> usize {
        let mut depth = 0usize;
        let mut cases = 0usize;
        for index in from..self.tokens.len() {
            match self.kind_at(index) {
                Some(TokenKind::Symbol("(")) => depth += 1,
                Some(TokenKind::Symbol(")")) => {
                    if depth == 0 {
                        return index;
                    }
                    depth -= 1;
                }
                Some(TokenKind::Symbol(";")) => return index,
                Some(TokenKind::Symbol(",")) if depth == 0 && what == Scan::Expression => {
                    return index;
                }
                Some(TokenKind::Word) if depth == 0 => {
                    let word = self.source_of(index);
                    if word.eq_ignore_ascii_case("CASE") {
                        cases += 1;
                    } else if cases > 0 {
                        if word.eq_ignore_ascii_case("END") {
                            cases -= 1;
                        } else if begins_statement(word) {
                            return index;
                        }
                    } else if index > from
                        && (self.begins_next_statement(index, from, what)
                            || (what == Scan::Expression && ends_expression(word))
                            || stops.iter().any(|stop| word.eq_ignore_ascii_case(stop)))
                    {
                        return index;
                    }
                }
                Some(TokenKind::Quoted(..))
                    if depth == 0 && index > from && self.is_label(index) =>
                {
                    return index;
                }
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// Whether the word at `index`, met after `from`, is the first of another statement.
    fn begins_next_statement(&self, index: usize, from: usize, what: Scan) -> bool {
        let word = self.source_of(index);
        if begins_statement(word) {
            return !self.belongs_to_clause(index);
        }
        match word.to_ascii_uppercase().as_str() {
            "SELECT" => what != Scan::Query || !self.continues_query(index, from),
            "UPDATE" => !self.is_symbol(index + 1, "(") && !self.is_word(index - 1, "ON"),
            "MERGE" => !(self.is_word(index + 1, "JOIN") && what != Scan::Statement),
            "FETCH" => {
                // `OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY`, but not `FETCH NEXT FROM cursor`.
                !(self.is_one_of(index - 1, &["ROW", "ROWS"])
                    && self.is_one_of(index + 1, &["NEXT", "FIRST"])
                    && !self.is_word(index + 2, "FROM"))
            }
            "ADD" => self.is_one_of(index + 1, &["SIGNATURE", "COUNTER", "SENSITIVITY"]),
            "END" | "ELSE" => true,
            "WITH" => self.begins_cte(index),
            _ => self.is_label(index),
        }
    }

    /// `BULK INSERT`, `ON DELETE SET NULL`, `SET (…)`: a word that begins a statement elsewhere.
    fn belongs_to_clause(&self, index: usize) -> bool {
        let before = index.wrapping_sub(1);
        (self.is_word(index, "INSERT") && self.is_word(before, "BULK"))
            || (self.is_word(index, "DELETE") && self.is_word(before, "ON"))
            || (self.is_word(index, "SET") && self.is_symbol(index + 1, "("))
            || (self.is_word(index, "SET")
                && self.is_one_of(before, &["DELETE", "UPDATE"])
                && self.is_word(before.wrapping_sub(1), "ON"))
    }

    /// Whether SELECT at `index` belongs to the query that began at `from`.
    fn continues_query(&self, index: usize, from: usize) -> bool {
        let before = index - 1;
        let after_set_operator = self.is_one_of(before, &["UNION", "EXCEPT", "INTERSECT"])
            || (self.is_word(before, "ALL") && self.is_word(before.wrapping_sub(1), "UNION"));
        // The query after the common table expressions: their parenthesis stands before it.
        let after_cte = self.is_word(from, "WITH")
            && self.is_symbol(before, ")")
            && !self.has_outer_select(from, index);
        after_set_operator || after_cte
    }

    fn has_outer_select(&self, from: usize, to: usize) -> bool {
        let mut depth = 0usize;
        (from..to).any(|index| {
            match self.kind_at(index) {
                Some(TokenKind::Symbol("(")) => depth += 1,
                Some(TokenKind::Symbol(")")) => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && self.is_word(index, "SELECT")
        })
    }

    /// `name:` where a statement may begin.
    pub(crate) fn is_label(&self, index: usize) -> bool {
        self.is_symbol(index + 1, ":")
            && self.is_name(index)
            && !self.is_symbol(index.wrapping_sub(1), ".")
    }
}

/// Reserved words that no query holds, such as REFERENCES behind `DEFAULT 1`.
fn ends_expression(word: &str) -> bool {
    is_reserved(word) && !may_stand_in_query(word)
}

/// What is being scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scan {
    Query,
    Expression,
    Statement,
}
