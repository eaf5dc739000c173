//! MERGE.

use sqlparser::parser::Parser;

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::sql;

impl Cursor<'_> {
    pub(crate) fn merge(&mut self, with: Option<sql::With>) -> Parse<StatementKind> {
        self.at += 1;
        let end = self.merge_end();
        let top = self.top()?;
        self.accept("INTO");
        let target = self.target("MERGE")?;
        let target_hints = self.target_hints();
        let named = self.accept("AS") || (!self.sees("USING") && self.is_name(self.at));
        let alias = if named {
            Some(self.identifier()?)
        } else {
            None
        };
        self.expect("USING")?;
        let source = self.merge_source(end)?;
        self.expect("ON")?;
        let on = self.merge_expression(end)?;
        let mut clauses = Vec::new();
        while self.accept("WHEN") {
            clauses.push(self.merge_clause(end)?);
        }
        if clauses.is_empty() {
            return self.wrong();
        }
        let output = self.output()?;
        let hints = self.option_clause()?;
        if !self.sees_symbol(";") {
            if !self.is_at_end() && self.at < end {
                return self.wrong();
            }
            return self.fail(
                10713,
                "A MERGE statement must be terminated by a semi-colon (;).",
            );
        }
        Ok(StatementKind::Merge(Box::new(Merge {
            with,
            top,
            target,
            alias,
            source,
            on,
            clauses,
            output,
            target_hints,
            hints,
        })))
    }

    /// MERGE reaches to its semicolon, across words that begin other statements elsewhere.
    fn merge_end(&self) -> usize {
        (self.at..self.tokens.len())
            .find(|&index| self.is_symbol(index, ";"))
            .unwrap_or(self.tokens.len())
    }

    fn merge_source(&mut self, end: usize) -> Parse<sql::TableFactor> {
        let stop = (self.at..end)
            .find(|&index| self.is_word(index, "WHEN"))
            .unwrap_or(end);
        let table = self.hand_over(stop, Parser::parse_table_and_joins)?;
        Ok(if table.joins.is_empty() {
            table.relation
        } else {
            sql::TableFactor::NestedJoin {
                table_with_joins: Box::new(table),
                alias: None,
            }
        })
    }

    /// A condition or a value, which ends at WHEN, THEN, a comma, or the statement's end.
    fn merge_expression(&mut self, end: usize) -> Parse<sql::Expr> {
        let end = self.expression_end(self.at).min(end);
        self.hand_over(end, Parser::parse_expr)
    }

    fn merge_clause(&mut self, end: usize) -> Parse<MergeClause> {
        let matched = if self.accept("MATCHED") {
            MergeMatch::Matched
        } else {
            self.expect_all(&["NOT", "MATCHED"])?;
            if self.accept_all(&["BY", "SOURCE"]) {
                MergeMatch::NotMatchedBySource
            } else {
                self.accept_all(&["BY", "TARGET"]);
                MergeMatch::NotMatchedByTarget
            }
        };
        let condition = if self.accept("AND") {
            Some(self.merge_expression(end)?)
        } else {
            None
        };
        self.expect("THEN")?;
        let action = self.merge_action(matched)?;
        Ok(MergeClause {
            matched,
            condition,
            action,
        })
    }

    fn merge_action(&mut self, matched: MergeMatch) -> Parse<MergeAction> {
        let inserts = matched == MergeMatch::NotMatchedByTarget;
        if !inserts && self.accept("DELETE") {
            return Ok(MergeAction::Delete);
        }
        if !inserts && self.accept("UPDATE") {
            self.expect("SET")?;
            return Ok(MergeAction::Update(self.comma_separated(Self::assignment)?));
        }
        if inserts && self.accept("INSERT") {
            let columns = if self.sees_symbol("(") {
                self.column_list()?
            } else {
                Vec::new()
            };
            if self.accept_all(&["DEFAULT", "VALUES"]) {
                return Ok(MergeAction::Insert {
                    columns,
                    values: None,
                });
            }
            self.expect("VALUES")?;
            let values = self.parenthesized(Self::value_or_default)?;
            return Ok(MergeAction::Insert {
                columns,
                values: Some(values),
            });
        }
        if self.sees_one_of(&["DELETE", "UPDATE", "INSERT"]) {
            let action = self.any_word()?;
            let clause = match matched {
                MergeMatch::Matched => "WHEN MATCHED",
                MergeMatch::NotMatchedByTarget => "WHEN NOT MATCHED",
                MergeMatch::NotMatchedBySource => "WHEN NOT MATCHED BY SOURCE",
            };
            return self.fail(
                10710,
                format!(
                    "An action of type '{action}' is not allowed in the '{clause}' clause of a \
                     MERGE statement."
                ),
            );
        }
        self.wrong()
    }
}
