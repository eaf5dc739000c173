//! CREATE, ALTER and DROP INDEX, and TRUNCATE TABLE.

use std::sync::Arc;

use tsql::{IndexDefinition, Name};
use values::SqlError;

use super::place::cannot_find_object;
use super::tables::TableMaking;
use super::{Ddl, Made};
use crate::errors::{Errors, err};
use crate::ids::{DatabaseId, same_name};
use crate::names::{display, last};
use crate::object::{Object, ObjectKind};
use crate::permission::Permission;
use crate::rows::TableData;
use crate::security::UserToken;
use crate::table::{Rule, Table};
use crate::undo::{Change, key_text};

impl Ddl<'_> {
    /// The table that an index statement names, with ALTER on it; 1088 with `state` otherwise.
    fn indexed_table(&self, name: &Name, state: u8) -> Result<(UserToken, Arc<Object>), Errors> {
        let refused = || cannot_find_object(&display(name), state);
        let (token, object) = self.find(name)?.ok_or_else(refused)?;
        if !self.holds(&token, &object, Permission::ALTER) {
            return Err(refused().into());
        }
        if object.is_view() {
            return Err(SqlError::unsupported("indexed views").into());
        }
        if object.as_table().is_none() {
            return Err(refused().into());
        }
        Ok((token, object))
    }

    pub(super) fn create_index(
        &mut self,
        name: &str,
        table: &Name,
        definition: &IndexDefinition,
    ) -> Result<Made, Errors> {
        let (token, object) = self.indexed_table(table, 12)?;
        let drops_existing = definition.options.iter().any(|(option, value)| {
            option == "DROP_EXISTING"
                && matches!(value, tsql::OptionValue::Word(word) if word.eq_ignore_ascii_case("ON"))
        });
        if drops_existing {
            return Err(SqlError::unsupported("DROP_EXISTING = ON").into());
        }
        let mut making = TableMaking::of(&object, token);
        self.check_history_index(&making, definition)?;
        self.add_index(&mut making, name, definition, None)?;
        self.store_table(making.database, &object, making.table)?;
        Ok(None)
    }

    pub(super) fn drop_index(
        &mut self,
        name: &Name,
        on: Option<&Name>,
        if_exists: bool,
    ) -> Result<(), Errors> {
        // The old form `DROP INDEX table.index` names the table in front.
        let old_form = Name(name.0[..name.0.len().saturating_sub(1)].to_vec());
        let table = on.unwrap_or(&old_form);
        let index_name = last(name);
        let (token, object) = self.indexed_table(table, 9)?;
        let definition = object.as_table().expect("checked above");
        let Some(index) = definition.index_named(index_name) else {
            return if if_exists {
                Ok(())
            } else {
                Err(err(
                    3701,
                    11,
                    7,
                    format!(
                        "Cannot drop the index '{}.{index_name}', because it does not exist or you do \
                         not have permission.",
                        display(table)
                    ),
                )
                .into())
            };
        };
        if let Some(constraint) = index.constraint.and_then(|id| definition.constraint(id)) {
            let kind = if matches!(constraint.rule, Rule::PrimaryKey(_)) {
                "PRIMARY KEY"
            } else {
                "UNIQUE KEY"
            };
            return Err(err(
                3723,
                16,
                4,
                format!(
                    "An explicit DROP INDEX is not allowed on index '{}.{index_name}'. It is being \
                     used for {kind} constraint enforcement.",
                    display(table)
                ),
            )
            .into());
        }
        let database = self.instance.entered(token.database);
        let needed = database
            .referencing(object.id)
            .filter_map(|id| database.table(id))
            .flat_map(Table::foreign_keys)
            .find(|(_, key)| key.table == object.id && key.index == index.id);
        if let Some((constraint, _)) = needed {
            return Err(err(
                3723,
                16,
                6,
                format!(
                    "An explicit DROP INDEX is not allowed on index '{}.{index_name}'. It is being \
                     used for FOREIGN KEY constraint enforcement by '{}'.",
                    display(table),
                    constraint.name
                ),
            )
            .into());
        }
        let id = index.id;
        self.check_retention_keeps(token.database, definition, index)?;
        let mut changed = definition.clone();
        changed.indexes.retain(|index| index.id != id);
        self.store_table(token.database, &object, changed)
    }

    pub(super) fn alter_index(
        &mut self,
        name: Option<&str>,
        table: &Name,
        action: &str,
    ) -> Result<(), Errors> {
        let (token, object) = self.indexed_table(table, 9)?;
        let mut changed = object.as_table().expect("checked above").clone();
        if let Some(name) = name
            && changed.index_named(name).is_none()
        {
            return Err(err(2727, 11, 1, format!("Cannot find index '{name}'.")).into());
        }
        let disabled = match action {
            "DISABLE" => true,
            "REBUILD" => false,
            _ => return Ok(()),
        };
        for index in &mut changed.indexes {
            if name.is_none_or(|name| same_name(name, &index.name)) {
                index.disabled = disabled;
            }
        }
        if disabled {
            // A foreign key cannot rely on a disabled index.
            let ids: Vec<_> = changed
                .indexes
                .iter()
                .filter(|index| index.disabled)
                .map(|index| index.id)
                .collect();
            self.disable_keys_on(token.database, &object, &ids);
        }
        self.store_table(token.database, &object, changed)
    }

    /// Foreign keys that rely on these indexes are disabled with them.
    fn disable_keys_on(
        &mut self,
        in_database: DatabaseId,
        object: &Object,
        indexes: &[crate::ids::IndexId],
    ) {
        let id = object.id;
        let database = Arc::clone(self.instance.entered(in_database));
        for referencing in database.referencing(id).filter(|other| *other != id) {
            let Some(other) = database.object(referencing) else {
                continue;
            };
            let mut changed = Object::clone(other);
            let ObjectKind::Table(table) = &mut changed.kind else {
                continue;
            };
            let mut any = false;
            for constraint in &mut table.constraints {
                if let Rule::ForeignKey(key) = &constraint.rule
                    && key.table == id
                    && indexes.contains(&key.index)
                {
                    constraint.disabled = true;
                    constraint.not_trusted = true;
                    any = true;
                }
            }
            if any {
                self.instance.apply(
                    Change::Object(in_database, referencing, Some(Arc::new(changed))),
                    self.undo,
                );
            }
        }
    }

    /// Stores a changed table whose rows stay as they are, with its indexes made anew.
    pub(super) fn store_table(
        &mut self,
        database: DatabaseId,
        object: &Object,
        table: Table,
    ) -> Result<(), Errors> {
        self.store_table_with(database, object, table, |row| Ok(Arc::clone(row)))
    }

    /// Stores a changed table; each row becomes what `convert` makes of it.
    pub(super) fn store_table_with(
        &mut self,
        database: DatabaseId,
        object: &Object,
        table: Table,
        convert: impl FnMut(&crate::rows::Row) -> Result<crate::rows::Row, Errors>,
    ) -> Result<(), Errors> {
        let old = self.instance.entered(database).data(object.id).cloned();
        let old = old.unwrap_or_else(|| Arc::new(TableData::new(&table)));
        let shown = {
            let database = self.instance.entered(database);
            format!("{}.{}", database.schema_name(object.schema), object.name)
        };
        let data = old.rebuild(&table, convert, |duplicate| {
            let index = table.index(duplicate.index).expect("the index is the table's");
            let errors = Errors::from(err(
                1505,
                16,
                1,
                format!(
                    "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found \
                     for the object name '{shown}' and the index name '{}'. The duplicate key value \
                     is {}.",
                    index.name,
                    key_text(&duplicate.key)
                ),
            ));
            match index.constraint {
                None => errors,
                Some(_) => errors.then(err(
                    1750,
                    16,
                    1,
                    "Could not create constraint or index. See previous errors.",
                )),
            }
        })?;
        let changed = Object {
            modified: self.now,
            kind: ObjectKind::Table(table),
            ..Object::clone(object)
        };
        self.instance.apply(
            Change::Object(database, object.id, Some(Arc::new(changed))),
            self.undo,
        );
        self.instance.apply(
            Change::Data(database, object.id, Some(Arc::new(data))),
            self.undo,
        );
        Ok(())
    }

    /// `TRUNCATE TABLE`: needs ALTER, not DELETE; no trigger fires, the identity starts over.
    ///
    /// # Errors
    /// 4701 for a missing table, 1088 without ALTER, 4712 when a foreign key refers to it.
    pub fn truncate(&mut self, name: &Name) -> Result<(), Errors> {
        let (token, object) = self.find(name)?.ok_or_else(|| {
            err(
                4701,
                16,
                1,
                format!(
                    "Cannot find the object \"{}\" because it does not exist or you do not have \
                     permissions.",
                    display(name)
                ),
            )
        })?;
        if !self.holds(&token, &object, Permission::ALTER) {
            return Err(cannot_find_object(&display(name), 7).into());
        }
        let Some(table) = object.as_table() else {
            return Err(err(
                4708,
                16,
                1,
                format!(
                    "Could not truncate object '{}' because it is not a table.",
                    display(name)
                ),
            )
            .into());
        };
        let database = self.instance.entered(token.database);
        if database
            .referencing(object.id)
            .any(|other| other != object.id)
        {
            return Err(err(
                4712,
                16,
                1,
                format!(
                    "Cannot truncate table '{}' because it is being referenced by a FOREIGN KEY \
                     constraint.",
                    display(name)
                ),
            )
            .into());
        }
        if !matches!(table.temporal, crate::table::Temporal::None) {
            return Err(err(
                13545,
                16,
                1,
                format!(
                    "Truncate failed on table '{}.{}.{}' because it is not a supported operation on \
                     system-versioned tables.",
                    database.name(),
                    database.schema_name(object.schema),
                    object.name
                ),
            )
            .into());
        }
        if let Some(bound) = self.binding_of(token.database, object.id)
            && bound.is_view()
        {
            return Err(self
                .referenced("TRUNCATE TABLE", &display(name), &bound)
                .into());
        }
        let empty = TableData::new(table);
        self.instance.apply(
            Change::Data(token.database, object.id, Some(Arc::new(empty))),
            self.undo,
        );
        Ok(())
    }
}
