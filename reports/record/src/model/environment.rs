//! `environment/<system>.json`: what was attacked, as the server and the contract describe it.

use domain::surface::{Surface, Temporal};
use domain::world::World;
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// [`Environment::SCHEMA`].
    pub schema: String,
    /// What was attacked, such as `embedded`.
    pub target: String,
    /// First line of `@@VERSION`; `None` without a server.
    pub server_version: Option<String>,
    /// How this environment relates to production, in the words of who ran it; `None` when nothing was said.
    pub equivalence: Option<String>,
    /// What the server can do besides, as far as scenarios ask for it.
    pub features: Vec<String>,
    /// The databases.
    pub databases: Vec<DatabaseRecord>,
    /// The contract of the service.
    pub contract: Option<ContractRecord>,
}

/// One database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseRecord {
    /// Its name.
    pub name: String,
    /// Whose it is; `None` for shared ones.
    pub tenant: Option<String>,
    /// Tables.
    pub tables: u64,
    /// Tables that are system-versioned.
    pub versioned: u64,
    /// Views, procedures and functions.
    pub modules: u64,
    /// Rows before the first attack.
    pub rows: u64,
    /// Users and roles that are not built in, by name.
    pub principals: Vec<String>,
}

/// The published contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRecord {
    /// What the service calls itself.
    pub title: String,
    /// Operations in it.
    pub operations: u64,
    /// SHA-256 of the document as it was read.
    pub sha256: Option<String>,
}

impl Environment {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/environment/v1";

    /// What is known of a target.
    pub fn new(
        target: &str,
        server_version: Option<String>,
        world: &World,
        surface: &Surface,
    ) -> Self {
        let database = |one: &domain::surface::Database| DatabaseRecord {
            name: one.name.clone(),
            tenant: one.tenant.map(|index| world.tenant(index).name.clone()),
            tables: one.tables.len() as u64,
            versioned: one
                .tables
                .values()
                .filter(|table| matches!(table.temporal, Temporal::Current { .. }))
                .count() as u64,
            modules: one.modules.len() as u64,
            rows: one
                .tables
                .values()
                .map(|table| table.rows.len() as u64)
                .sum(),
            principals: one.principals.keys().cloned().collect(),
        };
        let features = surface.features.iter();
        Self {
            schema: Self::SCHEMA.to_owned(),
            target: target.to_owned(),
            server_version,
            equivalence: None,
            features: features.map(|feature| format!("{feature:?}")).collect(),
            databases: surface.databases.iter().map(database).collect(),
            contract: None,
        }
    }
}
