//! What may a caller know of the catalog?
//!
//! A row of the catalog appears when the caller owns the thing or holds some permission on it that
//! no DENY cancels; a DENY of VIEW DEFINITION hides it altogether. Names of schemas are public.

use crate::database::Database;
use crate::ddl::fits;
use crate::ids::{DatabaseId, LoginId, PrincipalId, SessionId};
use crate::instance::Instance;
use crate::login::ServerPrincipal;
use crate::object::Object;
use crate::permission::{Permission, PermissionKey, PermissionState, Securable};
use crate::principal::{Principal, PrincipalKind};
use crate::security::{LoginToken, UserToken};

/// Any of these on an object lets its row appear.
const ON_OBJECTS: [Permission; 9] = [
    Permission::SELECT,
    Permission::INSERT,
    Permission::UPDATE,
    Permission::DELETE,
    Permission::EXECUTE,
    Permission::REFERENCES,
    Permission::ALTER,
    Permission::TAKE_OWNERSHIP,
    Permission::VIEW_CHANGE_TRACKING,
];

impl Instance {
    /// Whether an object's row appears in the catalog.
    pub fn is_visible(&self, token: &UserToken, session: SessionId, object: &Object) -> bool {
        if token.is_dbo || token.is_sysadmin() {
            return true;
        }
        if let Some(maker) = object.temporary {
            return maker == session;
        }
        let database = self.entered(token.database);
        if let Some(parent) = object.parent.and_then(|parent| database.object(parent)) {
            return self.is_visible(token, session, parent);
        }
        let securable = Securable::Object(object.id);
        let owned = token.is(database.owner_of(object));
        if !owned && !self.is_granted_anything(token, database, object) {
            return false;
        }
        if self.has_permission(token, securable, Permission::VIEW_DEFINITION) {
            return true;
        }
        if self.is_denied(token, securable, Permission::VIEW_DEFINITION) {
            return false;
        }
        let held = |permission: &Permission| {
            fits(object, *permission)
                && (self.has_permission(token, securable, *permission)
                    || (permission.is_per_column()
                        && object.columns().unwrap_or_default().iter().any(|column| {
                            self.has_column_permission(token, object.id, column.id, *permission)
                        })))
        };
        ON_OBJECTS.iter().any(held)
    }

    /// Whether any grant could reach an object at all. Most rows of the catalog are invisible to
    /// most users, and this says so without asking for each permission.
    fn is_granted_anything(&self, token: &UserToken, database: &Database, object: &Object) -> bool {
        let rows = |securable| {
            token.principals.iter().any(|principal| {
                database
                    .permissions_on(securable, *principal)
                    .any(|(key, state)| {
                        state != PermissionState::Deny && key.permission != Permission::CONNECT
                    })
            })
        };
        let by_login = token.login.as_ref().is_some_and(|login| {
            login.principals.iter().any(|principal| {
                principal.is_fixed_role() && *principal != LoginId::PUBLIC
                    || self
                        .server_permissions_on(Securable::Server, *principal)
                        .any(|(key, state)| {
                            state != PermissionState::Deny
                                && !matches!(
                                    key.permission,
                                    Permission::CONNECT_SQL | Permission::VIEW_ANY_DATABASE
                                )
                        })
            })
        });
        by_login
            || token
                .principals
                .iter()
                .any(|principal| principal.is_fixed_role())
            || rows(Securable::Object(object.id))
            || rows(Securable::Schema(object.schema))
            || rows(Securable::Database)
            || database
                .schema(object.schema)
                .is_some_and(|schema| token.is(schema.owner))
    }

    /// Whether the source of a module, or the expression of a constraint or computed column, may
    /// be read: with VIEW DEFINITION, or, while that is not denied, with ALTER or TAKE OWNERSHIP
    /// ("Metadata Visibility Configuration" in Microsoft's documentation).
    pub fn may_view_definition(&self, token: &UserToken, object: &Object) -> bool {
        let securable = Securable::Object(object.parent.unwrap_or(object.id));
        let held = |permission| self.has_permission(token, securable, permission);
        held(Permission::VIEW_DEFINITION)
            || (!self.is_denied(token, securable, Permission::VIEW_DEFINITION)
                && (held(Permission::ALTER) || held(Permission::TAKE_OWNERSHIP)))
    }

    /// Whether a database principal's row appears.
    pub(crate) fn is_principal_visible(&self, token: &UserToken, principal: &Principal) -> bool {
        if principal.id.0 <= 4 || principal.id.is_fixed_role() || token.is(principal.id) {
            return true;
        }
        let securable = Securable::Principal(principal.id);
        let held = |permission| self.has_permission(token, securable, permission);
        held(Permission::VIEW_DEFINITION)
            || held(Permission::ALTER)
            || (principal.is_role() && held(Permission::TAKE_OWNERSHIP))
            || (matches!(principal.kind, PrincipalKind::User { .. })
                && held(Permission::IMPERSONATE))
    }

    /// Whether a login's or server role's row appears.
    pub(crate) fn is_login_visible(
        &self,
        token: Option<&LoginToken>,
        login: &ServerPrincipal,
    ) -> bool {
        if login.id == LoginId::SA || login.id.is_fixed_role() {
            return true;
        }
        let Some(token) = token else { return false };
        let securable = Securable::Login(login.id);
        let held = |permission| self.has_server_permission_on(token, securable, permission);
        token.is_sysadmin
            || token.principals.contains(&login.id)
            || held(Permission::VIEW_DEFINITION)
            || held(Permission::ALTER)
            || (login.is_login() && held(Permission::IMPERSONATE))
    }

    /// Whether a permission row of a database appears: the caller's own, or on what it may define.
    pub(crate) fn is_permission_visible(&self, token: &UserToken, key: &PermissionKey) -> bool {
        token.is_dbo
            || token.is_sysadmin()
            || token.is(PrincipalId(key.grantee))
            || token.is(PrincipalId(key.grantor)) && key.grantor != PrincipalId::PUBLIC.0
            || self.has_permission(token, key.securable, Permission::VIEW_DEFINITION)
            || self.has_permission(
                token,
                Securable::Database,
                Permission::VIEW_SECURITY_DEFINITION,
            )
    }

    /// Whether a database's row appears in `sys.databases`.
    pub(crate) fn is_database_visible(
        &self,
        token: Option<&LoginToken>,
        current: DatabaseId,
        database: &Database,
    ) -> bool {
        if matches!(database.id, DatabaseId::MASTER | DatabaseId::TEMPDB) || database.id == current
        {
            return true;
        }
        let public = LoginToken {
            login: LoginId::PUBLIC,
            principals: vec![LoginId::PUBLIC],
            is_sysadmin: false,
        };
        // Database-scoped frames have no login of their own but still the rights of public.
        let token = token.unwrap_or(&public);
        self.has_server_permission(token, Permission::VIEW_ANY_DATABASE)
            || self.has_server_permission(token, Permission::ALTER_ANY_DATABASE)
            || self
                .login(token.login)
                .is_some_and(|login| login.sid == database.options().owner)
    }
}
