//! As whom does a session act? The stack of EXECUTE AS, module and application-role frames.

use values::SqlError;

use super::check::ChainLink;
use crate::errors::err;
use crate::ids::{DatabaseId, LoginId, PrincipalId};
use crate::instance::Instance;
use crate::login::ServerPrincipalKind;
use crate::object::{ModuleExecuteAs, Object};
use crate::permission::{Permission, Securable};
use crate::principal::{Authentication, PrincipalKind};

/// As whom a session acts. One per session; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityContext {
    /// Bottom is the connection, top is now; never empty.
    frames: Vec<Frame>,
    /// REVERT stops here: frames below were there before the running module.
    floor: usize,
    /// For every running module: its database, and the users of the keys that have signed it.
    signers: Vec<(DatabaseId, Vec<PrincipalId>)>,
}

/// One entry of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Who.
    pub identity: ActingAs,
    /// Why.
    pub origin: Origin,
}

/// Whom a frame acts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActingAs {
    /// A login: valid on the whole server.
    Login(LoginId),
    /// A database user: valid in its database, and outside only by TRUSTWORTHY.
    User {
        /// Its database.
        database: DatabaseId,
        /// The user.
        user: PrincipalId,
    },
    /// A connection that a contained database authenticated.
    Contained {
        /// Its database.
        database: DatabaseId,
        /// The user.
        user: PrincipalId,
    },
    /// An active application role.
    ApplicationRole {
        /// Its database, in which the session is pinned.
        database: DatabaseId,
        /// The role.
        role: PrincipalId,
        /// The login that activated it, for SUSER_SNAME.
        login: Option<LoginId>,
    },
}

/// Where a frame comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The connection.
    Session,
    /// An EXECUTE AS statement.
    Statement {
        /// Current database at that time: REVERT must happen there.
        database: DatabaseId,
        /// WITH NO REVERT.
        no_revert: bool,
        /// WITH COOKIE.
        cookie: Option<Vec<u8>>,
    },
    /// The EXECUTE AS clause of a module, or `EXEC ('…') AS`.
    Module,
    /// sp_setapprole.
    ApplicationRole {
        /// Given to the caller for sp_unsetapprole.
        cookie: Option<Vec<u8>>,
    },
}

/// The state of a context before a module was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextMark {
    frames: usize,
    floor: usize,
    signers: usize,
}

impl SecurityContext {
    /// A connection of a login.
    pub fn for_login(login: LoginId) -> Self {
        Self::with(ActingAs::Login(login))
    }

    /// A connection of a contained user.
    pub fn for_contained_user(database: DatabaseId, user: PrincipalId) -> Self {
        Self::with(ActingAs::Contained { database, user })
    }

    fn with(identity: ActingAs) -> Self {
        Self {
            frames: vec![Frame {
                identity,
                origin: Origin::Session,
            }],
            floor: 1,
            signers: Vec::new(),
        }
    }

    /// The frame that counts now.
    pub fn frame(&self) -> &Frame {
        self.frames
            .last()
            .expect("the connection's frame is never popped")
    }

    /// All frames, the connection's first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The login that connected, whatever was impersonated since.
    pub fn original_login(&self) -> Option<LoginId> {
        match self.frames[0].identity {
            ActingAs::Login(login) => Some(login),
            _ => None,
        }
    }

    /// `ORIGINAL_LOGIN()`.
    pub fn original_login_name(&self, instance: &Instance) -> String {
        Self::with(self.frames[0].identity).login_name(instance)
    }

    /// `EXECUTE AS USER = 'name'` in the current database.
    ///
    /// # Errors
    /// 15517 for a user that is missing, is no user, or may not be impersonated; 916 for guest
    /// without CONNECT.
    pub fn execute_as_user(
        &mut self,
        instance: &Instance,
        current: DatabaseId,
        name: &str,
        origin: Origin,
    ) -> Result<(), SqlError> {
        let refused = || {
            err(
                15517,
                16,
                1,
                format!(
                    "Cannot execute as the database principal because the principal \"{name}\" \
                     does not exist, this type of principal cannot be impersonated, or you do not \
                     have permission."
                ),
            )
        };
        let user = self
            .impersonable_user(instance, current, name)
            .ok_or_else(refused)?;
        let token = instance.user_token(current, user);
        if !token.is_dbo
            && !instance.has_permission(&token, Securable::Database, Permission::CONNECT)
        {
            return Err(no_access(name, instance, current));
        }
        self.frames.push(Frame {
            identity: ActingAs::User {
                database: current,
                user,
            },
            origin,
        });
        Ok(())
    }

    /// The user that EXECUTE AS may name: exists, is a user, and IMPERSONATE on it is held.
    pub(crate) fn impersonable_user(
        &self,
        instance: &Instance,
        current: DatabaseId,
        name: &str,
    ) -> Option<PrincipalId> {
        let user = instance.database(current)?.principal_named(name)?;
        // Users of certificates and keys are nobody to act as.
        let somebody = match &user.kind {
            PrincipalKind::User { authentication, .. } => {
                !matches!(authentication, Authentication::Key { .. })
            }
            _ => false,
        };
        if !somebody || matches!(user.id, PrincipalId::SYS | PrincipalId::INFORMATION_SCHEMA) {
            return None;
        }
        let token = self.try_enter(instance, current)?;
        (token.user == Some(user.id)
            || instance.has_permission(
                &token,
                Securable::Principal(user.id),
                Permission::IMPERSONATE,
            ))
        .then_some(user.id)
    }

    /// `EXECUTE AS LOGIN = 'name'`.
    ///
    /// # Errors
    /// 15406 for a login that is missing, is no login, or may not be impersonated; 916 when it
    /// could not be in the current database.
    pub fn execute_as_login(
        &mut self,
        instance: &Instance,
        current: DatabaseId,
        name: &str,
        origin: Origin,
    ) -> Result<(), SqlError> {
        let refused = || {
            err(
                15406,
                16,
                1,
                format!(
                    "Cannot execute as the server principal because the principal \"{name}\" does \
                     not exist, this type of principal cannot be impersonated, or you do not have \
                     permission."
                ),
            )
        };
        let login = instance
            .login_named(name)
            .filter(|login| matches!(login.kind, ServerPrincipalKind::Login { .. }))
            .ok_or_else(refused)?;
        let token = self.login(instance).ok_or_else(refused)?;
        if token.login != login.id
            && !instance.has_server_permission_on(
                &token,
                Securable::Login(login.id),
                Permission::IMPERSONATE,
            )
        {
            return Err(refused());
        }
        if instance.enter_as_login(login.id, current).is_none() {
            return Err(no_access(&login.name, instance, current));
        }
        self.frames.push(Frame {
            identity: ActingAs::Login(login.id),
            origin,
        });
        Ok(())
    }

    /// `REVERT [WITH COOKIE = …]`. Does nothing when there is nothing to revert in this module.
    ///
    /// # Errors
    /// 15196 after WITH NO REVERT, 15591 without the right cookie, 15199 in another database.
    pub fn revert(
        &mut self,
        instance: &Instance,
        current: DatabaseId,
        cookie: Option<&[u8]>,
    ) -> Result<(), SqlError> {
        if self.frames.len() <= self.floor {
            return Ok(());
        }
        match &self.frame().origin {
            Origin::Statement {
                no_revert: true, ..
            } => Err(err(
                15196,
                16,
                1,
                "The current security context is non-revertible. The \"Revert\" statement failed.",
            )),
            Origin::Statement {
                cookie: expected, ..
            } if expected.as_deref() != cookie => Err(err(
                15591,
                16,
                1,
                "The current security context cannot be reverted using this statement. A cookie \
                 may or may not be needed with 'Revert' statement depending on how the context was \
                 set with 'Execute As' statement.",
            )),
            Origin::Statement { database, .. } if *database != current => Err(err(
                15199,
                16,
                1,
                format!(
                    "The current security context cannot be reverted. Please switch to the \
                     original database where '{}' was called and try it again.",
                    instance
                        .database(*database)
                        .map_or("Execute As", |_| "Execute As")
                ),
            )),
            Origin::Statement { .. } => {
                self.frames.pop();
                Ok(())
            }
            Origin::Session | Origin::Module | Origin::ApplicationRole { .. } => Ok(()),
        }
    }

    /// Enters a module: pushes the frame of its EXECUTE AS clause, if it has one. The caller gives
    /// the mark back to [`leave`](Self::leave) when the module returns.
    pub fn enter_module(
        &mut self,
        instance: &Instance,
        database: DatabaseId,
        module: &Object,
    ) -> ContextMark {
        let mark = self.mark();
        let user = match module.as_module().map(|module| module.execute_as) {
            None | Some(ModuleExecuteAs::Caller) => None,
            Some(ModuleExecuteAs::Owner) => Some(instance.entered(database).owner_of(module)),
            Some(ModuleExecuteAs::User(user)) => Some(user),
        };
        if let Some(user) = user {
            self.frames.push(Frame {
                identity: ActingAs::User { database, user },
                origin: Origin::Module,
            });
        }
        self.floor = self.frames.len();
        // Rights that a signature adds end where another module begins.
        let signers = module
            .as_module()
            .into_iter()
            .flat_map(|module| &module.signatures)
            .filter_map(|key| Some(instance.database(database)?.user_of_key(*key)?.id))
            .collect();
        self.signers.push((database, signers));
        mark
    }

    /// The users whose rights join those of the current frame in a database, because the running
    /// module is signed; in dynamic SQL, that of the module around it.
    pub(super) fn signers(&self, id: DatabaseId) -> &[PrincipalId] {
        match self.signers.last() {
            Some((database, signers)) if *database == id => signers,
            _ => &[],
        }
    }

    /// Enters dynamic SQL: an EXECUTE AS statement in it ends with it.
    pub fn enter_dynamic(&mut self) -> ContextMark {
        let mark = self.mark();
        self.floor = self.frames.len();
        mark
    }

    /// The place to return to.
    pub fn mark(&self) -> ContextMark {
        ContextMark {
            frames: self.frames.len(),
            floor: self.floor,
            signers: self.signers.len(),
        }
    }

    /// Leaves a module or dynamic SQL: frames made inside are gone.
    pub fn leave(&mut self, mark: ContextMark) {
        self.frames.truncate(mark.frames.max(1));
        self.floor = mark.floor;
        self.signers.truncate(mark.signers);
    }

    /// sp_setapprole.
    ///
    /// # Errors
    /// 15161 for a wrong name or password (the same), 2762 when one is active.
    pub fn set_application_role(
        &mut self,
        instance: &Instance,
        current: DatabaseId,
        name: &str,
        password: &str,
        cookie: Option<Vec<u8>>,
    ) -> Result<(), SqlError> {
        if self.application_role().is_some() {
            return Err(err(
                2762,
                16,
                1,
                "sp_setapprole was not invoked correctly. Refer to the documentation for more \
                 information.",
            ));
        }
        let role = instance
            .entered(current)
            .principal_named(name)
            .filter(|role| {
                matches!(&role.kind, PrincipalKind::ApplicationRole { password: hash, .. }
                    if hash.verify(password))
            })
            .ok_or_else(|| {
                err(
                    15161,
                    16,
                    1,
                    format!(
                        "Cannot set application role '{name}' because it does not exist or the \
                         password is incorrect."
                    ),
                )
            })?;
        let login = match self.frame().identity {
            ActingAs::Login(login) => Some(login),
            _ => None,
        };
        self.frames.push(Frame {
            identity: ActingAs::ApplicationRole {
                database: current,
                role: role.id,
                login,
            },
            origin: Origin::ApplicationRole { cookie },
        });
        Ok(())
    }

    /// sp_unsetapprole.
    ///
    /// # Errors
    /// 15592 without an active role, or with another cookie.
    pub fn unset_application_role(&mut self, cookie: &[u8]) -> Result<(), SqlError> {
        match &self.frame().origin {
            Origin::ApplicationRole {
                cookie: Some(expected),
            } if expected == cookie => {
                self.frames.pop();
                Ok(())
            }
            _ => Err(err(
                15592,
                16,
                1,
                "Cannot unset application role because none was set or the cookie is invalid.",
            )),
        }
    }

    /// The active application role and its database: USE is refused with 505 while there is one.
    pub fn application_role(&self) -> Option<(DatabaseId, PrincipalId)> {
        self.frames
            .iter()
            .rev()
            .find_map(|frame| match frame.identity {
                ActingAs::ApplicationRole { database, role, .. } => Some((database, role)),
                _ => None,
            })
    }
}

impl ChainLink {
    /// The link that references from inside this module start with.
    pub fn of(instance: &Instance, database: DatabaseId, module: &Object) -> Self {
        Self {
            database,
            owner: instance.entered(database).owner_of(module),
        }
    }
}

fn no_access(name: &str, instance: &Instance, database: DatabaseId) -> SqlError {
    err(
        916,
        14,
        4,
        format!(
            "The server principal \"{name}\" is not able to access the database \"{}\" under the \
             current security context.",
            instance.entered(database).name()
        ),
    )
}
