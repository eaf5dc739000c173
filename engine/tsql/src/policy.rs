//! Security policies: row-level security's predicates.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;

impl Cursor<'_> {
    /// CREATE or ALTER SECURITY POLICY, behind these words.
    pub(crate) fn security_policy(&mut self) -> Parse<SecurityPolicy> {
        let name = self.name()?;
        let mut predicates = Vec::new();
        let mut not_for_replication = None;
        if self.accept_all(&["ADD", "NOT", "FOR", "REPLICATION"]) {
            not_for_replication = Some(true);
        } else if self.accept_all(&["DROP", "NOT", "FOR", "REPLICATION"]) {
            not_for_replication = Some(false);
        } else if self.sees_one_of(&["ADD", "ALTER", "DROP"]) {
            predicates = self.comma_separated(Self::policy_predicate)?;
        }
        let mut state = None;
        let mut schema_binding = None;
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            self.at += 2;
            loop {
                if self.accept("STATE") {
                    self.accept_symbol("=");
                    state = Some(self.on_or_off()?);
                } else {
                    self.expect("SCHEMABINDING")?;
                    self.accept_symbol("=");
                    schema_binding = Some(self.on_or_off()?);
                }
                if !self.accept_symbol(",") {
                    break;
                }
            }
            self.expect_symbol(")")?;
        }
        if self.accept_all(&["NOT", "FOR", "REPLICATION"]) {
            not_for_replication = Some(true);
        }
        if predicates.is_empty()
            && state.is_none()
            && schema_binding.is_none()
            && not_for_replication.is_none()
        {
            return self.wrong();
        }
        Ok(SecurityPolicy {
            name,
            predicates,
            state,
            schema_binding,
            not_for_replication,
        })
    }

    fn policy_predicate(&mut self) -> Parse<PolicyPredicate> {
        if !self.sees_one_of(&["ADD", "ALTER", "DROP"]) {
            return self.wrong();
        }
        let verb = self.any_word()?;
        let block = self.accept("BLOCK");
        if !block {
            // The server takes a predicate without a kind for a filter.
            self.accept("FILTER");
        }
        self.expect("PREDICATE")?;
        let function = if verb == "DROP" {
            None
        } else {
            let name = self.name()?;
            let arguments = if self.sees_symbol("(") && self.is_symbol(self.at + 1, ")") {
                self.at += 2;
                Vec::new()
            } else {
                self.parenthesized(Self::expression)?
            };
            Some((name, arguments))
        };
        self.expect("ON")?;
        let table = self.name()?;
        let operation = self.policy_operation()?;
        Ok(PolicyPredicate {
            verb,
            block,
            function,
            table,
            operation,
        })
    }

    fn policy_operation(&mut self) -> Parse<Option<String>> {
        if !self.sees_one_of(&["AFTER", "BEFORE"]) {
            return Ok(None);
        }
        let when = self.any_word()?;
        let verbs: &[&str] = if when == "AFTER" {
            &["INSERT", "UPDATE"]
        } else {
            &["UPDATE", "DELETE"]
        };
        if !self.sees_one_of(verbs) {
            return self.wrong();
        }
        Ok(Some(format!("{when} {}", self.any_word()?)))
    }
}
