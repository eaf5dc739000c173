//! DECLARE and SET.

use sqlparser::parser::Parser;

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::lexer::TokenKind;
use crate::sql;

/// Options that are ON or OFF.
const SWITCHES: &[&str] = &[
    "ANSI_DEFAULTS",
    "ANSI_NULLS",
    "ANSI_NULL_DFLT_OFF",
    "ANSI_NULL_DFLT_ON",
    "ANSI_PADDING",
    "ANSI_WARNINGS",
    "ARITHABORT",
    "ARITHIGNORE",
    "CONCAT_NULL_YIELDS_NULL",
    "CURSOR_CLOSE_ON_COMMIT",
    "DISABLE_DEF_CNST_CHK",
    "FMTONLY",
    "FORCEPLAN",
    "IMPLICIT_TRANSACTIONS",
    "NOCOUNT",
    "NOEXEC",
    "NUMERIC_ROUNDABORT",
    "PARSEONLY",
    "QUOTED_IDENTIFIER",
    "REMOTE_PROC_TRANSACTIONS",
    "SHOWPLAN_ALL",
    "SHOWPLAN_TEXT",
    "SHOWPLAN_XML",
    "XACT_ABORT",
];

/// Options that take a value.
const VALUES: &[&str] = &[
    "CONTEXT_INFO",
    "DATEFIRST",
    "DATEFORMAT",
    "DEADLOCK_PRIORITY",
    "FIPS_FLAGGER",
    "LANGUAGE",
    "LOCK_TIMEOUT",
    "QUERY_GOVERNOR_COST_LIMIT",
    "ROWCOUNT",
    "TEXTSIZE",
];

impl Cursor<'_> {
    pub(crate) fn declare(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        if !self.sees_variable() {
            return self.declare_cursor();
        }
        Ok(StatementKind::Declare(
            self.comma_separated(Self::declaration)?,
        ))
    }

    fn declaration(&mut self) -> Parse<Declaration> {
        let name = self.variable()?;
        self.accept("AS");
        if self.accept("TABLE") {
            return Ok(Declaration::Table {
                name,
                definition: self.table_elements()?,
            });
        }
        if self.sees("CURSOR") {
            return self.unsupported("cursor variables");
        }
        let data_type = self.data_type()?;
        let value = if self.accept_symbol("=") {
            Some(self.expression()?)
        } else {
            None
        };
        Ok(Declaration::Scalar {
            name,
            data_type,
            value,
        })
    }

    /// Reads a cursor's declaration to its end and refuses it.
    fn declare_cursor(&mut self) -> Parse<StatementKind> {
        self.identifier()?;
        while !self.sees("FOR") {
            if !self.sees_one_of(&[
                "INSENSITIVE",
                "SCROLL",
                "CURSOR",
                "LOCAL",
                "GLOBAL",
                "FORWARD_ONLY",
                "STATIC",
                "KEYSET",
                "DYNAMIC",
                "FAST_FORWARD",
                "READ_ONLY",
                "SCROLL_LOCKS",
                "OPTIMISTIC",
                "TYPE_WARNING",
            ]) {
                return self.wrong();
            }
            self.at += 1;
        }
        self.at += 1;
        let mut end = self.query_end(self.at);
        // The query's own FOR belongs to the cursor: FOR READ ONLY, FOR UPDATE OF a, b.
        let updates = self.is_word(end, "UPDATE") && self.is_word(end.saturating_sub(1), "FOR");
        let reads = (self.at..end)
            .find(|&index| self.is_word(index, "FOR") && self.is_word(index + 1, "READ"));
        if let Some(index) = reads {
            end = index;
        } else if updates {
            end -= 1;
        }
        self.query_until(end)?;
        if self.accept("FOR") && !self.accept_all(&["READ", "ONLY"]) {
            self.expect("UPDATE")?;
            if self.accept("OF") {
                self.comma_separated(Self::identifier)?;
            }
        }
        Ok(StatementKind::Unsupported {
            construct: "DECLARE CURSOR".to_owned(),
        })
    }

    pub(crate) fn set(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        if self.sees_variable() {
            return self.set_variable();
        }
        if self.accept_all(&["TRANSACTION", "ISOLATION", "LEVEL"]) {
            return self.isolation_level();
        }
        if self.accept("IDENTITY_INSERT") {
            let table = self.name()?;
            let on = self.on_or_off()?;
            return Ok(StatementKind::SetOption(SetOption::IdentityInsert(
                table, on,
            )));
        }
        if self.accept("STATISTICS") {
            let names = self.comma_separated(|cursor| {
                if cursor.sees_one_of(&["IO", "TIME", "XML", "PROFILE"]) {
                    Ok(format!("STATISTICS {}", cursor.any_word()?))
                } else {
                    cursor.wrong()
                }
            })?;
            let on = self.on_or_off()?;
            return Ok(StatementKind::SetOption(SetOption::Switches(names, on)));
        }
        if self.sees("OFFSETS") {
            return self.unsupported("SET OFFSETS");
        }
        if self.sees_one_of(VALUES) {
            let name = self.any_word()?;
            let value = self.option_expression()?;
            return Ok(StatementKind::SetOption(SetOption::Value(name, value)));
        }
        let names = self.comma_separated(|cursor| {
            if cursor.sees_one_of(SWITCHES) {
                return cursor.any_word();
            }
            match cursor.word_at(cursor.at) {
                Some(word) => cursor.fail(195, format!("'{word}' is not a recognized SET option.")),
                None => cursor.wrong(),
            }
        })?;
        let on = self.on_or_off()?;
        Ok(StatementKind::SetOption(SetOption::Switches(names, on)))
    }

    fn set_variable(&mut self) -> Parse<StatementKind> {
        let start = self.at;
        let variable = self.variable()?;
        if self.sees_symbol(".") {
            return self.unsupported("methods of a variable in SET");
        }
        if self.sees_symbol("=") && self.is_word(self.at + 1, "CURSOR") {
            return self.unsupported("cursor variables");
        }
        match self.assigned_value(start)? {
            ValueOrDefault::Expr(value) => Ok(StatementKind::SetVariable { variable, value }),
            ValueOrDefault::Default => {
                self.at -= 1;
                self.wrong()
            }
        }
    }

    fn isolation_level(&mut self) -> Parse<StatementKind> {
        for level in [
            "READ UNCOMMITTED",
            "READ COMMITTED",
            "REPEATABLE READ",
            "SNAPSHOT",
            "SERIALIZABLE",
        ] {
            let words: Vec<&str> = level.split(' ').collect();
            if self.accept_all(&words) {
                return Ok(StatementKind::SetOption(SetOption::IsolationLevel(
                    level.to_owned(),
                )));
            }
        }
        self.wrong()
    }

    pub(crate) fn on_or_off(&mut self) -> Parse<bool> {
        if self.accept("ON") {
            return Ok(true);
        }
        self.expect("OFF")?;
        Ok(false)
    }

    /// A word, which stands for itself, or a constant.
    fn option_expression(&mut self) -> Parse<sql::Expr> {
        if self.sees_one_of(&["ON", "OFF"]) {
            let word = self.any_word()?;
            return Ok(sql::Expr::Identifier(sql::Ident::new(word)));
        }
        if self.is_name(self.at) && !self.sees_symbol("(") {
            return Ok(sql::Expr::Identifier(sql::Ident::new(self.identifier()?)));
        }
        self.constant()
    }

    // --- constants -------------------------------------------------------------------------

    /// Whether a literal or a variable begins here.
    pub(crate) fn sees_constant(&self) -> bool {
        let index = self.at + usize::from(self.sees_symbol("-") || self.sees_symbol("+"));
        match self.kind_at(index) {
            Some(TokenKind::Word) => index == self.at && self.is_word(index, "NULL"),
            Some(TokenKind::Quoted(..) | TokenKind::Symbol(_)) | None => false,
            Some(_) => true,
        }
    }

    /// A literal with its sign, a variable, or NULL: where T-SQL takes no expression.
    pub(crate) fn constant(&mut self) -> Parse<sql::Expr> {
        if !self.sees_constant() {
            return self.wrong();
        }
        let signed = self.sees_symbol("-") || self.sees_symbol("+");
        let end = self.at + 1 + usize::from(signed);
        self.hand_over(end, Parser::parse_expr)
    }
}
