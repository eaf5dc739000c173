//! The keys of `watertight.yaml`, as written. Their comments are the schema's descriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::positioned::{Fault, Place, Spanned};

pub(crate) mod api;
pub(crate) mod promises;

/// Describes a system under test to Watertight.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// Version of this format: 1.
    pub(crate) version: Spanned<u32>,
    /// A name for reports.
    pub(crate) name: String,
    /// How tenants are kept apart. Like everything about databases, it may be left out where `api` alone
    /// is described.
    #[serde(default)]
    pub(crate) design: Option<Spanned<Design>>,
    /// Databases and logins that the run creates begin with this, and nothing else is ever
    /// touched. Lower-case letters and digits.
    #[serde(default)]
    pub(crate) marker: Option<Spanned<String>>,
    /// Names of the tenants; at least two. Each is an identifier of up to 40 letters, digits and underscores; what the
    /// target calls its tenants may be anything.
    pub(crate) tenants: Spanned<Vec<Spanned<String>>>,
    /// Which server is used; the embedded one when left out.
    #[serde(default)]
    pub(crate) server: Option<Spanned<Server>>,
    /// The databases to create.
    #[serde(default)]
    pub(crate) databases: Option<Databases>,
    /// How the rows of tenants are told apart in one database; for the design shared-database.
    #[serde(default)]
    pub(crate) tenancy: Option<Spanned<Tenancy>>,
    /// The database principals of every tenant, by name.
    #[serde(default)]
    pub(crate) principals: Option<Spanned<BTreeMap<String, Spanned<Principal>>>>,
    /// Who may do what inside his own tenant; what is not listed is forbidden.
    #[serde(default)]
    pub(crate) intent: Option<Intent>,
    /// The service that works for the tenants, if it is attacked too, or alone.
    #[serde(default)]
    pub(crate) api: Option<Spanned<api::Api>>,
    /// Ids of the promises under test; all that the design has when left out.
    #[serde(default)]
    pub(crate) controls: Option<Vec<Spanned<String>>>,
    /// How long a run goes on unless told otherwise, such as `60s` or `5m`.
    #[serde(default)]
    pub(crate) budget: Option<Spanned<String>>,
    /// When a run counts as enough.
    #[serde(default)]
    pub(crate) thresholds: Thresholds,
    /// Causes that somebody has decided to live with for a while. They are found, counted and told, and
    /// do not fail the run.
    #[serde(default)]
    pub(crate) waivers: Vec<Spanned<Waiver>>,
    /// A folder of case files that are played first in every run, such as `regressions`: what was found
    /// once must not come back.
    #[serde(default)]
    pub(crate) regressions: Option<Spanned<String>>,
}

/// A decision to live with a cause for a while.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiver {
    /// Its own id, for reports, such as `W-2026-04`.
    pub(crate) id: Spanned<String>,
    /// The cause, as the report names it, such as `containment-3f9a1c02`.
    pub(crate) cause: Spanned<String>,
    /// The promises whose breaking is lived with. When the cause breaks others, the waiver is not
    /// applied; all are lived with when left out.
    #[serde(default)]
    pub(crate) controls: Vec<Spanned<String>>,
    /// Who answers for it.
    pub(crate) owner: Spanned<String>,
    /// Why.
    pub(crate) reason: Spanned<String>,
    /// The last day on which it applies, YYYY-MM-DD, in UTC.
    pub(crate) expires: Spanned<String>,
}

/// The same, complete: what may be left out is empty.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) version: Spanned<u32>,
    pub(crate) name: String,
    pub(crate) design: Spanned<Design>,
    pub(crate) marker: Spanned<String>,
    pub(crate) tenants: Spanned<Vec<Spanned<String>>>,
    /// `None` when only a service is described.
    pub(crate) server: Option<Spanned<Server>>,
    pub(crate) databases: Databases,
    pub(crate) tenancy: Option<Spanned<Tenancy>>,
    pub(crate) principals: Spanned<BTreeMap<String, Spanned<Principal>>>,
    pub(crate) intent: Intent,
    pub(crate) api: Option<Spanned<api::Api>>,
    pub(crate) controls: Option<Vec<Spanned<String>>>,
    pub(crate) budget: Option<Spanned<String>>,
    pub(crate) thresholds: Thresholds,
    pub(crate) waivers: Vec<Spanned<Waiver>>,
    pub(crate) regressions: Option<Spanned<String>>,
}

impl Document {
    /// Whether databases are described, and not a service alone.
    pub(crate) fn has_database(&self) -> bool {
        self.server.is_some()
    }
}

impl Written {
    /// Where only a service is described, nothing need be said of databases; everywhere else all of it.
    pub(crate) fn complete(self) -> Result<Document, Vec<Fault>> {
        let missing = |key: &str| {
            let start = Place { line: 1, column: 1 };
            Fault::new(start, format!("the key `{key}` is missing"))
        };
        let of_databases = [
            ("marker", self.marker.is_some()),
            ("databases", self.databases.is_some()),
            ("principals", self.principals.is_some()),
            ("intent", self.intent.is_some()),
        ];
        let described = of_databases[1..].iter().any(|(_, there)| *there)
            || self.server.is_some()
            || self.tenancy.is_some();
        let has_database = described || self.api.is_none();
        if has_database {
            let mut faults = Vec::new();
            if self.design.is_none() {
                faults.push(missing("design"));
            }
            let absent = of_databases.iter().filter(|(_, there)| !there);
            faults.extend(absent.map(|(key, _)| missing(key)));
            if !faults.is_empty() {
                return Err(faults);
            }
        }
        let design = self.design;
        Ok(Document {
            version: self.version,
            name: self.name,
            design: design.unwrap_or(Spanned::unplaced(Design::DatabasePerTenant)),
            marker: self
                .marker
                .unwrap_or_else(|| Spanned::unplaced("wt".to_owned())),
            tenants: self.tenants,
            server: has_database.then(|| self.server.unwrap_or_default()),
            databases: self.databases.unwrap_or_default(),
            tenancy: self.tenancy,
            principals: self.principals.unwrap_or_default(),
            intent: self.intent.unwrap_or_default(),
            api: self.api,
            controls: self.controls,
            budget: self.budget,
            thresholds: self.thresholds,
            waivers: self.waivers,
            regressions: self.regressions,
        })
    }
}

/// How tenants are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Design {
    /// A database for each tenant.
    DatabasePerTenant,
    /// One database, rows owned by an organisation.
    SharedDatabase,
}

/// Which server is used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Server {
    /// The server inside the tool. Nothing needs to be installed.
    #[default]
    Embedded,
    /// Microsoft's image, started for the run.
    Container,
    /// A server of yours.
    External(External),
}

/// A server of yours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct External {
    /// Where the administrator's connection string is kept, as ADO.NET writes it:
    /// `Server=tcp:host,1433;User Id=…;Password=…;Encrypt=true`.
    pub(crate) connection: Reference,
    /// Work on a server that holds other user databases. They are not touched either way.
    #[serde(default)]
    pub(crate) allow_other_databases: bool,
}

/// A secret is never written here, only where it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reference {
    /// In this environment variable.
    Environment(String),
    /// On the first line of this file.
    File(String),
}

/// The databases to create.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Databases {
    /// Databases that exist once, by key; scripts know their names as `$(<Key>Database)`.
    #[serde(default)]
    pub(crate) shared: BTreeMap<String, SharedDatabase>,
    /// The database of each tenant; for the design database-per-tenant.
    #[serde(default)]
    pub(crate) tenant: Option<Database>,
}

/// One database.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// Its name; `{marker}` and, for a tenant's, `{tenant}` are replaced.
    pub(crate) name: Spanned<String>,
    /// Scripts in order, relative to this file: sqlcmd scripts with `GO` and `$(Variable)`.
    #[serde(default)]
    pub(crate) scripts: Vec<Spanned<String>>,
}

/// A database that exists once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedDatabase {
    /// Its name; `{marker}` is replaced.
    pub(crate) name: Spanned<String>,
    /// Scripts in order, relative to this file: sqlcmd scripts with `GO` and `$(Variable)`.
    #[serde(default)]
    pub(crate) scripts: Vec<Spanned<String>>,
    /// Scripts that run after those, once for each tenant, with the tenant's variables.
    #[serde(default)]
    pub(crate) tenant_scripts: Vec<Spanned<String>>,
}

/// How the rows of tenants are told apart in one database.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tenancy {
    /// The database that holds the rows of all tenants, by its key under `databases.shared`.
    pub(crate) database: Spanned<String>,
    /// The column that says whose a row is.
    pub(crate) column: Spanned<String>,
    /// What stands in that column for a tenant, as a T-SQL literal with variables of scripts;
    /// scripts and checkouts know it as `$(Organisation)`.
    #[serde(default = "mark_number")]
    pub(crate) value: Spanned<String>,
    /// T-SQL that makes a new session one of a tenant, run after login; it knows the tenant's
    /// variables.
    pub(crate) checkout: Spanned<String>,
    /// The column that says which department of its tenant owns a row, if departments are kept
    /// apart.
    #[serde(default)]
    pub(crate) department: Option<Spanned<String>>,
    /// T-SQL that narrows a session to a department, run after `checkout`; it knows the
    /// department's value as `$(Department)`.
    #[serde(default)]
    pub(crate) checkout_department: Option<Spanned<String>>,
    /// Numbers of the errors by which this system itself refuses what crosses its boundary.
    #[serde(default)]
    pub(crate) denials: Vec<Spanned<i32>>,
    /// Tables whose rows belong to tenants, as `schema.table` or `schema.*`; every table with the
    /// column when left out.
    #[serde(default)]
    pub(crate) tables: Vec<Spanned<String>>,
    /// Values for parameters of procedures that no column suggests a value for, by parameter
    /// (`"@Reason"`) or by procedure and parameter (`"org.Close.@Reason"`): T-SQL literals that
    /// know the tenant's variables.
    #[serde(default)]
    pub(crate) arguments: BTreeMap<String, Spanned<String>>,
}

fn mark_number() -> Spanned<String> {
    Spanned::unplaced("$(MarkNumber)".to_owned())
}

/// One of a tenant's principals.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Principal {
    /// Login name; `{marker}` and `{tenant}` are replaced. Without `{tenant}`, which the design
    /// shared-database allows, the login exists once and acts for all tenants.
    pub(crate) login: Spanned<String>,
    /// Where its password comes from.
    #[serde(default)]
    pub(crate) password: Password,
}

/// Where a password comes from. It is never written here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Password {
    /// Made by the run; scripts know it as `$(Password_<principal>)`.
    #[default]
    Generated,
    /// In this environment variable.
    Environment(String),
    /// On the first line of this file.
    File(String),
}

/// Who may do what.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Intent {
    /// The rules; any of them allows.
    pub(crate) rules: Vec<Rule>,
    /// Tables whose rows are added, and removed by who may delete, but never changed.
    #[serde(default)]
    pub(crate) append_only: Vec<Spanned<String>>,
    /// The audit table, if there is one.
    #[serde(default)]
    pub(crate) audit: Option<Audit>,
    /// Tables of which every change must leave a history row: system-versioned temporal tables.
    #[serde(default)]
    pub(crate) system_versioned: Vec<Spanned<String>>,
    /// What the server tells every login of other tenants and what is accepted as such. Without it,
    /// such an answer is a finding.
    #[serde(default)]
    pub(crate) public: Vec<Public>,
    /// Tables that hold earlier versions of rows, which nobody writes.
    #[serde(default)]
    pub(crate) history: Vec<Spanned<String>>,
    /// Rows that nobody may change or remove once a column is set.
    #[serde(default)]
    pub(crate) frozen: Vec<Frozen>,
    /// Numbers of the errors by which the database's own guards refuse.
    #[serde(default)]
    pub(crate) denials: Vec<Spanned<i32>>,
    /// How migrations are registered, if they are.
    #[serde(default)]
    pub(crate) migrations: Option<Migrations>,
}

/// Rows that nobody may change or remove once a column is set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Frozen {
    /// `schema.table`.
    pub(crate) table: Spanned<String>,
    /// When a row of it is frozen.
    pub(crate) when: FrozenWhen,
    /// Tables whose rows refer to it by a foreign key, and are frozen with the row they refer to.
    #[serde(default)]
    pub(crate) children: Vec<Spanned<String>>,
}

/// When a row is frozen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrozenWhen {
    /// The column that tells.
    pub(crate) column: String,
    /// What it is then.
    pub(crate) is: FrozenIs,
}

/// What a column is when its row is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FrozenIs {
    /// Anything but NULL.
    NotNull,
}

/// How migrations are registered.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Migrations {
    /// The shared database that keeps the register, by its key.
    pub(crate) database: Spanned<String>,
    /// The register's tables, which only grow.
    pub(crate) tables: Vec<Spanned<String>>,
    /// A query, run there: the tenant's database, number, name, checksum of the script, and whether
    /// it succeeded (1 or 0); one row for each migration.
    pub(crate) applied: String,
    /// A query, run there: the tenant's database, kind, name and definition of each object that
    /// migrations made and did not remove. Kinds are `table`, `view`, `procedure`, `function`,
    /// `trigger`, `index` (named schema.table.index) and `synonym`. A definition is compared where
    /// it is not NULL: of a table its columns as `name type(bytes,precision,scale) NULL` joined by
    /// `; `, of a module the SHA-256 of its text in hexadecimal digits, of an index its type and
    /// `UNIQUE`, of a synonym what it stands for.
    pub(crate) objects: String,
}

/// Something of a tenant that a server can show to every login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Public {
    /// Names of databases.
    DatabaseNames,
    /// Names of logins.
    LoginNames,
}

/// One rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Who, by the names under `principals`.
    pub(crate) principals: Vec<Spanned<String>>,
    /// What.
    pub(crate) may: Vec<Action>,
    /// On what: `schema.object`, `schema.*`, or `"*"`.
    pub(crate) on: Vec<Spanned<String>>,
    /// Except on these.
    #[serde(default)]
    pub(crate) except: Vec<Spanned<String>>,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// Read rows.
    Select,
    /// Add rows.
    Insert,
    /// Change rows.
    Update,
    /// Remove rows.
    Delete,
    /// Empty a table.
    Truncate,
    /// Run a procedure or function.
    Execute,
    /// Change a definition.
    Alter,
    /// Remove an object.
    Drop,
    /// Create an object.
    Create,
    /// Change permissions or role membership.
    Grant,
    /// Become the owner.
    TakeOwnership,
    /// Act as another principal.
    Impersonate,
    /// Enter the database.
    Connect,
    /// Back the database up.
    Backup,
}

/// The audit table and its columns.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Audit {
    /// `schema.table`.
    pub(crate) table: Spanned<String>,
    /// Column of the event's name.
    pub(crate) event: String,
    /// Column of the acting user.
    pub(crate) actor: String,
    /// Column of the time.
    pub(crate) time: String,
    /// Name of the event that whoever removes audit rows must leave behind, if there is one.
    #[serde(default)]
    pub(crate) purge: Option<String>,
}

/// When a run counts as enough.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Thresholds {
    /// Armed attacks below which a control that is attacked is inconclusive; what is only
    /// inspected is looked at as a whole and needs none. 59 attempts without a crossing bound
    /// its probability to 5 % with 95 % confidence.
    pub(crate) armed_attempts_min: u64,
    /// Per cent of attempts that may fail for an unrelated reason.
    pub(crate) failed_percent_max: Spanned<u8>,
}

impl Default for Thresholds {
    fn default() -> Self {
        let thresholds = domain::system::Thresholds::default();
        Self {
            armed_attempts_min: thresholds.armed_attempts_min,
            failed_percent_max: Spanned::unplaced(thresholds.failed_percent_max),
        }
    }
}
