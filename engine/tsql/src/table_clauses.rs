//! What may follow a table's name and sqlparser reads otherwise or elsewhere: FOR SYSTEM_TIME,
//! and hints with and without WITH.

use sqlparser::tokenizer::Token as Sql;

use crate::cursor::Cursor;
use crate::error::{Failure, Parse, ParseError};
use crate::handover::{Handover, plain_word};
use crate::lexer::TokenKind;
use crate::reserved::listed;

/// Table hints, sorted.
const TABLE_HINTS: &[&str] = &[
    "FORCESCAN",
    "FORCESEEK",
    "HOLDLOCK",
    "IGNORE_CONSTRAINTS",
    "IGNORE_TRIGGERS",
    "INDEX",
    "KEEPDEFAULTS",
    "KEEPIDENTITY",
    "NOEXPAND",
    "NOLOCK",
    "NOWAIT",
    "PAGLOCK",
    "READCOMMITTED",
    "READCOMMITTEDLOCK",
    "READPAST",
    "READUNCOMMITTED",
    "REPEATABLEREAD",
    "ROWLOCK",
    "SERIALIZABLE",
    "SNAPSHOT",
    "SPATIAL_WINDOW_MAX_CELLS",
    "TABLOCK",
    "TABLOCKX",
    "UPDLOCK",
    "XLOCK",
];

impl Cursor<'_> {
    pub(crate) fn translate_system_time(&self, index: usize, out: &mut Handover) -> Parse<usize> {
        let span = self.span_of(index);
        let third = index + 2;
        for word in ["FOR", "SYSTEM_TIME"] {
            out.push(Sql::make_word(word, None), span, index);
        }
        if self.is_word(third, "AS") {
            return Ok(third);
        }
        for word in ["AS", "OF"] {
            out.push(Sql::make_word(word, None), span, index);
        }
        let mut open = |name: &str| {
            out.push(plain_word(name, None), span, index);
            out.push(Sql::LParen, span, index);
        };
        let separator = match self
            .word_at(third)
            .unwrap_or_default()
            .to_ascii_uppercase()
            .as_str()
        {
            "ALL" => {
                open("__system_time_all");
                out.push(Sql::RParen, span, index);
                return Ok(third + 1);
            }
            "CONTAINED" if self.is_word(third + 1, "IN") && self.is_symbol(third + 2, "(") => {
                open("__system_time_contained_in");
                return Ok(third + 3);
            }
            "BETWEEN" => {
                open("__system_time_between");
                "AND"
            }
            "FROM" => {
                open("__system_time_from_to");
                "TO"
            }
            _ => return Err(Failure::Syntax(self.near(third))),
        };
        let first_end = self.operand_end(third + 1);
        if !self.is_word(first_end, separator) {
            return Err(Failure::Syntax(self.near(first_end)));
        }
        let second_end = self.operand_end(first_end + 1);
        for operand in third + 1..first_end {
            self.pass(operand, out)?;
        }
        out.push(Sql::Comma, span, first_end);
        for operand in first_end + 1..second_end {
            self.pass(operand, out)?;
        }
        out.push(Sql::RParen, span, second_end.saturating_sub(1));
        Ok(second_end)
    }

    /// The end of one operand: a literal, a variable, a name, a call, or a parenthesis.
    fn operand_end(&self, from: usize) -> usize {
        let mut index = from;
        if self.is_symbol(index, "(") {
            return self.after_group(index);
        }
        index = (index + 1).min(self.tokens.len());
        loop {
            if self.is_symbol(index, ".") {
                index += 2;
            } else if self.is_symbol(index, "(") {
                index = self.after_group(index);
            } else {
                return index.min(self.tokens.len());
            }
        }
    }

    pub(crate) fn is_table_hint(&self, index: usize) -> bool {
        self.word_at(index)
            .is_some_and(|word| listed(TABLE_HINTS, word))
    }

    /// `t (NOLOCK)`: hints without WITH, behind a table's name or alias.
    pub(crate) fn is_bare_hint_list(&self, open: usize, from: usize) -> bool {
        open > from
            && self.is_table_hint(open + 1)
            && (self.is_symbol(open + 2, ")") || self.is_symbol(open + 2, ","))
            && (self.is_name(open - 1)
                || matches!(self.kind_at(open - 1), Some(TokenKind::Variable)))
    }

    /// Hints, with the alias that may follow them moved in front, where sqlparser wants it.
    pub(crate) fn translate_hints(
        &self,
        origin: usize,
        open: usize,
        out: &mut Handover,
    ) -> Parse<usize> {
        let close = self.after_group(open);
        let mut next = close;
        if self.is_word(close, "AS") && self.is_name(close + 1) {
            next = close + 2;
        } else if self.is_name(close) && !self.is_label(close) {
            next = close + 1;
        }
        for index in close..next {
            self.pass(index, out)?;
        }
        out.push(Sql::make_word("WITH", None), self.span_of(origin), origin);
        for index in open..close {
            // Hints may stand side by side without a comma.
            let beside = index > open + 1
                && self.is_table_hint(index)
                && (self.is_table_hint(index - 1) || self.is_symbol(index - 1, ")"));
            if beside {
                out.push(Sql::Comma, self.span_of(index), index);
            }
            self.pass(index, out)?;
        }
        Ok(next)
    }

    /// Names of tables have four parts at most.
    pub(crate) fn check_parts(&self, name: usize) -> Parse<()> {
        let mut index = name;
        let mut parts = 1;
        while self.is_symbol(index + 1, ".") {
            let middle = !self.is_symbol(index + 2, ".");
            index += 1 + usize::from(middle);
            parts += 1;
        }
        if parts > 4 {
            return Err(Failure::Syntax(ParseError {
                number: 117,
                line: self.line_of(name),
                message: format!(
                    "The object name '{}' contains more than the maximum number of prefixes. The \
                     maximum is 3.",
                    self.source_between(name, index + 1)
                ),
            }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hints_are_sorted() {
        assert!(TABLE_HINTS.is_sorted());
    }
}
