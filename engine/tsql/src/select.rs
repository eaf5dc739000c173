//! SELECT as a statement: rows, assignments, common table expressions, OPTION.

use sqlparser::parser::Parser;

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::{Failure, Parse, ParseError};
use crate::handover::Handover;
use crate::lexer::TokenKind;
use crate::sql;

impl Cursor<'_> {
    pub(crate) fn select_statement(&mut self) -> Parse<StatementKind> {
        let start = self.at;
        let end = self.query_end(start);
        let kind = match self.assignments(start, end) {
            Some(items) => {
                let mut handover = Handover::default();
                let variables = self.assigned(&items, end, &mut handover)?;
                let query = self.read(handover, end, Parser::parse_query)?;
                if self.at < end {
                    return self.wrong();
                }
                if !matches!(*query.body, sql::SetExpr::Select(_)) {
                    return Err(Failure::Syntax(ParseError {
                        number: 10734,
                        line: self.line_of(start),
                        message: "Variable assignment is not allowed in a statement containing a \
                                  top level UNION, INTERSECT or EXCEPT operator."
                            .to_owned(),
                    }));
                }
                StatementKind::SelectAssign(SelectAssign { variables, query })
            }
            None => {
                let query = self.query_until(end)?;
                StatementKind::Select(Select {
                    query,
                    hints: Vec::new(),
                })
            }
        };
        let options = self.option_clause()?;
        Ok(match kind {
            StatementKind::Select(select) => StatementKind::Select(Select {
                hints: options,
                ..select
            }),
            other => other,
        })
    }

    /// `WITH … SELECT|INSERT|UPDATE|DELETE|MERGE`.
    pub(crate) fn with_statement(&mut self) -> Parse<StatementKind> {
        if self.is_word(self.at + 1, "XMLNAMESPACES") {
            return self.unsupported("WITH XMLNAMESPACES");
        }
        if self.is_word(self.at + 1, "CHANGE_TRACKING_CONTEXT") {
            return self.unsupported("WITH CHANGE_TRACKING_CONTEXT");
        }
        let verb = self.main_verb(self.at);
        if !self.is_one_of(verb, &["INSERT", "UPDATE", "DELETE", "MERGE"]) {
            return self.select_statement();
        }
        let with = self.hand_over(verb, |parser| {
            let with_token = parser.next_token();
            Ok(sql::With {
                with_token: with_token.into(),
                recursive: false,
                cte_tables: parser.parse_comma_separated(Parser::parse_cte)?,
            })
        })?;
        if self.at != verb {
            return self.wrong();
        }
        match self
            .word_at(verb)
            .unwrap_or_default()
            .to_ascii_uppercase()
            .as_str()
        {
            "INSERT" => self.insert(Some(with)),
            "UPDATE" => self.update(Some(with)),
            "DELETE" => self.delete(Some(with)),
            _ => self.merge(Some(with)),
        }
    }

    /// The verb behind common table expressions: the first outside parentheses.
    pub(crate) fn main_verb(&self, with: usize) -> usize {
        let mut index = with + 1;
        while index < self.tokens.len() {
            if self.is_symbol(index, "(") {
                index = self.after_group(index);
                continue;
            }
            let verb = self.is_one_of(index, &["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"]);
            if verb || self.is_symbol(index, ";") {
                break;
            }
            index += 1;
        }
        index
    }

    /// `OPTION (…)`: the hints as text.
    pub(crate) fn option_clause(&mut self) -> Parse<Vec<String>> {
        if !self.sees("OPTION") {
            return Ok(Vec::new());
        }
        self.at += 1;
        self.expect_symbol("(")?;
        let mut hints = Vec::new();
        loop {
            let from = self.at;
            while !(self.sees_symbol(",") || self.sees_symbol(")")) {
                if self.is_at_end() || self.sees_symbol(";") {
                    return self.wrong();
                }
                self.at = if self.sees_symbol("(") {
                    self.after_group(self.at)
                } else {
                    self.at + 1
                };
            }
            if from == self.at {
                return self.wrong();
            }
            hints.push(self.hint_text(from, self.at));
            if self.accept_symbol(")") {
                return Ok(hints);
            }
            self.at += 1;
        }
    }

    /// Words apart by one space, upper case; literals as they are.
    fn hint_text(&self, from: usize, to: usize) -> String {
        let mut text = String::new();
        for index in from..to {
            let after_word = index > from
                && !self.is_symbol(index, "(")
                && !self.is_symbol(index, ")")
                && !self.is_symbol(index, ",")
                && !self.is_symbol(index - 1, "(");
            if after_word {
                text.push(' ');
            }
            match self.kind_at(index) {
                Some(TokenKind::Word) => text.push_str(&self.source_of(index).to_ascii_uppercase()),
                _ => text.push_str(self.source_of(index)),
            }
        }
        text
    }

    /// The select list's items as token ranges, when the first of them assigns to a variable.
    fn assignments(&self, start: usize, end: usize) -> Option<Vec<(usize, usize)>> {
        let select = if self.is_word(start, "SELECT") {
            start
        } else if self.is_word(start, "WITH") {
            self.main_verb(start)
        } else {
            return None;
        };
        let first = self.select_list(select)?;
        if !self.assigns(first) {
            return None;
        }
        let mut items = Vec::new();
        let mut from = first;
        let mut index = first;
        let mut cases = 0usize;
        while index < end {
            if self.is_symbol(index, "(") {
                index = self.after_group(index).min(end);
                continue;
            }
            if self.is_word(index, "CASE") {
                cases += 1;
            } else if self.is_word(index, "END") {
                cases = cases.saturating_sub(1);
            }
            if cases == 0 {
                if self.is_symbol(index, ",") {
                    items.push((from, index));
                    from = index + 1;
                } else if self.ends_select_list(index) {
                    break;
                }
            }
            index += 1;
        }
        items.push((from, index));
        Some(items)
    }

    /// The first token of the select list: behind ALL, DISTINCT and TOP.
    fn select_list(&self, select: usize) -> Option<usize> {
        let mut index = select + 1;
        if self.is_one_of(index, &["ALL", "DISTINCT"]) {
            index += 1;
        }
        if self.is_word(index, "TOP") {
            index = if self.is_symbol(index + 1, "(") {
                self.after_group(index + 1)
            } else {
                index + 2
            };
            index += usize::from(self.is_word(index, "PERCENT"));
            if self.is_word(index, "WITH") && self.is_word(index + 1, "TIES") {
                index += 2;
            }
        }
        (index < self.tokens.len()).then_some(index)
    }

    fn ends_select_list(&self, index: usize) -> bool {
        (self.is_word(index, "FROM") && !self.is_word(index - 1, "DISTINCT"))
            || self.is_one_of(
                index,
                &[
                    "INTO",
                    "WHERE",
                    "GROUP",
                    "HAVING",
                    "ORDER",
                    "UNION",
                    "EXCEPT",
                    "INTERSECT",
                    "FOR",
                ],
            ) && !self.is_word(index - 1, "WITHIN")
    }

    fn assigns(&self, item: usize) -> bool {
        matches!(self.kind_at(item), Some(TokenKind::Variable))
            && matches!(
                self.kind_at(item + 1),
                Some(TokenKind::Symbol(
                    "=" | "+=" | "-=" | "*=" | "/=" | "%=" | "&=" | "|=" | "^="
                ))
            )
    }

    /// Writes the query with the bare values as its items, and returns the variables.
    fn assigned(
        &self,
        items: &[(usize, usize)],
        end: usize,
        out: &mut Handover,
    ) -> Parse<Vec<String>> {
        let mut variables = Vec::with_capacity(items.len());
        let mut written = self.at;
        for &(from, to) in items {
            if !self.assigns(from) {
                return Err(Failure::Syntax(ParseError {
                    number: 141,
                    line: self.line_of(self.at),
                    message: "A SELECT statement that assigns a value to a variable must not be \
                              combined with data-retrieval operations."
                        .to_owned(),
                }));
            }
            variables.push(self.source_of(from).to_owned());
            self.translate(written, from, out)?;
            self.translate_assigned(from, to, out)?;
            written = to;
        }
        self.translate(written, end, out)?;
        Ok(variables)
    }
}
