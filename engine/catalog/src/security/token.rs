//! Which identities count for the one who acts, on the server and in one database?
//!
//! `sys.login_token` and `sys.user_token` of the real server. A token is computed from the
//! [`SecurityContext`] and is right as long as the instance's security version stays.

use values::SqlError;

use super::context::{ActingAs, SecurityContext};
use crate::errors::err;
use crate::ids::{DatabaseId, LoginId, PrincipalId, Sid};
use crate::instance::Instance;
use crate::permission::{Permission, Securable};

/// The server side of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginToken {
    /// The login.
    pub login: LoginId,
    /// The login, its server roles and public, ascending.
    pub principals: Vec<LoginId>,
    /// Member of sysadmin: nothing is refused.
    pub is_sysadmin: bool,
}

/// The identities that count in one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserToken {
    /// The database.
    pub database: DatabaseId,
    /// The user or application role; `None` when a login came in by CONNECT ANY DATABASE and has
    /// the rights of public only.
    pub user: Option<PrincipalId>,
    /// The user, its roles and public, ascending.
    pub principals: Vec<PrincipalId>,
    /// The effective user is dbo: nothing in this database is refused.
    pub is_dbo: bool,
    /// The server side; absent in database-scoped frames.
    pub login: Option<LoginToken>,
}

impl UserToken {
    /// Whether a principal is among the identities.
    pub fn is(&self, principal: PrincipalId) -> bool {
        self.principals.binary_search(&principal).is_ok()
    }

    /// A member of sysadmin.
    pub fn is_sysadmin(&self) -> bool {
        self.login.as_ref().is_some_and(|login| login.is_sysadmin)
    }

    /// dbo, sysadmin, or a member of db_owner.
    pub fn is_db_owner(&self) -> bool {
        self.is_dbo || self.is_sysadmin() || self.is(PrincipalId::DB_OWNER)
    }
}

impl Instance {
    /// The token of a login.
    pub fn login_token(&self, login: LoginId) -> LoginToken {
        let principals = self.login_closure(login);
        let is_sysadmin = principals.contains(&LoginId::SYSADMIN);
        LoginToken {
            login,
            principals,
            is_sysadmin,
        }
    }

    /// The token of a database principal, without a server side.
    pub fn user_token(&self, database: DatabaseId, user: PrincipalId) -> UserToken {
        UserToken {
            database,
            user: Some(user),
            principals: self.entered(database).closure_of(user),
            is_dbo: user == PrincipalId::DBO,
            login: None,
        }
    }

    /// How a login enters a database: as dbo, as its user, without name, as guest, or not at all.
    pub fn enter_as_login(&self, login: LoginId, id: DatabaseId) -> Option<UserToken> {
        let database = self.database(id)?;
        let principal = self.login(login)?;
        let login = self.login_token(login);
        if login.is_sysadmin || principal.sid == database.options().owner {
            return Some(UserToken {
                login: Some(login),
                ..self.user_token(id, PrincipalId::DBO)
            });
        }
        if let Some(user) = database.user_with_sid(&principal.sid) {
            let token = UserToken {
                login: Some(login),
                ..self.user_token(id, user.id)
            };
            return self
                .has_permission(&token, Securable::Database, Permission::CONNECT)
                .then_some(token);
        }
        if self.has_server_permission(&login, Permission::CONNECT_ANY_DATABASE) {
            return Some(UserToken {
                database: id,
                user: None,
                principals: vec![PrincipalId::PUBLIC],
                is_dbo: false,
                login: Some(login),
            });
        }
        self.enter_as_guest(id, Some(login))
    }

    fn enter_as_guest(&self, id: DatabaseId, login: Option<LoginToken>) -> Option<UserToken> {
        // What the login holds on the server must not open the door for guest.
        let guest = self.user_token(id, PrincipalId::GUEST);
        self.has_permission(&guest, Securable::Database, Permission::CONNECT)
            .then_some(UserToken { login, ..guest })
    }
}

impl SecurityContext {
    /// Enters a database: the identities that the current frame has there.
    ///
    /// # Errors
    /// 916 when the frame may not enter, 927 when the database is in the middle of a restore.
    ///
    /// # Panics
    /// When the database does not exist; ask [`Instance::database_named`] first (911).
    pub fn enter(&self, instance: &Instance, id: DatabaseId) -> Result<UserToken, SqlError> {
        self.try_enter(instance, id).ok_or_else(|| {
            let database = instance.entered(id);
            if instance.is_restoring(id) {
                return err(
                    927,
                    14,
                    2,
                    format!(
                        "Database '{}' cannot be opened. It is in the middle of a restore.",
                        database.name()
                    ),
                );
            }
            err(
                916,
                14,
                2,
                format!(
                    "The server principal \"{}\" is not able to access the database \"{}\" under \
                     the current security context.",
                    self.login_name(instance),
                    database.name()
                ),
            )
        })
    }

    /// As [`enter`](Self::enter), for HAS_DBACCESS and the catalog.
    pub fn try_enter(&self, instance: &Instance, id: DatabaseId) -> Option<UserToken> {
        instance.database(id)?;
        if instance.is_restoring(id) {
            return None;
        }
        let mut token = self.try_enter_unsigned(instance, id)?;
        for signer in self.signers(id) {
            for principal in instance.entered(id).closure_of(*signer) {
                if !token.principals.contains(&principal) {
                    token.principals.push(principal);
                }
            }
            token.principals.sort_unstable();
        }
        Some(token)
    }

    fn try_enter_unsigned(&self, instance: &Instance, id: DatabaseId) -> Option<UserToken> {
        match &self.frame().identity {
            ActingAs::Login(login) => instance.enter_as_login(*login, id),
            ActingAs::User { database, user } if *database == id => Some(UserToken {
                login: self.login(instance),
                ..instance.user_token(id, *user)
            }),
            ActingAs::User { database, user } => {
                let login = trusted_login(instance, *database, *user, Some(id))?;
                instance.enter_as_login(login, id)
            }
            ActingAs::Contained { database, user } if *database == id => {
                Some(instance.user_token(id, *user))
            }
            ActingAs::Contained { .. } => instance.enter_as_guest(id, None),
            ActingAs::ApplicationRole { database, role, .. } if *database == id => {
                Some(instance.user_token(id, *role))
            }
            ActingAs::ApplicationRole { .. } => instance.enter_as_guest(id, None),
        }
    }

    /// The server side of the current frame: what server permissions are asked of. Frames made by
    /// EXECUTE AS USER have none, except out of a trustworthy database.
    pub fn login(&self, instance: &Instance) -> Option<LoginToken> {
        match &self.frame().identity {
            ActingAs::Login(login) => {
                instance.login(*login)?;
                Some(instance.login_token(*login))
            }
            ActingAs::User { database, user } => trusted_login(instance, *database, *user, None)
                .map(|login| instance.login_token(login)),
            ActingAs::Contained { .. } | ActingAs::ApplicationRole { .. } => None,
        }
    }

    /// `SUSER_SNAME()`: the login of the current frame, or the text of a SID that has none.
    pub fn login_name(&self, instance: &Instance) -> String {
        let of_user = |database: DatabaseId, user| {
            let sid = instance.database(database).and_then(|it| it.sid_of(user));
            match sid {
                Some(sid) => instance
                    .login_with_sid(&sid)
                    .map_or_else(|| sid_text(&sid), |login| login.name.to_string()),
                None => String::new(),
            }
        };
        match &self.frame().identity {
            ActingAs::Login(login) => instance
                .login(*login)
                .map(|login| login.name.to_string())
                .unwrap_or_default(),
            ActingAs::User { database, user } => of_user(*database, *user),
            ActingAs::Contained { database, user } => instance
                .database(*database)
                .and_then(|it| it.principal(*user).map(|user| user.name.to_string()))
                .unwrap_or_default(),
            ActingAs::ApplicationRole {
                login,
                database,
                role,
            } => match login {
                Some(login) => instance
                    .login(*login)
                    .map(|login| login.name.to_string())
                    .unwrap_or_default(),
                None => of_user(*database, *role),
            },
        }
    }
}

/// The login as which a database-scoped frame may act outside of its database: the database must
/// be TRUSTWORTHY and its owner must vouch, in the target (dbo or AUTHENTICATE) or on the server.
fn trusted_login(
    instance: &Instance,
    home: DatabaseId,
    user: PrincipalId,
    target: Option<DatabaseId>,
) -> Option<LoginId> {
    let database = instance.database(home)?;
    if !database.options().trustworthy {
        return None;
    }
    let owner = instance.login_with_sid(&database.options().owner)?;
    let owner_login = instance.login_token(owner.id);
    let vouched = instance.has_server_permission(&owner_login, Permission::AUTHENTICATE_SERVER)
        || target
            .and_then(|target| instance.enter_as_login(owner.id, target))
            .is_some_and(|token| {
                token.is_dbo
                    || instance.has_permission(
                        &token,
                        Securable::Database,
                        Permission::AUTHENTICATE,
                    )
            });
    if !vouched {
        return None;
    }
    let sid = database.sid_of(user)?;
    instance
        .login_with_sid(&sid)
        .filter(|login| login.is_login())
        .map(|login| login.id)
}

/// `S-1-9-3-…`, as messages show the SID of a user without login.
pub(crate) fn sid_text(sid: &Sid) -> String {
    let bytes = &sid.0;
    if bytes.len() < 12 {
        return String::new();
    }
    let mut text = format!("S-1-{}", bytes[7]);
    for part in bytes[8..].chunks_exact(4) {
        let part: [u8; 4] = part.try_into().expect("chunks of four");
        text.push_str(&format!("-{}", u32::from_le_bytes(part)));
    }
    text
}
