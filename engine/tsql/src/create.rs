//! CREATE, ALTER and DROP: which object, and the smaller definitions.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;

/// What DROP can drop, by its words.
const DROPPED: &[(&[&str], DropKind)] = &[
    (&["DATABASE"], DropKind::Database),
    (&["SCHEMA"], DropKind::Schema),
    (&["LOGIN"], DropKind::Login),
    (&["USER"], DropKind::User),
    (&["ROLE"], DropKind::Role),
    (&["SERVER", "ROLE"], DropKind::ServerRole),
    (&["APPLICATION", "ROLE"], DropKind::ApplicationRole),
    (&["TABLE"], DropKind::Table),
    (&["VIEW"], DropKind::View),
    (&["PROCEDURE"], DropKind::Procedure),
    (&["PROC"], DropKind::Procedure),
    (&["FUNCTION"], DropKind::Function),
    (&["TRIGGER"], DropKind::Trigger),
    (&["INDEX"], DropKind::Index),
    (&["SYNONYM"], DropKind::Synonym),
    (&["SEQUENCE"], DropKind::Sequence),
    (&["TYPE"], DropKind::Type),
    (&["SECURITY", "POLICY"], DropKind::SecurityPolicy),
];

/// What signs modules.
const DROPPED_KEYS: &[(&[&str], DropKind)] = &[
    (&["CERTIFICATE"], DropKind::Certificate),
    (&["ASYMMETRIC", "KEY"], DropKind::AsymmetricKey),
];

impl Cursor<'_> {
    pub(crate) fn create(&mut self) -> Parse<StatementKind> {
        if let Some(module) = self.module() {
            return module;
        }
        self.at += 1;
        if self.sees_signing_key() {
            return Ok(StatementKind::Create(self.create_signing_key()?));
        }
        if let Some(object) = self.skimmed_object() {
            return self.unsupported(format!("CREATE {object}"));
        }
        let create = if self.accept("TABLE") {
            self.create_table()?
        } else if self.accept("DATABASE") {
            self.create_database()?
        } else if self.accept("SCHEMA") {
            self.create_schema()?
        } else if self.accept("LOGIN") {
            self.create_login()?
        } else if self.accept("USER") {
            self.create_user()?
        } else if self.accept("ROLE") {
            let (name, owner) = self.role_and_owner()?;
            Create::Role { name, owner }
        } else if self.accept_all(&["SERVER", "ROLE"]) {
            let (name, owner) = self.role_and_owner()?;
            Create::ServerRole { name, owner }
        } else if self.accept_all(&["APPLICATION", "ROLE"]) {
            self.create_application_role()?
        } else if self.sees_one_of(&["UNIQUE", "CLUSTERED", "NONCLUSTERED", "INDEX"]) {
            self.create_index()?
        } else if self.accept("SYNONYM") {
            let name = self.name()?;
            self.expect("FOR")?;
            Create::Synonym {
                name,
                target: self.name()?,
            }
        } else if self.accept("SEQUENCE") {
            self.create_sequence()?
        } else if self.accept("TYPE") {
            self.create_type()?
        } else if self.accept_all(&["SECURITY", "POLICY"]) {
            Create::SecurityPolicy(self.security_policy()?)
        } else {
            return self.unknown_object();
        };
        Ok(StatementKind::Create(create))
    }

    pub(crate) fn alter(&mut self) -> Parse<StatementKind> {
        if let Some(module) = self.module() {
            return module;
        }
        self.at += 1;
        if let Some(object) = self.skimmed_object() {
            return self.unsupported(format!("ALTER {object}"));
        }
        let alter = if self.accept("TABLE") {
            return self.alter_table();
        } else if self.accept("INDEX") {
            return self.alter_index();
        } else if self.accept("AUTHORIZATION") {
            return self.alter_authorization();
        } else if self.accept("DATABASE") {
            self.alter_database()?
        } else if self.accept("LOGIN") {
            self.alter_login()?
        } else if self.accept("USER") {
            self.alter_user()?
        } else if self.accept("ROLE") {
            self.alter_role(false)?
        } else if self.accept_all(&["SERVER", "ROLE"]) {
            self.alter_role(true)?
        } else if self.accept_all(&["APPLICATION", "ROLE"]) {
            self.alter_application_role()?
        } else if self.accept("SCHEMA") {
            self.alter_schema()?
        } else if self.accept_all(&["SECURITY", "POLICY"]) {
            Alter::SecurityPolicy(self.security_policy()?)
        } else if self.accept("SEQUENCE") {
            let name = self.name()?;
            Alter::Sequence {
                name,
                options: self.sequence_options()?,
            }
        } else {
            return self.unknown_object();
        };
        Ok(StatementKind::Alter(alter))
    }

    pub(crate) fn drop(&mut self) -> Parse<StatementKind> {
        if self.is_word(self.at + 1, "SIGNATURE") {
            return self.signature();
        }
        self.at += 1;
        let key = DROPPED_KEYS.iter().any(|(words, _)| self.sees_all(words));
        if let Some(object) = self.skimmed_object().filter(|_| !key) {
            return self.unsupported(format!("DROP {object}"));
        }
        let Some(&(words, mut kind)) = DROPPED
            .iter()
            .chain(DROPPED_KEYS)
            .find(|(words, _)| self.sees_all(words))
        else {
            return self.unknown_object();
        };
        self.at += words.len();
        let if_exists = self.accept_all(&["IF", "EXISTS"]);
        let mut on = None;
        let one = |cursor: &mut Self, on: &mut Option<Name>| {
            let name = match kind {
                DropKind::User | DropKind::Role => Name::single(cursor.principal()?),
                _ => cursor.name()?,
            };
            if kind == DropKind::Index && cursor.accept("ON") {
                let table = cursor.name()?;
                if on.as_ref().is_some_and(|other| *other != table) {
                    return cursor.unsupported("DROP INDEX on several tables");
                }
                *on = Some(table);
                if cursor.sees("WITH") && cursor.is_symbol(cursor.at + 1, "(") {
                    cursor.at = cursor.after_group(cursor.at + 1);
                }
            }
            Ok(name)
        };
        let names = if takes_list(kind) {
            self.comma_separated(|cursor| one(cursor, &mut on))?
        } else {
            vec![one(self, &mut on)?]
        };
        if kind == DropKind::Trigger && self.accept("ON") {
            if self.accept_all(&["ALL", "SERVER"]) {
                let construct = "DROP TRIGGER … ON ALL SERVER".to_owned();
                return Ok(StatementKind::Unsupported { construct });
            }
            self.expect("DATABASE")?;
            kind = DropKind::DdlTrigger;
        }
        Ok(StatementKind::Drop {
            kind,
            if_exists,
            names,
            on,
        })
    }

    /// The server's word for an object type that it has never heard of.
    fn unknown_object<T>(&self) -> Parse<T> {
        match self.word_at(self.at) {
            Some(word) if !crate::is_reserved(word) => self.fail(
                343,
                format!("Unknown object type '{word}' used in a CREATE, DROP, or ALTER statement."),
            ),
            _ => self.wrong(),
        }
    }

    // --- databases and schemas -------------------------------------------------------------

    fn create_database(&mut self) -> Parse<Create> {
        let name = self.identifier()?;
        let mut collation = None;
        let mut options = Vec::new();
        if self.accept("CONTAINMENT") {
            self.expect_symbol("=")?;
            options.push(("CONTAINMENT".to_owned(), self.option_value()?));
        }
        self.file_specifications()?;
        if self.accept("COLLATE") {
            collation = Some(self.identifier()?);
        }
        if self.sees("FOR") {
            return self.unsupported("CREATE DATABASE … FOR ATTACH");
        }
        if self.sees_all(&["AS", "SNAPSHOT"]) {
            return self.unsupported("database snapshots");
        }
        if self.sees("WITH") && !self.begins_cte(self.at) {
            self.at += 1;
            options.extend(self.comma_separated(Self::switch_option)?);
        }
        Ok(Create::Database {
            name,
            collation,
            options,
        })
    }

    /// `ON PRIMARY (…), FILEGROUP f (…) LOG ON (…)`: where files lie, which is nowhere here.
    fn file_specifications(&mut self) -> Parse<()> {
        loop {
            let log = self.sees_all(&["LOG", "ON"]);
            if log {
                self.at += 2;
            } else if !self.accept("ON") {
                return Ok(());
            }
            loop {
                self.accept("PRIMARY");
                if self.accept("FILEGROUP") {
                    self.identifier()?;
                    if self.sees("CONTAINS") {
                        return self.unsupported("FILESTREAM and memory-optimized filegroups");
                    }
                    self.accept("DEFAULT");
                }
                if !self.sees_symbol("(") {
                    return self.wrong();
                }
                self.at = self.after_group(self.at);
                if !self.accept_symbol(",") {
                    break;
                }
            }
        }
    }

    /// `NAME ON`, `NAME = value`, `NAME value` or `NAME`.
    fn switch_option(&mut self) -> Parse<(String, OptionValue)> {
        let name = self.any_word()?;
        if self.accept_symbol("=") {
            let value = self.option_value()?;
            if self.sees_symbol("(") {
                return self.unsupported(format!("database option {name} with suboptions"));
            }
            return Ok((name, value));
        }
        if self.sees_symbol("(") {
            return self.unsupported(format!("database option {name} with suboptions"));
        }
        if self.sees_one_of(&[
            "ON",
            "OFF",
            "SIMPLE",
            "FULL",
            "BULK_LOGGED",
            "NONE",
            "CHECKSUM",
            "TORN_PAGE_DETECTION",
            "LOCAL",
            "GLOBAL",
            "AUTO",
            "DISABLED",
            "ALLOWED",
            "FORCED",
        ]) {
            return Ok((name, OptionValue::Word(self.any_word()?)));
        }
        Ok((name, OptionValue::None))
    }

    fn alter_database(&mut self) -> Parse<Alter> {
        let name = if self.accept("CURRENT") {
            None
        } else {
            Some(self.identifier()?)
        };
        if self.accept("SET") {
            let options = self.comma_separated(Self::switch_option)?;
            if self.sees("WITH") && self.is_one_of(self.at + 1, &["ROLLBACK", "NO_WAIT"]) {
                self.at += 1;
                if !self.accept("NO_WAIT") {
                    self.at += 1;
                    if !self.accept("IMMEDIATE") {
                        self.expect("AFTER")?;
                        self.number()?;
                        self.accept("SECONDS");
                    }
                }
            }
            return Ok(Alter::DatabaseSet(name, options));
        }
        if self.sees("COLLATE") {
            return self.unsupported("ALTER DATABASE … COLLATE");
        }
        if self.sees_one_of(&["ADD", "MODIFY", "REMOVE"]) {
            let verb = self.any_word()?;
            let what = self.any_word()?;
            return self.unsupported(format!("ALTER DATABASE … {verb} {what}"));
        }
        self.wrong()
    }

    fn create_schema(&mut self) -> Parse<Create> {
        if self.depth > 1 {
            self.at -= 1;
            return self.wrong();
        }
        if self.at > 2 {
            return self.fail(
                111,
                "'CREATE SCHEMA' must be the first statement in a query batch.",
            );
        }
        let name = if self.sees("AUTHORIZATION") {
            None
        } else {
            Some(self.identifier()?)
        };
        let owner = if self.accept("AUTHORIZATION") {
            Some(self.principal()?)
        } else {
            None
        };
        if name.is_none() && owner.is_none() {
            return self.wrong();
        }
        let mut elements = Vec::new();
        loop {
            if self.sees_all(&["CREATE", "VIEW"]) {
                return self.unsupported("CREATE VIEW inside CREATE SCHEMA");
            }
            let element = self.sees_all(&["CREATE", "TABLE"])
                || self.sees_one_of(&["GRANT", "DENY", "REVOKE"]);
            if !element {
                return Ok(Create::Schema {
                    name,
                    owner,
                    elements,
                });
            }
            elements.push(self.statement()?);
        }
    }

    fn alter_schema(&mut self) -> Parse<Alter> {
        let schema = self.identifier()?;
        self.expect("TRANSFER")?;
        Ok(Alter::SchemaTransfer {
            schema,
            securable: self.securable()?,
        })
    }

    // --- sequences and types ---------------------------------------------------------------

    fn create_sequence(&mut self) -> Parse<Create> {
        let name = self.name()?;
        let data_type = if self.accept("AS") {
            Some(self.data_type()?)
        } else {
            None
        };
        let options = self.sequence_options()?;
        Ok(Create::Sequence {
            name,
            data_type,
            options,
        })
    }

    fn sequence_options(&mut self) -> Parse<Vec<(String, OptionValue)>> {
        let mut options = Vec::new();
        loop {
            let option = if self.accept_all(&["START", "WITH"]) {
                ("START".to_owned(), OptionValue::Number(self.number()?))
            } else if self.accept_all(&["INCREMENT", "BY"]) {
                ("INCREMENT".to_owned(), OptionValue::Number(self.number()?))
            } else if self.accept("RESTART") {
                let value = if self.accept("WITH") {
                    OptionValue::Number(self.number()?)
                } else {
                    OptionValue::None
                };
                ("RESTART".to_owned(), value)
            } else if self.sees_one_of(&["MINVALUE", "MAXVALUE"]) {
                (self.any_word()?, OptionValue::Number(self.number()?))
            } else if self.accept("CYCLE") {
                ("CYCLE".to_owned(), OptionValue::None)
            } else if self.accept("CACHE") {
                let sized = matches!(self.kind_at(self.at), Some(crate::TokenKind::Number));
                let value = if sized {
                    OptionValue::Number(self.number()?)
                } else {
                    OptionValue::None
                };
                ("CACHE".to_owned(), value)
            } else if self.sees("NO")
                && self.is_one_of(self.at + 1, &["MINVALUE", "MAXVALUE", "CYCLE", "CACHE"])
            {
                self.at += 1;
                (format!("NO {}", self.any_word()?), OptionValue::None)
            } else {
                return Ok(options);
            };
            options.push(option);
        }
    }

    fn create_type(&mut self) -> Parse<Create> {
        let name = self.name()?;
        if self.sees_all(&["EXTERNAL", "NAME"]) {
            return self.unsupported("CLR types");
        }
        if self.accept("FROM") {
            let base = self.data_type()?;
            let not_null = self.accept_all(&["NOT", "NULL"]);
            if !not_null {
                self.accept("NULL");
            }
            return Ok(Create::AliasType {
                name,
                base,
                not_null,
            });
        }
        self.expect_all(&["AS", "TABLE"])?;
        let definition = self.table_elements()?;
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            return self.unsupported("memory-optimized table types");
        }
        Ok(Create::TableType { name, definition })
    }
}

/// Whether one DROP may name several.
fn takes_list(kind: DropKind) -> bool {
    matches!(
        kind,
        DropKind::Database
            | DropKind::Table
            | DropKind::View
            | DropKind::Procedure
            | DropKind::Function
            | DropKind::Trigger
            | DropKind::DdlTrigger
            | DropKind::Index
            | DropKind::Sequence
    )
}
