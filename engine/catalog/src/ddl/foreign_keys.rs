//! FOREIGN KEY: what it may refer to, and whether its maker may.

use tsql::{ConstraintKind, ReferentialAction};
use values::SqlError;

use super::Ddl;
use super::place::cannot_find_object;
use super::tables::TableMaking;
use crate::errors::{Errors, err};
use crate::ids::{ColumnId, ObjectId};
use crate::names::{display, last};
use crate::permission::Permission;
use crate::security::DemandColumns;
use crate::table::{ForeignKey, Index, Rule, Table};

impl Ddl<'_> {
    pub(super) fn add_foreign_key(
        &mut self,
        making: &mut TableMaking,
        written: &tsql::Constraint,
    ) -> Result<(), Errors> {
        let ConstraintKind::ForeignKey {
            columns,
            table: target,
            referenced,
            on_delete,
            on_update,
        } = &written.kind
        else {
            return Ok(());
        };
        // Local temporary tables take the clause and ignore it, with an information message.
        if making.free || making.name.starts_with('#') {
            return Ok(());
        }
        let columns: Vec<String> = if columns.is_empty() {
            written.column.iter().cloned().collect()
        } else {
            columns.clone()
        };
        let shown = written.name.clone().unwrap_or_else(|| {
            format!(
                "FK__{}__{}",
                making.name,
                columns.first().map_or("", String::as_str)
            )
        });
        let fail = |number, message: String| could_not_create(err(number, 16, 0, message));
        let history_key = || {
            fail(
                13565,
                format!(
                    "Foreign key '{shown}' is not valid. A temporal history table cannot be used in \
                     a foreign key definition."
                ),
            )
        };
        if making.table.is_history() {
            return Err(history_key());
        }
        let mut own = Vec::new();
        for name in &columns {
            let column = making.table.column_named(name).ok_or_else(|| {
                fail(
                    1769,
                    format!(
                        "Foreign key '{shown}' references invalid column '{name}' in referencing \
                         table '{}'.",
                        making.name
                    ),
                )
            })?;
            own.push(column.clone());
        }
        if target.0.len() == 3 && !target.0[0].is_empty() {
            let here = self.instance.entered(making.database).name();
            if !crate::ids::same_name(&target.0[0], here) {
                return Err(fail(
                    1763,
                    format!(
                        "Cross-database foreign key references are not supported. Foreign key \
                         '{shown}'."
                    ),
                ));
            }
        }
        let is_self = crate::ids::same_name(last(target), &making.name)
            && (target.0.len() == 1
                || crate::ids::same_name(
                    &target.0[target.0.len() - 2],
                    self.instance
                        .entered(making.database)
                        .schema_name(making.schema),
                ));
        let (id, table, name): (ObjectId, Table, String) = if is_self {
            (making.id, making.table.clone(), making.name.clone())
        } else {
            let found = self.find(target)?;
            let invalid = || {
                fail(
                    1767,
                    format!(
                        "Foreign key '{shown}' references invalid table '{}'.",
                        display(target)
                    ),
                )
            };
            let (_, object) = found
                .filter(|(token, _)| token.database == making.database)
                .ok_or_else(invalid)?;
            let table = object.as_table().ok_or_else(invalid)?;
            if table.is_history() {
                return Err(history_key());
            }
            let asked: Vec<ColumnId> = if referenced.is_empty() {
                table
                    .primary_key()
                    .map(|index| index.key.iter().map(|(id, _)| *id).collect())
                    .unwrap_or_default()
            } else {
                referenced
                    .iter()
                    .filter_map(|name| table.column_named(name).map(|column| column.id))
                    .collect()
            };
            if let Err(errors) = self.instance.demand(
                &making.token,
                None,
                &object,
                Permission::REFERENCES,
                DemandColumns::Some(&asked),
            ) {
                return Err(errors
                    .then(cannot_find_object(&display(target), 20))
                    .then(err(1750, 16, 0, COULD_NOT_CREATE)));
            }
            (object.id, table.clone(), object.name.to_string())
        };
        let (index, referenced) = if referenced.is_empty() {
            let index = table.primary_key().ok_or_else(|| {
                fail(
                    1773,
                    format!(
                        "Foreign key '{shown}' has implicit reference to object '{name}' which does \
                         not have a primary key defined on it."
                    ),
                )
            })?;
            (
                index,
                index.key.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            )
        } else {
            let mut ids = Vec::new();
            for column in referenced {
                let found = table.column_named(column).ok_or_else(|| {
                    fail(
                        1770,
                        format!(
                            "Foreign key '{shown}' references invalid column '{column}' in \
                             referenced table '{name}'."
                        ),
                    )
                })?;
                ids.push(found.id);
            }
            let index = candidate_key(&table, &ids).ok_or_else(|| {
                fail(
                    1776,
                    format!(
                        "There are no primary or candidate keys in the referenced table '{name}' \
                         that match the referencing column list in the foreign key '{shown}'."
                    ),
                )
            })?;
            (index, ids)
        };
        if referenced.len() != own.len() {
            return Err(fail(
                8139,
                format!(
                    "Number of referencing columns in foreign key differs from number of referenced \
                     columns, table '{}'.",
                    making.name
                ),
            ));
        }
        for (column, other) in own.iter().zip(&referenced) {
            let other = table.column(*other).expect("resolved above");
            let differs = std::mem::discriminant(&column.data_type)
                != std::mem::discriminant(&other.data_type)
                || (matches!(column.data_type, values::SqlType::Decimal { .. })
                    && column.data_type != other.data_type);
            if differs {
                return Err(fail(
                    1778,
                    format!(
                        "Column '{name}.{}' is not the same data type as referencing column '{}.{}' \
                         in foreign key '{shown}'.",
                        other.name, making.name, column.name
                    ),
                ));
            }
        }
        let cascades =
            *on_delete != ReferentialAction::NoAction || *on_update != ReferentialAction::NoAction;
        if cascades && self.has_second_path(making, id) {
            return Err(fail(
                1785,
                format!(
                    "Introducing FOREIGN KEY constraint '{shown}' on table '{}' may cause cycles or \
                     multiple cascade paths. Specify ON DELETE NO ACTION or ON UPDATE NO ACTION, or \
                     modify other FOREIGN KEY constraints.",
                    making.name
                ),
            ));
        }
        let key = ForeignKey {
            columns: own.iter().map(|column| column.id).collect(),
            table: id,
            referenced,
            index: index.id,
            on_delete: *on_delete,
            on_update: *on_update,
        };
        self.add_rule(
            making,
            written.name.as_deref(),
            "FK",
            columns.first().map(String::as_str),
            Rule::ForeignKey(key),
        )
    }

    /// Whether a cascade from `parent` could reach the table in the making twice, or itself.
    fn has_second_path(&self, making: &TableMaking, parent: ObjectId) -> bool {
        if parent == making.id {
            return true;
        }
        let database = self.instance.entered(making.database);
        let cascading_parents = |id: ObjectId| -> Vec<ObjectId> {
            let table = if id == making.id {
                Some(&making.table)
            } else {
                database.table(id)
            };
            table
                .into_iter()
                .flat_map(Table::foreign_keys)
                .filter(|(_, key)| {
                    key.on_delete != ReferentialAction::NoAction
                        || key.on_update != ReferentialAction::NoAction
                })
                .map(|(_, key)| key.table)
                .collect()
        };
        let ancestors = |start: ObjectId| {
            let mut found = vec![start];
            let mut next = 0;
            while next < found.len() {
                for above in cascading_parents(found[next]) {
                    if !found.contains(&above) {
                        found.push(above);
                    }
                }
                next += 1;
            }
            found
        };
        let above_new = ancestors(parent);
        above_new.contains(&making.id)
            || cascading_parents(making.id)
                .into_iter()
                .flat_map(ancestors)
                .any(|ancestor| above_new.contains(&ancestor))
    }
}

/// The unique index whose key is exactly these columns, in any order.
fn candidate_key<'a>(table: &'a Table, columns: &[ColumnId]) -> Option<&'a Index> {
    table.indexes.iter().find(|index| {
        index.unique
            && !index.disabled
            && index.filter.is_none()
            && index.key.len() == columns.len()
            && index.key.iter().all(|(id, _)| columns.contains(id))
    })
}

const COULD_NOT_CREATE: &str = "Could not create constraint or index. See previous errors.";

/// What failed, and 1750 behind it.
pub(super) fn could_not_create(error: SqlError) -> Errors {
    Errors::from(error).then(err(1750, 16, 0, COULD_NOT_CREATE))
}
