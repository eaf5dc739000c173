//! ALTER TABLE … SWITCH: all rows change the table without being deleted or inserted. No trigger
//! fires and no permission on rows is asked, so the two tables must be alike in every respect.
//!
//! Source: "Transferring Data Efficiently by Using Partition Switching" in the product's
//! documentation; the texts are those of `sys.messages`.

use std::sync::Arc;

use tsql::Name;
use values::SqlError;

use super::Ddl;
use super::place::cannot_find_object;
use super::schemas::is_bound_to;
use super::tables::TableMaking;
use super::temporal::temporal;
use crate::errors::{Errors, err};
use crate::ids::{ObjectId, same_name};
use crate::names::display;
use crate::object::Object;
use crate::permission::Permission;
use crate::rows::TableData;
use crate::table::{Column, Constraint, ForeignKey, Index, Rule, Table};
use crate::undo::Change;

/// Both tables with their names as messages show them.
struct Pair<'a> {
    from: &'a Table,
    from_name: String,
    to: &'a Table,
    to_name: String,
}

impl Ddl<'_> {
    pub(super) fn switch(
        &mut self,
        source: &Object,
        making: &TableMaking,
        target: &Name,
    ) -> Result<(), Errors> {
        let refused = || cannot_find_object(&display(target), 29);
        let (token, object) = self.find(target)?.ok_or_else(refused)?;
        if !self.holds(&token, &object, Permission::ALTER) {
            return Err(refused().into());
        }
        let to = object.as_table().ok_or_else(|| {
            failed(
                4949,
                format!(
                    "because the object '{}' is not a user defined table.",
                    display(target)
                ),
            )
        })?;
        let pair = Pair {
            from: &making.table,
            from_name: self.full_name(making.database, source.schema, &source.name),
            to,
            to_name: self.full_name(token.database, object.schema, &object.name),
        };
        if token.database != making.database {
            let name = |id| self.instance.entered(id).name().to_string();
            return Err(stopped(
                4948,
                format!(
                    "The source table '{}' is in database '{}' while the target table '{}' is in \
                     database '{}'.",
                    pair.from_name,
                    name(making.database),
                    pair.to_name,
                    name(token.database)
                ),
            )
            .into());
        }
        if object.id == making.id {
            return Err(stopped(
                4955,
                format!(
                    "The source table '{}' and target table '{}' are same.",
                    pair.from_name, pair.to_name
                ),
            )
            .into());
        }
        self.check_versioned_switch(source, making, &object)?;
        let database = Arc::clone(self.instance.entered(making.database));
        let data = database.data(object.id).expect("a table has rows");
        if !data.is_empty() {
            return Err(stopped(
                4905,
                format!("The target table '{}' must be empty.", pair.to_name),
            )
            .into());
        }
        pair.check_columns()?;
        pair.check_indexes()?;
        pair.check_constraints(making.id, object.id)?;
        for (table, name) in [(making.id, &pair.from_name), (object.id, &pair.to_name)] {
            let bound = database
                .objects()
                .find(|view| view.is_view() && is_bound_to(view, table));
            if let Some(view) = bound {
                return Err(stopped(
                    4937,
                    format!(
                        "The table '{name}' has view '{}' with schemabinding.",
                        view.name
                    ),
                )
                .into());
            }
        }
        let referencing = database
            .referencing(source.id)
            .filter_map(|id| database.table(id))
            .flat_map(Table::foreign_keys)
            .find(|(_, key)| key.table == source.id);
        if let Some((constraint, _)) = referencing {
            return Err(stopped(
                4967,
                format!(
                    "SWITCH is not allowed because source table '{}' contains primary key for \
                     constraint '{}'.",
                    pair.from_name, constraint.name
                ),
            )
            .into());
        }
        let source_data = database.data(source.id).expect("a table has rows");
        let mut filled = source_data.rebuild(
            to,
            |row| Ok::<_, Errors>(Arc::clone(row)),
            |duplicate| Errors::from(crate::undo::duplicate_error(&pair.to_name, to, &duplicate)),
        )?;
        // Rows change the table, identity values do not.
        filled.identity = data.identity;
        let mut empty = TableData::new(&making.table);
        empty.identity = source_data.identity;
        self.instance.apply(
            Change::Data(making.database, object.id, Some(Arc::new(filled))),
            self.undo,
        );
        self.instance.apply(
            Change::Data(making.database, source.id, Some(Arc::new(empty))),
            self.undo,
        );
        Ok(())
    }
}

impl Pair<'_> {
    fn check_columns(&self) -> Result<(), SqlError> {
        let (from, to) = (&self.from.columns, &self.to.columns);
        if from.len() != to.len() {
            return Err(failed(
                4943,
                format!(
                    "because table '{}' has {} columns and table '{}' has {} columns.",
                    self.from_name,
                    from.len(),
                    self.to_name,
                    to.len()
                ),
            ));
        }
        for (place, (a, b)) in from.iter().zip(to).enumerate() {
            self.check_column(place + 1, a, b)?;
        }
        Ok(())
    }

    fn check_column(&self, ordinal: usize, a: &Column, b: &Column) -> Result<(), SqlError> {
        if !same_name(&a.name, &b.name) {
            return Err(failed(
                4942,
                format!(
                    "because column '{}' at ordinal {ordinal} in table '{}' has a different name \
                     than the column '{}' at the same ordinal in table '{}'.",
                    a.name, self.from_name, b.name, self.to_name
                ),
            ));
        }
        if a.data_type != b.data_type {
            return Err(failed(
                4944,
                format!(
                    "because column '{}' has data type {} in source table '{}' which is different \
                     from its type {} in target table '{}'.",
                    a.name, a.data_type, self.from_name, b.data_type, self.to_name
                ),
            ));
        }
        let differs = |number, what: &str| {
            failed(
                number,
                format!(
                    "because column '{}' does not have the same {what} in tables '{}' and '{}'.",
                    a.name, self.from_name, self.to_name
                ),
            )
        };
        if a.data_type.is_character() && a.collation != b.collation {
            return Err(differs(4945, "collation"));
        }
        if a.row_guid != b.row_guid {
            return Err(differs(4958, "ROWGUIDCOL property"));
        }
        if a.nullable != b.nullable {
            let (nullable, other) = if a.nullable {
                (&self.from_name, &self.to_name)
            } else {
                (&self.to_name, &self.from_name)
            };
            return Err(stopped(
                4961,
                format!(
                    "Column '{}' in table '{nullable}' is nullable and it is not nullable in \
                     '{other}'.",
                    a.name
                ),
            ));
        }
        match (&a.computed, &b.computed) {
            (None, None) => {}
            (Some(x), Some(y)) => {
                if x.persisted != y.persisted {
                    return Err(differs(4946, "persistent attribute"));
                }
                if x.text != y.text {
                    return Err(stopped(
                        4966,
                        format!(
                            "Computed column '{}' defined as '{}' in table '{}' is different from \
                             the same column in table '{}' defined as '{}'.",
                            a.name, x.text, self.from_name, self.to_name, y.text
                        ),
                    ));
                }
            }
            (own, _) => {
                let (computed, other) = if own.is_some() {
                    (&self.from_name, &self.to_name)
                } else {
                    (&self.to_name, &self.from_name)
                };
                return Err(stopped(
                    4965,
                    format!(
                        "Column '{}' in table '{computed}' is computed column but the same column \
                         in '{other}' is not computed.",
                        a.name
                    ),
                ));
            }
        }
        if a.generated != b.generated {
            return Err(temporal(
                13736,
                format!(
                    "ALTER TABLE SWITCH statement failed on table '{}' because column '{}' does not \
                     have the same GENERATED ALWAYS attribute in target and source tables.",
                    self.to_name, a.name
                ),
            ));
        }
        Ok(())
    }

    /// Both are heaps or clustered alike, and every index of the target is there in the source.
    fn check_indexes(&self) -> Result<(), SqlError> {
        let clustered = |table: &Table| {
            table
                .indexes
                .iter()
                .find(|index| index.clustered)
                .map(|index| index.name.clone())
        };
        let lacks = |index: &str, has: &str, lacks: &str| {
            stopped(
                4913,
                format!(
                    "The table '{has}' has clustered index '{index}' while the table '{lacks}' does \
                     not have clustered index."
                ),
            )
        };
        match (clustered(self.from), clustered(self.to)) {
            (Some(index), None) => return Err(lacks(&index, &self.from_name, &self.to_name)),
            (None, Some(index)) => return Err(lacks(&index, &self.to_name, &self.from_name)),
            _ => {}
        }
        for (table, name) in [(self.from, &self.from_name), (self.to, &self.to_name)] {
            if table.indexes.iter().any(|it| it.clustered && it.disabled) {
                return Err(err(
                    4914,
                    16,
                    1,
                    format!(
                        "The ALTER TABLE SWITCH statement failed. The table \"{name}\" has a \
                         disabled clustered index."
                    ),
                ));
            }
        }
        for index in self.to.indexes.iter().filter(|index| !index.disabled) {
            let twin = self
                .from
                .indexes
                .iter()
                .any(|own| !own.disabled && self.same_index(own, index));
            if !twin {
                return Err(stopped(
                    4947,
                    format!(
                        "There is no identical index in source table '{}' for the index '{}' in \
                         target table '{}' .",
                        self.from_name, index.name, self.to_name
                    ),
                ));
            }
        }
        Ok(())
    }

    fn same_index(&self, a: &Index, b: &Index) -> bool {
        let key = |table: &Table, index: &Index| -> Vec<(Option<usize>, bool)> {
            index
                .key
                .iter()
                .map(|(id, descending)| (table.position(*id), *descending))
                .collect()
        };
        let include = |table: &Table, index: &Index| {
            let mut places: Vec<_> = index.include.iter().map(|id| table.position(*id)).collect();
            places.sort_unstable();
            places
        };
        let filter = |index: &Index| index.filter.as_ref().map(|(_, text)| text.to_lowercase());
        a.unique == b.unique
            && a.clustered == b.clustered
            && key(self.from, a) == key(self.to, b)
            && include(self.from, a) == include(self.to, b)
            && filter(a) == filter(b)
    }

    /// What the target demands of its rows, the source has demanded already.
    fn check_constraints(&self, from: ObjectId, to: ObjectId) -> Result<(), SqlError> {
        for theirs in self.to.constraints.iter().filter(|it| !it.disabled) {
            match &theirs.rule {
                Rule::Check { column, text, .. } => {
                    let own = self.from.constraints.iter().find(|own| {
                        matches!(&own.rule, Rule::Check { text: other, .. }
                            if other.eq_ignore_ascii_case(text))
                    });
                    let Some(own) = own else {
                        let (number, level) = if column.is_some() {
                            (4971, "column")
                        } else {
                            (4970, "table")
                        };
                        return Err(stopped(
                            number,
                            format!(
                                "Target table '{}' has a {level} level check constraint '{}' but \
                                 the source table '{}' does not have a corresponding constraint.",
                                self.to_name, theirs.name, self.from_name
                            ),
                        ));
                    };
                    if (own.disabled || own.not_trusted) && !theirs.not_trusted {
                        return Err(stopped(
                            4960,
                            format!(
                                "Check constraint '{}' in source table '{}' is NOCHECK constraint \
                                 but the matching check constraint '{}' in target table '{}' is \
                                 CHECK.",
                                own.name, self.from_name, theirs.name, self.to_name
                            ),
                        ));
                    }
                }
                Rule::ForeignKey(key) => self.check_foreign_key(theirs, key, from, to)?,
                Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Default { .. } => {}
            }
        }
        Ok(())
    }

    fn check_foreign_key(
        &self,
        theirs: &Constraint,
        key: &ForeignKey,
        from: ObjectId,
        to: ObjectId,
    ) -> Result<(), SqlError> {
        let places = |table: &Table, key: &ForeignKey| -> Vec<Option<usize>> {
            key.columns.iter().map(|id| table.position(*id)).collect()
        };
        // A key of the target to itself corresponds to one of the source to itself.
        let parent = |of: ObjectId, own: ObjectId| (of != own).then_some(of);
        let own = self.from.foreign_keys().find(|(_, own)| {
            parent(own.table, from) == parent(key.table, to)
                && own.referenced == key.referenced
                && places(self.from, own) == places(self.to, key)
        });
        let Some((own, _)) = own else {
            return Err(stopped(
                4968,
                format!(
                    "Target table '{}' has foreign key for constraint '{}' but source table '{}' \
                     does not have corresponding key.",
                    self.to_name, theirs.name, self.from_name
                ),
            ));
        };
        if own.disabled {
            return Err(stopped(
                4969,
                format!(
                    "Foreign key constraint '{}' is disabled in source table '{}' and the \
                     corresponding constraint '{}' is enabled in target table '{}'.  The source \
                     table constraint must be enabled.",
                    own.name, self.from_name, theirs.name, self.to_name
                ),
            ));
        }
        if own.not_trusted && !theirs.not_trusted {
            return Err(stopped(
                4974,
                format!(
                    "Foreign key constraint '{}' is NOCHECK in source table '{}' and the \
                     corresponding constraint '{}' is CHECK in target table '{}'.  The source table \
                     constraint must be in CHECK.",
                    own.name, self.from_name, theirs.name, self.to_name
                ),
            ));
        }
        Ok(())
    }
}

/// `ALTER TABLE SWITCH statement failed because …`.
fn failed(number: i32, because: String) -> SqlError {
    err(
        number,
        16,
        1,
        format!("ALTER TABLE SWITCH statement failed {because}"),
    )
}

/// `ALTER TABLE SWITCH statement failed. …`.
fn stopped(number: i32, why: String) -> SqlError {
    err(
        number,
        16,
        1,
        format!("ALTER TABLE SWITCH statement failed. {why}"),
    )
}
