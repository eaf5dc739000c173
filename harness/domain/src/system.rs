//! What is under test, as its owner declares it. `configuration` reads it from
//! `watertight.yaml`; everything below works from this alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::control::ControlId;
use crate::intent::Intent;

/// The declared system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// A name for reports.
    pub name: String,
    /// How tenants are kept apart.
    pub design: Design,
    /// Databases, logins and users that the run creates begin with this, and nothing else is
    /// ever touched.
    pub marker: String,
    /// The tenants' names, in order.
    pub tenants: Vec<String>,
    /// Databases to provision.
    pub databases: Databases,
    /// The principals of every tenant, by name.
    pub principals: BTreeMap<String, Principal>,
    /// Who may do what inside his own tenant; nobody may do anything anywhere else.
    pub intent: Intent,
    /// Which promises are under test.
    pub controls: Vec<ControlId>,
    /// When a run counts as enough.
    pub thresholds: Thresholds,
}

/// How tenants are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Design {
    /// A database for each tenant.
    DatabasePerTenant,
    /// One database, rows owned by an organisation.
    SharedDatabase,
}

/// What to provision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Databases {
    /// Databases that exist once, by key (`registry`).
    pub shared: BTreeMap<String, DatabaseTemplate>,
    /// The database of each tenant.
    pub tenant: DatabaseTemplate,
}

/// One database and the scripts that fill it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseTemplate {
    /// Its name; `{marker}` and `{tenant}` are replaced.
    pub name: String,
    /// Scripts in order: sqlcmd scripts with `GO` and `$(Variable)`.
    pub scripts: Vec<Script>,
}

/// One script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Where it came from, for messages.
    pub file: String,
    /// Its text.
    pub text: String,
}

impl System {
    /// A name with `{marker}` and `{tenant}` replaced.
    pub fn expand(&self, template: &str, tenant: Option<&str>) -> String {
        let expanded = template.replace("{marker}", &self.marker);
        match tenant {
            Some(tenant) => expanded.replace("{tenant}", tenant),
            None => expanded,
        }
    }
}

/// One of a tenant's principals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Login name; `{marker}` and `{tenant}` are replaced.
    pub login: String,
    /// Where the password comes from.
    pub password: Secret,
}

/// A secret is never written into a configuration, only referred to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// Made by the run for a login that the run creates.
    Generated,
    /// The value of an environment variable.
    Environment(String),
    /// The first line of a file.
    File(String),
}

/// When a run counts as enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Armed attempts below which a control is inconclusive.
    pub armed_attempts_min: u64,
    /// Share of attempts, in per cent, that may fail for an unrelated reason.
    pub failed_percent_max: u8,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            armed_attempts_min: 59,
            failed_percent_max: 10,
        }
    }
}
