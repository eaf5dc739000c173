//! From an empty server to a world: databases, schema, principals, rows.
//!
//! One database after the other, on purpose: identities, object ids and times then come out the
//! same in every run with the same seed.

use domain::system::{Script, System};
use domain::world::{TenantIndex, World};
use sha2::{Digest, Sha256};

use crate::credentials::Credentials;
use crate::error::ExecutorError;
use crate::ledger::{self, Kind};
use crate::quote;
use crate::script::{Variables, ready};
use crate::target::Target;

/// What to do about databases on the server that no run made. They are never touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherDatabases {
    /// Refuse to work on such a server.
    Refuse,
    /// Work beside them, because the user said so.
    Allow,
}

/// How far provisioning is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// Databases done.
    pub done: usize,
    /// Databases in all.
    pub total: usize,
    /// The database that was just done.
    pub database: &'a str,
}

/// Creates every database of the world and runs its scripts. Leftovers of earlier runs are
/// dropped if their ledger names them.
pub async fn provision(
    target: &Target,
    system: &System,
    world: &World,
    credentials: &Credentials,
    others: OtherDatabases,
    on_progress: &mut dyn FnMut(Progress<'_>),
) -> Result<(), ExecutorError> {
    let plan = plan(system, world, credentials);
    prepare(target, system, world, credentials, others).await?;
    for (done, database) in plan.iter().enumerate() {
        let mut administrator = ledger::administrator(target, "master").await?;
        let doing = format!("create database {}", database.name);
        let create = format!("CREATE DATABASE {}", quote::name(database.name));
        ledger::tell(&mut administrator, &doing, &create).await?;
        for script in database.scripts {
            run_script(target, database.name, script, &database.variables).await?;
        }
        for (script, variables) in &database.tenant_scripts {
            run_script(target, database.name, script, variables).await?;
        }
        on_progress(Progress {
            done: done + 1,
            total: plan.len(),
            database: database.name,
        });
    }
    Ok(())
}

/// One database to make.
struct Planned<'a> {
    name: &'a str,
    scripts: &'a [Script],
    variables: Variables,
    /// What runs after those, in order, each with the variables of the tenant that it is for.
    tenant_scripts: Vec<(&'a Script, Variables)>,
}

fn plan<'a>(system: &'a System, world: &'a World, credentials: &Credentials) -> Vec<Planned<'a>> {
    let mut plan = Vec::new();
    for (key, name) in &world.shared_databases {
        if let Some(template) = system.databases.shared.get(key) {
            let of_tenant = |index| {
                let variables = tenant_variables_in(system, world, credentials, name, index);
                let scripts = template.tenant_scripts.iter();
                scripts.map(move |script| (script, variables.clone()))
            };
            plan.push(Planned {
                name,
                scripts: &template.scripts,
                variables: shared_variables(system, world, credentials, name),
                tenant_scripts: world.indexes().flat_map(of_tenant).collect(),
            });
        }
    }
    if let Some(template) = &system.databases.tenant {
        for index in world.indexes() {
            plan.push(Planned {
                name: &world.tenant(index).database,
                scripts: &template.scripts,
                variables: tenant_variables(system, world, credentials, index),
                tenant_scripts: Vec::new(),
            });
        }
    }
    plan
}

/// Makes sure that nobody else's things are in the way, and removes our own.
async fn prepare(
    target: &Target,
    system: &System,
    world: &World,
    credentials: &Credentials,
    others: OtherDatabases,
) -> Result<(), ExecutorError> {
    let marker = &system.marker;
    let mut administrator = ledger::administrator(target, "master").await?;
    let databases = ledger::databases(&mut administrator).await?;
    let recorded = ledger::read(&mut administrator, marker, &databases).await?;
    let own_ledger = ledger::database(marker);
    let is_recorded = |kind: Kind, name: &str| {
        recorded
            .iter()
            .flatten()
            .any(|(own, entry)| *own == kind && entry.eq_ignore_ascii_case(name))
    };

    let strangers: Vec<String> = databases
        .iter()
        .filter(|name| !name.eq_ignore_ascii_case(&own_ledger))
        .filter(|name| !is_recorded(Kind::Database, name))
        .cloned()
        .collect();
    let mut entries: Vec<(Kind, String)> = Vec::new();
    for (_, name) in &world.shared_databases {
        entries.push((Kind::Database, name.clone()));
    }
    for tenant in &world.tenants {
        entries.push((Kind::Database, tenant.database.clone()));
    }
    for (_, _, login) in credentials.iter() {
        entries.push((Kind::Login, login.name.clone()));
    }
    entries.sort();
    entries.dedup();

    let logins = ledger::logins(&mut administrator).await?;
    for (kind, name) in &entries {
        let existing = match kind {
            Kind::Database => &strangers,
            Kind::Login => &logins,
        };
        let exists = existing.iter().any(|own| own.eq_ignore_ascii_case(name));
        if exists && !is_recorded(*kind, name) {
            return Err(ExecutorError::NotOurs {
                kind: kind.name(),
                name: name.clone(),
            });
        }
    }
    if others == OtherDatabases::Refuse && !strangers.is_empty() {
        return Err(ExecutorError::OtherDatabases {
            databases: strangers,
        });
    }
    match recorded {
        Some(recorded) => {
            ledger::drop_recorded(&mut administrator, marker, &recorded).await?;
        }
        None => ledger::create(&mut administrator, marker).await?,
    }
    ledger::record(&mut administrator, marker, &entries).await
}

/// Runs a script's batches in one database, each in one round trip.
pub(crate) async fn run_script(
    target: &Target,
    database: &str,
    script: &Script,
    variables: &Variables,
) -> Result<(), ExecutorError> {
    let mut variables = variables.clone();
    variables.set("ScriptChecksum", checksum(script));
    let batches = ready(script, &variables)?;
    let mut administrator = ledger::administrator(target, database).await?;
    for batch in batches {
        for _ in 0..batch.repeat {
            let response = administrator.run(&batch.text).await;
            if let Some(error) = response.first_error() {
                // A line inside a procedure is not a line of the file.
                let inside = administrator.located_errors().first();
                let offset = inside
                    .filter(|located| located.procedure.is_empty())
                    .map_or(0, |located| located.line.saturating_sub(1));
                return Err(ExecutorError::Script {
                    file: script.file.clone(),
                    line: batch.line + offset,
                    number: error.number,
                    text: error.text.clone(),
                    database: database.to_owned(),
                });
            }
            if let Some(loss) = response.lost {
                let doing = format!("run {}:{} in {database}", script.file, batch.line);
                return Err(ExecutorError::Lost { doing, loss });
            }
        }
    }
    Ok(())
}

/// SHA-256 of a script as it was delivered, so that a register can say which one was run.
fn checksum(script: &Script) -> String {
    let digest = Sha256::digest(script.text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Variables of a script for a database that belongs to nobody. Logins that exist once are known.
pub(crate) fn shared_variables(
    system: &System,
    world: &World,
    credentials: &Credentials,
    database: &str,
) -> Variables {
    let mut variables = Variables::default();
    variables.set("Marker", &system.marker);
    variables.set("Database", database);
    for (key, name) in &world.shared_databases {
        // `registry` gives $(RegistryDatabase).
        let mut letters = key.chars();
        let first: String = letters
            .next()
            .map(|c| c.to_uppercase().collect())
            .unwrap_or_default();
        variables.set(&format!("{first}{}Database", letters.as_str()), name);
    }
    for (principal, declared) in &system.principals {
        if !declared.login.contains("{tenant}") {
            set_login(&mut variables, credentials, TenantIndex(0), principal);
        }
    }
    variables
}

/// Variables of a script for a tenant's database.
pub(crate) fn tenant_variables(
    system: &System,
    world: &World,
    credentials: &Credentials,
    index: TenantIndex,
) -> Variables {
    let database = &world.tenant(index).database;
    tenant_variables_in(system, world, credentials, database, index)
}

/// Variables of a script that is run for a tenant in a database.
fn tenant_variables_in(
    system: &System,
    world: &World,
    credentials: &Credentials,
    database: &str,
    index: TenantIndex,
) -> Variables {
    let mut variables = shared_variables(system, world, credentials, database);
    for (name, value) in world.tenant(index).variables() {
        variables.set(name, value);
    }
    for principal in system.principals.keys() {
        set_login(&mut variables, credentials, index, principal);
    }
    variables
}

fn set_login(
    variables: &mut Variables,
    credentials: &Credentials,
    tenant: TenantIndex,
    principal: &str,
) {
    if let Some(login) = credentials.login(tenant, principal) {
        variables.set(&format!("Login_{principal}"), &login.name);
        // A password stands inside a literal; there is no other use for it.
        let password = login.password.replace('\'', "''");
        variables.set(&format!("Password_{principal}"), password);
    }
}
