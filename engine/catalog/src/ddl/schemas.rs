//! Schemas, and who owns what: CREATE and DROP SCHEMA, TRANSFER, ALTER AUTHORIZATION.

use std::sync::Arc;

use tsql::{Create, Name, SecurableClass, SecurableName, Statement, StatementKind};
use values::SqlError;

use super::Ddl;
use super::place::{already_exists, cannot_find, no_permission};
use crate::errors::{Errors, err};
use crate::ids::{ObjectId, PrincipalId, SchemaId};
use crate::names::last;
use crate::object::Object;
use crate::permission::{Permission, Securable};
use crate::principal::Principal;
use crate::schema::{Schema, UserType};
use crate::undo::Change;

impl Ddl<'_> {
    pub(super) fn create_schema(
        &mut self,
        name: Option<&str>,
        owner: Option<&str>,
        elements: &[Statement],
    ) -> Result<(), Errors> {
        let failed = || err(2759, 16, 0, "CREATE SCHEMA failed due to previous errors.");
        let token = self.token()?;
        if !self
            .instance
            .has_permission(&token, Securable::Database, Permission::CREATE_SCHEMA)
        {
            return Err(Errors::from(no_permission()).then(failed()));
        }
        let name = name.or(owner).unwrap_or_default().to_owned();
        let owner = match owner {
            None => token.user.unwrap_or(PrincipalId::DBO),
            Some(owner) => self
                .prospective_owner(&token, owner)
                .map_err(|error| Errors::from(error).then(failed()))?,
        };
        if self
            .instance
            .entered(self.database)
            .schema_named(&name)
            .is_some()
        {
            return Err(Errors::from(already_exists(&name, 6)).then(failed()));
        }
        let database = self
            .instance
            .database_mut(self.database)
            .expect("the current one exists");
        let id = SchemaId(database.next_schema);
        database.next_schema += 1;
        let schema = Schema {
            id,
            name: Arc::from(name.as_str()),
            owner,
        };
        self.instance.apply(
            Change::Schema(self.database, id, Some(Arc::new(schema))),
            self.undo,
        );
        for element in elements {
            self.schema_element(&name, element)
                .map_err(|errors| errors.then(failed()))?;
        }
        Ok(())
    }

    /// A definition inside CREATE SCHEMA: its one-part names are in the new schema.
    fn schema_element(&mut self, schema: &str, element: &Statement) -> Result<(), Errors> {
        let qualify = |name: &mut Name| {
            if name.0.len() == 1 {
                name.0.insert(0, schema.to_owned());
            }
        };
        match element.kind.clone() {
            StatementKind::Create(mut create) => {
                match &mut create {
                    Create::Table { name, .. } => qualify(name),
                    Create::Module(module) => qualify(&mut module.name),
                    _ => {
                        return Err(
                            SqlError::unsupported("this definition in CREATE SCHEMA").into()
                        );
                    }
                }
                self.create(&create)?;
                Ok(())
            }
            StatementKind::Permission(mut permission) => {
                if let Some(securable) = &mut permission.securable
                    && securable.class == SecurableClass::Object
                {
                    qualify(&mut securable.name);
                }
                self.permission(&permission)
            }
            _ => Err(SqlError::unsupported("this statement in CREATE SCHEMA").into()),
        }
    }

    pub(super) fn drop_schema(&mut self, name: &str, if_exists: bool) -> Result<(), Errors> {
        let refused = || cannot_find("drop", "schema", name);
        let token = self.token()?;
        let database = self.instance.entered(self.database);
        let Some(schema) = database.schema_named(name).cloned() else {
            return if if_exists {
                Ok(())
            } else {
                Err(refused().into())
            };
        };
        if !self
            .instance
            .has_permission(&token, Securable::Schema(schema.id), Permission::CONTROL)
            && !self.instance.has_permission(
                &token,
                Securable::Database,
                Permission::ALTER_ANY_SCHEMA,
            )
        {
            return Err(refused().into());
        }
        if matches!(
            schema.id,
            SchemaId::DBO | SchemaId::SYS | SchemaId::INFORMATION_SCHEMA
        ) {
            return Err(err(15150, 16, 1, format!("Cannot drop the schema '{name}'.")).into());
        }
        let content = database
            .objects()
            .find(|object| object.schema == schema.id)
            .map(|object| Arc::clone(&object.name))
            .or_else(|| {
                database
                    .types()
                    .find(|user_type| user_type.schema == schema.id)
                    .map(|user_type| Arc::clone(&user_type.name))
            });
        if let Some(content) = content {
            return Err(err(
                3729,
                16,
                1,
                format!(
                    "Cannot drop schema '{name}' because it is being referenced by object '{content}'."
                ),
            )
            .into());
        }
        self.instance
            .remove_permissions(self.database, Securable::Schema(schema.id), self.undo);
        self.instance
            .apply(Change::Schema(self.database, schema.id, None), self.undo);
        Ok(())
    }

    pub(super) fn transfer(
        &mut self,
        schema: &str,
        securable: &SecurableName,
    ) -> Result<(), Errors> {
        let token = self.token()?;
        let database = Arc::clone(self.instance.entered(self.database));
        let target = database
            .schema_named(schema)
            .filter(|target| {
                self.instance.has_permission(
                    &token,
                    Securable::Schema(target.id),
                    Permission::ALTER,
                )
            })
            .cloned()
            .ok_or_else(|| cannot_find("alter", "schema", schema))?;
        let short = last(&securable.name);
        if securable.class == SecurableClass::Type {
            return self.transfer_type(&token, &target, &securable.name);
        }
        if securable.class != SecurableClass::Object {
            return Err(SqlError::unsupported("ALTER SCHEMA TRANSFER of this class").into());
        }
        let refused = || cannot_find("find", "object", short);
        let (_, object) = self
            .find(&securable.name)?
            .filter(|(token, object)| {
                token.database == self.database && self.holds(token, object, Permission::CONTROL)
            })
            .ok_or_else(refused)?;
        if object.parent.is_some() {
            return Err(err(
                15347,
                16,
                1,
                "Cannot transfer an object that is owned by a parent object.",
            )
            .into());
        }
        if self.bound_to(object.id).is_some() {
            return Err(err(15348, 16, 1, "Cannot transfer a schemabound object.").into());
        }
        if object.schema == target.id {
            return Ok(());
        }
        if database.object_named(target.id, &object.name).is_some() {
            return Err(err(
                15530,
                16,
                1,
                format!("The object with name \"{}\" already exists.", object.name),
            )
            .into());
        }
        self.move_object(object.id, target.id);
        self.instance
            .remove_permissions(self.database, Securable::Object(object.id), self.undo);
        Ok(())
    }

    fn transfer_type(
        &mut self,
        token: &crate::security::UserToken,
        target: &Schema,
        name: &Name,
    ) -> Result<(), Errors> {
        let refused = || cannot_find("find", "type", last(name));
        let database = self.instance.entered(self.database);
        let from = if name.0.len() >= 2 {
            Some(name.0[name.0.len() - 2].as_str())
        } else {
            None
        };
        let user_type = self
            .schema_of(token, from)
            .and_then(|schema| database.type_named(schema, last(name)))
            .filter(|user_type| {
                self.instance.has_permission(
                    token,
                    Securable::Type(user_type.id),
                    Permission::CONTROL,
                )
            })
            .cloned()
            .ok_or_else(refused)?;
        let moved = UserType {
            schema: target.id,
            owner: None,
            ..UserType::clone(&user_type)
        };
        self.instance
            .remove_permissions(self.database, Securable::Type(user_type.id), self.undo);
        self.instance.apply(
            Change::Type(self.database, user_type.id, Some(Arc::new(moved))),
            self.undo,
        );
        Ok(())
    }

    /// Moves an object and what hangs below it.
    fn move_object(&mut self, id: ObjectId, schema: SchemaId) {
        let database = Arc::clone(self.instance.entered(self.database));
        let Some(object) = database.object(id) else {
            return;
        };
        let moved = Object {
            schema,
            owner: None,
            modified: self.now,
            ..Object::clone(object)
        };
        self.instance.apply(
            Change::Object(self.database, id, Some(Arc::new(moved))),
            self.undo,
        );
        for child in database.children_of(id) {
            let moved = Object {
                schema,
                ..Object::clone(child)
            };
            self.instance.apply(
                Change::Object(self.database, child.id, Some(Arc::new(moved))),
                self.undo,
            );
        }
    }

    /// A schema-bound module or policy that needs this object as it is.
    pub(super) fn bound_to(&self, id: ObjectId) -> Option<Arc<Object>> {
        self.instance
            .entered(self.database)
            .objects()
            .find(|object| is_bound_to(object, id))
            .cloned()
    }

    /// `ALTER AUTHORIZATION ON … TO …`.
    ///
    /// # Errors
    /// 15151 for whatever is missing or not allowed.
    pub fn alter_authorization(
        &mut self,
        securable: &SecurableName,
        owner: Option<&str>,
    ) -> Result<(), Errors> {
        let short = last(&securable.name);
        if securable.class == SecurableClass::Database {
            return self.give_database(short, owner.unwrap_or_default());
        }
        let token = self.token()?;
        let database = Arc::clone(self.instance.entered(self.database));
        let takes = |securable| {
            self.instance
                .has_permission(&token, securable, Permission::TAKE_OWNERSHIP)
        };
        match securable.class {
            SecurableClass::Object => {
                let refused = || cannot_find("find", "object", short);
                let (found_in, object) = self.find(&securable.name)?.ok_or_else(refused)?;
                if found_in.database != self.database
                    || object.parent.is_some()
                    || !takes(Securable::Object(object.id))
                {
                    return Err(refused().into());
                }
                let new_owner = match owner {
                    None => None,
                    Some(owner) => Some(self.prospective_owner(&token, owner)?),
                };
                let before = database.owner_of(&object);
                let changed = Object {
                    owner: new_owner,
                    ..Object::clone(&object)
                };
                let changes = database.owner_of(&changed) != before;
                self.instance.apply(
                    Change::Object(self.database, object.id, Some(Arc::new(changed))),
                    self.undo,
                );
                if changes {
                    self.instance.remove_permissions(
                        self.database,
                        Securable::Object(object.id),
                        self.undo,
                    );
                }
            }
            SecurableClass::Schema => {
                let refused = || cannot_find("find", "schema", short);
                let schema = database
                    .schema_named(short)
                    .filter(|schema| takes(Securable::Schema(schema.id)))
                    .ok_or_else(refused)?;
                if schema.id.0 <= 4 {
                    return Err(
                        err(15150, 16, 2, format!("Cannot alter the schema '{short}'.")).into(),
                    );
                }
                let owner = self.prospective_owner(&token, owner.unwrap_or_default())?;
                if owner != schema.owner {
                    let changed = Schema {
                        owner,
                        ..Schema::clone(schema)
                    };
                    self.instance.apply(
                        Change::Schema(self.database, schema.id, Some(Arc::new(changed))),
                        self.undo,
                    );
                    self.instance.remove_permissions(
                        self.database,
                        Securable::Schema(schema.id),
                        self.undo,
                    );
                }
            }
            SecurableClass::Role => {
                let refused = || cannot_find("find", "role", short);
                let role = database
                    .principal_named(short)
                    .filter(|role| {
                        role.is_role()
                            && !role.id.is_fixed_role()
                            && takes(Securable::Principal(role.id))
                    })
                    .ok_or_else(refused)?;
                let owner = self.prospective_owner(&token, owner.unwrap_or_default())?;
                if owner != role.owner {
                    let changed = Principal {
                        owner,
                        ..Principal::clone(role)
                    };
                    self.instance.apply(
                        Change::Principal(self.database, role.id, Some(Arc::new(changed))),
                        self.undo,
                    );
                    self.instance.remove_permissions(
                        self.database,
                        Securable::Principal(role.id),
                        self.undo,
                    );
                }
            }
            SecurableClass::Type => {
                let refused = || cannot_find("find", "type", short);
                let parts = &securable.name.0;
                let schema = (parts.len() >= 2).then(|| parts[parts.len() - 2].as_str());
                let user_type = self
                    .schema_of(&token, schema)
                    .and_then(|schema| database.type_named(schema, short))
                    .filter(|user_type| takes(Securable::Type(user_type.id)))
                    .ok_or_else(refused)?;
                let owner = match owner {
                    None => None,
                    Some(owner) => Some(self.prospective_owner(&token, owner)?),
                };
                let changed = UserType {
                    owner,
                    ..UserType::clone(user_type)
                };
                self.instance.apply(
                    Change::Type(self.database, user_type.id, Some(Arc::new(changed))),
                    self.undo,
                );
            }
            _ => return Err(SqlError::unsupported("ALTER AUTHORIZATION on this class").into()),
        }
        Ok(())
    }

    fn give_database(&mut self, name: &str, owner: &str) -> Result<(), Errors> {
        let refused = || cannot_find("find", "database", name);
        let database = self
            .instance
            .database_named(name)
            .cloned()
            .ok_or_else(refused)?;
        let allowed = self
            .context
            .try_enter(self.instance, database.id)
            .is_some_and(|token| {
                self.instance.has_permission(
                    &token,
                    Securable::Database,
                    Permission::TAKE_OWNERSHIP,
                )
            });
        if !allowed {
            return Err(refused().into());
        }
        let login = self
            .instance
            .login_named(owner)
            .filter(|login| login.is_login())
            .cloned()
            .ok_or_else(|| cannot_find("find", "principal", owner))?;
        let may_give = self.context.login(self.instance).is_some_and(|token| {
            token.login == login.id
                || self.instance.has_server_permission_on(
                    &token,
                    Securable::Login(login.id),
                    Permission::IMPERSONATE,
                )
        });
        if !may_give {
            return Err(cannot_find("find", "principal", owner).into());
        }
        if database.options().owner != login.sid && database.user_with_sid(&login.sid).is_some() {
            return Err(err(
                15110,
                16,
                1,
                "The proposed new database owner is already a user or aliased in the database.",
            )
            .into());
        }
        let mut options = database.options().clone();
        options.owner = login.sid.clone();
        self.instance
            .apply(Change::Options(database.id, Arc::new(options)), self.undo);
        Ok(())
    }
}

/// Whether an object depends on another under schema binding.
pub(super) fn is_bound_to(object: &Object, id: ObjectId) -> bool {
    match &object.kind {
        crate::object::ObjectKind::Module(module) => module.schema_bound_to.contains(&id),
        crate::object::ObjectKind::SecurityPolicy(policy) => {
            policy.schema_binding
                && policy
                    .predicates
                    .iter()
                    .any(|predicate| predicate.table == id || predicate.function_id == id)
        }
        _ => false,
    }
}
