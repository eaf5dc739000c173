//! Is one permission held on one securable, and what does a refusal say?
//!
//! The documented algorithm: dbo and sysadmin pass; an unbroken ownership chain passes; an owner
//! passes; then any DENY in the permission space refuses and any GRANT in it allows. The one
//! exception is old and kept: a GRANT on a column wins over a DENY of the same permission on its
//! object.

use super::fixed_roles::{database_role_grants, server_role_grants};
use super::token::{LoginToken, UserToken};
use crate::database::Database;
use crate::errors::{Errors, err};
use crate::ids::{ColumnId, DatabaseId, ObjectId, PrincipalId};
use crate::instance::Instance;
use crate::object::Object;
use crate::permission::{
    Class, Permission, PermissionKey, PermissionState, Securable, Space, builtin, space,
};
use crate::principal::PrincipalKind;

/// The module in whose text a reference stands, as ownership chaining sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainLink {
    /// The module's database.
    pub database: DatabaseId,
    /// The module's owner.
    pub owner: PrincipalId,
}

/// Which columns a statement touches.
#[derive(Debug, Clone, Copy)]
pub enum DemandColumns<'a> {
    /// The object as a whole: INSERT, DELETE, EXECUTE, ALTER.
    Object,
    /// Every column: a reference that names none, such as `COUNT(*)`.
    All,
    /// These.
    Some(&'a [ColumnId]),
}

/// What the rows found so far say.
#[derive(Default)]
struct Findings {
    denied: bool,
    granted: bool,
    /// A DENY of exactly this permission on the object, which a column GRANT beats.
    object_denied: bool,
    column_granted: bool,
}

impl Findings {
    fn allow(&self, column_grant_wins: bool) -> bool {
        if self.denied || (self.object_denied && !(column_grant_wins && self.column_granted)) {
            return false;
        }
        self.granted
    }
}

impl Instance {
    /// Whether a permission is held in a database (or, for the securables of the server, by the
    /// token's login).
    pub fn has_permission(
        &self,
        token: &UserToken,
        securable: Securable,
        permission: Permission,
    ) -> bool {
        match securable {
            Securable::Server | Securable::Login(_) => token
                .login
                .as_ref()
                .is_some_and(|login| self.has_server_permission_on(login, securable, permission)),
            _ => self.decide(token, securable, permission, None),
        }
    }

    /// Whether a permission is held on one column.
    pub fn has_column_permission(
        &self,
        token: &UserToken,
        object: ObjectId,
        column: ColumnId,
        permission: Permission,
    ) -> bool {
        self.decide(token, Securable::Object(object), permission, Some(column))
    }

    /// Whether a permission is held on the server.
    pub fn has_server_permission(&self, login: &LoginToken, permission: Permission) -> bool {
        self.has_server_permission_on(login, Securable::Server, permission)
    }

    /// Whether a permission is held on the server, a login or a server role.
    pub fn has_server_permission_on(
        &self,
        login: &LoginToken,
        securable: Securable,
        permission: Permission,
    ) -> bool {
        let class = match securable {
            Securable::Login(id) => {
                if self.login(id).is_some_and(|principal| principal.is_login()) {
                    Class::Login
                } else {
                    Class::ServerRole
                }
            }
            _ => Class::Server,
        };
        let Some(space) = space(class, permission) else {
            return false;
        };
        if login.is_sysadmin {
            return true;
        }
        if let Securable::Login(id) = securable {
            // A server role answers to its owner; fixed roles belong to sa alone.
            let owner = self
                .login(id)
                .filter(|it| !it.is_login())
                .map(|it| it.owner);
            if owner.is_some_and(|owner| login.principals.contains(&owner)) {
                return true;
            }
        }
        let mut found = Findings::default();
        if class != Class::Server {
            for principal in &login.principals {
                for (key, state) in self.server_permissions_on(securable, *principal) {
                    collect(&mut found, space, class, key, state, None, permission);
                }
            }
        }
        self.server_findings(&mut found, login, space);
        found.allow(false)
    }

    fn server_findings(&self, found: &mut Findings, login: &LoginToken, space: &Space) {
        let on_server = space.on(Class::Server);
        if on_server.is_empty() {
            return;
        }
        for principal in &login.principals {
            for (key, state) in self.server_permissions_on(Securable::Server, *principal) {
                if on_server.contains(key.permission) {
                    match state {
                        PermissionState::Deny => found.denied = true,
                        _ => found.granted = true,
                    }
                }
            }
            if server_role_grants(*principal)
                .iter()
                .any(|granted| on_server.contains(*granted))
            {
                found.granted = true;
            }
        }
    }

    fn decide(
        &self,
        token: &UserToken,
        securable: Securable,
        permission: Permission,
        column: Option<ColumnId>,
    ) -> bool {
        let database = self.entered(token.database);
        let Some(class) = class_of(database, securable) else {
            return false;
        };
        let Some(space) = space(class, permission) else {
            return false;
        };
        if token.is_dbo || token.is_sysadmin() || owns(database, token, securable) {
            return true;
        }
        let found = self.gather(token, securable, permission, column, class, space);
        let column_grant_wins = self.configuration("common criteria compliance enabled") != Some(1);
        found.allow(column_grant_wins)
    }

    /// Whether a DENY stands against a permission, whatever is granted: metadata visibility asks.
    pub(crate) fn is_denied(
        &self,
        token: &UserToken,
        securable: Securable,
        permission: Permission,
    ) -> bool {
        let database = self.entered(token.database);
        let Some(class) = class_of(database, securable) else {
            return false;
        };
        let Some(space) = space(class, permission) else {
            return false;
        };
        if token.is_dbo || token.is_sysadmin() || owns(database, token, securable) {
            return false;
        }
        let found = self.gather(token, securable, permission, None, class, space);
        found.denied || found.object_denied
    }

    fn gather(
        &self,
        token: &UserToken,
        securable: Securable,
        permission: Permission,
        column: Option<ColumnId>,
        class: Class,
        space: &Space,
    ) -> Findings {
        let database = self.entered(token.database);
        let mut found = Findings::default();
        let mut level = Some(securable);
        while let Some(on) = level {
            let class = match on {
                Securable::Database => Class::Database,
                Securable::Schema(_) => Class::Schema,
                _ => class,
            };
            if !space.on(class).is_empty() {
                for principal in &token.principals {
                    for (key, state) in database.permissions_on(on, *principal) {
                        collect(&mut found, space, class, key, state, column, permission);
                    }
                }
            }
            level = container(database, on);
        }
        let on_database = space.on(Class::Database);
        for role in &token.principals {
            let (denied, permissions) = database_role_grants(*role);
            if permissions
                .iter()
                .any(|of_role| on_database.contains(*of_role))
            {
                if denied {
                    found.denied = true;
                } else {
                    found.granted = true;
                }
            }
        }
        if let Some(login) = &token.login {
            self.server_findings(&mut found, login, space);
        }
        found
    }

    /// Whether a reference from inside a module needs no permission: the owners are the same, and
    /// across databases both allow chaining.
    pub fn is_chained(&self, link: &ChainLink, id: DatabaseId, object: &Object) -> bool {
        let database = self.entered(id);
        let owner = database.owner_of(object);
        if link.database == id {
            return link.owner == owner;
        }
        let Some(from) = self.database(link.database) else {
            return false;
        };
        let everywhere = self.configuration("cross db ownership chaining") == Some(1);
        (everywhere || (from.options().chaining && database.options().chaining))
            && from
                .sid_of(link.owner)
                .is_some_and(|sid| database.sid_of(owner) == Some(sid))
    }

    /// Demands a permission on an object, for a statement. `link` is the module in whose text the
    /// reference stands; `None` for ad hoc and dynamic SQL, and for what never chains.
    ///
    /// # Errors
    /// 229 when the object is closed altogether, one 230 per refused column otherwise.
    pub fn demand(
        &self,
        token: &UserToken,
        link: Option<&ChainLink>,
        object: &Object,
        permission: Permission,
        columns: DemandColumns<'_>,
    ) -> Result<(), Errors> {
        // Temporary objects belong to whoever can name them.
        if object.temporary.is_some() || token.is_dbo || token.is_sysadmin() {
            return Ok(());
        }
        if link.is_some_and(|link| self.is_chained(link, token.database, object)) {
            return Ok(());
        }
        let named: Vec<ColumnId>;
        let columns = match columns {
            DemandColumns::Object => {
                if self.has_permission(token, Securable::Object(object.id), permission) {
                    return Ok(());
                }
                return Err(self
                    .object_denied(token.database, object, permission)
                    .into());
            }
            DemandColumns::Some(columns) if !columns.is_empty() => columns,
            _ => {
                named = object
                    .columns()
                    .unwrap_or_default()
                    .iter()
                    .map(|column| column.id)
                    .collect();
                if named.is_empty() {
                    return self.demand(token, link, object, permission, DemandColumns::Object);
                }
                &named
            }
        };
        // Without rows for columns the object as a whole decides, once instead of per column.
        let database = self.entered(token.database);
        let of_columns = token.principals.iter().any(|principal| {
            database
                .permissions_on(Securable::Object(object.id), *principal)
                .any(|(key, _)| key.column != 0)
        });
        if !of_columns {
            return self.demand(token, link, object, permission, DemandColumns::Object);
        }
        let held =
            |column: ColumnId| self.has_column_permission(token, object.id, column, permission);
        let refused: Vec<ColumnId> = columns
            .iter()
            .copied()
            .filter(|column| !held(*column))
            .collect();
        if refused.is_empty() {
            return Ok(());
        }
        let all = object.columns().unwrap_or_default();
        if !all.iter().any(|column| held(column.id)) {
            return Err(self
                .object_denied(token.database, object, permission)
                .into());
        }
        // In column order, whatever order the statement has.
        let errors: Vec<_> = all
            .iter()
            .filter(|column| refused.contains(&column.id))
            .map(|column| self.column_denied(token.database, object, &column.name, permission))
            .collect();
        if errors.is_empty() {
            return Err(self
                .object_denied(token.database, object, permission)
                .into());
        }
        Err(Errors::new(errors))
    }

    /// 229.
    pub fn object_denied(
        &self,
        id: DatabaseId,
        object: &Object,
        permission: Permission,
    ) -> values::SqlError {
        let database = self.entered(id);
        err(
            229,
            14,
            5,
            format!(
                "The {permission} permission was denied on the object '{}', database '{}', schema \
                 '{}'.",
                object.name,
                database.name(),
                database.schema_name(object.schema)
            ),
        )
    }

    /// 230.
    fn column_denied(
        &self,
        id: DatabaseId,
        object: &Object,
        column: &str,
        permission: Permission,
    ) -> values::SqlError {
        let database = self.entered(id);
        err(
            230,
            14,
            1,
            format!(
                "The {permission} permission was denied on the column '{column}' of the object \
                 '{}', database '{}', schema '{}'.",
                object.name,
                database.name(),
                database.schema_name(object.schema)
            ),
        )
    }

    /// 262: a permission on the database itself is missing.
    pub fn database_denied(
        &self,
        id: DatabaseId,
        permission: Permission,
        state: u8,
    ) -> values::SqlError {
        err(
            262,
            14,
            state,
            format!(
                "{permission} permission denied in database '{}'.",
                self.entered(id).name()
            ),
        )
    }
}

fn collect(
    found: &mut Findings,
    space: &Space,
    class: Class,
    key: &PermissionKey,
    state: PermissionState,
    column: Option<ColumnId>,
    permission: Permission,
) {
    if !space.on(class).contains(key.permission) {
        return;
    }
    let of_column = key.column != 0;
    if of_column && column.map(|column| column.0) != Some(key.column) {
        return;
    }
    match state {
        PermissionState::Deny => {
            let beatable = column.is_some()
                && !of_column
                && matches!(key.securable, Securable::Object(_))
                && key.permission == permission;
            if beatable {
                found.object_denied = true;
            } else {
                found.denied = true;
            }
        }
        PermissionState::Grant | PermissionState::GrantWithGrantOption => {
            found.granted = true;
            found.column_granted |= of_column;
        }
    }
}

/// The class whose permissions a securable has.
pub(crate) fn class_of(database: &Database, securable: Securable) -> Option<Class> {
    Some(match securable {
        Securable::Database => Class::Database,
        Securable::Object(_) => Class::Object,
        Securable::Schema(_) => Class::Schema,
        Securable::Type(_) => Class::Type,
        Securable::Server => Class::Server,
        Securable::Login(_) => Class::Login,
        Securable::Principal(id) => match database.principal(id)?.kind {
            PrincipalKind::User { .. } => Class::User,
            PrincipalKind::Role => Class::Role,
            PrincipalKind::ApplicationRole { .. } => Class::ApplicationRole,
        },
    })
}

/// What contains a securable, inside its database.
fn container(database: &Database, securable: Securable) -> Option<Securable> {
    match securable {
        Securable::Object(id) => {
            let object = database.object(id)?;
            // A trigger or constraint is guarded by its table.
            Some(
                object
                    .parent
                    .map_or(Securable::Schema(object.schema), Securable::Object),
            )
        }
        Securable::Type(id) => Some(Securable::Schema(database.user_type(id)?.schema)),
        Securable::Schema(_) | Securable::Principal(_) => Some(Securable::Database),
        Securable::Database | Securable::Server | Securable::Login(_) => None,
    }
}

/// Whether one of the identities owns the securable, or what contains it.
fn owns(database: &Database, token: &UserToken, securable: Securable) -> bool {
    let is = |principal: PrincipalId| token.is(principal);
    match securable {
        Securable::Object(id) => database.object(id).is_some_and(|object| {
            is(database.owner_of(object))
                || database
                    .schema(object.schema)
                    .is_some_and(|schema| is(schema.owner))
        }),
        Securable::Type(id) => database.user_type(id).is_some_and(|user_type| {
            user_type.owner.is_some_and(is)
                || database
                    .schema(user_type.schema)
                    .is_some_and(|schema| is(schema.owner))
        }),
        Securable::Schema(id) => database.schema(id).is_some_and(|schema| is(schema.owner)),
        Securable::Principal(id) => database.principal(id).is_some_and(|principal| {
            principal.is_role() && !id.is_fixed_role() && is(principal.owner)
        }),
        Securable::Database | Securable::Server | Securable::Login(_) => false,
    }
}

/// Whether a class has a permission at all; HAS_PERMS_BY_NAME answers NULL when not.
pub(crate) fn exists(class: Class, permission: Permission) -> bool {
    builtin(class, permission).is_some()
}
