//! GRANT, DENY, REVOKE, and how securables are named.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;

/// Class names as written before `::`, with their type.
const CLASSES: &[(&[&str], SecurableClass)] = &[
    (&["OBJECT"], SecurableClass::Object),
    (&["SCHEMA"], SecurableClass::Schema),
    (&["DATABASE"], SecurableClass::Database),
    (&["USER"], SecurableClass::User),
    (&["ROLE"], SecurableClass::Role),
    (&["APPLICATION", "ROLE"], SecurableClass::ApplicationRole),
    (&["LOGIN"], SecurableClass::Login),
    (&["SERVER"], SecurableClass::Server),
    (&["SERVER", "ROLE"], SecurableClass::ServerRole),
    (&["TYPE"], SecurableClass::Type),
    (&["ASSEMBLY"], SecurableClass::Other),
    (&["ASYMMETRIC", "KEY"], SecurableClass::Other),
    (&["AVAILABILITY", "GROUP"], SecurableClass::Other),
    (&["CERTIFICATE"], SecurableClass::Other),
    (&["CONTRACT"], SecurableClass::Other),
    (&["DATABASE", "SCOPED", "CREDENTIAL"], SecurableClass::Other),
    (&["ENDPOINT"], SecurableClass::Other),
    (&["EXTERNAL", "LANGUAGE"], SecurableClass::Other),
    (&["EXTERNAL", "LIBRARY"], SecurableClass::Other),
    (&["FULLTEXT", "CATALOG"], SecurableClass::Other),
    (&["FULLTEXT", "STOPLIST"], SecurableClass::Other),
    (&["MESSAGE", "TYPE"], SecurableClass::Other),
    (&["REMOTE", "SERVICE", "BINDING"], SecurableClass::Other),
    (&["ROUTE"], SecurableClass::Other),
    (&["SEARCH", "PROPERTY", "LIST"], SecurableClass::Other),
    (&["SERVICE"], SecurableClass::Other),
    (&["SYMMETRIC", "KEY"], SecurableClass::Other),
    (&["XML", "SCHEMA", "COLLECTION"], SecurableClass::Other),
];

impl Cursor<'_> {
    pub(crate) fn permission(&mut self, verb: PermissionVerb) -> Parse<StatementKind> {
        self.at += 1;
        let grant_option_only =
            verb == PermissionVerb::Revoke && self.accept_all(&["GRANT", "OPTION", "FOR"]);
        let permissions = self.comma_separated(Self::permission_name)?;
        let securable = if self.accept("ON") {
            Some(self.securable()?)
        } else {
            None
        };
        let to = match verb {
            PermissionVerb::Revoke => self.accept("TO") || self.accept("FROM"),
            _ => self.accept("TO"),
        };
        if !to {
            return self.wrong();
        }
        let principals = self.comma_separated(Self::principal)?;
        let with_grant_option = verb == PermissionVerb::Grant
            && self.sees_all(&["WITH", "GRANT", "OPTION"])
            && self.accept_all(&["WITH", "GRANT", "OPTION"]);
        let cascade = verb != PermissionVerb::Grant && self.accept("CASCADE");
        let grantor = if self.accept("AS") {
            Some(self.principal()?)
        } else {
            None
        };
        Ok(StatementKind::Permission(PermissionStatement {
            verb,
            permissions,
            securable,
            principals,
            with_grant_option,
            grant_option_only,
            cascade,
            grantor,
        }))
    }

    /// A permission's words with the columns that may follow them.
    fn permission_name(&mut self) -> Parse<(String, Vec<String>)> {
        let mut words = vec![self.any_word()?];
        while self.word_at(self.at).is_some() && !self.sees_one_of(&["ON", "TO", "FROM"]) {
            words.push(self.any_word()?);
        }
        if words.len() == 2 && words[0] == "ALL" && words[1] == "PRIVILEGES" {
            words.pop();
        }
        let mut name = words.join(" ");
        // EXEC and PROC are short for what the catalog calls EXECUTE and PROCEDURE.
        if name == "EXEC" {
            name = "EXECUTE".to_owned();
        } else if name == "CREATE PROC" {
            name = "CREATE PROCEDURE".to_owned();
        }
        let columns = if self.sees_symbol("(") {
            self.column_list()?
        } else {
            Vec::new()
        };
        Ok((name, columns))
    }

    /// `[class ::] name [(columns)]`.
    pub(crate) fn securable(&mut self) -> Parse<SecurableName> {
        let class = self.securable_class()?.unwrap_or(SecurableClass::Object);
        let name = if class == SecurableClass::Server {
            // ON SERVER :: name is accepted with the server's own name only; kept as written.
            self.name()?
        } else if self.sees("PUBLIC") {
            Name::single(self.principal()?)
        } else {
            self.name()?
        };
        let columns = if self.sees_symbol("(") {
            self.column_list()?
        } else {
            Vec::new()
        };
        Ok(SecurableName {
            class,
            name,
            columns,
        })
    }

    /// The class before `::`; `None` when no `::` follows.
    pub(crate) fn securable_class(&mut self) -> Parse<Option<SecurableClass>> {
        let Some(length) = (1..=3).find(|&length| self.is_symbol(self.at + length, "::")) else {
            return Ok(None);
        };
        let class = CLASSES
            .iter()
            .find(|(words, _)| words.len() == length && self.sees_all(words))
            .map(|&(_, class)| class);
        match class {
            Some(class) => {
                self.at += length + 1;
                Ok(Some(class))
            }
            None => self.wrong(),
        }
    }

    /// ALTER AUTHORIZATION, behind these words.
    pub(crate) fn alter_authorization(&mut self) -> Parse<StatementKind> {
        self.expect("ON")?;
        let securable = self.securable()?;
        self.expect("TO")?;
        let owner = if self.accept_all(&["SCHEMA", "OWNER"]) {
            None
        } else {
            Some(self.principal()?)
        };
        Ok(StatementKind::AlterAuthorization { securable, owner })
    }
}
