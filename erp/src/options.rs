//! What does the service need to be told before it starts?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::environment::Environment;
use crate::fault::Fault;

/// Everything that the service is told.
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How tenants are kept apart.
    pub design: Design,
    /// The database server.
    pub server: SqlServer,
    /// Logins, passwords and keys.
    pub secrets: Secrets,
    /// Clock and random bytes.
    pub environment: Arc<dyn Environment>,
    /// Planted defects.
    pub faults: BTreeSet<Fault>,
    /// Legitimate neighbours of planted defects.
    pub near_misses: BTreeSet<Fault>,
    /// Where files lie, a folder for each tenant.
    pub files: PathBuf,
    /// Where webhooks and callbacks may be sent.
    pub webhooks_to: Destinations,
    /// Who gets the log, line by line.
    pub log: Log,
}

/// How tenants are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Design {
    /// A database for each.
    DatabasePerTenant,
    /// One database, each row owned by an organisation.
    SharedDatabase,
}

/// A database server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlServer {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// A SQL login.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Its name.
    pub name: String,
    /// Its password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Login")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Logins, passwords and keys. Nothing of it is ever printed, logged or answered.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// The tenants that exist when the service starts, by name.
    pub tenants: BTreeMap<String, TenantSecrets>,
    /// The principals of all tenants, where the database is shared.
    pub shared: BTreeMap<String, Login>,
    /// Who may create and remove databases and logins; without one nothing is provisioned.
    pub provisioner: Option<Login>,
    /// Who operates the installation; without one nobody asks for tenants.
    pub operator: Option<Login>,
    /// The registry's database, where there is one.
    pub registry: Option<String>,
    /// The key that signs tokens and cursors.
    pub token_key: Vec<u8>,
    /// The key that wraps the tenants' keys and seals the secrets of webhooks. What was sealed can be
    /// read as long as this stays the same.
    pub master_key: Vec<u8>,
}

/// One tenant.
#[derive(Debug, Clone, Default)]
pub struct TenantSecrets {
    /// Its database; the common one where the database is shared.
    pub database: String,
    /// What stands in `OrgId`, where the database is shared.
    pub organisation: Option<i32>,
    /// Its own principals by name, such as `app_rw`, where it has a database of its own.
    pub principals: BTreeMap<String, Login>,
}

/// Where webhooks and callbacks may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destinations {
    /// To this machine alone, as a demonstration needs it.
    Loopback,
    /// Nowhere.
    Nowhere,
}

/// Who gets the log.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

impl Design {
    /// Its name, as in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::DatabasePerTenant => "database-per-tenant",
            Self::SharedDatabase => "shared-database",
        }
    }
}
