//! What may change about a pair of a current table and its history while SYSTEM_VERSIONING is
//! ON, and what happens to a period before and after.
//!
//! Sources: "Change the schema of a system-versioned temporal table", "Temporal table security"
//! and "Temporal table considerations and limitations" in the product's documentation.

use std::sync::Arc;

use tsql::{AlterTable, ConstraintKind, Generated, IndexDefinition, TableDefinition};
use values::{SqlError, Value};

use super::Ddl;
use super::tables::TableMaking;
use super::temporal::{check_generated, history_column, no_rights, open_end, temporal};
use crate::errors::Errors;
use crate::ids::{ColumnId, DatabaseId, ObjectId, same_name};
use crate::object::Object;
use crate::permission::Permission;
use crate::rows::Row;
use crate::table::{Column, Index, Table, Temporal};

impl Ddl<'_> {
    fn name_of(&self, making: &TableMaking) -> String {
        self.full_name(making.database, making.schema, &making.name)
    }

    /// ALTER TABLE on either table of a pair: what is refused, and that changing columns needs
    /// CONTROL on both.
    pub(super) fn check_versioned_change(
        &self,
        object: &Object,
        making: &TableMaking,
        action: &AlterTable,
    ) -> Result<(), Errors> {
        let name = self.name_of(making);
        match making.table.temporal {
            Temporal::None => Ok(()),
            Temporal::History { .. } => check_history_change(&name, action).map_err(Into::into),
            Temporal::Versioned { history, .. } => {
                let changes_columns = match action {
                    AlterTable::Add(definition, _) => {
                        let past = self
                            .instance
                            .entered(making.database)
                            .object(history)
                            .map(|it| self.full_name(making.database, it.schema, &it.name))
                            .unwrap_or_default();
                        check_new_columns(&past, definition)?;
                        !definition.columns.is_empty()
                    }
                    AlterTable::AlterColumn(_)
                    | AlterTable::AlterColumnMask { .. }
                    | AlterTable::DropColumns(..)
                    | AlterTable::AlterColumnOption { .. } => true,
                    _ => false,
                };
                let controls =
                    |object: &Object| self.holds(&making.token, object, Permission::CONTROL);
                let both = self
                    .instance
                    .entered(making.database)
                    .object(history)
                    .is_some_and(|history| controls(history) && controls(object));
                if changes_columns && !both {
                    return Err(no_rights().into());
                }
                if let AlterTable::AlterColumn(definition) = action
                    && let Some(column) = making.table.column_named(&definition.name)
                    && column.generated.is_some()
                {
                    return Err(temporal(
                        13599,
                        format!(
                            "Period column '{}' in a system-versioned temporal table cannot be \
                             altered.",
                            column.name
                        ),
                    )
                    .into());
                }
                Ok(())
            }
        }
    }

    /// `ADD PERIOD FOR SYSTEM_TIME`: over new GENERATED ALWAYS columns, or over columns that are
    /// there and become such.
    pub(super) fn add_period(
        &mut self,
        making: &mut TableMaking,
        period: Option<&(String, String)>,
    ) -> Result<(), Errors> {
        if let Some((start, end)) = period {
            if making.table.period.is_some() {
                return Err(temporal(
                    13597,
                    format!(
                        "Temporal SYSTEM_TIME period is already defined on table '{}'.",
                        self.name_of(making)
                    ),
                )
                .into());
            }
            for (name, which) in [(start, Generated::RowStart), (end, Generated::RowEnd)] {
                let none_yet = making
                    .table
                    .columns
                    .iter()
                    .all(|column| column.generated != Some(which));
                let place = making.table.position_named(name).ok_or_else(|| {
                    temporal(
                        13750,
                        format!("Temporal period column '{name}' does not exist."),
                    )
                })?;
                let column = &mut making.table.columns[place];
                if column.generated.is_none() && none_yet {
                    check_generated(column, Some(column.nullable))?;
                    column.generated = Some(which);
                }
            }
        }
        self.define_period(making, period)
    }

    /// The rows under a new period: all are open, and none begins in the future.
    pub(super) fn check_period_rows(
        &self,
        making: &TableMaking,
        rows: &[Row],
    ) -> Result<(), Errors> {
        let Some((start, end)) = making.table.period_places() else {
            return Ok(());
        };
        let open = open_end(&making.table.columns[end].data_type);
        if rows.iter().any(|row| row[end] != open) {
            return Err(temporal(
                13575,
                format!(
                    "ADD PERIOD FOR SYSTEM_TIME failed because table '{}' contains records where \
                     end of period is not equal to MAX datetime.",
                    self.name_of(making)
                ),
            )
            .into());
        }
        let in_the_future =
            |row: &Row| matches!(row[start], Value::DateTime2(ticks) if ticks > self.now);
        if rows.iter().any(in_the_future) {
            return Err(temporal(
                13542,
                format!(
                    "ADD PERIOD FOR SYSTEM_TIME on table '{}' failed because there are open records \
                     with start of period set to a value in the future.",
                    self.name_of(making)
                ),
            )
            .into());
        }
        Ok(())
    }

    /// `DROP PERIOD FOR SYSTEM_TIME`: its columns are ordinary ones from then on.
    pub(super) fn drop_period(
        &mut self,
        object: &Object,
        mut making: TableMaking,
    ) -> Result<(), Errors> {
        let name = self.name_of(&making);
        if making.table.history().is_some() {
            return Err(temporal(
                13592,
                format!(
                    "Cannot drop SYSTEM_TIME period from table '{name}' when SYSTEM_VERSIONING is \
                     ON."
                ),
            )
            .into());
        }
        if making.table.period.take().is_none() {
            return Err(temporal(
                13593,
                format!(
                    "SYSTEM_TIME period cannot be dropped from table '{name}', because SYSTEM_TIME \
                     period does not exist."
                ),
            )
            .into());
        }
        for column in &mut making.table.columns {
            column.generated = None;
            column.hidden = false;
        }
        self.store_definition(making.database, object, making.table);
        Ok(())
    }

    /// `ALTER COLUMN … ADD|DROP HIDDEN`.
    pub(super) fn switch_hidden(
        &mut self,
        object: &Object,
        mut making: TableMaking,
        column: &str,
        hidden: bool,
    ) -> Result<(), Errors> {
        let name = self.name_of(&making);
        let place = making
            .table
            .position_named(column)
            .filter(|place| making.table.columns[*place].generated.is_some())
            .ok_or_else(|| {
                temporal(
                    13735,
                    format!(
                        "Cannot alter HIDDEN attribute on column '{column}' in table '{name}' \
                         because this column is not a generated always column."
                    ),
                )
            })?;
        making.table.columns[place].hidden = hidden;
        self.store_definition(making.database, object, making.table);
        Ok(())
    }

    /// 13588.
    pub(super) fn check_not_in_period(
        &self,
        making: &TableMaking,
        column: ColumnId,
    ) -> Result<(), Errors> {
        let Some((start, end)) = making.table.period else {
            return Ok(());
        };
        if column != start && column != end {
            return Ok(());
        }
        let shown = making
            .table
            .column(column)
            .map_or("", |column| &column.name);
        Err(temporal(
            13588,
            format!(
                "Column '{shown}' in table '{}' cannot be dropped because it is a part of period \
                 definition.",
                self.name_of(making)
            ),
        )
        .into())
    }

    /// 13557.
    pub(super) fn check_keeps_key(&self, making: &TableMaking) -> Result<(), Errors> {
        if making.table.history().is_none() {
            return Ok(());
        }
        Err(temporal(
            13557,
            format!(
                "Cannot drop PRIMARY KEY constraint from a system-versioned temporal table '{}'.",
                self.name_of(making)
            ),
        )
        .into())
    }

    /// 13552: neither table of a pair is dropped.
    pub(super) fn check_versioned_drop(
        &self,
        database: DatabaseId,
        object: &Object,
    ) -> Result<(), Errors> {
        let tied = object
            .as_table()
            .is_some_and(|table| table.temporal != Temporal::None);
        if !tied {
            return Ok(());
        }
        Err(temporal(
            13552,
            format!(
                "Drop table operation failed on table '{}' because it is not a supported operation \
                 on system-versioned temporal tables.",
                self.full_name(database, object.schema, &object.name)
            ),
        )
        .into())
    }

    /// SWITCH: rows may enter a current table and leave a history table, not the other way.
    pub(super) fn check_versioned_switch(
        &self,
        source: &Object,
        making: &TableMaking,
        target: &Object,
    ) -> Result<(), Errors> {
        if making.table.history().is_some() {
            return Err(temporal(
                13546,
                format!(
                    "Switching out partition failed on table '{}' because it is not a supported \
                     operation on system-versioned tables. Consider setting SYSTEM_VERSIONING to \
                     OFF and trying again.",
                    self.full_name(making.database, source.schema, &source.name)
                ),
            )
            .into());
        }
        let to = target.as_table().expect("asked before");
        let target_name = self.full_name(making.database, target.schema, &target.name);
        if to.is_history() {
            return Err(temporal(
                13547,
                format!(
                    "Switching in partition failed on history table '{target_name}' because it is \
                     not a supported operation on system-versioned tables. Consider setting \
                     SYSTEM_VERSIONING to OFF and trying again."
                ),
            )
            .into());
        }
        let period = |table: &Table| table.period_places();
        match (period(&making.table), period(to)) {
            (None, Some(_)) => Err(temporal(
                13577,
                format!(
                    "ALTER TABLE SWITCH statement failed on table '{target_name}' because target \
                     table has SYSTEM_TIME PERIOD while source table does not have it."
                ),
            )
            .into()),
            (Some(from), Some(to)) if from != to => Err(temporal(
                13578,
                format!(
                    "ALTER TABLE SWITCH statement failed on table '{target_name}' because target \
                     and source tables have different SYSTEM_TIME PERIOD definitions."
                ),
            )
            .into()),
            _ => Ok(()),
        }
    }

    /// 13741: a history table has no unique index.
    pub(super) fn check_history_index(
        &self,
        making: &TableMaking,
        definition: &IndexDefinition,
    ) -> Result<(), Errors> {
        if making.table.is_history() && definition.unique {
            return Err(temporal(
                13741,
                format!(
                    "Cannot create UNIQUE index on temporal history table '{}'.",
                    self.name_of(making)
                ),
            )
            .into());
        }
        Ok(())
    }

    /// 13766: a finite retention relies on the clustered index of the history table.
    pub(super) fn check_retention_keeps(
        &self,
        database: DatabaseId,
        table: &Table,
        index: &Index,
    ) -> Result<(), Errors> {
        let Temporal::History { of } = table.temporal else {
            return Ok(());
        };
        let finite = self
            .instance
            .entered(database)
            .table(of)
            .is_some_and(|table| {
                matches!(
                    table.temporal,
                    Temporal::Versioned {
                        retention: Some(_),
                        ..
                    }
                )
            });
        if !index.clustered || !finite {
            return Ok(());
        }
        Err(temporal(
            13766,
            format!(
                "Cannot drop the clustered index '{}' because it is being used for automatic \
                 cleanup of aged data. Consider setting HISTORY_RETENTION_PERIOD to INFINITE on the \
                 corresponding system-versioned temporal table if you need to drop this index.",
                index.name
            ),
        )
        .into())
    }

    /// 13569: INSTEAD OF triggers on neither table, AFTER triggers on the current one only.
    pub(super) fn check_versioned_trigger(
        &self,
        parent: &Object,
        instead_of: bool,
    ) -> Result<(), Errors> {
        let refused = match parent.as_table().map(|table| &table.temporal) {
            Some(Temporal::Versioned { .. }) => instead_of,
            Some(Temporal::History { .. }) => true,
            Some(Temporal::None) | None => false,
        };
        if !refused {
            return Ok(());
        }
        Err(temporal(
            13569,
            format!(
                "Cannot create a trigger on a system-versioned temporal table '{}'.",
                self.full_name(self.database, parent.schema, &parent.name)
            ),
        )
        .into())
    }

    /// New columns of the current table appear in its history; its old versions get the value
    /// that the rows of the current table got.
    pub(super) fn add_to_history(
        &mut self,
        database: DatabaseId,
        history: ObjectId,
        columns: &[Column],
        fill: &[Option<Value>],
    ) -> Result<(), Errors> {
        let Some(object) = self.instance.entered(database).object(history).cloned() else {
            return Ok(());
        };
        let mut table = object.as_table().cloned().unwrap_or_default();
        for column in columns {
            let id = ColumnId(table.next_column);
            table.next_column += 1;
            table.columns.push(Column {
                id,
                ..history_column(column)
            });
        }
        self.store_table_with(database, &object, table, |row| {
            let mut new = row.to_vec();
            new.extend(
                fill.iter()
                    .map(|value| value.clone().unwrap_or(Value::Null)),
            );
            Ok(Row::from(new))
        })
    }

    /// A column renamed in the current table is renamed in its history.
    pub(super) fn rename_in_history(
        &mut self,
        database: DatabaseId,
        history: ObjectId,
        place: usize,
        name: &str,
    ) {
        let Some(object) = self.instance.entered(database).object(history).cloned() else {
            return;
        };
        let mut table = object.as_table().cloned().unwrap_or_default();
        table.columns[place].name = Arc::from(name);
        self.store_definition(database, &object, table);
    }
}

/// What ALTER TABLE refuses on a history table.
fn check_history_change(name: &str, action: &AlterTable) -> Result<(), SqlError> {
    let operation = |number, what: &str| {
        temporal(
            number,
            format!(
                "{what} operation failed on table '{name}' because it is not a supported operation \
                 on system-versioned temporal tables."
            ),
        )
    };
    match action {
        AlterTable::Add(definition, _) => {
            if definition.period.is_some() {
                return Err(temporal(
                    13598,
                    format!(
                        "Temporal SYSTEM_TIME period cannot be defined on history table '{name}'."
                    ),
                ));
            }
            if !definition.columns.is_empty() {
                return Err(operation(13550, "Add column"));
            }
            for constraint in &definition.constraints {
                let refused = match &constraint.kind {
                    ConstraintKind::PrimaryKey(_) => (
                        13558,
                        format!(
                            "Cannot add PRIMARY KEY constraint to a temporal history table '{name}'."
                        ),
                    ),
                    ConstraintKind::Unique(_) => (
                        13583,
                        format!(
                            "Cannot add UNIQUE KEY constraint to a temporal history table '{name}'."
                        ),
                    ),
                    ConstraintKind::Check { .. } => (
                        13564,
                        format!(
                            "Adding CHECK constraint to a temporal history table '{name}' is not \
                             allowed."
                        ),
                    ),
                    ConstraintKind::ForeignKey { .. }
                    | ConstraintKind::Default { .. }
                    | ConstraintKind::Index(_) => continue,
                };
                return Err(temporal(refused.0, refused.1));
            }
            Ok(())
        }
        AlterTable::AlterColumn(definition) => Err(cannot_alter(&definition.name, name)),
        AlterTable::AlterColumnOption { column, .. }
        | AlterTable::AlterColumnMask { column, .. } => Err(cannot_alter(column, name)),
        AlterTable::DropColumns(..) => Err(operation(13551, "Drop column")),
        _ => Ok(()),
    }
}

fn cannot_alter(column: &str, name: &str) -> SqlError {
    temporal(
        13548,
        format!(
            "Cannot alter column '{column}' on table '{name}' because it is not a supported \
             operation on system-versioned temporal tables."
        ),
    )
}

/// Columns that cannot be added while SYSTEM_VERSIONING is ON.
fn check_new_columns(name: &str, definition: &TableDefinition) -> Result<(), SqlError> {
    let failed = |number, what: &str| {
        temporal(
            number,
            format!("System-versioned table schema modification failed because {what}"),
        )
    };
    for column in &definition.columns {
        if matches!(column.kind, tsql::ColumnKind::Computed { .. }) {
            return Err(failed(
                13724,
                "adding computed column while system-versioning is ON is not supported.",
            ));
        }
        if column.identity.is_some() {
            return Err(failed(
                13704,
                &format!(
                    "history table '{name}' has IDENTITY column specification. Consider dropping \
                     all IDENTITY column specifications and trying again."
                ),
            ));
        }
        if column.row_guid {
            return Err(failed(
                13723,
                &format!(
                    "history table '{name}' has ROWGUID column specification. Consider dropping all \
                     ROWGUID column specifications and trying again."
                ),
            ));
        }
        let is_row_version = matches!(
            &column.kind,
            tsql::ColumnKind::Data(data_type)
                if ["rowversion", "timestamp"]
                    .iter()
                    .any(|it| same_name(it, crate::names::last(&data_type.name)))
        );
        if is_row_version {
            return Err(SqlError::unsupported(
                "adding a rowversion column to a system-versioned table",
            ));
        }
    }
    Ok(())
}
