//! How does a tenant come, and how does it go? In steps; when one fails, what the steps before it
//! made is taken back, the latest first.
//!
//! Everything that a tenant is made of is named after one plan, so that taking back needs no memory
//! of how far it came: each step is undone whether or not it was begun. The registry alone only
//! grows: who has left is marked there.

mod statements;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::environment::moment;
use crate::fault::Fault;
use crate::http::sign::hexadecimal;
use crate::options::{Login, TenantSecrets};
use crate::seal;
use crate::service::Service;
use crate::store::StoreError;
use statements::{
    administrator, drop_database, drop_logins, mark_as_gone, migrate, open, quoted, run, seeds,
};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The database is created.
    Database,
    /// Its schema is migrated, which makes the principals' logins, too.
    Schema,
    /// The chart of accounts, the first period and the roles are there.
    Accounts,
    /// There is a folder for its files.
    Files,
    /// Its administrator can log in.
    Administrator,
    /// He is told so.
    Mail,
}

/// All steps in their order, with their names.
pub const STEPS: &[(Step, &str)] = &[
    (Step::Database, "database"),
    (Step::Schema, "schema"),
    (Step::Accounts, "accounts"),
    (Step::Files, "files"),
    (Step::Administrator, "administrator"),
    (Step::Mail, "mail"),
];

/// The principals of a tenant's database.
const PRINCIPALS: &[&str] = &["app_rw", "audit_admin", "readonly_investigator"];

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The tenant's name.
    pub tenant: String,
    /// Its database.
    pub database: String,
    /// Its principals' logins.
    pub principals: BTreeMap<String, Login>,
    /// The login name of its administrator.
    pub administrator: String,
    /// His password, salted and hashed.
    password_hash: String,
    /// Where its numbers begin.
    number: i64,
    /// What tells its texts apart.
    code: String,
}

/// Which step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the step {0:?} failed")]
pub struct Failed(pub Step);

impl Step {
    /// The step of this name.
    pub fn named(name: &str) -> Option<Self> {
        STEPS
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(step, _)| *step)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        STEPS
            .iter()
            .find(|(known, _)| *known == self)
            .map_or("", |(_, name)| name)
    }
}

impl Plan {
    /// A plan for a tenant of this name; nothing when this service provisions none.
    pub fn new(
        service: &Service,
        tenant: &str,
        administrator: &str,
        password: &str,
    ) -> Option<Self> {
        let registry = service.provisioning.registry.as_deref()?;
        service.provisioning.login.as_ref()?;
        let mut drawn = [0; 8];
        service.environment.random(&mut drawn);
        let code: String = drawn
            .iter()
            .map(|byte| char::from(b'a' + byte % 26))
            .collect();
        let marker = registry.strip_suffix("registry").unwrap_or("erp_");
        // A name that was never used: the registry keeps those of tenants that have left.
        let database = format!("{marker}{tenant}_{code}");
        let mut salt = [0; 16];
        service.environment.random(&mut salt);
        let text: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hash = Sha256::new()
            .chain_update(salt)
            .chain_update(text)
            .finalize();
        let band = i64::from(u16::from_le_bytes([drawn[0], drawn[1]]));
        Some(Self {
            tenant: tenant.to_owned(),
            principals: principals(service, &database),
            administrator: administrator.to_owned(),
            password_hash: format!("0x{}{}", hexadecimal(&salt), hexadecimal(&hash)),
            number: 1_600_000_000 + band * 8_000,
            code,
            database,
        })
    }

    /// A script with everything in place that it leaves open.
    fn filled(&self, service: &Service, script: &str) -> String {
        let day = &moment(service.environment.now_ms())[..10];
        let mut values = vec![
            ("Tenant".to_owned(), self.tenant.clone()),
            ("Database".to_owned(), self.database.clone()),
            (
                "RegistryDatabase".to_owned(),
                service.provisioning.registry.clone().unwrap_or_default(),
            ),
            ("MarkText".to_owned(), self.code.clone()),
            ("MarkNumber".to_owned(), self.number.to_string()),
            ("MarkDate".to_owned(), day.to_owned()),
            (
                "MarkGuid".to_owned(),
                seal::guid(&*service.environment)[..8].to_owned(),
            ),
            (
                "ScriptChecksum".to_owned(),
                hexadecimal(&Sha256::digest(script.as_bytes())),
            ),
        ];
        for (principal, login) in &self.principals {
            values.push((format!("Login_{principal}"), login.name.clone()));
            values.push((format!("Password_{principal}"), login.password.clone()));
        }
        let mut text = script.to_owned();
        for (name, value) in values {
            text = text.replace(&format!("$({name})"), &value);
        }
        text
    }
}

/// Makes the tenants known again that were provisioned before the service was started: the registry
/// has their names, and the rest follows from them.
pub async fn recall(service: &Service) -> Result<(), StoreError> {
    let Some(registry) = service.provisioning.registry.as_deref() else {
        return Ok(());
    };
    let marker = registry.strip_suffix("registry").unwrap_or("erp_");
    let mut connection = open(service, registry).await?;
    let statement = "SELECT t.DatabaseName FROM dbo.Tenants AS t WHERE t.IsActive = 1 \
                     ORDER BY t.TenantId;";
    let sets = connection.batch(statement).await?;
    for row in sets.iter().flatten() {
        let database = row.text("DatabaseName").unwrap_or_default();
        let Some(tenant) = provisioned(marker, &database) else {
            continue;
        };
        let secrets = TenantSecrets {
            organisation: None,
            principals: principals(service, &database),
            database: database.clone(),
        };
        service.store.know_tenant(tenant, secrets);
    }
    Ok(())
}

/// The tenant whose database this is, if it was provisioned and not there before: `_` and a code of
/// eight letters end its name.
fn provisioned<'a>(marker: &str, database: &'a str) -> Option<&'a str> {
    let (tenant, code) = database.strip_prefix(marker)?.rsplit_once('_')?;
    let is_code = code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_code && !tenant.is_empty()).then_some(tenant)
}

fn principals(service: &Service, database: &str) -> BTreeMap<String, Login> {
    let principal = |name: &&str| {
        let login = Login {
            name: format!("{database}_{name}"),
            password: password_of(service, database, name),
        };
        ((*name).to_owned(), login)
    };
    PRINCIPALS.iter().map(principal).collect()
}

/// A principal's password follows from the master key: nobody has to keep it.
fn password_of(service: &Service, database: &str, principal: &str) -> String {
    let key = seal::derived(&service.master_key, &["principals", database, principal]);
    // Upper and lower case, digits and a sign, as policies of passwords want them.
    format!("Aa1-{}", hexadecimal(&key))
}

/// Makes a tenant, or leaves nothing of it but its mark in the registry.
pub async fn provision(service: &Service, plan: &Plan) -> Result<(), Failed> {
    for (step, name) in STEPS {
        let done = done(service, plan, *step).await;
        let is_planned_to_fail = service.fails_provisioning_at(*step);
        if done.is_err() || is_planned_to_fail {
            service.log(&format!("provisioning failed at {name}"));
            for (step, _) in STEPS.iter().rev() {
                if undone(service, plan, *step).await.is_err() {
                    service.log(&format!("{} was not taken back", step.name()));
                }
            }
            return Err(Failed(*step));
        }
    }
    let secrets = TenantSecrets {
        database: plan.database.clone(),
        organisation: None,
        principals: plan.principals.clone(),
    };
    service.store.add_tenant(&plan.tenant, secrets);
    Ok(())
}

async fn done(service: &Service, plan: &Plan, step: Step) -> Result<(), StoreError> {
    match step {
        Step::Database => {
            let create = format!("CREATE DATABASE {};", quoted(&plan.database));
            run(service, "master", &create).await
        }
        Step::Schema => migrate(service, plan).await,
        Step::Accounts => run(service, &plan.database, &seeds(service, plan)).await,
        Step::Files => {
            let made = service.files.write(&plan.tenant, "exports", ".keep", b"");
            made.map_err(|_| StoreError::Unreachable)
        }
        Step::Administrator => run(service, &plan.database, &administrator(plan)).await,
        Step::Mail => {
            let text = format!(
                "From: service@erp.example\r\nTo: {}\r\nSubject: Welcome\r\nDate: {}\r\n\r\n\
                 {} is ready. Log in as {}.\n",
                plan.administrator,
                moment(service.environment.now_ms()),
                plan.tenant,
                plan.administrator
            );
            let name = "welcome.eml";
            let written = service
                .files
                .write(&plan.tenant, "mail", name, text.as_bytes());
            written.map_err(|_| StoreError::Unreachable)
        }
    }
}

async fn undone(service: &Service, plan: &Plan, step: Step) -> Result<(), StoreError> {
    match step {
        // What lies in the database goes with it.
        Step::Accounts | Step::Administrator | Step::Mail => Ok(()),
        Step::Files => {
            let removed = service.files.remove(&plan.tenant);
            removed.map_err(|_| StoreError::Unreachable)
        }
        Step::Schema => {
            drop_logins(service, plan.principals.values()).await?;
            mark_as_gone(service, &plan.database).await
        }
        Step::Database => drop_database(service, &plan.database).await,
    }
}

/// Removes a tenant with everything that it is made of, and nothing else.
pub async fn offboard(
    service: &Service,
    tenant: &str,
    secrets: &TenantSecrets,
) -> Result<(), StoreError> {
    let is_complete = !service.switches.fault(Fault::OffboardingIncomplete);
    let removed = || {
        let removed = service.files.remove(tenant);
        removed.map_err(|_| StoreError::Unreachable)
    };
    let files_first = service.switches.near_miss(Fault::OffboardingIncomplete);
    if files_first {
        removed()?;
    }
    drop_database(service, &secrets.database).await?;
    // The planted defect: only the database comes to mind.
    if is_complete {
        drop_logins(service, secrets.principals.values()).await?;
        if !files_first {
            removed()?;
        }
    }
    mark_as_gone(service, &secrets.database).await
}

#[cfg(test)]
mod tests {
    use super::{STEPS, Step, provisioned};

    #[test]
    fn a_provisioned_tenants_database_tells_its_name() {
        for (database, expected) in [
            ("wt_hooli_abcdefgh", Some("hooli")),
            ("wt_pied_piper_abcdefgh", Some("pied_piper")),
            ("wt_acme", None),
            ("wt_acme_abc", None),
            ("wt_acme_ABCDEFGH", None),
            ("wt__abcdefgh", None),
            ("other_hooli_abcdefgh", None),
        ] {
            assert_eq!(provisioned("wt_", database), expected, "{database}");
        }
    }

    #[test]
    fn every_step_has_its_name() {
        for (step, name) in STEPS {
            assert_eq!(Step::named(name), Some(*step));
            assert_eq!(step.name(), *name);
        }
    }
}
