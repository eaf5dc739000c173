//! What does a name in a statement stand for?

use std::collections::BTreeMap;
use std::sync::Arc;

use tsql::Name;
use values::SqlError;

use crate::errors::err;
use crate::ids::{DatabaseId, NameKey, ObjectId, SchemaId, SessionId};
use crate::instance::Instance;
use crate::object::{Object, ObjectKind};
use crate::security::{SecurityContext, UserToken};
use crate::views::{SystemView, system_view};

/// The local temporary objects that one session can name, innermost module first.
///
/// Rolled-back and dropped objects may stay listed: a name means the innermost object that exists
/// and belongs to the session.
#[derive(Debug, Clone)]
pub struct TemporaryNames {
    session: SessionId,
    scopes: Vec<BTreeMap<NameKey, Vec<ObjectId>>>,
}

impl TemporaryNames {
    /// Of a new session.
    pub fn new(session: SessionId) -> Self {
        Self {
            session,
            scopes: vec![BTreeMap::new()],
        }
    }

    /// The session.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// A module is entered.
    pub fn enter_scope(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    /// A module returns; the objects it made, which the caller drops.
    pub fn leave_scope(&mut self) -> Vec<ObjectId> {
        if self.scopes.len() == 1 {
            return Vec::new();
        }
        let scope = self.scopes.pop().expect("more than one scope");
        scope.into_values().flatten().collect()
    }

    /// The session ends or is reset; all its local temporary objects, which the caller drops.
    pub fn clear(&mut self) -> Vec<ObjectId> {
        let scopes = std::mem::replace(&mut self.scopes, vec![BTreeMap::new()]);
        scopes
            .into_iter()
            .flat_map(|scope| scope.into_values().flatten())
            .collect()
    }

    /// The object behind `#name`.
    pub fn resolve(&self, instance: &Instance, name: &str) -> Option<Arc<Object>> {
        let tempdb = instance.database(DatabaseId::TEMPDB)?;
        let key = NameKey::new(name);
        self.scopes
            .iter()
            .rev()
            .flat_map(|scope| scope.get(&key).into_iter().flatten().rev())
            .find_map(|id| {
                let object = tempdb.object(*id)?;
                // After the server is set back to a snapshot the number may be somebody else's.
                (object.temporary == Some(self.session)).then(|| Arc::clone(object))
            })
    }

    /// Whether the innermost scope has an object of this name.
    pub fn is_taken(&self, instance: &Instance, name: &str) -> bool {
        let Some(tempdb) = instance.database(DatabaseId::TEMPDB) else {
            return false;
        };
        let innermost = self.scopes.last().expect("at least one scope");
        innermost
            .get(&NameKey::new(name))
            .into_iter()
            .flatten()
            .any(|id| {
                tempdb
                    .object(*id)
                    .is_some_and(|object| object.temporary == Some(self.session))
            })
    }

    /// Remembers a new object in the innermost scope.
    pub fn add(&mut self, name: &str, id: ObjectId) {
        self.scopes
            .last_mut()
            .expect("at least one scope")
            .entry(NameKey::new(name))
            .or_default()
            .push(id);
    }
}

/// Where a name is written.
#[derive(Debug, Clone, Copy)]
pub struct NameScope<'a> {
    /// The database that one- and two-part names mean: the current one, or the module's.
    pub database: DatabaseId,
    /// The schema of the module in whose text the name stands; `None` is the user's default.
    pub schema: Option<SchemaId>,
    /// The session's `#` names.
    pub temporary: &'a TemporaryNames,
}

/// What a name stands for, and in whose name its database was entered.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The identities that count in its database.
    pub token: UserToken,
    /// What it is.
    pub target: Target,
    /// The synonyms on the way, outermost first, each with its database's token. The first is the
    /// one on which a permission is asked; the rest and the base are reached by chaining.
    pub synonyms: Vec<(UserToken, Arc<Object>)>,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Target {
    /// An object.
    Object(Arc<Object>),
    /// A catalog or information schema view.
    SystemView(&'static SystemView),
}

impl Instance {
    /// The schema in which a user's one-part names are looked up first.
    pub fn default_schema(&self, token: &UserToken) -> SchemaId {
        let database = self.entered(token.database);
        token
            .user
            .filter(|_| !token.is_dbo)
            .and_then(|user| database.principal(user))
            .and_then(|user| database.schema_named(user.default_schema.as_deref()?))
            .map_or(SchemaId::DBO, |schema| schema.id)
    }

    /// Resolves a table, view, function or synonym, through synonyms to their base.
    ///
    /// # Errors
    /// 208 when there is nothing of that name, 916 when its database may not be entered, 7202 for
    /// another server.
    pub fn resolve(
        &self,
        context: &SecurityContext,
        scope: &NameScope<'_>,
        name: &Name,
    ) -> Result<Resolved, SqlError> {
        self.resolve_or(context, scope, name, || {
            let state = u8::from(!last(name).starts_with('#'));
            err(
                208,
                16,
                state,
                format!("Invalid object name '{}'.", display(name)),
            )
        })
    }

    /// Resolves a procedure.
    ///
    /// # Errors
    /// 2812 when there is none, 916 when its database may not be entered.
    pub fn resolve_procedure(
        &self,
        context: &SecurityContext,
        scope: &NameScope<'_>,
        name: &Name,
    ) -> Result<Resolved, SqlError> {
        self.resolve_or(context, scope, name, || {
            err(
                2812,
                16,
                62,
                format!("Could not find stored procedure '{}'.", display(name)),
            )
        })
    }

    fn resolve_or(
        &self,
        context: &SecurityContext,
        scope: &NameScope<'_>,
        name: &Name,
        missing: impl Fn() -> SqlError,
    ) -> Result<Resolved, SqlError> {
        let mut synonyms = Vec::new();
        let mut database = scope.database;
        let mut name = name.clone();
        let mut schema = scope.schema;
        loop {
            let (token, target) = self
                .look_up(context, database, schema, scope.temporary, &name)?
                .ok_or_else(|| match synonyms.first() {
                    None => missing(),
                    Some((_, synonym)) => {
                        let synonym: &Arc<Object> = synonym;
                        err(
                            5313,
                            16,
                            1,
                            format!("Synonym '{}' refers to an invalid object.", synonym.name),
                        )
                    }
                })?;
            match &target {
                Target::Object(object) => {
                    if let ObjectKind::Synonym(base) = &object.kind {
                        if !synonyms.is_empty() {
                            // A synonym for a synonym is allowed to be made but not to be used.
                            return Err(err(
                                470,
                                16,
                                1,
                                format!(
                                    "The synonym \"{}\" referenced synonym \"{}\". Synonym chaining \
                                     is not allowed.",
                                    display(&name),
                                    display(base)
                                ),
                            ));
                        }
                        database = token.database;
                        schema = Some(object.schema);
                        name = base.clone();
                        synonyms.push((token, Arc::clone(object)));
                        continue;
                    }
                }
                Target::SystemView(_) => {}
            }
            return Ok(Resolved {
                token,
                target,
                synonyms,
            });
        }
    }

    /// One step of resolution, synonyms not followed. `None` when there is nothing of that name.
    ///
    /// # Errors
    /// 916, 7202, 117.
    pub fn look_up(
        &self,
        context: &SecurityContext,
        current: DatabaseId,
        schema: Option<SchemaId>,
        temporary: &TemporaryNames,
        name: &Name,
    ) -> Result<Option<(UserToken, Target)>, SqlError> {
        let Some(parts) = self.local_parts(name)? else {
            return Ok(None);
        };
        let (database_name, schema_name, object_name) = parts;
        if object_name.starts_with('#') {
            return Ok(self.look_up_temporary(temporary, object_name));
        }
        let id = match database_name {
            None => current,
            Some(name) => match self.database_named(name) {
                Some(database) => database.id,
                None => return Ok(None),
            },
        };
        let token = context.enter(self, id)?;
        let target = self.look_up_entered(
            &token,
            schema.filter(|_| id == current),
            schema_name,
            object_name,
        );
        if target.is_none() && id == DatabaseId::MSDB && keeps_history(object_name) {
            return Err(SqlError::unsupported(format_args!(
                "msdb.dbo.{object_name}"
            )));
        }
        Ok(target.map(|target| (token, target)))
    }

    /// Looks a name up in a database that has been entered.
    pub fn look_up_entered(
        &self,
        token: &UserToken,
        module_schema: Option<SchemaId>,
        schema_name: Option<&str>,
        object_name: &str,
    ) -> Option<Target> {
        let database = self.entered(token.database);
        if let Some(schema_name) = schema_name {
            if let Some(view) = system_view(schema_name, object_name) {
                return Some(Target::SystemView(view));
            }
            let schema = database.schema_named(schema_name)?;
            return database
                .object_named(schema.id, object_name)
                .cloned()
                .map(Target::Object);
        }
        let first = module_schema.unwrap_or_else(|| self.default_schema(token));
        database
            .object_named(first, object_name)
            .or_else(|| database.object_named(SchemaId::DBO, object_name))
            .cloned()
            .map(Target::Object)
    }

    fn look_up_temporary(
        &self,
        temporary: &TemporaryNames,
        name: &str,
    ) -> Option<(UserToken, Target)> {
        let object = if name.starts_with("##") {
            self.database(DatabaseId::TEMPDB)?
                .object_named(SchemaId::DBO, name)
                .cloned()
        } else {
            temporary.resolve(self, name)
        }?;
        // Whoever can name a temporary object may do anything with it.
        let token = self.user_token(DatabaseId::TEMPDB, crate::ids::PrincipalId::DBO);
        Some((token, Target::Object(object)))
    }

    /// Database, schema and object part of a name on this server; `None` when the object part is
    /// empty.
    fn local_parts<'a>(&self, name: &'a Name) -> Result<Option<LocalParts<'a>>, SqlError> {
        let part = |text: &'a String| (!text.is_empty()).then_some(text.as_str());
        let parts = &name.0;
        let parts = match parts.len() {
            0 => return Ok(None),
            4 => {
                if !parts[0].is_empty() && !parts[0].eq_ignore_ascii_case(&self.name) {
                    return Err(err(
                        7202,
                        11,
                        2,
                        format!(
                            "Could not find server '{}' in sys.servers. Verify that the correct \
                             server name was specified. If necessary, execute the stored procedure \
                             sp_addlinkedserver to add the server to sys.servers.",
                            parts[0]
                        ),
                    ));
                }
                &parts[1..]
            }
            1..=3 => &parts[..],
            _ => {
                return Err(err(
                    117,
                    15,
                    1,
                    format!(
                        "The object name '{}' contains more than the maximum number of prefixes. \
                         The maximum is 3.",
                        display(name)
                    ),
                ));
            }
        };
        Ok(match parts {
            [object] => part(object).map(|object| (None, None, object)),
            [schema, object] => part(object).map(|object| (None, part(schema), object)),
            [database, schema, object] => {
                // `db..t` means the default schema there.
                part(object).map(|object| (part(database), part(schema), object))
            }
            _ => None,
        })
    }
}

/// Database, schema and object part of a name.
type LocalParts<'a> = (Option<&'a str>, Option<&'a str>, &'a str);

/// The last part of a name.
pub fn last(name: &Name) -> &str {
    name.0.last().map_or("", String::as_str)
}

/// A name as messages print it.
pub fn display(name: &Name) -> String {
    name.0.join(".")
}

/// Tables of msdb that tell what was backed up and restored. The devices themselves can be asked.
fn keeps_history(name: &str) -> bool {
    [
        "backupfile",
        "backupmediafamily",
        "backupmediaset",
        "backupset",
        "restorefile",
        "restorehistory",
    ]
    .iter()
    .any(|table| table.eq_ignore_ascii_case(name))
}
