//! Which statement begins here: the dispatch by first words, and control flow.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::{Failure, Parse};
use crate::lexer::TokenKind;
use crate::reserved::{begins_statement, is_reserved};

/// How deep statements may nest.
const DEPTH_MAX: u32 = 40;

impl Cursor<'_> {
    /// All statements up to the end of the batch, or up to the END of the enclosing block.
    pub(crate) fn statements(&mut self) -> Parse<Vec<Statement>> {
        let mut found = Vec::new();
        // A common table expression must follow a semicolon, or nothing.
        let mut terminated = true;
        loop {
            while self.accept_symbol(";") {
                terminated = true;
            }
            if self.is_at_end() || self.sees_block_end() {
                return Ok(found);
            }
            if self.sees("WITH") && !terminated {
                return self.wrong();
            }
            found.push(self.statement()?);
            terminated = false;
        }
    }

    /// END of a block, which END CONVERSATION is not.
    fn sees_block_end(&self) -> bool {
        self.sees("END") && !self.is_word(self.at + 1, "CONVERSATION")
    }

    /// One statement.
    pub(crate) fn statement(&mut self) -> Parse<Statement> {
        if self.depth >= DEPTH_MAX {
            return Err(Failure::Syntax(self.too_deep()));
        }
        let start = self.at;
        self.depth += 1;
        let kind = self.statement_kind();
        self.depth -= 1;
        let kind = match kind {
            Err(Failure::Unsupported(construct)) => {
                self.at = self.skimmed_end(start);
                StatementKind::Unsupported { construct }
            }
            kind => kind?,
        };
        let (Some(first), Some(last)) = (
            self.tokens.get(start),
            self.tokens.get(self.at.saturating_sub(1)),
        ) else {
            return self.wrong();
        };
        Ok(Statement {
            kind,
            line: first.line,
            span: first.span.start..last.span.end,
        })
    }

    /// Where a statement ends that was given up half way: exactly where it would have ended.
    fn skimmed_end(&self, start: usize) -> usize {
        let main = if self.is_word(start, "WITH") {
            self.main_verb(start)
        } else {
            start
        };
        let end = if self.is_word(main, "SELECT") || self.is_symbol(main, "(") {
            self.query_end(start)
        } else if self.is_word(main, "INSERT") {
            let limit = self.statement_end_unless(main, &["SELECT", "EXEC", "EXECUTE", "WITH"]);
            match (main + 1..limit).find(|&index| self.is_word(index, "SELECT")) {
                Some(select) => self.query_end(select),
                None => limit,
            }
        } else if self.is_one_of(main, &["UPDATE", "ALTER"]) {
            self.statement_end_unless(main, &["SET"])
        } else if self.is_word(main, "MERGE") {
            (main..self.tokens.len())
                .find(|&index| self.is_symbol(index, ";"))
                .unwrap_or(self.tokens.len())
        } else {
            self.statement_end(main)
        };
        if self.is_word(end, "OPTION") && self.is_symbol(end + 1, "(") {
            self.after_group(end + 1)
        } else {
            end
        }
    }

    /// The end of a statement in which the first of `words` does not begin another one.
    fn statement_end_unless(&self, start: usize, words: &[&str]) -> usize {
        let end = self.statement_end(start);
        if self.is_one_of(end, words) {
            self.statement_end(end)
        } else {
            end
        }
    }

    /// The statements that contain others come first and alone: every level of nesting costs
    /// this function's stack, and it must not pay for the temporaries of all the other arms.
    fn statement_kind(&mut self) -> Parse<StatementKind> {
        if self.sees("IF") {
            self.if_else()
        } else if self.sees("WHILE") {
            self.while_loop()
        } else if self.sees("BEGIN") {
            self.begin()
        } else {
            self.simple_statement()
        }
    }

    fn simple_statement(&mut self) -> Parse<StatementKind> {
        let Some(word) = self.word_at(self.at) else {
            return match self.kind_at(self.at) {
                Some(TokenKind::Symbol("(")) => self.select_statement(),
                Some(TokenKind::Quoted(..)) if self.is_label(self.at) => self.label(),
                Some(TokenKind::Quoted(..)) if self.is_first_of_batch() => self.bare_call(),
                _ => self.wrong(),
            };
        };
        if !is_reserved(word) && self.is_label(self.at) {
            return self.label();
        }
        match word.to_ascii_uppercase().as_str() {
            "SELECT" => self.select_statement(),
            "WITH" => self.with_statement(),
            "INSERT" => self.insert(None),
            "UPDATE" => self.update(None),
            "DELETE" => self.delete(None),
            "MERGE" => self.merge(None),
            "TRUNCATE" => self.truncate(),
            "DECLARE" => self.declare(),
            "SET" => self.set(),
            "BREAK" => self.bare(StatementKind::Break),
            "CONTINUE" => self.bare(StatementKind::Continue),
            "RETURN" => self.return_(),
            "THROW" => self.throw(),
            "RAISERROR" => self.raise_error(),
            "PRINT" => {
                self.at += 1;
                Ok(StatementKind::Print(self.expression()?))
            }
            "GOTO" => {
                self.at += 1;
                Ok(StatementKind::Goto(self.identifier()?))
            }
            "WAITFOR" => self.wait_for(),
            "EXEC" | "EXECUTE" => self.execute_statement(),
            "COMMIT" => self.commit(),
            "ROLLBACK" => self.rollback(),
            "SAVE" => self.save(),
            "USE" => {
                self.at += 1;
                Ok(StatementKind::Use(self.identifier()?))
            }
            "REVERT" => self.revert(),
            "GRANT" => self.permission(PermissionVerb::Grant),
            "DENY" => self.permission(PermissionVerb::Deny),
            "REVOKE" => self.permission(PermissionVerb::Revoke),
            "CREATE" => self.create(),
            "ALTER" => self.alter(),
            "DROP" => self.drop(),
            "BACKUP" if self.is_one_of(self.at + 1, &["DATABASE", "LOG"]) => self.backup(),
            "RESTORE" if self.sees_restore() => self.restore(),
            "ADD" if self.is_word(self.at + 1, "SIGNATURE") => self.signature(),
            "ENABLE" | "DISABLE" if self.is_word(self.at + 1, "TRIGGER") => self.switch_trigger(),
            _ => self.skimmed_statement(),
        }
    }

    fn bare(&mut self, kind: StatementKind) -> Parse<StatementKind> {
        self.at += 1;
        Ok(kind)
    }

    fn is_first_of_batch(&self) -> bool {
        self.at == 0 && self.depth <= 1
    }

    /// Statements that are known by their first words only, then bare procedure calls.
    fn skimmed_statement(&mut self) -> Parse<StatementKind> {
        if let Some(construct) = self.skimmed_construct() {
            return self.unsupported(construct);
        }
        match self.word_at(self.at) {
            Some(word) if !is_reserved(word) && self.is_first_of_batch() => self.bare_call(),
            _ => self.wrong(),
        }
    }

    /// `name:`.
    fn label(&mut self) -> Parse<StatementKind> {
        let name = self.identifier()?;
        self.expect_symbol(":")?;
        Ok(StatementKind::Label(name))
    }

    // --- control flow ----------------------------------------------------------------------

    /// A condition; when it is of an unsupported form, that form's name, with the cursor behind
    /// it, so that the statements it guards are never taken for unguarded ones.
    fn condition(&mut self) -> Parse<Result<crate::sql::Expr, String>> {
        let start = self.at;
        match self.expression() {
            Err(Failure::Unsupported(construct)) => {
                self.at = self.expression_end(start);
                Ok(Err(construct))
            }
            condition => condition.map(Ok),
        }
    }

    fn if_else(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        let condition = self.condition()?;
        let then = Box::new(self.statement()?);
        let after_then = self.at;
        while self.accept_symbol(";") {}
        let otherwise = if self.accept("ELSE") {
            Some(Box::new(self.statement()?))
        } else {
            self.at = after_then;
            None
        };
        Ok(match condition {
            Ok(condition) => StatementKind::If {
                condition,
                then,
                otherwise,
            },
            Err(construct) => StatementKind::Unsupported { construct },
        })
    }

    fn while_loop(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        let condition = self.condition()?;
        let body = Box::new(self.statement()?);
        Ok(match condition {
            Ok(condition) => StatementKind::While { condition, body },
            Err(construct) => StatementKind::Unsupported { construct },
        })
    }

    fn begin(&mut self) -> Parse<StatementKind> {
        if self.is_word(self.at + 1, "TRY") {
            return self.try_catch();
        }
        if let Some(other) = self.begin_something_else() {
            return other;
        }
        self.at += 1;
        let body = self.block_body()?;
        self.expect("END")?;
        Ok(StatementKind::Block(body))
    }

    /// What BEGIN begins when it is no block.
    fn begin_something_else(&mut self) -> Option<Parse<StatementKind>> {
        let next = self.at + 1;
        if self.is_one_of(next, &["TRAN", "TRANSACTION"]) {
            return Some(self.begin_transaction());
        }
        let construct = match self.word_at(next)?.to_ascii_uppercase().as_str() {
            "DISTRIBUTED" => "BEGIN DISTRIBUTED TRANSACTION",
            "DIALOG" => "BEGIN DIALOG",
            "CONVERSATION" => "BEGIN CONVERSATION TIMER",
            "ATOMIC" if self.is_word(next + 1, "WITH") => "BEGIN ATOMIC",
            _ => return None,
        };
        Some(self.unsupported(construct))
    }

    /// The statements of a block, at least one.
    pub(crate) fn block_body(&mut self) -> Parse<Vec<Statement>> {
        let body = self.statements()?;
        if body.is_empty() {
            self.wrong()
        } else {
            Ok(body)
        }
    }

    fn try_catch(&mut self) -> Parse<StatementKind> {
        self.at += 2;
        let body = self.block_body()?;
        self.expect_all(&["END", "TRY"])?;
        // A semicolon is not allowed between the two halves, and is often written there.
        self.expect_all(&["BEGIN", "CATCH"])?;
        let handler = self.statements()?;
        self.expect_all(&["END", "CATCH"])?;
        Ok(StatementKind::TryCatch { body, handler })
    }

    fn return_(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        let value = if self.sees_operand() {
            Some(self.expression()?)
        } else {
            None
        };
        Ok(StatementKind::Return(value))
    }

    /// Whether an operand begins here rather than another statement.
    fn sees_operand(&self) -> bool {
        match self.kind_at(self.at) {
            None => false,
            Some(TokenKind::Symbol(symbol)) => matches!(*symbol, "(" | "-" | "+" | "~" | "{"),
            Some(TokenKind::Word) => {
                let word = self.source_of(self.at);
                !begins_statement(word)
                    && !self.is_label(self.at)
                    && !self.sees_one_of(&[
                        "SELECT", "UPDATE", "MERGE", "FETCH", "END", "ELSE", "WITH", "ADD",
                        "THROW", "ENABLE", "DISABLE",
                    ])
            }
            Some(TokenKind::Quoted(..)) => !self.is_label(self.at),
            Some(_) => true,
        }
    }

    fn throw(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        if !self.sees_constant() {
            return Ok(StatementKind::Throw(None));
        }
        let number = self.constant()?;
        self.expect_symbol(",")?;
        let message = self.constant()?;
        self.expect_symbol(",")?;
        let state = self.constant()?;
        Ok(StatementKind::Throw(Some(Box::new([
            number, message, state,
        ]))))
    }

    fn raise_error(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        let arguments = self.parenthesized(Self::expression)?;
        if arguments.len() < 3 {
            self.at -= 1;
            return self.wrong();
        }
        let mut options = Vec::new();
        if self.sees("WITH") && !self.begins_cte(self.at) {
            self.at += 1;
            options = self.comma_separated(Self::any_word)?;
            for option in &options {
                if !matches!(option.as_str(), "LOG" | "NOWAIT" | "SETERROR") {
                    self.at -= 1;
                    return self.wrong();
                }
            }
        }
        Ok(StatementKind::RaiseError { arguments, options })
    }

    fn wait_for(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        if self.accept("DELAY") {
            return Ok(StatementKind::WaitForDelay(self.constant()?));
        }
        if self.sees("TIME") {
            return self.unsupported("WAITFOR TIME");
        }
        if self.sees_symbol("(") {
            return self.unsupported("WAITFOR (…)");
        }
        self.wrong()
    }

    // --- transactions ----------------------------------------------------------------------

    fn begin_transaction(&mut self) -> Parse<StatementKind> {
        self.at += 2;
        let name = self.transaction_name()?;
        if self.accept_all(&["WITH", "MARK"])
            && matches!(
                self.kind_at(self.at),
                Some(TokenKind::Text(_) | TokenKind::NationalText(_))
            )
        {
            self.at += 1;
        }
        Ok(StatementKind::BeginTransaction { name })
    }

    fn commit(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        let name = self.end_of_transaction()?;
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            // DELAYED_DURABILITY: nothing here is durable.
            self.at = self.after_group(self.at + 1);
        }
        Ok(StatementKind::Commit { name })
    }

    fn rollback(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        Ok(StatementKind::Rollback {
            name: self.end_of_transaction()?,
        })
    }

    /// `WORK`, or `TRANSACTION [name]`; a name is allowed after the word only, so that
    /// `ROLLBACK THROW` is two statements.
    fn end_of_transaction(&mut self) -> Parse<Option<String>> {
        if self.accept("WORK") || !(self.accept("TRAN") || self.accept("TRANSACTION")) {
            return Ok(None);
        }
        self.transaction_name()
    }

    fn save(&mut self) -> Parse<StatementKind> {
        self.at += 1;
        if !(self.accept("TRAN") || self.accept("TRANSACTION")) {
            return self.wrong();
        }
        match self.transaction_name()? {
            Some(name) => Ok(StatementKind::Save { name }),
            None => self.wrong(),
        }
    }

    fn transaction_name(&mut self) -> Parse<Option<String>> {
        if self.sees_variable() {
            return self.variable().map(Some);
        }
        if self.is_name(self.at) && !self.is_label(self.at) {
            return self.identifier().map(Some);
        }
        Ok(None)
    }
}
