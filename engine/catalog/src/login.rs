//! Who the instance knows: logins and server roles, and how a password is proven.

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256, Sha512};

use crate::ids::{LoginId, Sid};

/// One row of `sys.server_principals`.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerPrincipal {
    /// Its number.
    pub id: LoginId,
    /// Its name.
    pub name: Arc<str>,
    /// Its SID.
    pub sid: Sid,
    /// What it is.
    pub kind: ServerPrincipalKind,
    /// Owner of a server role.
    pub owner: LoginId,
    /// Creation time, in ticks.
    pub created: i64,
    /// Time of the last change.
    pub modified: i64,
}

/// The kinds of server principal.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerPrincipalKind {
    /// A login with a password.
    Login {
        /// Its password.
        password: PasswordHash,
        /// ALTER LOGIN … DISABLE.
        disabled: bool,
        /// Where its sessions begin.
        default_database: Arc<str>,
        /// `us_english` unless said otherwise.
        default_language: Arc<str>,
        /// CHECK_POLICY.
        check_policy: bool,
        /// CHECK_EXPIRATION.
        check_expiration: bool,
    },
    /// A server role, fixed or not.
    Role,
}

impl ServerPrincipal {
    /// A login.
    pub fn is_login(&self) -> bool {
        matches!(self.kind, ServerPrincipalKind::Login { .. })
    }
}

/// A password as SQL Server 2012 and later keep it: `0x0200`, four bytes of salt, SHA-512 of the
/// UTF-16LE password followed by the salt.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Arc<[u8]>);

impl PasswordHash {
    /// Hashes a password. The salt is derived from `label` (the principal's name and number), so
    /// that two servers built by the same statements are equal byte for byte.
    pub fn new(password: &str, label: &str) -> Self {
        let digest = Sha256::digest(label.as_bytes());
        let salt = [digest[0], digest[1], digest[2], digest[3]];
        let mut bytes = vec![0x02, 0x00];
        bytes.extend_from_slice(&salt);
        bytes.extend_from_slice(&Self::digest(password, &salt));
        Self(Arc::from(bytes))
    }

    /// Takes a hash as written after `PASSWORD = 0x… HASHED`; `None` when it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == 70 && bytes.starts_with(&[2, 0])).then(|| Self(Arc::from(bytes)))
    }

    /// Whether this is the password.
    pub fn verify(&self, password: &str) -> bool {
        let salt = &self.0[2..6];
        let expected = Self::digest(password, salt);
        // Every byte is compared, so that the time taken says nothing about the prefix.
        self.0[6..]
            .iter()
            .zip(&expected)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
    }

    /// The stored bytes, `sys.sql_logins.password_hash`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn digest(password: &str, salt: &[u8]) -> Vec<u8> {
        let mut hasher = Sha512::new();
        for unit in password.encode_utf16() {
            hasher.update(unit.to_le_bytes());
        }
        hasher.update(salt);
        hasher.finalize().to_vec()
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Debug output ends up in test failures and logs; a hash has no business there.
        f.write_str("PasswordHash(…)")
    }
}

/// A SID of 16 bytes for a new SQL login: deterministic, and different for every (name, number).
pub(crate) fn login_sid(name: &str, number: i32) -> Sid {
    let digest = Sha256::digest(format!("login\0{name}\0{number}").as_bytes());
    Sid::new(&digest[..16])
}

/// A SID of 28 bytes for a user without login: `S-1-9-3-…`, as SQL Server makes them.
pub(crate) fn user_sid(database: &str, name: &str, number: i32) -> Sid {
    let digest = Sha256::digest(format!("user\0{database}\0{name}\0{number}").as_bytes());
    let mut bytes = vec![1, 5, 0, 0, 0, 0, 0, 9, 3, 0, 0, 0];
    bytes.extend_from_slice(&digest[..16]);
    Sid::new(&bytes)
}

/// The SID of a certificate or key: deterministic, and different for every label.
pub(crate) fn key_sid(label: &str) -> Sid {
    let digest = Sha256::digest(format!("key\0{label}").as_bytes());
    let mut bytes = vec![1, 6, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0];
    bytes.extend_from_slice(&digest[..20]);
    Sid::new(&bytes)
}

/// Eight upper-case hexadecimal digits that depend on `text` alone: the tail of made-up
/// constraint names.
pub(crate) fn name_suffix(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest[..4].iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02X}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::PasswordHash;

    #[test]
    fn only_the_right_password_is_accepted() {
        let hash = PasswordHash::new("Str0ng_pw_1", "l_app/256");
        for (password, accepted) in [
            ("Str0ng_pw_1", true),
            ("str0ng_pw_1", false),
            ("", false),
            ("Str0ng_pw_1 ", false),
        ] {
            assert_eq!(hash.verify(password), accepted, "{password:?}");
        }
        let copy = PasswordHash::from_bytes(hash.as_bytes()).expect("own bytes are a hash");
        assert!(copy.verify("Str0ng_pw_1"));
        assert_eq!(PasswordHash::from_bytes(&[1, 0, 3]), None);
    }
}
