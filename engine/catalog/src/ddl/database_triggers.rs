//! Triggers ON DATABASE: made, switched and dropped with ALTER ANY DATABASE DDL TRIGGER.
//!
//! They are in no schema. Here they stand among the objects under the schema number 0, which no
//! name reaches, so that each of them is found by its own name and by nothing else.

use std::sync::Arc;

use tsql::{Module, ModuleVerb, Name};
use values::SqlError;

use super::place::{already_exists, cannot_drop, cannot_find_object};
use super::{Ddl, Made};
use crate::errors::{Errors, err};
use crate::ids::SchemaId;
use crate::names::{display, last};
use crate::object::{Object, ObjectKind};
use crate::permission::{Permission, Securable};
use crate::security::UserToken;
use crate::undo::Change;

impl Ddl<'_> {
    pub(super) fn create_database_trigger(
        &mut self,
        module: &Module,
        events: &[String],
        on_server: bool,
    ) -> Result<Made, Errors> {
        let token = self.token()?;
        let name = last(&module.name).to_owned();
        let existing = self.database_trigger(&name);
        let altering = match module.verb {
            ModuleVerb::Create => false,
            ModuleVerb::Alter => true,
            ModuleVerb::CreateOrAlter => existing.is_some(),
        };
        if !self.may_trigger(&token) {
            return Err(if altering {
                cannot_drop("alter", "trigger", &name, true).into()
            } else {
                err(
                    2104,
                    14,
                    1,
                    format!(
                        "Cannot create the trigger '{name}', because you do not have permission."
                    ),
                )
                .into()
            });
        }
        if on_server {
            return Err(SqlError::unsupported("triggers ON ALL SERVER").into());
        }
        if module.name.0.len() > 1 {
            return Err(err(
                1098,
                15,
                1,
                "The specified event type(s) is/are not valid on the specified target object.",
            )
            .into());
        }
        if let Some(event) = events
            .iter()
            .find(|event| !crate::ddl_events::is_known(event))
        {
            return Err(SqlError::unsupported(format!("the DDL event {event}")).into());
        }
        if existing.is_some() && !altering {
            return Err(already_exists(&name, 2).into());
        }
        if existing.is_none() && altering {
            return Err(err(
                208,
                16,
                6,
                format!("Invalid object name '{}'.", display(&module.name)),
            )
            .into());
        }
        let stored = self.compile(module, &token, SchemaId::DBO)?;
        let id = match &existing {
            Some(existing) => existing.id,
            None => self
                .instance
                .database_mut(self.database)
                .expect("entered")
                .new_object_id(),
        };
        let object = Object {
            id,
            name: Arc::from(name),
            schema: SchemaId::NONE,
            owner: None,
            parent: None,
            temporary: None,
            created: existing.map_or(self.now, |old| old.created),
            modified: self.now,
            kind: ObjectKind::Module(stored),
        };
        self.instance.apply(
            Change::Object(self.database, id, Some(Arc::new(object))),
            self.undo,
        );
        Ok(Some((self.database, id)))
    }

    pub(super) fn drop_database_trigger(
        &mut self,
        name: &str,
        if_exists: bool,
    ) -> Result<(), Errors> {
        let token = self.token()?;
        let Some(trigger) = self.database_trigger(name) else {
            return if if_exists {
                Ok(())
            } else {
                Err(cannot_drop("drop", "trigger", name, false).into())
            };
        };
        if !self.may_trigger(&token) {
            return Err(cannot_drop("drop", "trigger", name, true).into());
        }
        self.instance
            .remove_object(self.database, trigger.id, self.undo);
        Ok(())
    }

    /// ENABLE and DISABLE TRIGGER … ON DATABASE; no names means ALL. 1088 for whatever is missing
    /// or not allowed.
    pub(super) fn switch_database_triggers(
        &mut self,
        enable: bool,
        names: &[Name],
    ) -> Result<(), Errors> {
        let token = self.token()?;
        let database = Arc::clone(self.instance.entered(self.database));
        if !self.may_trigger(&token) {
            let shown = names
                .first()
                .map_or_else(|| database.name().to_string(), display);
            return Err(cannot_find_object(&shown, 120).into());
        }
        let mut chosen: Vec<Arc<Object>> = Vec::new();
        if names.is_empty() {
            chosen.extend(database.database_triggers().cloned());
        }
        for name in names {
            let found = self
                .database_trigger(last(name))
                .ok_or_else(|| cannot_find_object(&display(name), 121))?;
            chosen.push(found);
        }
        for trigger in chosen {
            let mut changed = Object::clone(&trigger);
            changed.modified = self.now;
            if let ObjectKind::Module(module) = &mut changed.kind {
                module.disabled = !enable;
            }
            self.instance.apply(
                Change::Object(self.database, trigger.id, Some(Arc::new(changed))),
                self.undo,
            );
        }
        Ok(())
    }

    fn database_trigger(&self, name: &str) -> Option<Arc<Object>> {
        self.instance
            .entered(self.database)
            .object_named(SchemaId::NONE, name)
            .cloned()
    }

    fn may_trigger(&self, token: &UserToken) -> bool {
        self.instance.has_permission(
            token,
            Securable::Database,
            Permission::ALTER_ANY_DATABASE_DDL_TRIGGER,
        )
    }
}
