//! The fault catalogue: planted defects as data, each with its T-SQL and a near miss.

use serde::Deserialize;

/// One planted defect.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Its name.
    pub id: String,
    /// Where the mistake is.
    pub layer: Layer,
    /// The design that it is planted in: a fixture's name.
    pub design: String,
    /// What is wrong.
    pub sentence: String,
    /// Ids of the promises that it breaks.
    pub controls: Vec<String>,
    /// Names of the oracles and inspections that see it.
    pub oracles: Vec<String>,
    /// Where its script runs.
    pub apply: Apply,
    /// Where the near miss's script runs, when elsewhere.
    #[serde(default)]
    pub near_apply: Option<Apply>,
    /// What the near miss is.
    pub near_miss: String,
    /// Where it comes from.
    pub source: Source,
    /// Where and when it happened, as the public was told.
    #[serde(default)]
    pub incident: Option<String>,
}

/// Where a mistake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// In the database.
    Sql,
}

/// Where a script runs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WrittenApply")]
pub enum Apply {
    /// In every tenant's database.
    Tenants,
    /// In this tenant's.
    Tenant(String),
    /// In this shared database, by its key.
    Database(String),
}

/// [`Apply`] as the catalogue writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenApply {
    Word(String),
    Tenant { tenant: String },
    Database { database: String },
}

impl TryFrom<WrittenApply> for Apply {
    type Error = String;

    fn try_from(written: WrittenApply) -> Result<Self, String> {
        match written {
            WrittenApply::Word(word) if word == "tenants" => Ok(Self::Tenants),
            WrittenApply::Word(word) => Err(format!("a fault is not applied to `{word}`")),
            WrittenApply::Tenant { tenant } => Ok(Self::Tenant(tenant)),
            WrittenApply::Database { database } => Ok(Self::Database(database)),
        }
    }
}

/// Where a fault comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Real systems have had it.
    Catalogue,
    /// Found while building.
    Own,
    /// It happened, and the public was told.
    Incident,
}

/// Every planted defect, in the order of the catalogue.
///
/// # Panics
/// Never: a test reads the catalogue that is built in.
pub fn faults() -> Vec<Fault> {
    serde_yaml::from_str(CATALOGUE).expect("a test reads the built-in catalogue")
}

const CATALOGUE: &str = include_str!("../faults/catalogue.yaml");

macro_rules! scripts {
    ($($id:literal),* $(,)?) => {
        &[$((
            $id,
            include_str!(concat!("../faults/", $id, ".sql")),
            include_str!(concat!("../faults/", $id, ".near-miss.sql")),
        )),*]
    };
}

/// The scripts that are built in: name, fault, near miss.
const SCRIPTS: &[(&str, &str, &str)] = scripts![
    "deny-delete-missing",
    "deny-update-missing",
    "app-rw-in-db-owner",
    "app-rw-in-ddladmin",
    "app-rw-in-securityadmin",
    "schema-owner-app-rw",
    "audit-table-owned",
    "purge-procedure-executable",
    "view-over-audit-updatable",
    "impersonate-audit-admin",
    "audit-admin-updates",
    "audit-admin-reads-business",
    "purge-not-audited",
    "investigator-writes",
    "login-mapped-twice",
    "guest-connect",
    "trustworthy-escalation",
    "cross-db-view",
    "public-grant",
    "temporal-missing",
    "history-writable",
    "history-forgotten",
    "posted-update-allowed",
    "posted-guard-update-only",
    "posted-lines-unguarded",
    "migration-drift",
    "ledger-trigger-disabled",
    "ledger-delete-trigger-missing",
    "ledger-alter-granted",
    "ledger-rows-cascade",
    "ledger-reason-editable",
    "ledger-corrected-by-procedure",
    "index-not-tenant-leading",
    "search-index-not-tenant-leading",
    "cascade-without-org",
    "scoped-procedure-forgets-org",
    "search-or-without-parentheses",
    "merge-deletes-others",
    "update-forgets-org",
    "guard-lets-null-through",
    "support-acts-for-anybody",
    "boundary-not-called",
    "dynamic-order-as-owner",
    "view-without-check-option",
    "report-view-unscoped",
    "base-table-granted",
    "investigation-may-write",
    "operations-reads-rows",
    "department-forgotten",
    "view-forgets-department",
    "history-unscoped",
    "past-lines-unscoped",
    "history-table-granted",
    "existence-told",
    "uniqueness-asked-of-all",
    "investigator-modifies-all",
    "column-grant-beats-deny",
    "monitoring-login-reads-all",
    "application-is-sysadmin",
    "filter-runs-as-owner",
    "purge-runs-as-audit-admin",
    "guard-reads-one-row",
    "guard-has-a-back-door",
    "role-handed-over",
    "register-rewritable",
    "zero-means-everybody",
    "error-quotes-foreign-row",
    "report-kept-without-org",
    "signing-keys-granted",
    "total-over-everybody",
    "operations-become-service",
    "public-reads-table",
    "schema-granted",
];

impl Fault {
    /// The T-SQL that plants it.
    pub fn script(&self) -> Option<&'static str> {
        self.texts().map(|(_, fault, _)| *fault)
    }

    /// The T-SQL of its near miss.
    pub fn near_miss_script(&self) -> Option<&'static str> {
        self.texts().map(|(_, _, near)| *near)
    }

    /// Where the near miss's script runs.
    pub fn near_miss_apply(&self) -> &Apply {
        self.near_apply.as_ref().unwrap_or(&self.apply)
    }

    fn texts(&self) -> Option<&'static (&'static str, &'static str, &'static str)> {
        SCRIPTS.iter().find(|(id, _, _)| *id == self.id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{SCRIPTS, Source, faults};

    #[test]
    fn every_fault_has_its_script_and_its_near_miss() {
        let faults = faults();
        let ids: BTreeSet<&str> = faults.iter().map(|fault| fault.id.as_str()).collect();
        assert_eq!(ids.len(), faults.len(), "two faults have one name");
        let scripts: BTreeSet<&str> = SCRIPTS.iter().map(|(id, _, _)| *id).collect();
        assert_eq!(ids, scripts);
        for fault in &faults {
            assert!(!fault.controls.is_empty() && !fault.oracles.is_empty());
            let is_cited = fault.incident.as_ref().is_some_and(|text| text.len() > 20);
            assert!(is_cited || fault.source != Source::Incident, "{}", fault.id);
            let (planted, near) = (fault.script(), fault.near_miss_script());
            for (script, sentence) in [(planted, &fault.sentence), (near, &fault.near_miss)] {
                let script = script.expect("compared above");
                // A script and the catalogue say the same of it.
                let head = script.lines().next().unwrap_or_default();
                assert_eq!(head, format!("-- {sentence}"), "{}", fault.id);
            }
            assert_ne!(planted, near, "{}", fault.id);
        }
    }
}
