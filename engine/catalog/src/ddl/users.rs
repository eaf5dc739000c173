//! Users, roles and application roles of a database.

use std::sync::Arc;

use tsql::{OptionValue, RoleChange, UserSource};
use values::SqlError;

use super::Ddl;
use super::logins::{check_password, special_principal};
use super::place::{cannot_find, no_permission};
use crate::errors::{Errors, err};
use crate::ids::{LoginId, PrincipalId};
use crate::instance::connect_key;
use crate::login::{PasswordHash, user_sid};
use crate::object::ModuleExecuteAs;
use crate::permission::{Permission, PermissionState, Securable};
use crate::principal::{Authentication, Principal, PrincipalKind};
use crate::security::UserToken;
use crate::undo::Change;

impl Ddl<'_> {
    pub(super) fn create_user(
        &mut self,
        name: &str,
        source: &UserSource,
        options: &[(String, OptionValue)],
    ) -> Result<(), Errors> {
        let token = self.token()?;
        if !self
            .instance
            .has_permission(&token, Securable::Database, Permission::CREATE_USER)
        {
            return Err(no_permission().into());
        }
        let database = Arc::clone(self.instance.entered(self.database));
        if database.principal_named(name).is_some() {
            return Err(principal_exists(name).into());
        }
        let number = database.next_principal;
        let label = format!("{}\0{name}\0{number}", database.name());
        let (sid, authentication) = match source {
            UserSource::Login(login) => {
                let login_name = login.as_deref().unwrap_or(name);
                let login = self
                    .instance
                    .login_named(login_name)
                    .filter(|login| login.is_login())
                    .ok_or_else(|| {
                        err(
                            15007,
                            16,
                            1,
                            format!(
                                "'{login_name}' is not a valid login or you do not have permission."
                            ),
                        )
                    })?;
                if login.id == LoginId::SA {
                    return Err(special_principal(login_name).into());
                }
                if database.user_with_sid(&login.sid).is_some() {
                    return Err(login_has_user().into());
                }
                (login.sid.clone(), Authentication::Instance)
            }
            UserSource::WithoutLogin => (
                user_sid(database.name(), name, number),
                Authentication::None,
            ),
            UserSource::Password(password) => {
                if !database.options().partially_contained {
                    return Err(err(
                        33233,
                        16,
                        1,
                        "You can only create a user with a password in a contained database.",
                    )
                    .into());
                }
                check_password(password)?;
                let hash = PasswordHash::new(password, &label);
                (
                    user_sid(database.name(), name, number),
                    Authentication::Database(hash),
                )
            }
            UserSource::SigningKey { asymmetric, name } => {
                self.key_for_user(&token, *asymmetric, name)?
            }
            UserSource::Other(what) => {
                return Err(SqlError::unsupported(format!("CREATE USER … {what}")).into());
            }
        };
        let mut default_schema = Arc::from("dbo");
        for (option, value) in options {
            match (option.as_str(), value) {
                ("DEFAULT_SCHEMA", OptionValue::Word(schema) | OptionValue::Text(schema)) => {
                    default_schema = Arc::from(schema.as_str());
                }
                ("DEFAULT_LANGUAGE" | "ALLOW_ENCRYPTED_VALUE_MODIFICATIONS", _) => {}
                _ => return Err(SqlError::unsupported(format!("the user option {option}")).into()),
            }
        }
        let id = self.new_principal(
            name,
            PrincipalKind::User {
                sid,
                authentication,
            },
            Some(default_schema),
            PrincipalId::DBO,
        );
        self.instance.apply(
            Change::Permission(self.database, connect_key(id), Some(PermissionState::Grant)),
            self.undo,
        );
        Ok(())
    }

    fn new_principal(
        &mut self,
        name: &str,
        kind: PrincipalKind,
        default_schema: Option<Arc<str>>,
        owner: PrincipalId,
    ) -> PrincipalId {
        let database = self
            .instance
            .database_mut(self.database)
            .expect("the current one exists");
        let id = PrincipalId(database.next_principal);
        database.next_principal += 1;
        let principal = Principal {
            id,
            name: Arc::from(name),
            kind,
            default_schema,
            owner,
            created: self.now,
            modified: self.now,
        };
        self.instance.apply(
            Change::Principal(self.database, id, Some(Arc::new(principal))),
            self.undo,
        );
        id
    }

    pub(super) fn alter_user(
        &mut self,
        name: &str,
        options: &[(String, OptionValue)],
    ) -> Result<(), Errors> {
        let refused = || cannot_find("alter", "user", name);
        let token = self.token()?;
        let database = Arc::clone(self.instance.entered(self.database));
        let user = database
            .principal_named(name)
            .filter(|principal| principal.is_user())
            .cloned()
            .ok_or_else(refused)?;
        let own = token.user == Some(user.id)
            && options.iter().all(|(option, _)| {
                matches!(
                    option.as_str(),
                    "DEFAULT_SCHEMA" | "PASSWORD" | "OLD_PASSWORD"
                )
            });
        let may_alter =
            self.instance
                .has_permission(&token, Securable::Principal(user.id), Permission::ALTER);
        if !own && !may_alter {
            return Err(refused().into());
        }
        let built_in = user.id.0 <= 4;
        let mut new = Principal::clone(&user);
        new.modified = self.now;
        for (option, value) in options {
            let (OptionValue::Word(text) | OptionValue::Text(text)) = value else {
                return Err(SqlError::unsupported(format!("the user option {option}")).into());
            };
            match option.as_str() {
                _ if built_in => {
                    return Err(
                        err(15150, 16, 1, format!("Cannot alter the user '{name}'.")).into(),
                    );
                }
                "DEFAULT_SCHEMA" => new.default_schema = Some(Arc::from(text.as_str())),
                "NAME" => {
                    if database
                        .principal_named(text)
                        .is_some_and(|other| other.id != user.id)
                    {
                        return Err(principal_exists(text).into());
                    }
                    new.name = Arc::from(text.as_str());
                }
                "LOGIN" => {
                    let login = self
                        .instance
                        .login_named(text)
                        .filter(|login| login.is_login())
                        .ok_or_else(|| {
                            err(
                                15007,
                                16,
                                1,
                                format!(
                                    "'{text}' is not a valid login or you do not have permission."
                                ),
                            )
                        })?;
                    if database
                        .user_with_sid(&login.sid)
                        .is_some_and(|other| other.id != user.id)
                    {
                        return Err(login_has_user().into());
                    }
                    // Whoever maps a user to a login gives the login the user's rights.
                    let PrincipalKind::User {
                        sid,
                        authentication,
                    } = &mut new.kind
                    else {
                        return Err(refused().into());
                    };
                    if matches!(authentication, Authentication::None) {
                        return Err(err(
                            33016,
                            16,
                            1,
                            "The user cannot be remapped to a login. Remapping can only be done for \
                             users that were mapped to Windows or SQL logins.",
                        )
                        .into());
                    }
                    *sid = login.sid.clone();
                }
                "PASSWORD" => {
                    let label = format!("{}\0{name}\0{}", database.name(), user.id);
                    let PrincipalKind::User {
                        authentication: Authentication::Database(hash),
                        ..
                    } = &mut new.kind
                    else {
                        return Err(err(
                            33234,
                            16,
                            1,
                            "The parameter PASSWORD cannot be provided for users that cannot \
                             authenticate in a database.",
                        )
                        .into());
                    };
                    let old =
                        options
                            .iter()
                            .find_map(|(option, value)| match (option.as_str(), value) {
                                ("OLD_PASSWORD", OptionValue::Text(text)) => Some(text.as_str()),
                                _ => None,
                            });
                    if !may_alter && !old.is_some_and(|old| hash.verify(old)) {
                        return Err(refused().into());
                    }
                    check_password(text)?;
                    *hash = PasswordHash::new(text, &label);
                }
                "OLD_PASSWORD" | "DEFAULT_LANGUAGE" => {}
                _ => return Err(SqlError::unsupported(format!("the user option {option}")).into()),
            }
        }
        self.instance.apply(
            Change::Principal(self.database, user.id, Some(Arc::new(new))),
            self.undo,
        );
        Ok(())
    }

    pub(super) fn drop_user(&mut self, name: &str, if_exists: bool) -> Result<(), Errors> {
        let refused = || cannot_find("drop", "user", name);
        let token = self.token()?;
        let found = self.instance.entered(self.database).principal_named(name);
        let Some(user) = found.filter(|principal| principal.is_user()).cloned() else {
            return if if_exists {
                Ok(())
            } else {
                Err(refused().into())
            };
        };
        if !self
            .instance
            .has_permission(&token, Securable::Principal(user.id), Permission::ALTER)
        {
            return Err(refused().into());
        }
        if user.id == PrincipalId::GUEST {
            return Err(err(
                15538,
                16,
                1,
                "The guest user cannot be dropped. It can only be disabled by revoking its CONNECT \
                 permission.",
            )
            .into());
        }
        if user.id.0 <= 4 {
            return Err(err(15150, 16, 1, format!("Cannot drop the user '{name}'.")).into());
        }
        self.drop_principal(user.id)
    }

    /// Refuses while something belongs to the principal, then removes it with its memberships and
    /// the permissions given to it.
    fn drop_principal(&mut self, id: PrincipalId) -> Result<(), Errors> {
        let database = Arc::clone(self.instance.entered(self.database));
        let refuse = |number, message: &str| Err(Errors::from(err(number, 16, 1, message)));
        if database.schemas().any(|schema| schema.owner == id) {
            return refuse(
                15138,
                "The database principal owns a schema in the database, and cannot be dropped.",
            );
        }
        if database
            .principals()
            .any(|other| other.owner == id && other.is_role())
        {
            return refuse(
                15421,
                "The database principal owns a database role and cannot be dropped.",
            );
        }
        if database.objects().any(|object| object.owner == Some(id)) {
            return refuse(
                15183,
                "The database principal owns objects in the database and cannot be dropped.",
            );
        }
        if database
            .permissions()
            .any(|(key, _)| key.grantor == id.0 && key.grantee != id.0)
        {
            return refuse(
                15284,
                "The database principal has granted or denied permissions to objects in the database \
                 and cannot be dropped.",
            );
        }
        let is_context = database.objects().any(|object| {
            object
                .as_module()
                .is_some_and(|module| module.execute_as == ModuleExecuteAs::User(id))
        });
        if is_context {
            return refuse(
                15136,
                "The database principal is set as the execution context of one or more procedures, \
                 functions, or event notifications and cannot be dropped.",
            );
        }
        let keys: Vec<_> = database
            .permissions()
            .map(|(key, _)| *key)
            .filter(|key| key.grantee == id.0 || key.securable == Securable::Principal(id))
            .collect();
        for key in keys {
            self.instance
                .apply(Change::Permission(self.database, key, None), self.undo);
        }
        let roles: Vec<_> = database.roles_of(id).collect();
        for role in roles {
            self.instance
                .apply(Change::Member(self.database, id, role, false), self.undo);
        }
        self.instance
            .apply(Change::Principal(self.database, id, None), self.undo);
        Ok(())
    }

    pub(super) fn create_role(&mut self, name: &str, owner: Option<&str>) -> Result<(), Errors> {
        let token = self.token()?;
        if !self
            .instance
            .has_permission(&token, Securable::Database, Permission::CREATE_ROLE)
        {
            return Err(no_permission().into());
        }
        if self
            .instance
            .entered(self.database)
            .principal_named(name)
            .is_some()
        {
            return Err(principal_exists(name).into());
        }
        let owner = match owner {
            None => token.user.unwrap_or(PrincipalId::DBO),
            Some(owner) => self.prospective_owner(&token, owner)?,
        };
        self.new_principal(name, PrincipalKind::Role, None, owner);
        Ok(())
    }

    /// The principal that is to own something: exists, and the caller is it, belongs to it, or may
    /// impersonate or alter it.
    pub(super) fn prospective_owner(
        &self,
        token: &UserToken,
        name: &str,
    ) -> Result<PrincipalId, SqlError> {
        let refused = || cannot_find("find", "principal", name);
        let principal = self
            .instance
            .entered(token.database)
            .principal_named(name)
            .ok_or_else(refused)?;
        let permission = match principal.kind {
            PrincipalKind::User { .. } => Permission::IMPERSONATE,
            PrincipalKind::Role | PrincipalKind::ApplicationRole { .. } => Permission::ALTER,
        };
        let belongs = token.is(principal.id) && principal.id != PrincipalId::PUBLIC;
        if belongs
            || self
                .instance
                .has_permission(token, Securable::Principal(principal.id), permission)
        {
            Ok(principal.id)
        } else {
            Err(refused())
        }
    }

    pub(super) fn drop_role(&mut self, name: &str, if_exists: bool) -> Result<(), Errors> {
        let refused = || cannot_find("drop", "role", name);
        let token = self.token()?;
        let database = self.instance.entered(self.database);
        let Some(role) = database
            .principal_named(name)
            .filter(|principal| principal.is_role())
            .cloned()
        else {
            return if if_exists {
                Ok(())
            } else {
                Err(refused().into())
            };
        };
        if !self
            .instance
            .has_permission(&token, Securable::Principal(role.id), Permission::ALTER)
        {
            return Err(refused().into());
        }
        if role.id.is_fixed_role() || role.id == PrincipalId::PUBLIC {
            return Err(err(15150, 16, 1, format!("Cannot drop the role '{name}'.")).into());
        }
        if database.members_of(role.id).next().is_some() {
            return Err(err(
                15144,
                16,
                1,
                "The role has members. It must be empty before it can be dropped.",
            )
            .into());
        }
        self.drop_principal(role.id)
    }

    pub(super) fn alter_role(&mut self, name: &str, change: &RoleChange) -> Result<(), Errors> {
        let refused = || cannot_find("alter", "role", name);
        let token = self.token()?;
        let database = Arc::clone(self.instance.entered(self.database));
        let role = database
            .principal_named(name)
            .filter(|principal| principal.is_role())
            .cloned()
            .ok_or_else(refused)?;
        if role.id == PrincipalId::PUBLIC {
            return Err(err(
                15081,
                16,
                1,
                "Membership of the public role cannot be changed.",
            )
            .into());
        }
        let allowed = if role.id.is_fixed_role() {
            token.is_db_owner()
        } else {
            self.instance
                .has_permission(&token, Securable::Principal(role.id), Permission::ALTER)
        };
        if !allowed {
            return Err(refused().into());
        }
        let (member_name, adding) = match change {
            RoleChange::AddMember(member) => (member, true),
            RoleChange::DropMember(member) => (member, false),
            RoleChange::Rename(new) => {
                if role.id.is_fixed_role() {
                    return Err(
                        err(15150, 16, 1, format!("Cannot alter the role '{name}'.")).into(),
                    );
                }
                if database.principal_named(new).is_some() {
                    return Err(principal_exists(new).into());
                }
                let mut renamed = Principal::clone(&role);
                renamed.name = Arc::from(new.as_str());
                renamed.modified = self.now;
                self.instance.apply(
                    Change::Principal(self.database, role.id, Some(Arc::new(renamed))),
                    self.undo,
                );
                return Ok(());
            }
        };
        let verb = if adding { "add" } else { "drop" };
        let member = database
            .principal_named(member_name)
            .ok_or_else(|| cannot_find(verb, "principal", member_name))?;
        if (member.id.0 <= 4 && member.id != PrincipalId::GUEST) || member.id.is_fixed_role() {
            return Err(special_principal(member_name).into());
        }
        if adding && database.closure_of(role.id).contains(&member.id) {
            return Err(err(15413, 16, 1, "Cannot make a role a member of itself.").into());
        }
        if !adding && !database.roles_of(member.id).any(|of| of == role.id) {
            return Err(cannot_find(verb, "principal", member_name).into());
        }
        self.instance.apply(
            Change::Member(self.database, member.id, role.id, adding),
            self.undo,
        );
        Ok(())
    }

    pub(super) fn create_application_role(
        &mut self,
        name: &str,
        options: &[(String, OptionValue)],
    ) -> Result<(), Errors> {
        let token = self.token()?;
        if !self.instance.has_permission(
            &token,
            Securable::Database,
            Permission::ALTER_ANY_APPLICATION_ROLE,
        ) {
            return Err(no_permission().into());
        }
        let database = Arc::clone(self.instance.entered(self.database));
        if database.principal_named(name).is_some() {
            return Err(principal_exists(name).into());
        }
        let mut kind = PrincipalKind::ApplicationRole {
            password: PasswordHash::new("", name),
            sid: user_sid(database.name(), name, database.next_principal),
        };
        let mut default_schema = Some(Arc::from("dbo"));
        let label = format!("{}\0{name}", database.name());
        application_role_options(&mut kind, &mut default_schema, options, &label)?;
        self.new_principal(name, kind, default_schema, PrincipalId::DBO);
        Ok(())
    }

    pub(super) fn alter_application_role(
        &mut self,
        name: &str,
        options: &[(String, OptionValue)],
    ) -> Result<(), Errors> {
        let refused = || cannot_find("alter", "application role", name);
        let (token, role) = self.application_role(name).map_err(|_| refused())?;
        if !self
            .instance
            .has_permission(&token, Securable::Principal(role.id), Permission::ALTER)
        {
            return Err(refused().into());
        }
        let mut new = Principal::clone(&role);
        new.modified = self.now;
        let label = format!("{}\0{name}", self.instance.entered(self.database).name());
        application_role_options(&mut new.kind, &mut new.default_schema, options, &label)?;
        for (option, value) in options {
            if let ("NAME", OptionValue::Word(text) | OptionValue::Text(text)) =
                (option.as_str(), value)
            {
                if self
                    .instance
                    .entered(self.database)
                    .principal_named(text)
                    .is_some()
                {
                    return Err(principal_exists(text).into());
                }
                new.name = Arc::from(text.as_str());
            }
        }
        self.instance.apply(
            Change::Principal(self.database, role.id, Some(Arc::new(new))),
            self.undo,
        );
        Ok(())
    }

    pub(super) fn drop_application_role(
        &mut self,
        name: &str,
        if_exists: bool,
    ) -> Result<(), Errors> {
        let refused = || cannot_find("drop", "application role", name);
        let Ok((token, role)) = self.application_role(name) else {
            return if if_exists {
                Ok(())
            } else {
                Err(refused().into())
            };
        };
        if !self
            .instance
            .has_permission(&token, Securable::Principal(role.id), Permission::ALTER)
        {
            return Err(refused().into());
        }
        self.drop_principal(role.id)
    }

    fn application_role(&self, name: &str) -> Result<(UserToken, Arc<Principal>), SqlError> {
        let token = self.token()?;
        self.instance
            .entered(self.database)
            .principal_named(name)
            .filter(|principal| matches!(principal.kind, PrincipalKind::ApplicationRole { .. }))
            .cloned()
            .map(|role| (token, role))
            .ok_or_else(|| cannot_find("find", "application role", name))
    }
}

fn application_role_options(
    kind: &mut PrincipalKind,
    default_schema: &mut Option<Arc<str>>,
    options: &[(String, OptionValue)],
    label: &str,
) -> Result<(), SqlError> {
    for (option, value) in options {
        let (OptionValue::Word(text) | OptionValue::Text(text)) = value else {
            return Err(SqlError::unsupported(format!(
                "the application role option {option}"
            )));
        };
        match option.as_str() {
            "PASSWORD" => {
                check_password(text)?;
                if let PrincipalKind::ApplicationRole { password, .. } = kind {
                    *password = PasswordHash::new(text, label);
                }
            }
            "DEFAULT_SCHEMA" => *default_schema = Some(Arc::from(text.as_str())),
            "NAME" => {}
            _ => {
                return Err(SqlError::unsupported(format!(
                    "the application role option {option}"
                )));
            }
        }
    }
    Ok(())
}

/// 15023.
fn principal_exists(name: &str) -> SqlError {
    err(
        15023,
        16,
        1,
        format!("User, group, or role '{name}' already exists in the current database."),
    )
}

/// 15063.
fn login_has_user() -> SqlError {
    err(
        15063,
        16,
        1,
        "The login already has an account under a different user name.",
    )
}
