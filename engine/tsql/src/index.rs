//! Indexes: CREATE INDEX, ALTER INDEX, and the parts that constraints share with them.

use crate::ast::*;
use crate::cursor::Cursor;
use crate::error::Parse;
use crate::table::Sourced;

impl Cursor<'_> {
    /// CREATE … INDEX, behind CREATE.
    pub(crate) fn create_index(&mut self) -> Parse<Create> {
        let mut index = IndexDefinition {
            unique: self.accept("UNIQUE"),
            ..Default::default()
        };
        index.clustered = self.clustering()?;
        self.expect("INDEX")?;
        let name = self.identifier()?;
        self.expect("ON")?;
        let table = self.name()?;
        index.key = self.index_key()?;
        self.index_tail(&mut index)?;
        Ok(Create::Index { name, table, index })
    }

    pub(crate) fn clustering(&mut self) -> Parse<Option<bool>> {
        let clustered = if self.accept("CLUSTERED") {
            Some(true)
        } else if self.accept("NONCLUSTERED") {
            Some(false)
        } else {
            None
        };
        if self.sees("COLUMNSTORE") {
            return self.unsupported("columnstore indexes");
        }
        Ok(clustered)
    }

    /// An index inside CREATE TABLE, behind its name.
    pub(crate) fn inline_index(&mut self, column: Option<&str>) -> Parse<IndexDefinition> {
        let mut index = IndexDefinition {
            unique: self.accept("UNIQUE"),
            ..Default::default()
        };
        index.clustered = self.clustering()?;
        if self.sees("HASH") {
            return self.unsupported("hash indexes");
        }
        index.key = match column {
            Some(column) if !self.sees_symbol("(") => vec![(column.to_owned(), false)],
            _ => self.index_key()?,
        };
        self.index_tail(&mut index)?;
        Ok(index)
    }

    /// Key columns; `true` is DESC.
    pub(crate) fn index_key(&mut self) -> Parse<Vec<(String, bool)>> {
        self.parenthesized(|cursor| {
            let column = cursor.identifier()?;
            let descending = cursor.accept("DESC");
            if !descending {
                cursor.accept("ASC");
            }
            Ok((column, descending))
        })
    }

    /// INCLUDE, WHERE, WITH, ON: in this order.
    pub(crate) fn index_tail(&mut self, index: &mut IndexDefinition) -> Parse<()> {
        if self.accept("INCLUDE") {
            index.include = self.column_list()?;
        }
        if self.accept("WHERE") {
            index.filter = Some(self.index_filter()?);
        }
        if self.sees("WITH") && self.is_symbol(self.at + 1, "(") {
            self.at += 1;
            index.options = self.parenthesized(Self::named_option)?;
        } else if self.sees("WITH") && self.is_word(self.at + 1, "FILLFACTOR") {
            self.at += 1;
            index.options = vec![self.named_option()?];
        }
        // `ON filegroup`; but ON DELETE belongs to a foreign key that follows.
        if self.sees("ON") && !self.is_one_of(self.at + 1, &["DELETE", "UPDATE"]) {
            self.storage_clauses()?;
        }
        Ok(())
    }

    fn index_filter(&mut self) -> Parse<Sourced> {
        let from = self.at;
        let condition = self.expression()?;
        Ok((condition, self.source_between(from, self.at).to_owned()))
    }

    /// ALTER INDEX, behind these words.
    pub(crate) fn alter_index(&mut self) -> Parse<StatementKind> {
        let name = if self.accept("ALL") {
            None
        } else {
            Some(self.identifier()?)
        };
        self.expect("ON")?;
        let table = self.name()?;
        let action = self.any_word()?;
        if !matches!(
            action.as_str(),
            "REBUILD" | "REORGANIZE" | "DISABLE" | "SET" | "RESUME" | "PAUSE" | "ABORT"
        ) {
            self.at -= 1;
            return self.wrong();
        }
        if self.accept("PARTITION") {
            self.expect_symbol("=")?;
            self.at += 1;
        }
        self.accept("WITH");
        if self.sees_symbol("(") {
            self.at = self.after_group(self.at);
        }
        Ok(StatementKind::Alter(Alter::Index {
            name,
            table,
            action,
        }))
    }
}
