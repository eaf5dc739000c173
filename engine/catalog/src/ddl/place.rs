//! Where does a new object go, and where is the one that a statement names?

use std::sync::Arc;

use tsql::Name;
use values::SqlError;

use super::Ddl;
use crate::errors::{Errors, err};
use crate::ids::{DatabaseId, SchemaId};
use crate::names::{display, last};
use crate::object::Object;
use crate::permission::{Permission, Securable};
use crate::security::UserToken;

/// Where a new object goes.
pub(crate) struct Place {
    pub(crate) token: UserToken,
    pub(crate) schema: SchemaId,
    pub(crate) name: String,
}

impl Place {
    pub(crate) fn database(&self) -> DatabaseId {
        self.token.database
    }
}

/// 2714.
pub(crate) fn already_exists(name: &str, state: u8) -> SqlError {
    err(
        2714,
        16,
        state,
        format!("There is already an object named '{name}' in the database."),
    )
}

/// 1088: not found, or not allowed; the server does not say which.
pub(crate) fn cannot_find_object(name: &str, state: u8) -> SqlError {
    err(
        1088,
        16,
        state,
        format!(
            "Cannot find the object \"{name}\" because it does not exist or you do not have permissions."
        ),
    )
}

/// 15151 for a class of securable.
pub(crate) fn cannot_find(verb: &str, class: &str, name: &str) -> SqlError {
    err(
        15151,
        16,
        1,
        format!(
            "Cannot {verb} the {class} '{name}', because it does not exist or you do not have \
             permission."
        ),
    )
}

/// 15247.
pub(crate) fn no_permission() -> SqlError {
    err(
        15247,
        16,
        1,
        "User does not have permission to perform this action.",
    )
}

/// 3701.
pub(crate) fn cannot_drop(verb: &str, class: &str, name: &str, refused: bool) -> SqlError {
    let (severity, state) = if refused { (14, 20) } else { (11, 5) };
    err(
        3701,
        severity,
        state,
        format!(
            "Cannot {verb} the {class} '{name}', because it does not exist or you do not have \
             permission."
        ),
    )
}

/// Which refusal a CREATE shows when the database permission is missing.
#[derive(Clone, Copy)]
pub(crate) enum CreateRefusal {
    /// 262 with this state; ends the batch.
    Denied(u8),
    /// 15247.
    General,
}

impl Ddl<'_> {
    /// The identities that count in the current database.
    pub(crate) fn token(&self) -> Result<UserToken, SqlError> {
        self.context.enter(self.instance, self.database)
    }

    /// Where `CREATE … name` puts its object: database permission, then schema, as the server asks.
    pub(crate) fn place(
        &self,
        name: &Name,
        permission: Permission,
        refusal: CreateRefusal,
    ) -> Result<Place, Errors> {
        let (token, schema_name, name) = self.split(name)?;
        if !self
            .instance
            .has_permission(&token, Securable::Database, permission)
        {
            // A sequence may also be made by whoever holds CREATE SEQUENCE on the schema.
            let in_schema = permission == Permission::CREATE_SEQUENCE
                && self
                    .schema_of(&token, schema_name.as_deref())
                    .is_some_and(|schema| {
                        self.instance.has_permission(
                            &token,
                            Securable::Schema(schema),
                            Permission::CREATE_SEQUENCE,
                        )
                    });
            if !in_schema {
                return Err(match refusal {
                    CreateRefusal::Denied(state) => Errors::from(self.instance.database_denied(
                        token.database,
                        permission,
                        state,
                    ))
                    .ending_batch(),
                    CreateRefusal::General => no_permission().into(),
                });
            }
        }
        self.place_in(token, schema_name, name, permission)
    }

    /// As [`place`](Self::place), for things whose database permission was asked already.
    pub(crate) fn place_in(
        &self,
        token: UserToken,
        schema_name: Option<String>,
        name: String,
        permission: Permission,
    ) -> Result<Place, Errors> {
        let shown = schema_name.clone().unwrap_or_else(|| {
            let schema = self.instance.default_schema(&token);
            self.instance
                .entered(token.database)
                .schema_name(schema)
                .to_owned()
        });
        let refused = || {
            err(
                2760,
                16,
                1,
                format!(
                    "The specified schema name \"{shown}\" either does not exist or you do not have \
                     permission to use it."
                ),
            )
        };
        let schema = self
            .schema_of(&token, schema_name.as_deref())
            .ok_or_else(refused)?;
        if matches!(schema, SchemaId::SYS | SchemaId::INFORMATION_SCHEMA) {
            return Err(refused().into());
        }
        let held = |permission| {
            self.instance
                .has_permission(&token, Securable::Schema(schema), permission)
        };
        let allowed = held(Permission::ALTER)
            || (permission == Permission::CREATE_SEQUENCE && held(Permission::CREATE_SEQUENCE));
        if !allowed {
            return Err(refused().into());
        }
        if name.encode_utf16().count() > 128 {
            return Err(name_too_long(&name).into());
        }
        Ok(Place {
            token,
            schema,
            name,
        })
    }

    /// The schema of a name: written, or the user's default.
    pub(crate) fn schema_of(&self, token: &UserToken, name: Option<&str>) -> Option<SchemaId> {
        match name {
            Some(name) => Some(self.instance.entered(token.database).schema_named(name)?.id),
            None => Some(self.instance.default_schema(token)),
        }
    }

    /// Database (entered), schema and last part of a name.
    pub(crate) fn split(&self, name: &Name) -> Result<(UserToken, Option<String>, String), Errors> {
        let parts = &name.0;
        let text = |part: &String| (!part.is_empty()).then(|| part.clone());
        let (database, schema) = match parts.len() {
            1 => (None, None),
            2 => (None, text(&parts[0])),
            3 => (text(&parts[0]), text(&parts[1])),
            _ => {
                return Err(err(
                    117,
                    15,
                    1,
                    format!(
                        "The object name '{}' contains more than the maximum number of prefixes. \
                         The maximum is 2.",
                        display(name)
                    ),
                )
                .into());
            }
        };
        let token = match database {
            None => self.token()?,
            Some(database) => {
                let id = self
                    .instance
                    .database_named(&database)
                    .map(|database| database.id)
                    .ok_or_else(|| {
                        err(
                            2702,
                            16,
                            2,
                            format!("Database '{database}' does not exist."),
                        )
                    })?;
                self.context.enter(self.instance, id)?
            }
        };
        Ok((token, schema, last(name).to_owned()))
    }

    /// The object that a statement names; `None` when there is none. Temporary names included.
    pub(crate) fn find(&self, name: &Name) -> Result<Option<(UserToken, Arc<Object>)>, Errors> {
        let short = last(name);
        if short.starts_with('#') {
            let object = if short.starts_with("##") {
                self.instance
                    .entered(DatabaseId::TEMPDB)
                    .object_named(SchemaId::DBO, short)
                    .cloned()
            } else {
                self.temporary.resolve(self.instance, short)
            };
            let token = self
                .instance
                .user_token(DatabaseId::TEMPDB, crate::ids::PrincipalId::DBO);
            return Ok(object.map(|object| (token, object)));
        }
        if name.0.len() == 3
            && !name.0[0].is_empty()
            && self.instance.database_named(&name.0[0]).is_none()
        {
            return Ok(None);
        }
        let (token, schema, short) = self.split(name)?;
        let database = self.instance.entered(token.database);
        let object = match schema {
            Some(schema) => database
                .schema_named(&schema)
                .and_then(|schema| database.object_named(schema.id, &short)),
            None => database
                .object_named(self.instance.default_schema(&token), &short)
                .or_else(|| database.object_named(SchemaId::DBO, &short)),
        };
        Ok(object.cloned().map(|object| (token, object)))
    }

    /// Whether a permission is held on an object; temporary objects belong to whoever names them.
    pub(crate) fn holds(&self, token: &UserToken, object: &Object, permission: Permission) -> bool {
        object.temporary.is_some()
            || self
                .instance
                .has_permission(token, Securable::Object(object.id), permission)
    }
}

/// 103.
pub(crate) fn name_too_long(name: &str) -> SqlError {
    let start: String = name.chars().take(128).collect();
    err(
        103,
        15,
        4,
        format!("The identifier that starts with '{start}' is too long. Maximum length is 128."),
    )
}
