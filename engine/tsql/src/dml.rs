//! INSERT, UPDATE, DELETE and TRUNCATE.

use sqlparser::parser::Parser;

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::sql;

/// Rowset functions that may stand where a changed table stands.
const ROWSETS: &[&str] = &["OPENQUERY", "OPENROWSET", "OPENDATASOURCE"];

impl Cursor<'_> {
    pub(crate) fn truncate(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        self.expect("TABLE")?;
        let table = self.name()?;
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            return self.unsupported("TRUNCATE TABLE … WITH (PARTITIONS)");
        }
        Ok(StatementKind::Truncate { table })
    }

    pub(crate) fn insert(&mut self, with: Option<sql::With>) -> Parse<StatementKind> {
        self.at += 1;
        let top = self.top()?;
        self.accept("INTO");
        let target = self.target("INSERT INTO")?;
        let target_hints = self.target_hints();
        let columns = if self.sees_symbol("(") && !self.opens_query(self.at) {
            self.insert_columns()?
        } else {
            Vec::new()
        };
        let output = self.output()?;
        let source = self.insert_source()?;
        let hints = self.option_clause()?;
        Ok(StatementKind::Insert(Insert {
            with,
            top,
            target,
            columns,
            output,
            source,
            target_hints,
            hints,
        }))
    }

    /// Column names; a qualified one is the last part, as the server reads it.
    fn insert_columns(&mut self) -> Parse<Vec<String>> {
        self.parenthesized(|cursor| {
            if cursor.sees("IDENTITYCOL") || cursor.sees("ROWGUIDCOL") {
                return cursor.unsupported("IDENTITYCOL and ROWGUIDCOL as column names");
            }
            Ok(cursor.name()?.object().to_owned())
        })
    }

    /// Whether a parenthesis, or several, opens a query.
    fn opens_query(&self, open: usize) -> bool {
        let mut index = open;
        while self.is_symbol(index, "(") {
            index += 1;
        }
        self.is_word(index, "SELECT")
    }

    fn insert_source(&mut self) -> Parse<InsertSource> {
        if self.accept_all(&["DEFAULT", "VALUES"]) {
            return Ok(InsertSource::DefaultValues);
        }
        if self.accept("VALUES") {
            let rows =
                self.comma_separated(|cursor| cursor.parenthesized(Self::value_or_default))?;
            return Ok(InsertSource::Values(rows));
        }
        if self.sees_one_of(&["EXEC", "EXECUTE"]) {
            return Ok(InsertSource::Execute(Box::new(self.statement()?)));
        }
        if self.sees("SELECT") || self.sees_symbol("(") {
            return Ok(InsertSource::Query(self.query()?));
        }
        self.wrong()
    }

    pub(crate) fn value_or_default(&mut self) -> Parse<ValueOrDefault> {
        if self.accept("DEFAULT") {
            return Ok(ValueOrDefault::Default);
        }
        Ok(ValueOrDefault::Expr(self.expression()?))
    }

    pub(crate) fn update(&mut self, with: Option<sql::With>) -> Parse<StatementKind> {
        self.at += 1;
        if self.sees("STATISTICS") {
            return self.unsupported("UPDATE STATISTICS");
        }
        let top = self.top()?;
        let target = self.target("UPDATE")?;
        let target_hints = self.target_hints();
        self.expect("SET")?;
        let assignments = self.comma_separated(Self::assignment)?;
        let output = self.output()?;
        let from = self.sources()?;
        let selection = self.filter()?;
        let hints = self.option_clause()?;
        Ok(StatementKind::Update(Update {
            with,
            top,
            target,
            assignments,
            output,
            from,
            selection,
            target_hints,
            hints,
        }))
    }

    pub(crate) fn delete(&mut self, with: Option<sql::With>) -> Parse<StatementKind> {
        self.at += 1;
        let top = self.top()?;
        self.accept("FROM");
        let target = self.target("DELETE")?;
        let target_hints = self.target_hints();
        let output = self.output()?;
        let from = self.sources()?;
        let selection = self.filter()?;
        let hints = self.option_clause()?;
        Ok(StatementKind::Delete(Delete {
            with,
            top,
            target,
            output,
            from,
            selection,
            target_hints,
            hints,
        }))
    }

    /// `TOP (n) [PERCENT]`; the bare number is the old form.
    pub(crate) fn top(&mut self) -> Parse<Option<sql::Top>> {
        if !self.accept("TOP") {
            return Ok(None);
        }
        let end = if self.sees_symbol("(") {
            self.after_group(self.at)
        } else {
            self.at + 1
        };
        let end = end + usize::from(self.is_word(end, "PERCENT"));
        self.hand_over(end, Parser::parse_top).map(Some)
    }

    pub(crate) fn target(&mut self, verb: &str) -> Parse<Target> {
        if self.sees_variable() {
            return Ok(Target::TableVariable(self.variable()?));
        }
        if self.sees_one_of(ROWSETS) {
            let function = self.any_word()?;
            return self.unsupported(format!("{verb} {function}"));
        }
        let name = self.name()?;
        if matches!(verb, "UPDATE" | "DELETE") && self.sees_symbol("(") {
            return self.unsupported(format!("{verb} of a table function outside of FROM"));
        }
        Ok(Target::Object(name))
    }

    /// Hints on the changed table: they steer locks and plans only.
    pub(crate) fn target_hints(&mut self) -> Vec<String> {
        if !(self.sees("WITH") && self.is_symbol(self.at + 1, "(")) {
            return Vec::new();
        }
        let open = self.at + 1;
        self.at = self.after_group(open);
        (open..self.at)
            .filter_map(|index| self.word_at(index))
            .map(str::to_ascii_uppercase)
            .collect()
    }

    /// One assignment of SET: `column = x`, `@v = x`, `@v = column = x`, and their compounds.
    pub(crate) fn assignment(&mut self) -> Parse<Assignment> {
        let mut variable = None;
        let start = self.at;
        if self.sees_variable() {
            variable = Some(self.variable()?);
            let column_follows = self.sees_symbol("=") && self.is_column_assignment(self.at + 1);
            if !column_follows {
                let value = self.assigned_value(start)?;
                return Ok(Assignment {
                    variable,
                    column: None,
                    value,
                });
            }
            self.at += 1;
        }
        let start = self.at;
        let column = self.name()?;
        if self.sees_symbol("(") {
            return self.unsupported(".WRITE and other mutator methods");
        }
        let value = self.assigned_value(start)?;
        Ok(Assignment {
            variable,
            column: Some(column),
            value,
        })
    }

    /// Whether `column =` begins here.
    fn is_column_assignment(&self, from: usize) -> bool {
        let mut index = from;
        while self.is_name(index) && self.is_symbol(index + 1, ".") {
            index += 2;
        }
        self.is_name(index)
            && (self.is_symbol(index + 1, "=") || self.compound_operator(index + 1).is_some())
    }

    /// `= x`, or `+= x` with the left side, whose tokens begin at `left`, written out.
    pub(crate) fn assigned_value(&mut self, left: usize) -> Parse<ValueOrDefault> {
        if self.accept_symbol("=") {
            return self.value_or_default();
        }
        let Some(operator) = self.compound_operator(self.at) else {
            return self.wrong();
        };
        let operator_at = self.at;
        self.at = left;
        let left = self.hand_over(operator_at, Parser::parse_expr)?;
        self.at = operator_at + 1;
        let right = self.expression()?;
        Ok(ValueOrDefault::Expr(sql::Expr::BinaryOp {
            left: Box::new(left),
            op: binary_operator(operator),
            right: Box::new(sql::Expr::Nested(Box::new(right))),
        }))
    }

    /// `OUTPUT items [INTO target [(columns)]]`.
    pub(crate) fn output(&mut self) -> Parse<Option<Output>> {
        if !self.accept("OUTPUT") {
            return Ok(None);
        }
        let end = self.output_items_end();
        let items = self.hand_over(end, |parser| {
            parser.parse_comma_separated(Parser::parse_select_item)
        })?;
        let into = if self.accept("INTO") {
            let target = self.target("OUTPUT INTO")?;
            let columns = if self.sees_symbol("(") && !self.opens_query(self.at) {
                self.column_list()?
            } else {
                Vec::new()
            };
            Some((target, columns))
        } else {
            None
        };
        if self.sees("OUTPUT") {
            return self.unsupported("a second OUTPUT clause");
        }
        Ok(Some(Output { items, into }))
    }

    /// The items end where the rest of the statement goes on.
    fn output_items_end(&self) -> usize {
        let end = self.query_end(self.at);
        let mut index = self.at;
        while index < end {
            if self.is_symbol(index, "(") {
                index = self.after_group(index);
                continue;
            }
            if self.is_one_of(
                index,
                &[
                    "INTO", "VALUES", "FROM", "WHERE", "OUTPUT", "DEFAULT", "WITH",
                ],
            ) {
                break;
            }
            index += 1;
        }
        index.min(end)
    }

    /// The FROM clause, when there is one.
    pub(crate) fn sources(&mut self) -> Parse<Vec<sql::TableWithJoins>> {
        if !self.accept("FROM") {
            return Ok(Vec::new());
        }
        let end = self.query_end(self.at);
        self.hand_over(end, |parser| {
            parser.parse_comma_separated(Parser::parse_table_and_joins)
        })
    }

    /// The WHERE clause, when there is one.
    pub(crate) fn filter(&mut self) -> Parse<Option<sql::Expr>> {
        if !self.accept("WHERE") {
            return Ok(None);
        }
        self.expression().map(Some)
    }
}

/// sqlparser's operator for a compound assignment's sign.
pub(crate) fn binary_operator(sign: &str) -> sql::BinaryOperator {
    match sign {
        "+" => sql::BinaryOperator::Plus,
        "-" => sql::BinaryOperator::Minus,
        "*" => sql::BinaryOperator::Multiply,
        "/" => sql::BinaryOperator::Divide,
        "%" => sql::BinaryOperator::Modulo,
        "&" => sql::BinaryOperator::BitwiseAnd,
        "|" => sql::BinaryOperator::BitwiseOr,
        _ => sql::BinaryOperator::BitwiseXor,
    }
}
