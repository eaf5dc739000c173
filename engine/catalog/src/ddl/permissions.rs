//! GRANT, DENY and REVOKE: what may be given, to whom, by whom, and which rows it leaves.
//!
//! One row exists per securable, column, grantee, permission and grantor. A DENY replaces grants
//! and a GRANT replaces a DENY; an object-level statement also clears the grantee's column rows
//! of that permission, in both directions.

use std::sync::Arc;

use tsql::{PermissionStatement, PermissionVerb, SecurableClass, SecurableName};
use values::SqlError;

use super::Ddl;
use super::place::cannot_find;
use crate::database::Database;
use crate::errors::{Errors, err};
use crate::ids::{ColumnId, DatabaseId, LoginId, PrincipalId};
use crate::names::last;
use crate::object::{Object, ObjectKind};
use crate::permission::{Class, Permission, PermissionKey, PermissionState, Securable, builtin};
use crate::principal::PrincipalKind;
use crate::security::UserToken;
use crate::undo::Change;

/// What a statement gives or takes, resolved.
struct Subject {
    securable: Securable,
    class: Class,
    /// For messages and for the kinds of permission that fit.
    object: Option<Arc<Object>>,
    /// The name as written, and the word of the class in messages.
    shown: String,
    word: &'static str,
}

/// In whose name rows are written.
struct Grantor {
    id: i32,
    /// Holds everything on the securable: may also deny, and revoke what others gave.
    controls: bool,
}

impl Ddl<'_> {
    /// GRANT, DENY or REVOKE.
    ///
    /// # Errors
    /// 15151, 4613, 4606, 4611, 4615, 4617, 4621, 4624, 1019, 1020, 15182.
    pub fn permission(&mut self, statement: &PermissionStatement) -> Result<(), Errors> {
        if let Some(subject) = self.server_subject(statement)? {
            return self.server_permission(statement, &subject);
        }
        let token = self.token()?;
        let subject = self.subject(&token, statement.securable.as_ref())?;
        let wanted = self.wanted(statement, &subject)?;
        let database = Arc::clone(self.instance.entered(subject_database(&token)));
        let mut grantees = Vec::new();
        for name in &statement.principals {
            let grantee = database
                .principal_named(name)
                .map(|principal| principal.id)
                .ok_or_else(|| cannot_find("find", "user", name))?;
            if grantee.is_fixed_role() {
                return Err(special_roles().into());
            }
            grantees.push(grantee);
        }
        for (permission, columns) in &wanted {
            for grantee in &grantees {
                let grantor =
                    self.grantor(&token, &database, statement, &subject, *permission, columns)?;
                let owner = owner_of(&database, subject.securable);
                let is_special = matches!(
                    *grantee,
                    PrincipalId::DBO | PrincipalId::SYS | PrincipalId::INFORMATION_SCHEMA
                ) || token.user == Some(*grantee)
                    || owner == Some(*grantee);
                if is_special {
                    return Err(entity_owner().into());
                }
                if *permission == Permission::CONNECT
                    && *grantee == PrincipalId::GUEST
                    && statement.verb != PermissionVerb::Grant
                    && matches!(database.id, DatabaseId::MASTER | DatabaseId::TEMPDB)
                {
                    return Err(err(
                        15182,
                        16,
                        1,
                        "Cannot disable access to the guest user in master or tempdb.",
                    )
                    .into());
                }
                for column in columns {
                    self.write_rows(
                        Some(database.id),
                        statement,
                        subject.securable,
                        *permission,
                        *column,
                        grantee.0,
                        &grantor,
                    )?;
                }
            }
        }
        Ok(())
    }

    /// The securable of a statement that is about the server, checked against the current database.
    fn server_subject(&self, statement: &PermissionStatement) -> Result<Option<Subject>, Errors> {
        let subject = match &statement.securable {
            None => {
                let on_server = statement.permissions.iter().any(|(name, _)| {
                    Permission::from_name(name).is_some_and(|permission| {
                        builtin(Class::Server, permission).is_some()
                            && builtin(Class::Database, permission).is_none()
                    })
                });
                if !on_server {
                    return Ok(None);
                }
                Subject {
                    securable: Securable::Server,
                    class: Class::Server,
                    object: None,
                    shown: self.instance.name.to_string(),
                    word: "server",
                }
            }
            Some(securable) => {
                let short = last(&securable.name);
                let (class, word) = match securable.class {
                    SecurableClass::Server => {
                        return Ok(Some(Subject {
                            securable: Securable::Server,
                            class: Class::Server,
                            object: None,
                            shown: short.to_owned(),
                            word: "server",
                        }));
                    }
                    SecurableClass::Login => (Class::Login, "login"),
                    SecurableClass::ServerRole => (Class::ServerRole, "server role"),
                    _ => return Ok(None),
                };
                let login = self
                    .instance
                    .login_named(short)
                    .filter(|login| login.is_login() == (class == Class::Login))
                    .ok_or_else(|| cannot_find("find", word, short))?;
                Subject {
                    securable: Securable::Login(login.id),
                    class,
                    object: None,
                    shown: short.to_owned(),
                    word,
                }
            }
        };
        if self.database != DatabaseId::MASTER {
            return Err(err(
                4621,
                16,
                10,
                "Permissions at the server scope can only be granted when the current database is \
                 master",
            )
            .into());
        }
        Ok(Some(subject))
    }

    fn server_permission(
        &mut self,
        statement: &PermissionStatement,
        subject: &Subject,
    ) -> Result<(), Errors> {
        let wanted = self.wanted(statement, subject)?;
        let no_grant = || err(4613, 16, 1, "Grantor does not have GRANT permission.");
        let token = self.context.login(self.instance).ok_or_else(no_grant)?;
        for name in &statement.principals {
            let grantee = self
                .instance
                .login_named(name)
                .map(|login| login.id)
                .ok_or_else(|| cannot_find("find", "login", name))?;
            if grantee.is_fixed_role() && grantee != LoginId::PUBLIC {
                return Err(special_roles().into());
            }
            if grantee == LoginId::SA || grantee == token.login {
                return Err(entity_owner().into());
            }
            for (permission, _) in &wanted {
                let control = if subject.securable == Securable::Server {
                    Permission::CONTROL_SERVER
                } else {
                    Permission::CONTROL
                };
                let controls =
                    self.instance
                        .has_server_permission_on(&token, subject.securable, control)
                        || token.principals.contains(&LoginId::SECURITYADMIN);
                let by_option = statement.verb != PermissionVerb::Deny
                    && self
                        .instance
                        .server_permissions_on(subject.securable, token.login)
                        .any(|(key, state)| {
                            key.permission == *permission
                                && state == PermissionState::GrantWithGrantOption
                        });
                if !controls && !by_option {
                    return Err(no_grant().into());
                }
                let grantor = Grantor {
                    id: if controls {
                        LoginId::SA.0
                    } else {
                        token.login.0
                    },
                    controls,
                };
                self.write_rows(
                    None,
                    statement,
                    subject.securable,
                    *permission,
                    0,
                    grantee.0,
                    &grantor,
                )?;
            }
        }
        Ok(())
    }

    /// The securable of a statement about the current database.
    fn subject(
        &self,
        token: &UserToken,
        securable: Option<&SecurableName>,
    ) -> Result<Subject, Errors> {
        let database = self.instance.entered(token.database);
        let Some(securable) = securable else {
            return Ok(Subject {
                securable: Securable::Database,
                class: Class::Database,
                object: None,
                shown: database.name().to_string(),
                word: "database",
            });
        };
        let short = last(&securable.name).to_owned();
        let subject = |securable, class, word| Subject {
            securable,
            class,
            object: None,
            shown: short.clone(),
            word,
        };
        Ok(match securable.class {
            SecurableClass::Object => {
                let missing = || cannot_find("find", "object", &short);
                let (found_in, object) = self.find(&securable.name)?.ok_or_else(missing)?;
                if found_in.database != token.database {
                    return Err(err(
                        4610,
                        16,
                        1,
                        "You can only grant or revoke permissions on objects in the current database.",
                    )
                    .into());
                }
                if object.parent.is_some() {
                    return Err(missing().into());
                }
                Subject {
                    securable: Securable::Object(object.id),
                    class: Class::Object,
                    object: Some(object),
                    shown: short,
                    word: "object",
                }
            }
            SecurableClass::Schema => {
                let schema = database
                    .schema_named(&short)
                    .ok_or_else(|| cannot_find("find", "schema", &short))?;
                subject(Securable::Schema(schema.id), Class::Schema, "schema")
            }
            SecurableClass::Database => {
                if !crate::ids::same_name(&short, database.name()) {
                    return Err(cannot_find("find", "database", &short).into());
                }
                subject(Securable::Database, Class::Database, "database")
            }
            class @ (SecurableClass::User
            | SecurableClass::Role
            | SecurableClass::ApplicationRole) => {
                let (of_class, word) = match class {
                    SecurableClass::User => (Class::User, "user"),
                    SecurableClass::Role => (Class::Role, "role"),
                    _ => (Class::ApplicationRole, "application role"),
                };
                let principal = database
                    .principal_named(&short)
                    .filter(|principal| match principal.kind {
                        PrincipalKind::User { .. } => of_class == Class::User,
                        PrincipalKind::Role => of_class == Class::Role,
                        PrincipalKind::ApplicationRole { .. } => of_class == Class::ApplicationRole,
                    })
                    .ok_or_else(|| cannot_find("find", word, &short))?;
                subject(Securable::Principal(principal.id), of_class, word)
            }
            SecurableClass::Type => {
                let parts = &securable.name.0;
                let schema = (parts.len() >= 2).then(|| parts[parts.len() - 2].as_str());
                let user_type = self
                    .schema_of(token, schema)
                    .and_then(|schema| database.type_named(schema, &short))
                    .ok_or_else(|| cannot_find("find", "type", &short))?;
                subject(Securable::Type(user_type.id), Class::Type, "type")
            }
            _ => {
                return Err(SqlError::unsupported("permissions on this class of securable").into());
            }
        })
    }

    /// The permissions of a statement with their columns; column 0 is the whole securable.
    fn wanted(
        &self,
        statement: &PermissionStatement,
        subject: &Subject,
    ) -> Result<Vec<(Permission, Vec<i32>)>, Errors> {
        let after_object = statement
            .securable
            .as_ref()
            .map(|securable| securable.columns.clone())
            .unwrap_or_default();
        let mut wanted = Vec::new();
        for (name, columns) in &statement.permissions {
            if !columns.is_empty() && !after_object.is_empty() {
                return Err(err(
                    1019,
                    15,
                    1,
                    "Invalid column list after object name in GRANT/REVOKE statement.",
                )
                .into());
            }
            let columns = if columns.is_empty() {
                &after_object
            } else {
                columns
            };
            if name == "ALL" || name == "ALL PRIVILEGES" {
                wanted.extend(
                    all_of(subject)
                        .iter()
                        .map(|permission| (*permission, vec![0])),
                );
                continue;
            }
            let permission = Permission::from_name(name).ok_or_else(|| {
                let word = name.split(' ').next().unwrap_or(name);
                err(102, 15, 1, format!("Incorrect syntax near '{word}'."))
            })?;
            if !columns.is_empty() {
                let sub_entity = |severity, state| {
                    err(
                        1020,
                        severity,
                        state,
                        "Sub-entity lists (such as column or security expressions) cannot be \
                         specified for entity-level permissions.",
                    )
                };
                if subject.class != Class::Object || !permission.is_per_column() {
                    return Err(sub_entity(15, 1).into());
                }
                let has_columns = subject
                    .object
                    .as_ref()
                    .is_some_and(|object| object.columns().is_some());
                if !has_columns {
                    return Err(sub_entity(16, 3).into());
                }
            }
            let fits = builtin(subject.class, permission).is_some()
                && subject
                    .object
                    .as_ref()
                    .is_none_or(|object| fits(object, permission));
            if !fits {
                return Err(err(
                    4606,
                    16,
                    1,
                    format!(
                        "Granted or revoked privilege {permission} is not compatible with object."
                    ),
                )
                .into());
            }
            let columns = match (columns.is_empty(), &subject.object) {
                (true, _) | (_, None) => vec![0],
                (false, Some(object)) => columns
                    .iter()
                    .map(|column| column_id(object, column).map(|id| id.0))
                    .collect::<Result<Vec<_>, SqlError>>()?,
            };
            wanted.push((permission, columns));
        }
        Ok(wanted)
    }

    /// Who writes the row: the owner for whoever controls the securable, else the holder of the
    /// grant option.
    fn grantor(
        &self,
        token: &UserToken,
        database: &Database,
        statement: &PermissionStatement,
        subject: &Subject,
        permission: Permission,
        columns: &[i32],
    ) -> Result<Grantor, Errors> {
        let refused = || -> Errors {
            if subject.securable == Securable::Database {
                err(4613, 16, 1, "Grantor does not have GRANT permission.").into()
            } else {
                cannot_find("find", subject.word, &subject.shown).into()
            }
        };
        let owner = owner_of(database, subject.securable).unwrap_or(PrincipalId::DBO);
        let may_control = |token: &UserToken| {
            self.instance
                .has_permission(token, subject.securable, Permission::CONTROL)
                || token.is(PrincipalId::DB_SECURITYADMIN)
                || (token.is(PrincipalId::DB_ACCESSADMIN) && permission == Permission::CONNECT)
                || (token.is(owner) && owner != PrincipalId::PUBLIC)
        };
        let has_option = |principal: PrincipalId| {
            columns.iter().all(|column| {
                database
                    .permissions_on(subject.securable, principal)
                    .any(|(key, state)| {
                        key.permission == permission
                            && state == PermissionState::GrantWithGrantOption
                            && (key.column == 0 || key.column == *column)
                    })
            })
        };
        if let Some(name) = &statement.grantor {
            let principal = database
                .principal_named(name)
                .ok_or_else(|| cannot_find("find", "principal", name))?;
            // One may speak for what one is, belongs to, or may become.
            if !token.is(principal.id) {
                self.prospective_owner(token, name)?;
            }
            let as_token = self.instance.user_token(database.id, principal.id);
            let controls = may_control(&as_token);
            if controls || (statement.verb != PermissionVerb::Deny && has_option(principal.id)) {
                return Ok(Grantor {
                    id: principal.id.0,
                    controls,
                });
            }
            return Err(refused());
        }
        if may_control(token) {
            return Ok(Grantor {
                id: owner.0,
                controls: true,
            });
        }
        match token.user {
            Some(user) if statement.verb != PermissionVerb::Deny && has_option(user) => {
                Ok(Grantor {
                    id: user.0,
                    controls: false,
                })
            }
            _ => Err(refused()),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one permission row")]
    fn write_rows(
        &mut self,
        database: Option<DatabaseId>,
        statement: &PermissionStatement,
        securable: Securable,
        permission: Permission,
        column: i32,
        grantee: i32,
        grantor: &Grantor,
    ) -> Result<(), Errors> {
        let rows: Vec<(PermissionKey, PermissionState)> = match database {
            Some(id) => self
                .instance
                .entered(id)
                .permissions_on(securable, PrincipalId(grantee))
                .filter(|(key, _)| key.permission == permission)
                .map(|(key, state)| (*key, state))
                .collect(),
            None => self
                .instance
                .server_permissions_on(securable, LoginId(grantee))
                .filter(|(key, _)| key.permission == permission)
                .map(|(key, state)| (*key, state))
                .collect(),
        };
        // An object-level statement speaks for the columns too.
        let touched = |key: &PermissionKey| key.column == column || column == 0;
        let own = PermissionKey {
            securable,
            grantee,
            permission,
            column,
            grantor: grantor.id,
        };
        match statement.verb {
            PermissionVerb::Grant => {
                for (key, state) in &rows {
                    let is_column_row = column == 0 && key.column != 0;
                    let is_deny = key.column == column && *state == PermissionState::Deny;
                    if is_column_row || is_deny {
                        self.put(database, *key, None);
                    }
                }
                let had_option = rows.iter().any(|(key, state)| {
                    *key == own && *state == PermissionState::GrantWithGrantOption
                });
                let state = if statement.with_grant_option || had_option {
                    PermissionState::GrantWithGrantOption
                } else {
                    PermissionState::Grant
                };
                self.put(database, own, Some(state));
            }
            PermissionVerb::Deny => {
                let grantable = rows.iter().any(|(key, state)| {
                    touched(key) && *state == PermissionState::GrantWithGrantOption
                });
                if grantable {
                    if !statement.cascade {
                        return Err(needs_cascade().into());
                    }
                    self.remove_given_on(database, securable, permission, grantee);
                }
                for (key, _) in rows.iter().filter(|(key, _)| touched(key)) {
                    self.put(database, *key, None);
                }
                self.put(database, own, Some(PermissionState::Deny));
            }
            PermissionVerb::Revoke => {
                let mine: Vec<_> = rows
                    .iter()
                    .filter(|(key, state)| {
                        touched(key)
                            && (key.grantor == grantor.id
                                || (*state == PermissionState::Deny && grantor.controls))
                    })
                    .collect();
                let grantable = mine
                    .iter()
                    .any(|(_, state)| *state == PermissionState::GrantWithGrantOption);
                if grantable {
                    if !statement.cascade {
                        return Err(needs_cascade().into());
                    }
                    self.remove_given_on(database, securable, permission, grantee);
                }
                for (key, state) in mine {
                    let left = match state {
                        PermissionState::GrantWithGrantOption if statement.grant_option_only => {
                            Some(PermissionState::Grant)
                        }
                        PermissionState::Grant | PermissionState::Deny
                            if statement.grant_option_only =>
                        {
                            Some(*state)
                        }
                        _ => None,
                    };
                    self.put(database, *key, left);
                }
            }
        }
        Ok(())
    }

    /// Removes what a principal has passed on by grant option, and what came of it.
    fn remove_given_on(
        &mut self,
        database: Option<DatabaseId>,
        securable: Securable,
        permission: Permission,
        grantor: i32,
    ) {
        let all: Vec<PermissionKey> = match database {
            Some(id) => self
                .instance
                .entered(id)
                .permissions_of(securable)
                .map(|(key, _)| *key)
                .collect(),
            None => self
                .instance
                .server_permissions()
                .map(|(key, _)| *key)
                .filter(|key| key.securable == securable)
                .collect(),
        };
        let mut makers = vec![grantor];
        let mut next = 0;
        while next < makers.len() {
            for key in &all {
                if key.permission == permission && key.grantor == makers[next] {
                    self.put(database, *key, None);
                    if !makers.contains(&key.grantee) {
                        makers.push(key.grantee);
                    }
                }
            }
            next += 1;
        }
    }

    fn put(
        &mut self,
        database: Option<DatabaseId>,
        key: PermissionKey,
        state: Option<PermissionState>,
    ) {
        let change = match database {
            Some(database) => Change::Permission(database, key, state),
            None => Change::ServerPermission(key, state),
        };
        self.instance.apply(change, self.undo);
    }
}

fn subject_database(token: &UserToken) -> DatabaseId {
    token.database
}

fn owner_of(database: &Database, securable: Securable) -> Option<PrincipalId> {
    match securable {
        Securable::Object(id) => database.object(id).map(|object| database.owner_of(object)),
        Securable::Schema(id) => database.schema(id).map(|schema| schema.owner),
        Securable::Type(id) => {
            let user_type = database.user_type(id)?;
            user_type
                .owner
                .or_else(|| database.schema(user_type.schema).map(|schema| schema.owner))
        }
        Securable::Principal(id) => database
            .principal(id)
            .filter(|it| it.is_role())
            .map(|principal| principal.owner),
        Securable::Database | Securable::Server | Securable::Login(_) => Some(PrincipalId::DBO),
    }
}

fn column_id(object: &Object, name: &str) -> Result<ColumnId, SqlError> {
    object
        .columns()
        .unwrap_or_default()
        .iter()
        .find(|column| crate::ids::same_name(&column.name, name))
        .map(|column| column.id)
        .ok_or_else(|| err(4615, 16, 1, format!("Invalid column name '{name}'.")))
}

/// Whether a kind of object has a permission: EXECUTE is not for tables.
pub(crate) fn fits(object: &Object, permission: Permission) -> bool {
    use Permission as P;
    if matches!(
        permission,
        P::ALTER | P::CONTROL | P::TAKE_OWNERSHIP | P::VIEW_DEFINITION
    ) {
        return true;
    }
    match (&object.kind, object.type_code()) {
        (ObjectKind::Table(_), _) if permission == P::UNMASK => true,
        (ObjectKind::Table(_), _) | (_, "V " | "IF" | "TF") => matches!(
            permission,
            P::SELECT | P::INSERT | P::UPDATE | P::DELETE | P::REFERENCES | P::VIEW_CHANGE_TRACKING
        ),
        (_, "P ") => permission == P::EXECUTE,
        (_, "FN") => matches!(permission, P::EXECUTE | P::REFERENCES),
        (ObjectKind::Synonym(_), _) => {
            matches!(
                permission,
                P::SELECT | P::INSERT | P::UPDATE | P::DELETE | P::EXECUTE
            )
        }
        (ObjectKind::Sequence(_), _) => matches!(permission, P::UPDATE | P::REFERENCES),
        _ => false,
    }
}

/// What ALL stands for; deprecated and not all of it.
fn all_of(subject: &Subject) -> Vec<Permission> {
    use Permission as P;
    let candidates: &[P] = match subject.class {
        Class::Database => &[
            P::BACKUP_DATABASE,
            P::BACKUP_LOG,
            P::CREATE_DATABASE,
            P::CREATE_DEFAULT,
            P::CREATE_FUNCTION,
            P::CREATE_PROCEDURE,
            P::CREATE_RULE,
            P::CREATE_TABLE,
            P::CREATE_VIEW,
        ],
        Class::Object => &[
            P::SELECT,
            P::INSERT,
            P::UPDATE,
            P::DELETE,
            P::REFERENCES,
            P::EXECUTE,
        ],
        _ => &[],
    };
    candidates
        .iter()
        .copied()
        .filter(|permission| {
            subject
                .object
                .as_ref()
                .is_none_or(|object| fits(object, *permission))
        })
        .collect()
}

/// 4611.
fn needs_cascade() -> SqlError {
    err(
        4611,
        16,
        1,
        "To revoke or deny grantable privileges, specify the CASCADE option.",
    )
}

/// 4617.
fn special_roles() -> SqlError {
    err(
        4617,
        16,
        1,
        "Cannot grant, deny or revoke permissions to or from special roles.",
    )
}

/// 4624.
fn entity_owner() -> SqlError {
    err(
        4624,
        16,
        1,
        "Cannot grant, deny, or revoke permissions to sa, dbo, entity owner, information_schema, \
         sys, or yourself.",
    )
}
