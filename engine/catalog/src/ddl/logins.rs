//! Logins and server roles.

use std::sync::Arc;

use tsql::{LoginSource, OptionValue, RoleChange};
use values::SqlError;

use super::Ddl;
use super::place::{cannot_find, no_permission};
use crate::errors::{Errors, err};
use crate::ids::{LoginId, Sid};
use crate::instance::server_key;
use crate::login::{PasswordHash, ServerPrincipal, ServerPrincipalKind, login_sid};
use crate::permission::{Permission, PermissionState, Securable};
use crate::undo::Change;

impl Ddl<'_> {
    fn holds_on_server(&self, permission: Permission) -> bool {
        self.context
            .login(self.instance)
            .is_some_and(|login| self.instance.has_server_permission(&login, permission))
    }

    fn holds_on_login(&self, id: LoginId, permission: Permission) -> bool {
        self.context.login(self.instance).is_some_and(|login| {
            self.instance
                .has_server_permission_on(&login, Securable::Login(id), permission)
        })
    }

    pub(super) fn create_login(
        &mut self,
        name: &str,
        source: &LoginSource,
        options: &[(String, OptionValue)],
    ) -> Result<(), Errors> {
        if !self.holds_on_server(Permission::CREATE_LOGIN) {
            return Err(no_permission().into());
        }
        if self.instance.login_named(name).is_some() {
            return Err(err(
                15025,
                16,
                1,
                format!("The server principal '{name}' already exists."),
            )
            .into());
        }
        let id = LoginId(self.instance.next_login);
        let policy = !options
            .iter()
            .any(|(option, value)| option == "CHECK_POLICY" && is_off(value));
        let password = match source {
            LoginSource::Password(password) => {
                if policy {
                    check_password(password)?;
                }
                PasswordHash::new(password, &format!("{name}\0{id}"))
            }
            LoginSource::Hashed(bytes) => PasswordHash::from_bytes(bytes).ok_or_else(|| {
                err(
                    15021,
                    16,
                    2,
                    "Invalid value given for parameter PASSWORD. Specify a valid parameter value.",
                )
            })?,
            LoginSource::External(source) if source != "WINDOWS" => {
                return Err(SqlError::unsupported(format!("CREATE LOGIN … FROM {source}")).into());
            }
            LoginSource::External(_) => {
                return Err(err(
                    15401,
                    16,
                    1,
                    format!("Windows NT user or group '{name}' not found. Check the name again."),
                )
                .into());
            }
        };
        let mut sid = login_sid(name, id.0);
        let mut new = ServerPrincipalKind::Login {
            password,
            disabled: false,
            default_database: Arc::from("master"),
            default_language: Arc::from("us_english"),
            check_policy: policy,
            check_expiration: false,
        };
        for (option, value) in options {
            match (option.as_str(), value) {
                ("SID", OptionValue::Binary(bytes)) => sid = Sid::new(bytes),
                ("MUST_CHANGE" | "CREDENTIAL", _) => {
                    return Err(SqlError::unsupported(format!("CREATE LOGIN … {option}")).into());
                }
                _ => set_login_option(&mut new, option, value)?,
            }
        }
        if self.instance.login_with_sid(&sid).is_some() {
            return Err(err(15433, 16, 1, "Supplied parameter sid is in use.").into());
        }
        self.instance.next_login += 1;
        let login = ServerPrincipal {
            id,
            name: Arc::from(name),
            sid,
            kind: new,
            owner: LoginId::SA,
            created: self.now,
            modified: self.now,
        };
        self.instance
            .apply(Change::Login(id, Some(Arc::new(login))), self.undo);
        self.instance.apply(
            Change::ServerPermission(
                server_key(id, Permission::CONNECT_SQL),
                Some(PermissionState::Grant),
            ),
            self.undo,
        );
        Ok(())
    }

    pub(super) fn alter_login(
        &mut self,
        name: &str,
        enable: Option<bool>,
        options: &[(String, OptionValue)],
    ) -> Result<(), Errors> {
        let refused = || cannot_find("alter", "login", name);
        let login = self
            .instance
            .login_named(name)
            .filter(|login| login.is_login())
            .cloned()
            .ok_or_else(refused)?;
        let token = self.context.login(self.instance).ok_or_else(refused)?;
        let own = token.login == login.id;
        let may_alter = self.holds_on_login(login.id, Permission::ALTER);
        // ALTER ANY LOGIN must not be a way to become sysadmin.
        let target = self.instance.login_token(login.id);
        let protected = (target.is_sysadmin
            || self
                .instance
                .has_server_permission(&target, Permission::CONTROL_SERVER))
            && !self
                .instance
                .has_server_permission(&token, Permission::CONTROL_SERVER);
        let old_password =
            options
                .iter()
                .find_map(|(option, value)| match (option.as_str(), value) {
                    ("OLD_PASSWORD", OptionValue::Text(text)) => Some(text.as_str()),
                    _ => None,
                });
        let only_own = enable.is_none()
            && options.iter().all(|(option, _)| {
                matches!(
                    option.as_str(),
                    "DEFAULT_DATABASE" | "DEFAULT_LANGUAGE" | "OLD_PASSWORD"
                ) || (option == "PASSWORD" && old_password.is_some())
            });
        if !(may_alter && !protected || own && only_own) {
            return Err(refused().into());
        }
        let mut new = ServerPrincipal::clone(&login);
        new.modified = self.now;
        let ServerPrincipalKind::Login { password: old, .. } = &login.kind else {
            return Err(refused().into());
        };
        if old_password.is_some_and(|text| !old.verify(text)) {
            return Err(err(
                15151,
                16,
                1,
                format!(
                    "Cannot alter the login '{name}', because it does not exist or you do not have \
                     permission."
                ),
            )
            .into());
        }
        if let (Some(enable), ServerPrincipalKind::Login { disabled, .. }) = (enable, &mut new.kind)
        {
            *disabled = !enable;
        }
        for (option, value) in options {
            match (option.as_str(), value) {
                ("NAME", OptionValue::Word(new_name) | OptionValue::Text(new_name)) => {
                    if self
                        .instance
                        .login_named(new_name)
                        .is_some_and(|other| other.id != login.id)
                    {
                        return Err(err(
                            15025,
                            16,
                            2,
                            format!("The server principal '{new_name}' already exists."),
                        )
                        .into());
                    }
                    new.name = Arc::from(new_name.as_str());
                }
                ("PASSWORD", OptionValue::Text(text)) => {
                    let policy = options
                        .iter()
                        .find(|(option, _)| option == "CHECK_POLICY")
                        .map_or(
                            matches!(
                                new.kind,
                                ServerPrincipalKind::Login {
                                    check_policy: true,
                                    ..
                                }
                            ),
                            |(_, value)| !is_off(value),
                        );
                    if policy {
                        check_password(text)?;
                    }
                    if let ServerPrincipalKind::Login { password, .. } = &mut new.kind {
                        *password = PasswordHash::new(text, &format!("{name}\0{}", login.id));
                    }
                }
                ("PASSWORD", OptionValue::Binary(bytes)) => {
                    let hash = PasswordHash::from_bytes(bytes).ok_or_else(|| {
                        err(15021, 16, 2, "Invalid value given for parameter PASSWORD. Specify a valid parameter value.")
                    })?;
                    if let ServerPrincipalKind::Login { password, .. } = &mut new.kind {
                        *password = hash;
                    }
                }
                ("OLD_PASSWORD" | "UNLOCK" | "HASHED", _) => {}
                _ => set_login_option(&mut new.kind, option, value)?,
            }
        }
        self.instance
            .apply(Change::Login(login.id, Some(Arc::new(new))), self.undo);
        Ok(())
    }

    pub(super) fn drop_login(&mut self, name: &str, if_exists: bool) -> Result<(), Errors> {
        let refused = || cannot_find("drop", "login", name);
        let Some(login) = self
            .instance
            .login_named(name)
            .filter(|login| login.is_login())
            .cloned()
        else {
            return if if_exists {
                Ok(())
            } else {
                Err(refused().into())
            };
        };
        if !self.holds_on_login(login.id, Permission::ALTER) {
            return Err(refused().into());
        }
        if login.id == LoginId::SA {
            return Err(special_principal(name).into());
        }
        let target = self.instance.login_token(login.id);
        if target.is_sysadmin && !self.holds_on_server(Permission::CONTROL_SERVER) {
            return Err(refused().into());
        }
        if self
            .instance
            .databases()
            .any(|database| database.options().owner == login.sid)
        {
            return Err(err(
                15174,
                16,
                1,
                format!(
                    "Login '{name}' owns one or more database(s). Change the owner of the \
                     database(s) before dropping the login."
                ),
            )
            .into());
        }
        if self
            .instance
            .server_permissions()
            .any(|(key, _)| key.grantor == login.id.0 && key.grantee != login.id.0)
        {
            return Err(err(
                15173,
                16,
                1,
                format!(
                    "Server principal '{name}' has granted one or more permission(s). Revoke the \
                     permission(s) before dropping the server principal."
                ),
            )
            .into());
        }
        self.remove_server_principal(login.id);
        Ok(())
    }

    fn remove_server_principal(&mut self, id: LoginId) {
        let roles: Vec<LoginId> = self.instance.server_roles_of(id).collect();
        for role in roles {
            self.instance
                .apply(Change::ServerMember(id, role, false), self.undo);
        }
        let keys: Vec<_> = self
            .instance
            .server_permissions()
            .map(|(key, _)| *key)
            .filter(|key| key.grantee == id.0 || key.securable == Securable::Login(id))
            .collect();
        for key in keys {
            self.instance
                .apply(Change::ServerPermission(key, None), self.undo);
        }
        self.instance.apply(Change::Login(id, None), self.undo);
    }

    pub(super) fn create_server_role(
        &mut self,
        name: &str,
        owner: Option<&str>,
    ) -> Result<(), Errors> {
        if !self.holds_on_server(Permission::CREATE_SERVER_ROLE) {
            return Err(no_permission().into());
        }
        if self.instance.login_named(name).is_some() {
            return Err(err(
                15025,
                16,
                1,
                format!("The server principal '{name}' already exists."),
            )
            .into());
        }
        let acting = self
            .context
            .login(self.instance)
            .map_or(LoginId::SA, |login| login.login);
        let owner = match owner {
            None => acting,
            Some(owner) => {
                let found = self
                    .instance
                    .login_named(owner)
                    .map(|login| login.id)
                    .ok_or_else(|| cannot_find("find", "login", owner))?;
                if found != acting && !self.holds_on_login(found, Permission::IMPERSONATE) {
                    return Err(cannot_find("find", "login", owner).into());
                }
                found
            }
        };
        let id = LoginId(self.instance.next_login);
        self.instance.next_login += 1;
        let role = ServerPrincipal {
            id,
            name: Arc::from(name),
            sid: login_sid(name, id.0),
            kind: ServerPrincipalKind::Role,
            owner,
            created: self.now,
            modified: self.now,
        };
        self.instance
            .apply(Change::Login(id, Some(Arc::new(role))), self.undo);
        Ok(())
    }

    pub(super) fn drop_server_role(&mut self, name: &str, if_exists: bool) -> Result<(), Errors> {
        let refused = || cannot_find("drop", "server role", name);
        let Some(role) = self
            .instance
            .login_named(name)
            .filter(|login| !login.is_login())
            .cloned()
        else {
            return if if_exists {
                Ok(())
            } else {
                Err(refused().into())
            };
        };
        if role.id.is_fixed_role() || !self.holds_on_login(role.id, Permission::CONTROL) {
            return Err(refused().into());
        }
        if self
            .instance
            .server_memberships()
            .any(|(_, of)| of == role.id)
        {
            return Err(err(
                15144,
                16,
                1,
                "The role has members. It must be empty before it can be dropped.",
            )
            .into());
        }
        self.remove_server_principal(role.id);
        Ok(())
    }

    pub(super) fn alter_server_role(
        &mut self,
        name: &str,
        change: &RoleChange,
    ) -> Result<(), Errors> {
        let refused = || cannot_find("alter", "server role", name);
        let role = self
            .instance
            .login_named(name)
            .filter(|login| !login.is_login())
            .cloned()
            .ok_or_else(refused)?;
        if role.id == LoginId::PUBLIC {
            return Err(err(
                15081,
                16,
                1,
                "Membership of the public role cannot be changed.",
            )
            .into());
        }
        // A fixed role is handed on by its members only.
        let token = self.context.login(self.instance);
        let allowed = match &token {
            Some(token) if token.is_sysadmin => true,
            Some(token) if role.id.is_fixed_role() => token.principals.contains(&role.id),
            Some(_) => self.holds_on_login(role.id, Permission::ALTER),
            None => false,
        };
        if !allowed {
            return Err(refused().into());
        }
        let (member_name, adding) = match change {
            RoleChange::AddMember(member) => (member, true),
            RoleChange::DropMember(member) => (member, false),
            RoleChange::Rename(new) => {
                if role.id.is_fixed_role() {
                    return Err(refused().into());
                }
                if self.instance.login_named(new).is_some() {
                    return Err(err(
                        15025,
                        16,
                        1,
                        format!("The server principal '{new}' already exists."),
                    )
                    .into());
                }
                let mut renamed = ServerPrincipal::clone(&role);
                renamed.name = Arc::from(new.as_str());
                self.instance
                    .apply(Change::Login(role.id, Some(Arc::new(renamed))), self.undo);
                return Ok(());
            }
        };
        let verb = if adding { "add" } else { "drop" };
        let member = self
            .instance
            .login_named(member_name)
            .map(|login| login.id)
            .ok_or_else(|| cannot_find(verb, "server principal", member_name))?;
        if member == LoginId::SA || member.is_fixed_role() {
            return Err(special_principal(member_name).into());
        }
        if adding && self.instance.login_closure(role.id).contains(&member) {
            return Err(err(15413, 16, 1, "Cannot make a role a member of itself.").into());
        }
        if !adding
            && !self
                .instance
                .server_roles_of(member)
                .any(|of| of == role.id)
        {
            return Err(cannot_find(verb, "server principal", member_name).into());
        }
        self.instance
            .apply(Change::ServerMember(member, role.id, adding), self.undo);
        Ok(())
    }

    /// `sp_configure 'name', value` followed by RECONFIGURE.
    ///
    /// # Errors
    /// 15247 without ALTER SETTINGS, 15123 for an unknown or advanced option.
    pub fn configure(&mut self, name: &str, value: i64) -> Result<(), Errors> {
        if !self.holds_on_server(Permission::ALTER_SETTINGS) {
            return Err(no_permission().into());
        }
        let advanced = self.instance.configuration("show advanced options") == Some(1);
        let option = crate::instance::CONFIGURATION
            .iter()
            .find(|(known, .., is_advanced, _)| {
                known.eq_ignore_ascii_case(name) && (advanced || !is_advanced)
            })
            .ok_or_else(|| {
                err(
                    15123,
                    16,
                    1,
                    format!(
                        "The configuration option '{name}' does not exist, or it may be an advanced \
                         option."
                    ),
                )
            })?;
        let (known, _, minimum, maximum, ..) = *option;
        if !(minimum..=maximum).contains(&value) {
            return Err(err(
                15129,
                16,
                1,
                format!("'{value}' is not a valid value for configuration option '{name}'."),
            )
            .into());
        }
        self.instance
            .apply(Change::Configuration(Arc::from(known), value), self.undo);
        Ok(())
    }
}

/// What a new password must have: eight characters of three kinds.
pub(super) fn check_password(password: &str) -> Result<(), SqlError> {
    if password.encode_utf16().count() < 8 {
        return Err(err(
            15116,
            16,
            1,
            "Password validation failed. The password does not meet the operating system policy \
             requirements because it is too short.",
        ));
    }
    let kinds = [
        password.chars().any(char::is_uppercase),
        password.chars().any(char::is_lowercase),
        password.chars().any(char::is_numeric),
        password.chars().any(|c| !c.is_alphanumeric()),
    ];
    if kinds.iter().filter(|kind| **kind).count() < 3 {
        return Err(err(
            15118,
            16,
            1,
            "Password validation failed. The password does not meet the operating system policy \
             requirements because it is not complex enough.",
        ));
    }
    Ok(())
}

fn set_login_option(
    kind: &mut ServerPrincipalKind,
    option: &str,
    value: &OptionValue,
) -> Result<(), SqlError> {
    let ServerPrincipalKind::Login {
        default_database,
        default_language,
        check_policy,
        check_expiration,
        ..
    } = kind
    else {
        return Ok(());
    };
    match (option, value) {
        ("DEFAULT_DATABASE", OptionValue::Word(name) | OptionValue::Text(name)) => {
            *default_database = Arc::from(name.as_str());
        }
        ("DEFAULT_LANGUAGE", OptionValue::Word(name) | OptionValue::Text(name)) => {
            *default_language = Arc::from(name.as_str());
        }
        ("CHECK_POLICY", value) => *check_policy = !is_off(value),
        ("CHECK_EXPIRATION", value) => *check_expiration = !is_off(value),
        _ => return Err(SqlError::unsupported(format!("the login option {option}"))),
    }
    Ok(())
}

fn is_off(value: &OptionValue) -> bool {
    matches!(value, OptionValue::Word(word) if word.eq_ignore_ascii_case("OFF"))
}

/// 15405.
pub(super) fn special_principal(name: &str) -> SqlError {
    err(
        15405,
        16,
        1,
        format!("Cannot use the special principal '{name}'."),
    )
}
