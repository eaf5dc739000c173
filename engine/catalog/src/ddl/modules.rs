//! Views, procedures, functions and triggers: stored as they are written, with what is known of
//! them when they are made.

use std::collections::BTreeMap;
use std::sync::Arc;

use tsql::{ExecuteAs, Module, ModuleBody, ModuleVerb};
use values::SqlError;

use super::place::{CreateRefusal, already_exists, cannot_drop, cannot_find};
use super::schemas::is_bound_to;
use super::{Ddl, Made};
use crate::errors::{Errors, err};
use crate::ids::{ColumnId, DatabaseId, ObjectId, PrincipalId, SchemaId, same_name};
use crate::names::{display, last};
use crate::object::{ModuleExecuteAs, ModuleObject, ModuleParameter, Object, ObjectKind};
use crate::permission::Permission;
use crate::security::UserToken;
use crate::table::{Column, Table};
use crate::undo::Change;

/// The word of a module's kind in messages, and the permission to make one.
fn kind_of(body: &ModuleBody) -> (&'static str, Option<Permission>) {
    match body {
        ModuleBody::View { .. } => ("view", Some(Permission::CREATE_VIEW)),
        ModuleBody::Procedure(_) => ("procedure", Some(Permission::CREATE_PROCEDURE)),
        ModuleBody::ScalarFunction { .. }
        | ModuleBody::InlineFunction(_)
        | ModuleBody::TableFunction { .. } => ("function", Some(Permission::CREATE_FUNCTION)),
        ModuleBody::Trigger { .. } | ModuleBody::DdlTrigger { .. } => ("trigger", None),
    }
}

impl Ddl<'_> {
    pub(super) fn create_module(&mut self, module: &Module) -> Result<Made, Errors> {
        let (word, permission) = kind_of(&module.body);
        if module.name.0.len() > 2 {
            return Err(err(
                166,
                15,
                1,
                format!(
                    "'CREATE/ALTER {}' does not allow specifying the database name as a prefix to \
                     the object name.",
                    word.to_uppercase()
                ),
            )
            .into());
        }
        if last(&module.name).starts_with('#') {
            return Err(SqlError::unsupported(format!("temporary {word}s")).into());
        }
        for option in &module.options {
            if matches!(option.as_str(), "NATIVE_COMPILATION" | "VIEW_METADATA") {
                return Err(SqlError::unsupported(format!("modules WITH {option}")).into());
            }
        }
        match &module.body {
            ModuleBody::Trigger { .. } => return self.create_trigger(module),
            ModuleBody::DdlTrigger {
                on_server, events, ..
            } => return self.create_database_trigger(module, events, *on_server),
            _ => {}
        }
        let permission = permission.expect("triggers are handled above");
        let existing = self.find(&module.name)?.map(|(_, object)| object);
        match module.verb {
            ModuleVerb::Create => self.create_new(module, permission),
            ModuleVerb::Alter => match existing {
                Some(object) => self.alter_existing(module, word, &object),
                None => Err(err(
                    208,
                    16,
                    6,
                    format!("Invalid object name '{}'.", display(&module.name)),
                )
                .into()),
            },
            ModuleVerb::CreateOrAlter => match existing {
                Some(object) => self.alter_existing(module, word, &object),
                None => self.create_new(module, permission),
            },
        }
    }

    fn create_new(&mut self, module: &Module, permission: Permission) -> Result<Made, Errors> {
        let place = self.place(&module.name, permission, CreateRefusal::Denied(18))?;
        let database = place.database();
        if self
            .instance
            .entered(database)
            .object_named(place.schema, &place.name)
            .is_some()
        {
            return Err(already_exists(&place.name, 3).into());
        }
        let stored = self.compile(module, &place.token, place.schema)?;
        let id = self
            .instance
            .database_mut(database)
            .expect("it was entered")
            .new_object_id();
        let object = Object {
            id,
            name: Arc::from(place.name),
            schema: place.schema,
            owner: None,
            parent: None,
            temporary: None,
            created: self.now,
            modified: self.now,
            kind: ObjectKind::Module(stored),
        };
        self.instance.apply(
            Change::Object(database, id, Some(Arc::new(object))),
            self.undo,
        );
        Ok(Some((database, id)))
    }

    fn alter_existing(
        &mut self,
        module: &Module,
        word: &str,
        object: &Arc<Object>,
    ) -> Result<Made, Errors> {
        let token = self.token()?;
        if !self.holds(&token, object, Permission::ALTER) {
            return Err(cannot_drop("alter", word, last(&module.name), true).into());
        }
        let same_kind = object
            .as_module()
            .is_some_and(|old| kind_of(&old.definition.body).0 == word);
        if !same_kind {
            return Err(err(
                2010,
                16,
                1,
                format!(
                    "Cannot perform alter on '{}' because it is an incompatible object type.",
                    display(&module.name)
                ),
            )
            .into());
        }
        if let Some(bound) = self.bound_to(object.id) {
            return Err(self
                .referenced("ALTER", &display(&module.name), &bound)
                .into());
        }
        let stored = self.compile(module, &token, object.schema)?;
        let changed = Object {
            modified: self.now,
            kind: ObjectKind::Module(stored),
            ..Object::clone(object)
        };
        self.instance.apply(
            Change::Object(self.database, object.id, Some(Arc::new(changed))),
            self.undo,
        );
        Ok(Some((self.database, object.id)))
    }

    /// 3729.
    pub(super) fn referenced(&self, verb: &str, name: &str, by: &Object) -> SqlError {
        err(
            3729,
            16,
            1,
            format!(
                "Cannot {verb} '{name}' because it is being referenced by object '{}'.",
                by.name
            ),
        )
    }

    /// Resolves what a module declares: parameters, result columns, EXECUTE AS, bindings.
    pub(super) fn compile(
        &mut self,
        module: &Module,
        token: &UserToken,
        schema: SchemaId,
    ) -> Result<ModuleObject, Errors> {
        let database = token.database;
        let mut parameters: Vec<ModuleParameter> = Vec::new();
        for (ordinal, parameter) in module.parameters.iter().enumerate() {
            if parameters
                .iter()
                .any(|other| same_name(&other.name, &parameter.name))
            {
                return Err(err(
                    134,
                    15,
                    1,
                    format!(
                        "The variable name '{}' has already been declared. Variable names must be \
                         unique within a query batch or stored procedure.",
                        parameter.name
                    ),
                )
                .into());
            }
            let declared = self
                .instance
                .declared_type(database, schema, &parameter.data_type)
                .map_err(|mut error| {
                    error.message = error
                        .message
                        .replacen("#1:", &format!("#{}:", ordinal + 1), 1);
                    error
                })?;
            if declared.table.is_some() && !parameter.read_only {
                return Err(err(
                    352,
                    15,
                    1,
                    format!(
                        "The table-valued parameter \"{}\" must be declared with the READONLY option.",
                        parameter.name
                    ),
                )
                .into());
            }
            parameters.push(ModuleParameter {
                name: Arc::from(parameter.name.as_str()),
                data_type: declared.data_type,
                user_type: declared.user_type,
                default: parameter.default.clone(),
                output: parameter.output,
                read_only: parameter.read_only,
            });
        }
        let execute_as = match &module.execute_as {
            None | Some(ExecuteAs::Caller) => ModuleExecuteAs::Caller,
            Some(ExecuteAs::Owner) => ModuleExecuteAs::Owner,
            Some(ExecuteAs::SelfUser) => {
                ModuleExecuteAs::User(token.user.unwrap_or(PrincipalId::GUEST))
            }
            Some(ExecuteAs::User(name)) => ModuleExecuteAs::User(
                self.context
                    .impersonable_user(self.instance, database, name)
                    .ok_or_else(|| cannot_find("find", "user", name))?,
            ),
            Some(ExecuteAs::Login(_)) => {
                return Err(SqlError::unsupported("EXECUTE AS LOGIN in a module").into());
            }
        };
        let mut returns = None;
        let columns = match &module.body {
            ModuleBody::View { .. } | ModuleBody::InlineFunction(_) => {
                let columns = self.evaluator.module_columns(
                    self.instance,
                    self.context,
                    database,
                    schema,
                    module,
                )?;
                let collation = self.instance.entered(database).options().collation;
                let mut made: Vec<Column> = Vec::new();
                for (ordinal, (name, data_type, nullable)) in columns.into_iter().enumerate() {
                    let id = ColumnId(i32::try_from(ordinal + 1).unwrap_or(i32::MAX));
                    made.push(Column {
                        collation,
                        ..Column::plain(id, name, data_type, nullable)
                    });
                }
                made
            }
            ModuleBody::TableFunction {
                variable,
                definition,
                ..
            } => self.free_table(variable, definition)?.columns,
            ModuleBody::ScalarFunction {
                returns: written, ..
            } => {
                returns = Some(
                    self.instance
                        .declared_type(database, schema, written)?
                        .data_type,
                );
                Vec::new()
            }
            ModuleBody::Procedure(_)
            | ModuleBody::Trigger { .. }
            | ModuleBody::DdlTrigger { .. } => Vec::new(),
        };
        let schema_bound_to = if module
            .options
            .iter()
            .any(|option| option == "SCHEMABINDING")
        {
            self.bindings(module, database, schema)?
        } else {
            Vec::new()
        };
        Ok(ModuleObject {
            definition: Arc::new(module.clone()),
            columns,
            returns,
            parameters,
            execute_as,
            disabled: false,
            firing_order: BTreeMap::new(),
            signatures: Vec::new(),
            schema_bound_to,
        })
    }

    /// The objects that the query of a schema-bound view or inline function names.
    fn bindings(
        &self,
        module: &Module,
        database: DatabaseId,
        schema: SchemaId,
    ) -> Result<Vec<ObjectId>, Errors> {
        let query = match &module.body {
            ModuleBody::View { query, .. } | ModuleBody::InlineFunction(query) => query,
            _ => return Ok(Vec::new()),
        };
        let mut names: Vec<Vec<String>> = Vec::new();
        let _ = tsql::sql::visit_relations(&**query, |name| {
            names.push(
                name.0
                    .iter()
                    .filter_map(|part| part.as_ident().map(|ident| ident.value.clone()))
                    .collect(),
            );
            std::ops::ControlFlow::<()>::Continue(())
        });
        let database = self.instance.entered(database);
        let mut found = Vec::new();
        for name in names {
            let object = match name.as_slice() {
                [object] => database.object_named(schema, object),
                [of, object] => database
                    .schema_named(of)
                    .and_then(|of| database.object_named(of.id, object)),
                _ => None,
            };
            if let Some(object) = object {
                if name.len() == 1 {
                    return Err(err(
                        4512,
                        16,
                        3,
                        format!(
                            "Cannot schema bind {} '{}' because name '{}' is invalid for schema \
                             binding. Names must be in two-part format and an object cannot \
                             reference itself.",
                            kind_of(&module.body).0,
                            display(&module.name),
                            name[0]
                        ),
                    )
                    .into());
                }
                found.push(object.id);
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn create_trigger(&mut self, module: &Module) -> Result<Made, Errors> {
        let token = self.token()?;
        let name = last(&module.name).to_owned();
        let no_permission = || {
            err(
                2104,
                14,
                1,
                format!("Cannot create the trigger '{name}', because you do not have permission."),
            )
        };
        let ModuleBody::Trigger {
            on,
            instead_of,
            events,
            ..
        } = &module.body
        else {
            return Err(
                SqlError::unsupported("triggers on other things than tables and views").into(),
            );
        };
        let invalid = || {
            err(
                8197,
                16,
                4,
                format!(
                    "The object '{}' does not exist or is invalid for this operation.",
                    display(on)
                ),
            )
        };
        let (found_in, parent) = self.find(on)?.ok_or_else(invalid)?;
        if found_in.database != self.database && parent.temporary.is_none() {
            return Err(err(
                2108,
                15,
                1,
                format!(
                    "Cannot create trigger on '{}' as the target is not in the current database.",
                    display(on)
                ),
            )
            .into());
        }
        let is_view = parent.is_view();
        if parent.as_table().is_none() && !is_view || (is_view && !instead_of) {
            return Err(invalid().into());
        }
        if parent.temporary.is_some() {
            return Err(SqlError::unsupported("triggers on temporary tables").into());
        }
        let existing = self
            .instance
            .entered(self.database)
            .object_named(parent.schema, &name)
            .cloned();
        let altering = match module.verb {
            ModuleVerb::Create => false,
            ModuleVerb::Alter => true,
            ModuleVerb::CreateOrAlter => existing.is_some(),
        };
        if !self.holds(&token, &parent, Permission::ALTER) {
            return Err(if altering && existing.is_some() {
                cannot_drop("alter", "trigger", &name, true).into()
            } else {
                no_permission().into()
            });
        }
        if let [schema, _] = module.name.0.as_slice() {
            let database = self.instance.entered(self.database);
            if !same_name(schema, database.schema_name(parent.schema)) {
                return Err(err(
                    2103,
                    15,
                    1,
                    format!(
                        "Cannot {} trigger '{name}' because its schema is different from the schema \
                         of the target table or view.",
                        if altering { "alter" } else { "create" }
                    ),
                )
                .into());
            }
        }
        if let (Some(existing), false) = (&existing, altering) {
            return Err(already_exists(&existing.name, 2).into());
        }
        self.check_versioned_trigger(&parent, *instead_of)?;
        if *instead_of {
            self.check_instead_of(&parent, &name, events, existing.as_ref().map(|old| old.id))?;
        }
        let stored = self.compile(module, &token, parent.schema)?;
        let id = match &existing {
            Some(existing) if altering => {
                if existing.parent != Some(parent.id) {
                    return Err(err(
                        2109,
                        16,
                        1,
                        format!(
                            "Cannot alter trigger '{name}' on '{}' because this trigger does not \
                             belong to this object.",
                            display(on)
                        ),
                    )
                    .into());
                }
                existing.id
            }
            _ if altering => {
                return Err(err(
                    208,
                    16,
                    6,
                    format!("Invalid object name '{}'.", display(&module.name)),
                )
                .into());
            }
            _ => self
                .instance
                .database_mut(self.database)
                .expect("entered")
                .new_object_id(),
        };
        let object = Object {
            id,
            name: Arc::from(name),
            schema: parent.schema,
            owner: None,
            parent: Some(parent.id),
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

    /// One INSTEAD OF trigger per table and event; none beside a cascading foreign key.
    fn check_instead_of(
        &self,
        parent: &Object,
        name: &str,
        events: &[tsql::TriggerEvent],
        replacing: Option<ObjectId>,
    ) -> Result<(), Errors> {
        let database = self.instance.entered(self.database);
        for other in database.children_of(parent.id) {
            if Some(other.id) == replacing {
                continue;
            }
            let Some(ModuleBody::Trigger {
                instead_of: true,
                events: others,
                ..
            }) = other.as_module().map(|module| &module.definition.body)
            else {
                continue;
            };
            if let Some(event) = events.iter().find(|event| others.contains(event)) {
                return Err(err(
                    2111,
                    16,
                    1,
                    format!(
                        "Cannot create trigger '{name}' on {} '{}' because an INSTEAD OF {} trigger \
                         already exists on this object.",
                        if parent.is_view() { "view" } else { "table" },
                        parent.name,
                        event_name(*event)
                    ),
                )
                .into());
            }
        }
        let cascades = parent
            .as_table()
            .into_iter()
            .flat_map(Table::foreign_keys)
            .any(|(_, key)| {
                (events.contains(&tsql::TriggerEvent::Delete)
                    && key.on_delete != tsql::ReferentialAction::NoAction)
                    || (events.contains(&tsql::TriggerEvent::Update)
                        && key.on_update != tsql::ReferentialAction::NoAction)
            });
        if cascades {
            return Err(err(
                2113,
                16,
                1,
                format!(
                    "Cannot create INSTEAD OF DELETE or INSTEAD OF UPDATE trigger '{name}' on table \
                     '{}'. This is because the table has a FOREIGN KEY with cascading DELETE or \
                     UPDATE.",
                    parent.name
                ),
            )
            .into());
        }
        Ok(())
    }

    /// `ENABLE | DISABLE TRIGGER … ON …`; no names means ALL.
    ///
    /// # Errors
    /// 1088 without ALTER on the table, 15151-like 4902 for a missing one, 1088 for a missing
    /// trigger.
    pub fn switch_triggers(
        &mut self,
        enable: bool,
        triggers: &[tsql::Name],
        on: Option<&tsql::Name>,
    ) -> Result<(), Errors> {
        let Some(on) = on else {
            return self.switch_database_triggers(enable, triggers);
        };
        let refused = || super::place::cannot_find_object(&display(on), 120);
        let (token, parent) = self.find(on)?.ok_or_else(refused)?;
        if !self.holds(&token, &parent, Permission::ALTER) {
            return Err(refused().into());
        }
        let database = Arc::clone(self.instance.entered(token.database));
        let all: Vec<Arc<Object>> = database
            .children_of(parent.id)
            .filter(|child| child.as_module().is_some())
            .cloned()
            .collect();
        let mut chosen = Vec::new();
        if triggers.is_empty() {
            chosen = all;
        } else {
            for name in triggers {
                let found = all
                    .iter()
                    .find(|trigger| same_name(&trigger.name, last(name)));
                chosen.push(Arc::clone(found.ok_or_else(|| {
                    super::place::cannot_find_object(&display(name), 121)
                })?));
            }
        }
        for trigger in chosen {
            let mut changed = Object::clone(&trigger);
            changed.modified = self.now;
            if let ObjectKind::Module(module) = &mut changed.kind {
                module.disabled = !enable;
            }
            self.instance.apply(
                Change::Object(token.database, trigger.id, Some(Arc::new(changed))),
                self.undo,
            );
        }
        Ok(())
    }

    /// A module or policy bound to one column's table; the engine keeps bindings per object.
    pub(super) fn binding_of(&self, database: DatabaseId, id: ObjectId) -> Option<Arc<Object>> {
        self.instance
            .entered(database)
            .objects()
            .find(|object| is_bound_to(object, id))
            .cloned()
    }
}

fn event_name(event: tsql::TriggerEvent) -> &'static str {
    match event {
        tsql::TriggerEvent::Insert => "INSERT",
        tsql::TriggerEvent::Update => "UPDATE",
        tsql::TriggerEvent::Delete => "DELETE",
    }
}
