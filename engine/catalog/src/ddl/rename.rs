//! sp_rename: a new name for an object, a column or an index, on the same permissions.

use std::sync::Arc;

use tsql::Name;
use values::SqlError;

use super::Ddl;
use super::schemas::is_bound_to;
use crate::errors::{Errors, err};
use crate::ids::{DatabaseId, same_name};
use crate::names::{display, last};
use crate::object::{Object, ObjectKind};
use crate::permission::Permission;
use crate::undo::Change;

impl Ddl<'_> {
    /// `sp_rename 'name', 'new', 'type'`; `kind` is the third argument.
    ///
    /// # Errors
    /// 15225 for what is missing or not allowed, 15335 for a name in use, 15336 for what a
    /// schema-bound module needs, 15248 for an unknown type.
    pub fn rename(
        &mut self,
        name: &Name,
        new_name: &str,
        kind: Option<&str>,
    ) -> Result<(), Errors> {
        let kind_name = kind.map(str::to_uppercase);
        let database_name = self.instance.entered(self.database).name().to_string();
        let missing = || -> Errors {
            err(
                15225,
                11,
                1,
                format!(
                    "No item by the name of '{}' could be found in the current database '{}', given \
                     that @itemtype was input as '{}'.",
                    display(name),
                    database_name,
                    kind.unwrap_or("(null)")
                ),
            )
            .into()
        };
        let parent_name = || {
            let parts = &name.0[..name.0.len().saturating_sub(1)];
            (!parts.is_empty()).then(|| Name(parts.to_vec()))
        };
        match kind_name.as_deref() {
            None | Some("OBJECT") => {
                let found = self.find(name)?;
                match found {
                    Some((token, object)) => {
                        if !self.holds(&token, &object, Permission::ALTER) {
                            return Err(missing());
                        }
                        self.rename_object(token.database, &object, new_name)
                    }
                    None if kind_name.is_none() => {
                        // Without a type the name may be a column or an index.
                        let Some(table) = parent_name() else {
                            return Err(missing());
                        };
                        self.rename_part(&table, last(name), new_name, None)?
                            .ok_or_else(missing)
                    }
                    None => Err(missing()),
                }
            }
            Some(part @ ("COLUMN" | "INDEX")) => {
                let Some(table) = parent_name() else {
                    return Err(missing());
                };
                self.rename_part(&table, last(name), new_name, Some(part))?
                    .ok_or_else(missing)
            }
            Some("USERDATATYPE" | "DATABASE" | "STATISTICS") => Err(SqlError::unsupported(
                format!("sp_rename of {}", kind.unwrap_or_default()),
            )
            .into()),
            Some(_) => Err(err(
                15249,
                11,
                1,
                format!(
                    "Error: Explicit @objtype '{}' is unrecognized.",
                    kind.unwrap_or_default()
                ),
            )
            .into()),
        }
    }

    fn rename_object(
        &mut self,
        id: DatabaseId,
        object: &Arc<Object>,
        new_name: &str,
    ) -> Result<(), Errors> {
        let database = Arc::clone(self.instance.entered(id));
        if database
            .object_named(object.schema, new_name)
            .is_some_and(|other| other.id != object.id)
        {
            return Err(in_use(new_name, "OBJECT").into());
        }
        if database
            .objects()
            .any(|other| is_bound_to(other, object.id))
        {
            return Err(err(
                15336,
                16,
                1,
                format!(
                    "Object '{}.{}' cannot be renamed because the object participates in enforced \
                     dependencies.",
                    database.schema_name(object.schema),
                    object.name
                ),
            )
            .into());
        }
        let changed = Object {
            name: Arc::from(new_name),
            modified: self.now,
            ..Object::clone(object)
        };
        self.instance.apply(
            Change::Object(database.id, object.id, Some(Arc::new(changed))),
            self.undo,
        );
        // A constraint is known to its table by name too, and its index is called the same.
        if let (ObjectKind::Constraint(_), Some(parent)) = (&object.kind, object.parent)
            && let Some(parent) = database.object(parent)
        {
            let mut changed = Object::clone(parent);
            if let ObjectKind::Table(table) = &mut changed.kind {
                for constraint in &mut table.constraints {
                    if constraint.id == object.id {
                        constraint.name = Arc::from(new_name);
                        constraint.system_named = false;
                    }
                }
                for index in &mut table.indexes {
                    if index.constraint == Some(object.id) {
                        index.name = Arc::from(new_name);
                    }
                }
            }
            self.instance.apply(
                Change::Object(database.id, parent.id, Some(Arc::new(changed))),
                self.undo,
            );
        }
        Ok(())
    }

    /// Renames a column or index; `None` when there is none or it is not allowed.
    fn rename_part(
        &mut self,
        table: &Name,
        old: &str,
        new: &str,
        kind: Option<&str>,
    ) -> Result<Option<()>, Errors> {
        let Some((token, object)) = self.find(table)? else {
            return Ok(None);
        };
        if !self.holds(&token, &object, Permission::ALTER) {
            return Ok(None);
        }
        let mut changed = Object::clone(&object);
        changed.modified = self.now;
        let ObjectKind::Table(definition) = &mut changed.kind else {
            return Ok(None);
        };
        if kind != Some("INDEX")
            && let Some(place) = definition.position_named(old)
        {
            if definition
                .position_named(new)
                .is_some_and(|other| other != place)
            {
                return Err(in_use(new, "COLUMN").into());
            }
            if let Some(bound) = self.binding_of(token.database, object.id).filter(|bound| {
                bound.as_policy().is_none() || super::policies::reads_column(bound, object.id, old)
            }) {
                return Err(err(
                    15336,
                    16,
                    1,
                    format!(
                        "Object '{}.{old}' cannot be renamed because the object participates in \
                             enforced dependencies. ('{}')",
                        display(table),
                        bound.name
                    ),
                )
                .into());
            }
            let history = definition.history();
            if definition.is_history() {
                return Err(super::temporal::temporal(
                    13759,
                    format!(
                        "Renaming a column failed on history table '{}' because it is not a \
                         supported operation on system-versioned tables. Consider setting \
                         SYSTEM_VERSIONING to OFF and trying again.",
                        self.full_name(token.database, object.schema, &object.name)
                    ),
                )
                .into());
            }
            definition.columns[place].name = Arc::from(new);
            if let Some(history) = history {
                self.rename_in_history(token.database, history, place, new);
            }
            self.instance.apply(
                Change::Object(token.database, object.id, Some(Arc::new(changed))),
                self.undo,
            );
            return Ok(Some(()));
        }
        if kind != Some("COLUMN") {
            let at = definition
                .indexes
                .iter()
                .position(|index| same_name(&index.name, old));
            if let Some(at) = at {
                if definition.index_named(new).is_some() {
                    return Err(in_use(new, "INDEX").into());
                }
                let constraint = definition.indexes[at].constraint;
                if let Some(constraint) = constraint
                    .and_then(|id| self.instance.entered(token.database).object(id).cloned())
                {
                    return self
                        .rename_object(token.database, &constraint, new)
                        .map(Some);
                }
                definition.indexes[at].name = Arc::from(new);
                self.instance.apply(
                    Change::Object(token.database, object.id, Some(Arc::new(changed))),
                    self.undo,
                );
                return Ok(Some(()));
            }
        }
        Ok(None)
    }
}

/// 15335.
fn in_use(name: &str, kind: &str) -> SqlError {
    err(
        15335,
        11,
        1,
        format!(
            "Error: The new name '{name}' is already in use as a {kind} name and would cause a \
             duplicate that is not permitted."
        ),
    )
}
