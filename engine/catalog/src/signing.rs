//! Certificates and asymmetric keys, as far as they sign modules.
//!
//! There is no X.509 and no RSA here. A key is a name with a number; a signature is the number in
//! the module's definition, and ALTER takes it away by making a new definition, which is what the
//! server's signature over the text comes to. What a key protects with a password is protected by
//! comparing the password.

use std::sync::Arc;

use crate::ids::{KeyId, PrincipalId, Sid};
use crate::login::PasswordHash;

/// A certificate or asymmetric key of a database.
#[derive(Debug, Clone, PartialEq)]
pub struct SigningKey {
    /// Its number.
    pub id: KeyId,
    /// Its name, among the certificates or among the asymmetric keys.
    pub name: Arc<str>,
    /// An asymmetric key rather than a certificate.
    pub asymmetric: bool,
    /// Who owns it.
    pub owner: PrincipalId,
    /// Its SID, which the user made from it shares.
    pub sid: Sid,
    /// Set when a password protects it, rather than the master key of the database.
    pub password: Option<PasswordHash>,
}

impl SigningKey {
    /// What it is called in messages.
    pub(crate) fn word(&self) -> &'static str {
        word(self.asymmetric)
    }
}

/// `certificate` or `asymmetric key`.
pub(crate) fn word(asymmetric: bool) -> &'static str {
    if asymmetric {
        "asymmetric key"
    } else {
        "certificate"
    }
}
