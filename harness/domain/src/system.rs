//! What is under test, as its owner declares it. `configuration` reads it from
//! `watertight.yaml`; everything below works from this alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::api::service::Service;
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
    /// How rows are told apart; in a shared database only.
    #[serde(default)]
    pub tenancy: Option<Tenancy>,
    /// The principals of every tenant, by name.
    pub principals: BTreeMap<String, Principal>,
    /// Who may do what inside his own tenant; nobody may do anything anywhere else.
    pub intent: Intent,
    /// Which promises are under test.
    pub controls: Vec<ControlId>,
    /// When a run counts as enough.
    pub thresholds: Thresholds,
    /// The service that works for the tenants, if there is one.
    #[serde(default)]
    pub service: Option<Service>,
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
    /// The database of each tenant, where each has one.
    pub tenant: Option<DatabaseTemplate>,
}

/// One database and the scripts that fill it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseTemplate {
    /// Its name; `{marker}` and `{tenant}` are replaced.
    pub name: String,
    /// Scripts in order: sqlcmd scripts with `GO` and `$(Variable)`.
    pub scripts: Vec<Script>,
    /// Scripts that run after those, once for each tenant; in shared databases only.
    #[serde(default)]
    pub tenant_scripts: Vec<Script>,
}

/// How the rows of tenants are told apart in one database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenancy {
    /// Key of the shared database that holds them.
    pub database: String,
    /// The column that says whose a row is.
    pub column: String,
    /// What stands there for a tenant: a T-SQL literal with `$(Variable)`.
    pub value: String,
    /// T-SQL that makes a new session one of a tenant, with `$(Variable)`.
    pub checkout: String,
    /// How the rows of departments are told apart, if they are.
    pub department: Option<DepartmentTenancy>,
    /// Numbers of the errors by which the system refuses what crosses its boundary.
    pub denials: Vec<i32>,
    /// Patterns of the tables whose rows belong to tenants; every table with the column when
    /// empty.
    pub tables: Vec<String>,
    /// What parameters are given that the catalog suggests nothing for, by parameter or by
    /// `schema.module.@parameter`: T-SQL literals with `$(Variable)`.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
}

/// How the rows of departments are told apart within a tenant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentTenancy {
    /// The column that says which department owns a row; NULL is the tenant as a whole.
    pub column: String,
    /// T-SQL that narrows a session to a department; `$(Department)` is the column's value.
    pub checkout: String,
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
    /// Armed attacks below which a control that is attacked is inconclusive. Inspections are
    /// exhaustive, no sample: what is only inspected needs no minimum, but every look must succeed.
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
