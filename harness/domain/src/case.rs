//! What is tried: a case is a few sessions and the steps they take, in order.
//!
//! Steps name tenants, principals and earlier results symbolically, so that a case makes sense in
//! every world and replays from an empty server.

use serde::{Deserialize, Serialize};

use crate::api::request::Caller;
use crate::intent::Action;
use crate::world::TenantIndex;

/// A case's number within its phase; case *i* of a seed is the same on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaseId {
    /// Which phase made it.
    pub phase: Phase,
    /// Its number in the phase, from 0.
    pub index: u64,
}

impl CaseId {
    /// The id that is printed like this, such as `sweep-17`.
    pub fn parse(text: &str) -> Option<Self> {
        let (phase, index) = text.rsplit_once('-')?;
        let phase = Phase::ALL.into_iter().find(|one| one.name() == phase)?;
        let index = index.parse().ok()?;
        let id = Self { phase, index };
        (id.to_string() == text).then_some(id)
    }
}

impl std::fmt::Display for CaseId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.phase.name(), self.index)
    }
}

/// The phases of a campaign, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Catalog and rows are looked at; nobody attacks.
    Inspection,
    /// What was found earlier is played again.
    Regressions,
    /// The rightful principals do what they may.
    Baseline,
    /// Hand-written attacks.
    Scenarios,
    /// Every principal × securable × action, once.
    Sweep,
    /// Random batches.
    Fuzz,
    /// Declared promises of a service, each put to the test by its own cases.
    Promises,
    /// Random sequences of requests by several callers.
    Sequences,
    /// Requests that race each other.
    Races,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 9] = [
        Self::Inspection,
        Self::Regressions,
        Self::Baseline,
        Self::Scenarios,
        Self::Sweep,
        Self::Fuzz,
        Self::Promises,
        Self::Sequences,
        Self::Races,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inspection => "inspection",
            Self::Regressions => "regressions",
            Self::Baseline => "baseline",
            Self::Scenarios => "scenarios",
            Self::Sweep => "sweep",
            Self::Fuzz => "fuzz",
            Self::Promises => "promises",
            Self::Sequences => "sequences",
            Self::Races => "races",
        }
    }
}

/// One executable try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// A line for people.
    pub title: String,
    /// Its steps, in the order in which they are taken.
    pub steps: Vec<Step>,
}

/// Who takes a step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A principal of a tenant, connected to the tenant's database.
    Principal {
        /// Whose.
        tenant: TenantIndex,
        /// Its name in the configuration.
        principal: String,
    },
    /// A principal of a tenant whose rows lie in a database that all have in common, in a session
    /// that was checked out for less than the tenant.
    Scoped {
        /// Whose.
        tenant: TenantIndex,
        /// Its name in the configuration.
        principal: String,
        /// For whom.
        scope: Scope,
    },
    /// The administrator, working in this database; arms what nobody may do.
    Administrator {
        /// Current database of the session.
        database: String,
    },
    /// The administrator with everything out of the way that stops even him; arms what is refused
    /// to everybody.
    Keeper {
        /// Current database of the session.
        database: String,
        /// The tenant that the session is checked out for, where there is something to check out.
        tenant: Option<TenantIndex>,
        /// The table whose triggers and versioning are switched off, as `schema.table`; in another
        /// database as `database.schema.table`.
        unguarded: Option<String>,
    },
    /// Somebody who calls the service; never opens a session with the server.
    Caller(Caller),
}

/// For whom a session in a common database was checked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// For a department of the tenant, by its position among the tenant's departments.
    Department(usize),
    /// For nobody: a fresh session that was not checked out.
    Nobody,
}

impl Actor {
    /// Tenant and principal, unless it is the administrator.
    pub fn principal(&self) -> Option<(TenantIndex, &str)> {
        match self {
            Self::Principal { tenant, principal }
            | Self::Scoped {
                tenant, principal, ..
            } => Some((*tenant, principal)),
            Self::Administrator { .. } | Self::Keeper { .. } | Self::Caller(_) => None,
        }
    }

    /// The tenant that it acts for.
    pub fn tenant(&self) -> Option<TenantIndex> {
        match self {
            Self::Principal { tenant, .. } | Self::Scoped { tenant, .. } => Some(*tenant),
            Self::Keeper { tenant, .. } => *tenant,
            Self::Caller(caller) => caller.tenant,
            Self::Administrator { .. } => None,
        }
    }

    /// The department that it acts for, by its position among its tenant's.
    pub fn department(&self) -> Option<usize> {
        match self {
            Self::Scoped {
                scope: Scope::Department(department),
                ..
            } => Some(*department),
            _ => None,
        }
    }
}

/// One batch by one actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Who takes it.
    pub actor: Actor,
    /// The T-SQL. `{{step N column C}}` is the first row's value of column C of step N's first
    /// result set, as a literal. What the speaker calls his own differs from speaker to speaker:
    /// `{{own organisation}}`, `{{own department}}`, and `{{own row K of schema.table column C}}`
    /// (see [`crate::own`]).
    pub batch: String,
    /// What it attempts; `None` for preparation that is judged by effects alone.
    pub claim: Option<Claim>,
    /// Who must have succeeded with the same batch in the same state for the attempt to count;
    /// `None` when the step is not an attack.
    pub twin: Option<Actor>,
    /// How the batch must be treated.
    pub traits: BatchTraits,
}

/// What a step attempts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Claim {
    /// What is done.
    pub action: Action,
    /// To which database.
    pub database: String,
    /// Whose database that is.
    pub tenant: Option<TenantIndex>,
    /// To which object, `schema.object`; empty for the database itself.
    pub object: String,
    /// By which route: `direct`, `three-part-name`, `use`, `dynamic-sql` …
    pub family: String,
}

/// First part of the family of an attack on a row of another that is followed by the same words
/// about a row that never was: both must be answered alike.
pub const FOREIGN_BESIDE_MISSING: &str = "foreign-beside-missing";
/// First part of the family of the step that follows it.
pub const MISSING: &str = "missing";
/// First part of the family of a step that uses a key value which another tenant uses, too, and
/// is followed by the same words with a value that nobody uses.
pub const TAKEN_BESIDE_FREE: &str = "taken-beside-free";
/// First part of the family of an attack on rows of another department of the own tenant.
pub const OTHER_DEPARTMENT: &str = "other-department";

/// Part of the family of an attack on rows of the past.
pub const PAST: &str = "past";

impl Claim {
    /// Whether the family is of this kind.
    pub fn is(&self, kind: &str) -> bool {
        self.family.split('+').any(|part| part == kind)
    }
}

/// What the executor and the oracles must know of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BatchTraits {
    /// It may leave the session changed (USE, SET, EXECUTE AS, temp tables): the session is
    /// reopened afterwards.
    pub changes_session: bool,
    /// It begins or ends transactions itself, so it cannot run inside one of the harness.
    pub controls_transactions: bool,
    /// It hides errors or permissions (TRY/CATCH, IF HAS_PERMS…): only its effects are judged.
    pub opaque: bool,
    /// It changes rows or definitions when it succeeds.
    pub writes: bool,
}
