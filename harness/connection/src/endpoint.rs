//! Where a server is and how to speak with it.

use std::path::PathBuf;
use std::time::Duration;

/// A server's address and how its connections are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// What is encrypted.
    pub encryption: Encryption,
    /// Whose certificates are believed.
    pub trust: Trust,
}

/// What is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Nothing: for the embedded server on loopback.
    None,
    /// The login, and the rest if the server insists (`Encrypt=false`).
    Login,
    /// Everything (`Encrypt=true`).
    All,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those that the operating system trusts.
    System,
    /// Any (`TrustServerCertificate=true`).
    Any,
    /// Those signed by the authority in this PEM or DER file.
    Authority(PathBuf),
}

/// A login with its password. Its `Debug` form hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Login name.
    pub name: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// How long to wait before giving a connection up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// For address, handshake and login together.
    pub connect: Duration,
    /// For the whole answer to one batch.
    pub answer: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(10),
        }
    }
}

impl Endpoint {
    /// The embedded server: loopback, no encryption.
    pub fn loopback(port: u16) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            encryption: Encryption::None,
            trust: Trust::Any,
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}
