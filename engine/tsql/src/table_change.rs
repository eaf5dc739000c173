//! ALTER TABLE, and switching triggers on and off.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::lexer::TokenKind;

impl Cursor<'_> {
    /// ALTER TABLE, behind these words.
    pub(crate) fn alter_table(&mut self) -> Parse<StatementKind> {
        let name = self.name()?;
        if self.sees_one_of(&["ENABLE", "DISABLE"]) && self.is_word(self.at + 1, "TRIGGER") {
            let enable = self.sees("ENABLE");
            self.at += 2;
            let triggers = self.triggers()?;
            return Ok(StatementKind::SwitchTrigger {
                enable,
                triggers,
                on: Some(name),
            });
        }
        let action = self.alter_table_action()?;
        Ok(StatementKind::Alter(Alter::Table(name, action)))
    }

    fn alter_table_action(&mut self) -> Parse<AlterTable> {
        let check = if self.accept_all(&["WITH", "CHECK"]) {
            Some(true)
        } else if self.accept_all(&["WITH", "NOCHECK"]) {
            Some(false)
        } else {
            None
        };
        if self.accept("ADD") {
            return self.alter_table_add(check);
        }
        if self.sees_one_of(&["CHECK", "NOCHECK"]) {
            let enable = self.sees("CHECK");
            self.at += 1;
            self.expect("CONSTRAINT")?;
            let names = if self.accept("ALL") {
                Vec::new()
            } else {
                self.comma_separated(Self::identifier)?
            };
            return Ok(AlterTable::CheckConstraints {
                enable,
                with_check: check == Some(true),
                names,
            });
        }
        if check.is_some() {
            return self.wrong();
        }
        if self.accept("DROP") {
            return self.alter_table_drop();
        }
        if self.accept_all(&["ALTER", "COLUMN"]) {
            return self.alter_column();
        }
        if self.accept("SWITCH") {
            return self.switch_partition();
        }
        if self.accept("REBUILD") {
            self.skip_options();
            return Ok(AlterTable::Maintenance("REBUILD".to_owned()));
        }
        if self.sees("SET") && self.is_symbol(self.at + 1, "(") {
            self.at += 2;
            return self.alter_table_set();
        }
        if self.sees_one_of(&["ENABLE", "DISABLE"]) {
            let verb = self.any_word()?;
            if self.sees_one_of(&["CHANGE_TRACKING", "FILETABLE_NAMESPACE"]) {
                let what = self.any_word()?;
                return self.unsupported(format!("ALTER TABLE … {verb} {what}"));
            }
        }
        self.wrong()
    }

    fn alter_table_add(&mut self, check: Option<bool>) -> Parse<AlterTable> {
        let mut definition = TableDefinition::default();
        loop {
            self.table_element(&mut definition)?;
            if !self.accept_symbol(",") {
                return Ok(AlterTable::Add(definition, check));
            }
        }
    }

    fn alter_table_drop(&mut self) -> Parse<AlterTable> {
        if self.accept_all(&["PERIOD", "FOR", "SYSTEM_TIME"]) {
            return Ok(AlterTable::DropPeriod);
        }
        let columns = self.accept("COLUMN");
        if !columns {
            self.accept("CONSTRAINT");
        }
        let if_exists = self.accept_all(&["IF", "EXISTS"]);
        let mut names = vec![self.identifier()?];
        self.drop_constraint_options();
        while self.accept_symbol(",") {
            if self.sees_one_of(&["COLUMN", "CONSTRAINT"]) {
                let same = self.sees("COLUMN") == columns;
                self.at += 1;
                if !same {
                    return self
                        .unsupported("ALTER TABLE … DROP of columns and constraints at once");
                }
            }
            names.push(self.identifier()?);
            self.drop_constraint_options();
        }
        Ok(if columns {
            AlterTable::DropColumns(names, if_exists)
        } else {
            AlterTable::DropConstraints(names, if_exists)
        })
    }

    fn drop_constraint_options(&mut self) {
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            self.at = self.after_group(self.at + 1);
        }
    }

    fn alter_column(&mut self) -> Parse<AlterTable> {
        let column = self.identifier()?;
        if self.sees_one_of(&["ADD", "DROP"]) {
            let add = self.sees("ADD");
            self.at += 1;
            if self.accept("MASKED") {
                let function = if add { Some(self.mask()?) } else { None };
                return Ok(AlterTable::AlterColumnMask { column, function });
            }
            let option = if self.accept_all(&["NOT", "FOR", "REPLICATION"]) {
                "NOT FOR REPLICATION".to_owned()
            } else if self.sees_one_of(&["ROWGUIDCOL", "PERSISTED", "SPARSE", "HIDDEN"]) {
                self.any_word()?
            } else {
                return self.wrong();
            };
            return Ok(AlterTable::AlterColumnOption {
                column,
                add,
                option,
            });
        }
        let data_type = self.data_type()?;
        let (definition, constraints) =
            self.column_options(ColumnDefinition::new(column, ColumnKind::Data(data_type)))?;
        if !constraints.is_empty() || definition.identity.is_some() {
            self.at -= 1;
            return self.wrong();
        }
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            // ONLINE = ON.
            self.at = self.after_group(self.at + 1);
        }
        Ok(AlterTable::AlterColumn(definition))
    }

    fn switch_partition(&mut self) -> Parse<AlterTable> {
        let mut partitioned = self.partition_number()?;
        self.expect("TO")?;
        let target = self.name()?;
        partitioned |= self.partition_number()?;
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            self.at = self.after_group(self.at + 1);
        }
        Ok(AlterTable::Switch {
            target,
            partitioned,
        })
    }

    fn partition_number(&mut self) -> Parse<bool> {
        if !self.accept("PARTITION") {
            return Ok(false);
        }
        match self.kind_at(self.at) {
            Some(TokenKind::Number | TokenKind::Variable) => {
                self.at += 1;
                Ok(true)
            }
            _ => self.wrong(),
        }
    }

    fn skip_options(&mut self) {
        if self.sees("PARTITION") && self.is_symbol(self.at + 1, "=") {
            self.at += 3;
        }
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            self.at = self.after_group(self.at + 1);
        }
    }

    /// `SET (…)`, behind the parenthesis.
    fn alter_table_set(&mut self) -> Parse<AlterTable> {
        if self.accept("SYSTEM_VERSIONING") {
            self.expect_symbol("=")?;
            let versioning = if self.accept("OFF") {
                None
            } else {
                self.expect("ON")?;
                Some(self.versioning()?)
            };
            self.expect_symbol(")")?;
            return Ok(AlterTable::SetVersioning(versioning));
        }
        let option = self.any_word()?;
        if !matches!(option.as_str(), "LOCK_ESCALATION" | "FILESTREAM_ON") {
            return self.unsupported(format!("ALTER TABLE … SET ({option})"));
        }
        self.expect_symbol("=")?;
        self.at += 1;
        self.expect_symbol(")")?;
        Ok(AlterTable::Maintenance(format!("SET ({option})")))
    }

    // --- triggers --------------------------------------------------------------------------

    /// `ENABLE TRIGGER … ON …` as a statement.
    pub(crate) fn switch_trigger(&mut self) -> Parse<StatementKind> {
        let enable = self.sees("ENABLE");
        self.at += 2;
        let triggers = self.triggers()?;
        self.expect("ON")?;
        if self.accept_all(&["ALL", "SERVER"]) {
            let verb = if enable { "ENABLE" } else { "DISABLE" };
            let construct = format!("{verb} TRIGGER … ON ALL SERVER");
            return Ok(StatementKind::Unsupported { construct });
        }
        let on = if self.accept("DATABASE") {
            None
        } else {
            Some(self.name()?)
        };
        Ok(StatementKind::SwitchTrigger {
            enable,
            triggers,
            on,
        })
    }

    /// Names, or none for ALL.
    fn triggers(&mut self) -> Parse<Vec<Name>> {
        if self.accept("ALL") {
            Ok(Vec::new())
        } else {
            self.comma_separated(Self::name)
        }
    }
}
