//! EXECUTE in its three meanings: procedures, strings, and impersonation.

use sqlparser::parser::Parser;

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::lexer::TokenKind;
use crate::sql;

impl Cursor<'_> {
    pub(crate) fn execute_statement(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        if self.accept("AS") {
            return self.execute_as_statement();
        }
        if self.sees_symbol("(") {
            return self.execute_string();
        }
        self.procedure_call()
    }

    /// A procedure's name as the first word of a batch.
    pub(crate) fn bare_call(&mut self) -> Parse<StatementKind> {
        self.procedure_call()
    }

    fn procedure_call(&mut self) -> Parse<StatementKind> {
        let mut return_variable = None;
        let procedure = if self.sees_variable() {
            let variable = self.variable()?;
            if self.accept_symbol("=") {
                return_variable = Some(variable);
                self.procedure_ref()?
            } else {
                ProcedureRef::Variable(variable)
            }
        } else {
            self.procedure_ref()?
        };
        if self.sees_symbol(";") && matches!(self.kind_at(self.at + 1), Some(TokenKind::Number)) {
            return self.unsupported("numbered procedures");
        }
        let mut arguments = Vec::new();
        if self.sees_argument() {
            arguments = self.comma_separated(Self::argument)?;
        }
        if self.sees("WITH") && self.is_word(self.at + 1, "RECOMPILE") {
            self.at += 2;
        } else if self.sees("WITH") && self.is_word(self.at + 1, "RESULT") {
            return self.unsupported("EXECUTE … WITH RESULT SETS");
        }
        if self.sees("AT") && !self.is_label(self.at) {
            return self.unsupported("EXECUTE … AT");
        }
        Ok(StatementKind::Execute(Execute {
            return_variable,
            procedure,
            arguments,
        }))
    }

    fn procedure_ref(&mut self) -> Parse<ProcedureRef> {
        if self.sees_variable() {
            return Ok(ProcedureRef::Variable(self.variable()?));
        }
        Ok(ProcedureRef::Name(self.name()?))
    }

    fn sees_argument(&self) -> bool {
        self.sees_constant()
            || self.sees("DEFAULT")
            || (self.is_name(self.at) && !self.is_label(self.at) && !self.sees("AT"))
    }

    fn argument(&mut self) -> Parse<Argument> {
        let name = if self.sees_variable() && self.is_symbol(self.at + 1, "=") {
            let name = self.variable()?;
            self.at += 1;
            Some(name)
        } else {
            None
        };
        let value = if self.accept("DEFAULT") {
            ValueOrDefault::Default
        } else if self.is_name(self.at) {
            // A bare word is a string here: EXEC sp_help t1.
            let word = self.identifier()?;
            ValueOrDefault::Expr(sql::Expr::Value(
                sql::Value::NationalStringLiteral(word).with_empty_span(),
            ))
        } else {
            ValueOrDefault::Expr(self.constant()?)
        };
        let output = self.accept("OUTPUT") || self.accept("OUT");
        Ok(Argument {
            name,
            value,
            output,
        })
    }

    fn execute_string(&mut self) -> Parse<StatementKind> {
        let close = self.after_group(self.at);
        self.at += 1;
        let text = self.expression()?;
        if self.sees_symbol(",") {
            return self.unsupported("EXECUTE ('…', parameters)");
        }
        self.expect_symbol(")")?;
        if self.at != close {
            return self.wrong();
        }
        if self.sees("AT") && !self.is_label(self.at) {
            return self.unsupported("EXECUTE … AT");
        }
        let execute_as = if self.sees("AS") && self.is_one_of(self.at + 1, &["USER", "LOGIN"]) {
            self.at += 1;
            Some(self.impersonated()?)
        } else {
            None
        };
        Ok(StatementKind::ExecuteString { text, execute_as })
    }

    /// `USER = '…'` or `LOGIN = '…'`.
    fn impersonated(&mut self) -> Parse<ExecuteAs> {
        let user = self.sees("USER");
        if !user && !self.sees("LOGIN") {
            return self.wrong();
        }
        self.at += 1;
        self.expect_symbol("=")?;
        if self.sees_variable() {
            // The server takes a variable here; the typed form holds a name only.
            return self.unsupported("EXECUTE AS with a variable");
        }
        let name = self.string()?;
        Ok(if user {
            ExecuteAs::User(name)
        } else {
            ExecuteAs::Login(name)
        })
    }

    fn execute_as_statement(&mut self) -> Parse<StatementKind> {
        let target = if self.accept("CALLER") {
            ExecuteAs::Caller
        } else {
            self.impersonated()?
        };
        let mut no_revert = false;
        let mut cookie = None;
        if self.sees("WITH") && !self.begins_cte(self.at) {
            self.at += 1;
            if self.accept_all(&["NO", "REVERT"]) {
                no_revert = true;
            } else {
                self.expect_all(&["COOKIE", "INTO"])?;
                cookie = Some(self.variable()?);
            }
        }
        Ok(StatementKind::ExecuteAsStatement {
            target,
            no_revert,
            cookie,
        })
    }

    /// `EXECUTE AS …` among a module's options, behind EXECUTE AS.
    pub(crate) fn module_execute_as(&mut self) -> Parse<ExecuteAs> {
        if self.accept("CALLER") {
            return Ok(ExecuteAs::Caller);
        }
        if self.accept("SELF") {
            return Ok(ExecuteAs::SelfUser);
        }
        if self.accept("OWNER") {
            return Ok(ExecuteAs::Owner);
        }
        Ok(ExecuteAs::User(self.string()?))
    }

    pub(crate) fn revert(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        let mut cookie = None;
        if self.sees("WITH") && self.is_word(self.at + 1, "COOKIE") {
            self.at += 2;
            self.expect_symbol("=")?;
            cookie = Some(self.variable()?);
        }
        Ok(StatementKind::Revert { cookie })
    }

    /// A parameter's default: a constant, or a bare word that is a string.
    pub(crate) fn parameter_default(&mut self) -> Parse<sql::Expr> {
        if self.is_name(self.at) {
            let word = self.identifier()?;
            return Ok(sql::Expr::Value(
                sql::Value::NationalStringLiteral(word).with_empty_span(),
            ));
        }
        if self.sees_symbol("(") {
            let end = self.after_group(self.at);
            return self.hand_over(end, Parser::parse_expr);
        }
        self.constant()
    }
}
