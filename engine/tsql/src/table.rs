//! Tables as they are defined: columns, constraints, inline indexes, system versioning.

use sqlparser::parser::Parser;

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::sql;

impl Cursor<'_> {
    /// CREATE TABLE, behind these words.
    pub(crate) fn create_table(&mut self) -> Parse<Create> {
        let name = self.name()?;
        if self.sees("AS") {
            return self.unsupported(if self.is_word(self.at + 1, "FILETABLE") {
                "CREATE TABLE … AS FILETABLE"
            } else {
                "graph tables"
            });
        }
        let mut definition = self.table_elements()?;
        if self.sees("AS") && self.is_one_of(self.at + 1, &["NODE", "EDGE"]) {
            return self.unsupported("graph tables");
        }
        self.storage_clauses()?;
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            self.at += 2;
            loop {
                self.table_option(&mut definition)?;
                if !self.accept_symbol(",") {
                    break;
                }
            }
            self.expect_symbol(")")?;
        }
        Ok(Create::Table { name, definition })
    }

    /// `ON filegroup`, `TEXTIMAGE_ON filegroup`: where pages live, which is nowhere here.
    pub(crate) fn storage_clauses(&mut self) -> Parse<()> {
        while self.sees_one_of(&["ON", "TEXTIMAGE_ON", "FILESTREAM_ON"]) {
            self.at += 1;
            if !self.accept("DEFAULT") {
                self.identifier()?;
            }
            if self.sees_symbol("(") {
                return self.unsupported("partition schemes");
            }
        }
        Ok(())
    }

    fn table_option(&mut self, definition: &mut TableDefinition) -> Parse<()> {
        if self.accept("SYSTEM_VERSIONING") {
            self.expect_symbol("=")?;
            if self.accept("OFF") {
                definition.versioning = None;
            } else {
                self.expect("ON")?;
                if definition.versioning.is_some() {
                    return self.unsupported("a second SYSTEM_VERSIONING clause");
                }
                definition.versioning = Some(self.versioning()?);
            }
            return Ok(());
        }
        if self.sees("LEDGER") {
            return self.unsupported("ledger tables");
        }
        let option = self.named_option()?;
        if self.sees_symbol("(") || self.sees("ON") {
            // DATA_COMPRESSION = PAGE ON PARTITIONS (…), REMOTE_DATA_ARCHIVE = ON (…).
            return self.unsupported(format!("table option {}", option.0));
        }
        definition.options.push(option);
        Ok(())
    }

    /// What follows `SYSTEM_VERSIONING = ON`.
    pub(crate) fn versioning(&mut self) -> Parse<Versioning> {
        let mut versioning = Versioning::default();
        if !self.accept_symbol("(") {
            return Ok(versioning);
        }
        loop {
            if self.accept("HISTORY_TABLE") {
                self.expect_symbol("=")?;
                versioning.history_table = Some(self.name()?);
            } else if self.accept("DATA_CONSISTENCY_CHECK") {
                self.expect_symbol("=")?;
                versioning.consistency_check_off = !self.on_or_off()?;
            } else if self.accept("HISTORY_RETENTION_PERIOD") {
                self.expect_symbol("=")?;
                let from = self.at;
                while !self.sees_symbol(",") && !self.sees_symbol(")") && !self.is_at_end() {
                    self.at += 1;
                }
                versioning.retention = Some(self.source_between(from, self.at).to_owned());
            } else {
                return self.wrong();
            }
            if !self.accept_symbol(",") {
                break;
            }
        }
        self.expect_symbol(")")?;
        Ok(versioning)
    }

    /// The parenthesis of CREATE TABLE, a table variable or a table type.
    pub(crate) fn table_elements(&mut self) -> Parse<TableDefinition> {
        self.expect_symbol("(")?;
        let mut definition = TableDefinition::default();
        loop {
            self.table_element(&mut definition)?;
            if !self.accept_symbol(",") {
                break;
            }
            // The server allows a comma at the end of the list.
            if self.sees_symbol(")") {
                break;
            }
        }
        self.expect_symbol(")")?;
        Ok(definition)
    }

    /// One column, constraint, index or period.
    pub(crate) fn table_element(&mut self, definition: &mut TableDefinition) -> Parse<()> {
        if self.accept("PERIOD") {
            self.expect_all(&["FOR", "SYSTEM_TIME"])?;
            if definition.period.is_some() {
                return self.unsupported("a second PERIOD FOR SYSTEM_TIME");
            }
            let columns = self.column_list()?;
            let Ok([start, end]) = <[String; 2]>::try_from(columns) else {
                self.at -= 1;
                return self.wrong();
            };
            definition.period = Some((start, end));
            return Ok(());
        }
        if self.sees_table_constraint() {
            let constraint = self.table_constraint()?;
            definition.constraints.push(constraint);
            // Constraints may follow each other without a comma.
            while self.sees_table_constraint() {
                let constraint = self.table_constraint()?;
                definition.constraints.push(constraint);
            }
            return Ok(());
        }
        let (column, constraints) = self.column_definition()?;
        definition.columns.push(column);
        definition.constraints.extend(constraints);
        while self.sees_table_constraint() && !self.sees("DEFAULT") {
            let constraint = self.table_constraint()?;
            definition.constraints.push(constraint);
        }
        Ok(())
    }

    fn sees_table_constraint(&self) -> bool {
        self.sees_one_of(&[
            "CONSTRAINT",
            "PRIMARY",
            "UNIQUE",
            "FOREIGN",
            "CHECK",
            "INDEX",
            "DEFAULT",
        ])
    }

    /// A constraint that stands for itself.
    pub(crate) fn table_constraint(&mut self) -> Parse<Constraint> {
        if self.accept("INDEX") {
            let name = self.identifier()?;
            let index = self.inline_index(None)?;
            return Ok(Constraint {
                name: Some(name),
                column: None,
                kind: ConstraintKind::Index(index),
            });
        }
        let name = if self.accept("CONSTRAINT") {
            Some(self.identifier()?)
        } else {
            None
        };
        let mut column = None;
        let kind = if self.sees_one_of(&["PRIMARY", "UNIQUE"]) {
            self.key_constraint(None)?
        } else if self.accept_all(&["FOREIGN", "KEY"]) {
            let columns = self.column_list()?;
            self.references(columns)?
        } else if self.accept("CHECK") {
            self.check_constraint()?
        } else if self.accept("DEFAULT") {
            let kind = self.default_constraint()?;
            self.expect("FOR")?;
            column = Some(self.identifier()?);
            if self.sees_all(&["WITH", "VALUES"]) {
                self.at += 2;
            }
            kind
        } else {
            return self.wrong();
        };
        Ok(Constraint { name, column, kind })
    }

    /// `PRIMARY KEY` or `UNIQUE` with its key; at a column the key is that column.
    fn key_constraint(&mut self, column: Option<&str>) -> Parse<ConstraintKind> {
        let primary = self.accept_all(&["PRIMARY", "KEY"]);
        if !primary {
            self.expect("UNIQUE")?;
        }
        let mut index = IndexDefinition {
            unique: true,
            ..IndexDefinition::default()
        };
        index.clustered = self.clustering()?;
        if self.sees("HASH") {
            return self.unsupported("hash indexes");
        }
        index.key = match column {
            Some(column) => vec![(column.to_owned(), false)],
            None => self.index_key()?,
        };
        self.index_tail(&mut index)?;
        Ok(if primary {
            ConstraintKind::PrimaryKey(index)
        } else {
            ConstraintKind::Unique(index)
        })
    }

    /// `REFERENCES` and what follows it.
    fn references(&mut self, columns: Vec<String>) -> Parse<ConstraintKind> {
        self.expect("REFERENCES")?;
        let table = self.name()?;
        let referenced = if self.sees_symbol("(") {
            self.column_list()?
        } else {
            Vec::new()
        };
        let mut on_delete = ReferentialAction::NoAction;
        let mut on_update = ReferentialAction::NoAction;
        loop {
            if self.accept_all(&["ON", "DELETE"]) {
                on_delete = self.referential_action()?;
            } else if self.accept_all(&["ON", "UPDATE"]) {
                on_update = self.referential_action()?;
            } else {
                break;
            }
        }
        self.accept_all(&["NOT", "FOR", "REPLICATION"]);
        Ok(ConstraintKind::ForeignKey {
            columns,
            table,
            referenced,
            on_delete,
            on_update,
        })
    }

    fn referential_action(&mut self) -> Parse<ReferentialAction> {
        if self.accept_all(&["NO", "ACTION"]) {
            Ok(ReferentialAction::NoAction)
        } else if self.accept("CASCADE") {
            Ok(ReferentialAction::Cascade)
        } else if self.accept_all(&["SET", "NULL"]) {
            Ok(ReferentialAction::SetNull)
        } else if self.accept_all(&["SET", "DEFAULT"]) {
            Ok(ReferentialAction::SetDefault)
        } else {
            self.wrong()
        }
    }

    fn check_constraint(&mut self) -> Parse<ConstraintKind> {
        self.accept_all(&["NOT", "FOR", "REPLICATION"]);
        let from = self.at;
        let close = self.after_group(from);
        self.expect_symbol("(")?;
        let condition = self.hand_over(close - 1, Parser::parse_expr)?;
        self.expect_symbol(")")?;
        let text = self.source_between(from, self.at).to_owned();
        Ok(ConstraintKind::Check { condition, text })
    }

    fn default_constraint(&mut self) -> Parse<ConstraintKind> {
        let from = self.at;
        let value = self.expression()?;
        let text = self.source_between(from, self.at).to_owned();
        Ok(ConstraintKind::Default {
            value,
            text,
            with_values: false,
        })
    }

    // --- columns ---------------------------------------------------------------------------

    /// One column and the constraints written at it.
    pub(crate) fn column_definition(&mut self) -> Parse<(ColumnDefinition, Vec<Constraint>)> {
        let name = self.identifier()?;
        if self.accept("AS") {
            let kind = self.computed_column()?;
            return self.column_options(ColumnDefinition::new(name, kind));
        }
        // `timestamp` may stand without a column name; then it is its own.
        let bare_timestamp = name.eq_ignore_ascii_case("timestamp")
            && (self.sees_symbol(",")
                || self.sees_symbol(")")
                || self.sees("NOT")
                || self.sees("NULL"));
        let data_type = if bare_timestamp {
            DataType {
                name: Name::single("timestamp"),
                arguments: Vec::new(),
            }
        } else {
            self.data_type()?
        };
        self.column_options(ColumnDefinition::new(name, ColumnKind::Data(data_type)))
    }

    fn computed_column(&mut self) -> Parse<ColumnKind> {
        let from = self.at;
        let expression = self.expression()?;
        let text = self.source_between(from, self.at).to_owned();
        let persisted = self.accept("PERSISTED");
        Ok(ColumnKind::Computed {
            expression,
            text,
            persisted,
        })
    }

    /// Everything behind a column's type, in any order.
    pub(crate) fn column_options(
        &mut self,
        mut column: ColumnDefinition,
    ) -> Parse<(ColumnDefinition, Vec<Constraint>)> {
        let mut constraints = Vec::new();
        loop {
            if self.accept("NULL") {
                column.nullable = Some(true);
            } else if self.accept_all(&["NOT", "FOR", "REPLICATION"]) {
            } else if self.sees("NOT") && self.is_word(self.at + 1, "NULL") {
                self.at += 2;
                column.nullable = Some(false);
            } else if self.accept("COLLATE") {
                column.collation = Some(self.identifier()?);
            } else if self.accept("IDENTITY") {
                column.identity = Some(self.identity()?);
            } else if self.accept("ROWGUIDCOL") {
                column.row_guid = true;
            } else if self.accept("SPARSE") {
                column.sparse = true;
            } else if column.generated.is_some() && self.accept("HIDDEN") {
                column.hidden = true;
            } else if self.accept("PERSISTED") {
                return self.wrong();
            } else if self.sees_all(&["GENERATED", "ALWAYS"]) {
                column.generated = Some(self.generated()?);
            } else if self.accept("MASKED") {
                column.masked = Some(self.mask()?);
            } else if self.sees("FILESTREAM") {
                return self.unsupported("FILESTREAM columns");
            } else if self.sees("ENCRYPTED") {
                return self.unsupported("ENCRYPTED WITH columns");
            } else if self.sees("COLUMN_SET") {
                return self.unsupported("column sets");
            } else if let Some(constraint) = self.column_constraint(&column.name)? {
                constraints.push(constraint);
            } else {
                return Ok((column, constraints));
            }
        }
    }

    /// A constraint at a column; `None` when none begins here.
    fn column_constraint(&mut self, column: &str) -> Parse<Option<Constraint>> {
        let start = self.at;
        let mut name = if self.accept("CONSTRAINT") {
            Some(self.identifier()?)
        } else {
            None
        };
        let kind = if self.sees_one_of(&["PRIMARY", "UNIQUE"]) {
            // With a key of its own it is the table's: `a INT CONSTRAINT pk PRIMARY KEY (a, b)`.
            let mut ahead = self.at + if self.sees("PRIMARY") { 2 } else { 1 };
            ahead += usize::from(self.is_one_of(ahead, &["CLUSTERED", "NONCLUSTERED"]));
            if self.is_symbol(ahead, "(") {
                self.at = start;
                return Ok(None);
            }
            self.key_constraint(Some(column))?
        } else if self.sees("REFERENCES") || self.sees_all(&["FOREIGN", "KEY", "REFERENCES"]) {
            self.accept_all(&["FOREIGN", "KEY"]);
            self.references(vec![column.to_owned()])?
        } else if self.accept("CHECK") {
            self.check_constraint()?
        } else if self.accept("DEFAULT") {
            let mut kind = self.default_constraint()?;
            if self.accept_all(&["WITH", "VALUES"])
                && let ConstraintKind::Default { with_values, .. } = &mut kind
            {
                *with_values = true;
            }
            kind
        } else if name.is_none() && self.accept("INDEX") {
            name = Some(self.identifier()?);
            ConstraintKind::Index(self.inline_index(Some(column))?)
        } else {
            // FOREIGN KEY (…) and the like belong to the table.
            self.at = start;
            return Ok(None);
        };
        Ok(Some(Constraint {
            name,
            column: Some(column.to_owned()),
            kind,
        }))
    }

    fn identity(&mut self) -> Parse<(i128, i128)> {
        if !self.sees_symbol("(") {
            return Ok((1, 1));
        }
        let numbers = self.parenthesized(|cursor| {
            let number = cursor.number()?;
            match number.parse::<i128>() {
                Ok(number) => Ok(number),
                Err(_) => {
                    cursor.at -= 1;
                    cursor.wrong()
                }
            }
        })?;
        match numbers.as_slice() {
            [seed, increment] => Ok((*seed, *increment)),
            _ => {
                self.at -= 1;
                self.wrong()
            }
        }
    }

    fn generated(&mut self) -> Parse<Generated> {
        self.at += 2;
        self.expect("AS")?;
        if self.sees("TRANSACTION_ID") || self.sees("SEQUENCE_NUMBER") {
            return self.unsupported("ledger columns");
        }
        self.expect("ROW")?;
        if self.accept("START") {
            return Ok(Generated::RowStart);
        }
        self.expect("END")?;
        Ok(Generated::RowEnd)
    }

    /// `WITH (FUNCTION = '…')` behind MASKED.
    pub(crate) fn mask(&mut self) -> Parse<String> {
        self.expect("WITH")?;
        self.expect_symbol("(")?;
        self.expect("FUNCTION")?;
        self.expect_symbol("=")?;
        let function = self.string()?;
        self.expect_symbol(")")?;
        Ok(function)
    }
}

impl ColumnDefinition {
    /// A column of which nothing but its name and kind is known.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            name: name.into(),
            kind,
            nullable: None,
            collation: None,
            identity: None,
            row_guid: false,
            generated: None,
            hidden: false,
            masked: None,
            sparse: false,
        }
    }
}

/// An expression with its source.
pub(crate) type Sourced = (sql::Expr, String);
