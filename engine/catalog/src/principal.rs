//! Who a database knows: users, roles, application roles.

use std::sync::Arc;

use crate::ids::{KeyId, PrincipalId, Sid};
use crate::login::PasswordHash;

/// One row of `sys.database_principals`.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// Its number.
    pub id: PrincipalId,
    /// Its name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: PrincipalKind,
    /// The schema in which its unqualified names are looked up first; `None` for roles, whose
    /// members keep their own.
    pub default_schema: Option<Arc<str>>,
    /// Owner of a role; dbo for the rest.
    pub owner: PrincipalId,
    /// Creation time, in ticks.
    pub created: i64,
    /// Time of the last change.
    pub modified: i64,
}

/// The kinds of database principal.
#[derive(Debug, Clone, PartialEq)]
pub enum PrincipalKind {
    /// A user.
    User {
        /// What ties it to a login; made up for users WITHOUT LOGIN.
        sid: Sid,
        /// How it authenticates.
        authentication: Authentication,
    },
    /// A database role, fixed or not.
    Role,
    /// An application role.
    ApplicationRole {
        /// Its password.
        password: PasswordHash,
        /// Its SID.
        sid: Sid,
    },
}

/// Where a user's identity is proven.
#[derive(Debug, Clone, PartialEq)]
pub enum Authentication {
    /// By the login with the same SID.
    Instance,
    /// Nowhere: WITHOUT LOGIN, and the built-in users.
    None,
    /// By the database itself (contained).
    Database(PasswordHash),
    /// Nowhere: the user stands for a key, and its rights join those of the caller while a module
    /// runs that the key has signed.
    Key {
        /// The certificate or asymmetric key.
        key: KeyId,
        /// An asymmetric key rather than a certificate.
        asymmetric: bool,
    },
}

impl Principal {
    /// A user of any kind.
    pub fn is_user(&self) -> bool {
        matches!(self.kind, PrincipalKind::User { .. })
    }

    /// A role, fixed or not.
    pub fn is_role(&self) -> bool {
        matches!(self.kind, PrincipalKind::Role)
    }

    /// Its SID, when it has one.
    pub fn sid(&self) -> Option<&Sid> {
        match &self.kind {
            PrincipalKind::User { sid, .. } | PrincipalKind::ApplicationRole { sid, .. } => {
                Some(sid)
            }
            PrincipalKind::Role => None,
        }
    }

    /// `sys.database_principals.type`.
    pub fn type_code(&self) -> &'static str {
        match self.kind {
            PrincipalKind::User {
                authentication: Authentication::Key { asymmetric, .. },
                ..
            } => {
                if asymmetric {
                    "K"
                } else {
                    "C"
                }
            }
            PrincipalKind::User { .. } => "S",
            PrincipalKind::Role => "R",
            PrincipalKind::ApplicationRole { .. } => "A",
        }
    }
}
