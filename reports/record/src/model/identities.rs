//! `identities.json`: the synthetic tenants, who acted for them, and where their credentials came from. Never a
//! credential.

use domain::api::service::{Authentication, Service, Source};
use domain::system::{Secret, System};
use domain::world::{Mark, World};
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identities {
    /// [`Identities::SCHEMA`].
    pub schema: String,
    /// How a tenant's values are recognised.
    pub canaries: String,
    /// One for each system.
    pub systems: Vec<SystemIdentities>,
}

impl Identities {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/identities/v1";
    /// How a tenant's values are recognised.
    pub const CANARIES: &str = "Every value planted for a tenant carries its mark: a text that is no word, a number \
        from a band of its own, a date in a year of its own, a GUID with a prefix of its own. Marks are drawn from \
        the seed and are disjoint between tenants.";
}

/// One system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemIdentities {
    /// The system's key.
    pub key: String,
    /// The tenants.
    pub tenants: Vec<TenantIdentity>,
    /// Principals of the databases; every tenant has each.
    pub principals: Vec<PrincipalIdentity>,
    /// Callers of the service.
    pub callers: Vec<CallerIdentity>,
}

/// One synthetic tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantIdentity {
    /// Its name.
    pub name: String,
    /// Its database, or the one that all have in common.
    pub database: String,
    /// What stands for it in the column that says whose a row is.
    pub organisation: Option<String>,
    /// What its values carry.
    pub mark: Mark,
}

/// One principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalIdentity {
    /// Its name.
    pub name: String,
    /// Its login, with `{marker}` and `{tenant}`.
    pub login: String,
    /// Where its password came from.
    pub credential: String,
}

/// One kind of caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerIdentity {
    /// Its name.
    pub name: String,
    /// How it proves who it is, and where that comes from.
    pub credential: String,
    /// Position of the department that it acts for.
    pub department: Option<usize>,
    /// Operations that it may call; `None` when nothing is declared.
    pub may: Option<Vec<String>>,
    /// The tenants that have it; empty for all.
    pub tenants: Vec<String>,
}

impl SystemIdentities {
    /// Who there is in the system called `key`.
    pub fn new(key: &str, system: &System, world: &World) -> Self {
        let tenants = world.tenants.iter().map(|tenant| TenantIdentity {
            name: tenant.name.clone(),
            database: tenant.database.clone(),
            organisation: tenant.organisation.clone(),
            mark: tenant.mark.clone(),
        });
        let principals = system.principals.iter();
        let principals = principals.map(|(name, principal)| PrincipalIdentity {
            name: name.clone(),
            login: principal.login.clone(),
            credential: format!("password: {}", origin(&principal.password)),
        });
        Self {
            key: key.to_owned(),
            tenants: tenants.collect(),
            principals: principals.collect(),
            callers: system.service.as_ref().map(callers).unwrap_or_default(),
        }
    }
}

fn callers(service: &Service) -> Vec<CallerIdentity> {
    let of = |(name, actor): (&String, &domain::api::service::ApiActor)| CallerIdentity {
        name: name.clone(),
        credential: proof(&actor.authentication),
        department: actor.department,
        may: actor.may.clone(),
        tenants: actor.tenants.clone(),
    };
    service.actors.iter().map(of).collect()
}

/// Where a secret comes from. Its value is not known here.
fn origin(secret: &Secret) -> String {
    match secret {
        Secret::Generated => "made by the run, forgotten with it".to_owned(),
        Secret::Environment(name) => format!("the environment variable {name}"),
        Secret::File(path) => format!("the first line of the file {path}"),
    }
}

fn proof(authentication: &Authentication) -> String {
    let origins = |sources: &std::collections::BTreeMap<String, Source>| {
        let mut origins: Vec<String> = sources
            .values()
            .map(|source| match source {
                // A text of the configuration may be a secret that should not stand there.
                Source::Text(_) => "a text of the configuration".to_owned(),
                Source::Secret(secret) => origin(secret),
            })
            .collect();
        origins.sort();
        origins.dedup();
        origins.join(", ")
    };
    match authentication {
        Authentication::None => "nothing is sent".to_owned(),
        Authentication::Bearer(sources) => format!("bearer token: {}", origins(sources)),
        Authentication::Basic { user, password } => {
            format!("basic, user {user}, password: {}", origins(password))
        }
        Authentication::Key { name, value, .. } => format!("key {name}: {}", origins(value)),
        Authentication::Login(login) => {
            format!("login with {} {}", login.method, login.path)
        }
        Authentication::All(several) => {
            let each: Vec<String> = several.iter().map(proof).collect();
            each.join("; and ")
        }
    }
}
