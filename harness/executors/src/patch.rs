//! "What if this T-SQL had been applied?": a file run as administrator after provisioning.

use domain::system::{Script, System};
use domain::world::World;

use crate::credentials::Credentials;
use crate::error::ExecutorError;
use crate::provision::{run_script, shared_variables, tenant_variables};
use crate::target::Target;

/// A patch: where it came from and its text. The variables of scripts are known in it.
pub type Patch = Script;

/// Which databases are patched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchTarget {
    /// Every tenant's; the one that they have in common, where there is one.
    Tenants,
    /// One tenant's, by the tenant's name.
    Tenant(String),
    /// One that belongs to nobody, by key.
    Shared(String),
}

/// Applies a patch. It fails with file, line and the server's message.
pub async fn apply_patch(
    target: &Target,
    system: &System,
    world: &World,
    credentials: &Credentials,
    patch: &Patch,
    databases: &PatchTarget,
) -> Result<(), ExecutorError> {
    let mut matched = false;
    if let (PatchTarget::Tenants, Some(tenancy)) = (databases, &system.tenancy) {
        // Where all tenants live in one database, it is patched once.
        let common = PatchTarget::Shared(tenancy.database.clone());
        return Box::pin(apply_patch(
            target,
            system,
            world,
            credentials,
            patch,
            &common,
        ))
        .await;
    }
    for index in world.indexes() {
        let tenant = world.tenant(index);
        let wanted = match databases {
            PatchTarget::Tenants => true,
            PatchTarget::Tenant(name) => name.eq_ignore_ascii_case(&tenant.name),
            PatchTarget::Shared(_) => false,
        };
        if wanted {
            matched = true;
            let variables = tenant_variables(system, world, credentials, index);
            run_script(target, &tenant.database, patch, &variables).await?;
        }
    }
    if let PatchTarget::Shared(wanted) = databases {
        for (key, name) in &world.shared_databases {
            if key.eq_ignore_ascii_case(wanted) {
                matched = true;
                let variables = shared_variables(system, world, credentials, name);
                run_script(target, name, patch, &variables).await?;
            }
        }
    }
    match databases {
        PatchTarget::Tenant(name) if !matched => {
            let names: Vec<&str> = world.tenants.iter().map(|t| t.name.as_str()).collect();
            Err(ExecutorError::Unknown {
                kind: "tenant",
                name: name.clone(),
                known: names.join(", "),
            })
        }
        PatchTarget::Shared(name) if !matched => {
            let names: Vec<&str> = world
                .shared_databases
                .iter()
                .map(|(k, _)| k.as_str())
                .collect();
            Err(ExecutorError::Unknown {
                kind: "database",
                name: name.clone(),
                known: names.join(", "),
            })
        }
        _ => Ok(()),
    }
}
