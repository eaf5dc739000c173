//! The promises under test. The catalogue is data; ids never change their meaning.

use serde::{Deserialize, Serialize};

/// The id of a promise: a design's letter and a number, such as `D03`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ControlId(pub String);

impl ControlId {
    /// The id written as `text`.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Display for ControlId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control {
    /// Its id.
    pub id: &'static str,
    /// What is promised.
    pub promise: &'static str,
    /// How it is attacked.
    pub attack: &'static str,
    /// How far this release goes with T-SQL.
    pub coverage: Coverage,
    /// How far it goes through an API.
    pub api: ApiCoverage,
}

impl Control {
    /// Whether this release attacks it on a plane.
    pub fn is_attacked_on(&self, plane: Plane) -> bool {
        match plane {
            Plane::Sql => matches!(self.coverage, Coverage::Sql | Coverage::SqlPart),
            Plane::Api => self.api == ApiCoverage::Api,
        }
    }

    /// Whether this release attacks it at all.
    pub fn is_attacked(&self) -> bool {
        Plane::ALL.iter().any(|plane| self.is_attacked_on(*plane))
    }
}

/// Where a system is attacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plane {
    /// T-SQL, under the principals of its databases.
    Sql,
    /// Requests, under the callers of its service.
    Api,
}

impl Plane {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sql, Self::Api];
}

/// How a control is treated by this release on the API plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiCoverage {
    /// Attacked with requests.
    Api,
    /// Not attacked with requests.
    NoApi,
}

/// How a control is treated by this release on the SQL plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Attacked with raw T-SQL.
    Sql,
    /// The part of it that raw T-SQL reaches is attacked.
    SqlPart,
    /// Cannot be tested by running software: evidence is attached.
    Attested,
    /// Nothing attacks it yet.
    NotYet,
}

/// Finds a control.
pub fn control(id: &str) -> Option<&'static Control> {
    CONTROLS.iter().find(|control| control.id == id)
}

macro_rules! controls {
    ($($id:literal $coverage:ident $api:ident $promise:literal / $attack:literal;)*) => {
        &[$(Control {
            id: $id,
            promise: $promise,
            attack: $attack,
            coverage: Coverage::$coverage,
            api: ApiCoverage::$api,
        }),*]
    };
}

/// Every promise, in the order of the catalogue.
pub const CONTROLS: &[Control] = controls! {
    "D01" Sql Api "A tenant is a physical database; no query crosses between tenants"
        / "every principal of one tenant tries the other tenants' data by every route, and their rows are compared before and after";
    "D02" Sql NoApi "Three principals with separate duties"
        / "the whole matrix principal × securable × action once, then at random";
    "D03" Sql NoApi "UPDATE and DELETE on AuditEvents are denied to app_rw; only audit_admin can purge"
        / "every known route to alter, empty, hide or forge an audit row";
    "D04" SqlPart Api "AuditEvents is append-only and holds discrete business events"
        / "no refused statement leaves a row, no other tenant gains one";
    "D05" SqlPart NoApi "Every mutable business table is system-versioned; each UPDATE leaves a history row"
        / "catalog check and row accounting";
    "D06" NotYet Api "One Changes view per document merges temporal history and audit events in time order"
        / "compared with an independently computed merge";
    "D07" NotYet Api "Reverse transitions need a reason of at least 20 characters, logged to AuditEvents"
        / "lengths, padding, combining and zero-width characters";
    "D08" NotYet Api "Every query of the investigation console runs as readonly_investigator and is logged"
        / "writes hidden in console queries";
    "D09" SqlPart Api "Posting is irreversible: the database rejects UPDATE once ActualPostingDate is set"
        / "edits of posted rows through the API and raw SQL";
    "D10" NotYet Api "One public OpenAPI 3.0 document, optimistic concurrency by RowVersion"
        / "responses validated, stale versions lose, racing PATCHes";
    "D11" NotYet Api "Webhooks are signed with the tenant's own secret; each delivery is visible to the tenant"
        / "a receiver verifies every delivery";
    "D12" NotYet Api "No secret in code, configuration, database, logs or responses"
        / "planted secrets must appear nowhere";
    "D13" NotYet Api "Background work runs off the request path and keeps its tenant"
        / "interleaved jobs of many tenants";
    "D14" NotYet Api "Provisioning is a saga; offboarding removes the tenant's database and nothing else"
        / "every step is failed in turn";
    "D15" SqlPart NoApi "Backup and restore to a point in time, per tenant"
        / "one tenant is restored while another writes";
    "D16" NotYet Api "A health view per tenant"
        / "one tenant's view never counts another's";
    "D17" SqlPart NoApi "Schema migrations are versioned, registered and audited"
        / "drift between register and database";
    "D18" NotYet Api "Permissions are named constants"
        / "each operation × role against the permission table";
    "D19" Attested NoApi "A technical review package for a customer's IT"
        / "built from a bundle by `watertight package`, which refuses one that does not verify";
    "S01" SqlPart Api "Every read and write carries OrgId from the caller's context"
        / "foreign ids in every position";
    "S02" SqlPart Api "SubOrgId narrows to a department"
        / "the same between departments";
    "S03" SqlPart Api "A write whose OrgId does not match the caller's is refused"
        / "status and effects";
    "S04" NotYet Api "A reference to another organisation's row gives 400 and names the field"
        / "every foreign key field";
    "S05" Sql Api "An auditor sees one boolean per statement: was OrgId applied?"
        / "a proof over every module and every statement that the server still knows";
    "S06" Sql NoApi "No shared rows; tenant-leading indexes and tenant-scoped keys"
        / "catalog check and collisions";
    "S07" Sql NoApi "The stock ledger is append-only below the API"
        / "every route around triggers and REVOKE";
    "S08" Sql NoApi "Most tables keep temporal history"
        / "point-in-time queries under each principal";
    "S09" NotYet Api "Every change is attributed, signed and dated immutably"
        / "the chain is recomputed and forged";
    "S10" NotYet Api "Ingestion is idempotent"
        / "sequential and concurrent repeats";
    "S11" NotYet Api "Callback secrets are single-use and purged"
        / "reuse and races";
    "S12" NotYet Api "Sensitive fields are encrypted under the tenant's own key; keys rotate"
        / "ciphertext of one tenant in another";
    "S13" NotYet Api "Only TLS 1.3, HSTS on; only the gateway is public"
        / "real handshakes with every version, and the headers of an answer";
    "S14" NotYet Api "Export contains all of a tenant's rows and none of anyone else's"
        / "compared with the database";
    "S15" NotYet Api "Subject access, erasure and portability"
        / "after erasure the subject is nowhere";
    "S16" Attested NoApi "Data stays in the chosen region"
        / "configuration evidence";
    "S17" Attested NoApi "Point-in-time restore, recovery objectives, incident response"
        / "attached evidence";
    "B01" SqlPart Api "No value of one tenant ever appears in anything another can see"
        / "canaries in every planted value, searched raw and decoded in rows and messages";
    "B02" NotYet Api "One tenant's answers do not depend on another's data"
        / "the same sequence in two worlds";
    "B03" SqlPart Api "A foreign row and a missing row cannot be told apart"
        / "paired requests";
    "B04" NotYet Api "Concurrent work of many tenants does not mix"
        / "interleaved sequences over shared pools";
    "B05" SqlPart Api "Errors tell nothing about other tenants or the server"
        / "malformed statements; messages searched for canaries";
    "B06" NotYet Api "The service never answers 5xx and stays up"
        / "all generated traffic";
    "B07" Attested NoApi "Claims carry their honest status"
        / "the posture table of every bundle is computed from its verdicts";
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CONTROLS;

    #[test]
    fn ids_are_unique() {
        let ids: BTreeSet<_> = CONTROLS.iter().map(|control| control.id).collect();
        assert_eq!(ids.len(), CONTROLS.len());
    }
}
