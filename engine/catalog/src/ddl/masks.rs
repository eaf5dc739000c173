//! ALTER COLUMN … ADD MASKED and DROP MASKED: who may, and on which columns?

use std::sync::Arc;

use values::SqlError;

use super::Ddl;
use super::alter_table::{User, dependent, users_of};
use super::tables::TableMaking;
use crate::errors::{Errors, err};
use crate::mask::Mask;
use crate::object::{Object, ObjectKind};
use crate::permission::{Permission, Securable};
use crate::table::Column;

impl Ddl<'_> {
    /// Sets, replaces or takes away a mask. ALTER on the table has been asked before; ALTER ANY
    /// MASK on the database is asked here (15247 with state 5).
    pub(super) fn switch_mask(
        &mut self,
        object: &Object,
        mut making: TableMaking,
        column: &str,
        function: Option<&str>,
    ) -> Result<(), Errors> {
        let allowed = object.temporary.is_some()
            || self.instance.has_permission(
                &making.token,
                Securable::Database,
                Permission::ALTER_ANY_MASK,
            );
        if !allowed {
            return Err(err(
                15247,
                16,
                5,
                "User does not have permission to perform this action.",
            )
            .into());
        }
        let place = making.table.position_named(column).ok_or_else(|| {
            err(
                4924,
                16,
                1,
                format!(
                    "ALTER TABLE ALTER COLUMN failed because column '{column}' does not exist in \
                     table '{}'.",
                    making.name
                ),
            )
        })?;
        let old = making.table.columns[place].clone();
        if old.computed.is_some() {
            return Err(err(
                4928,
                16,
                1,
                format!(
                    "Cannot alter column '{}' because it is 'COMPUTED'.",
                    old.name
                ),
            )
            .into());
        }
        let users: Vec<User> = users_of(&making.table, old.id, &old.name)
            .into_iter()
            .filter(|user| user.kind == "column")
            .collect();
        if !users.is_empty() {
            return Err(dependent(&users, &[], &old.name, "ALTER COLUMN"));
        }
        let mask = read(function, &old)?;
        if mask.is_none() && old.masked.is_none() {
            return Err(err(
                16007,
                16,
                0,
                format!(
                    "The column '{}' does not have a data masking function.",
                    old.name
                ),
            )
            .into());
        }
        making.table.columns[place].masked = mask.clone();
        let history = making
            .table
            .history()
            .and_then(|id| self.instance.entered(making.database).object(id).cloned());
        self.store_definition(making.database, object, making.table);
        // The history table keeps the same columns, masks included.
        if let Some(history) = history
            && let ObjectKind::Table(table) = &history.kind
        {
            let mut table = table.clone();
            if let Some(place) = table.position_named(&old.name) {
                table.columns[place].masked = mask;
            }
            self.store_definition(making.database, &history, table);
        }
        Ok(())
    }
}

/// The mask that a column definition states.
pub(super) fn read(function: Option<&str>, column: &Column) -> Result<Option<Arc<Mask>>, SqlError> {
    function
        .map(|text| Mask::read(text, &column.name, &column.data_type).map(Arc::new))
        .transpose()
}
