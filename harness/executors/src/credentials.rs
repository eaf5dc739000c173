//! Which login every principal of every tenant has.

use std::collections::BTreeMap;

use connection::Login;
use domain::system::{Secret, System};
use domain::world::{TenantIndex, World};

/// The logins of all tenants' principals.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    logins: BTreeMap<(TenantIndex, String), Login>,
}

impl Credentials {
    /// Asks `password` for each principal of each tenant; it is told where the password comes
    /// from and the login's name.
    pub fn new<E>(
        system: &System,
        world: &World,
        mut password: impl FnMut(&Secret, &str) -> Result<String, E>,
    ) -> Result<Self, E> {
        let mut logins = BTreeMap::new();
        // A login without a tenant in its name is one for all tenants.
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for index in world.indexes() {
            for (principal, declared) in &system.principals {
                let name = system.expand(&declared.login, Some(&world.tenant(index).name));
                let password = match known.get(&name) {
                    Some(password) => password.clone(),
                    None => password(&declared.password, &name)?,
                };
                known.insert(name.clone(), password.clone());
                logins.insert((index, principal.clone()), Login { name, password });
            }
        }
        Ok(Self { logins })
    }

    /// The login of a tenant's principal.
    pub fn login(&self, tenant: TenantIndex, principal: &str) -> Option<&Login> {
        self.logins.get(&(tenant, principal.to_owned()))
    }

    /// All of them, by tenant and principal.
    pub fn iter(&self) -> impl Iterator<Item = (TenantIndex, &str, &Login)> {
        self.logins
            .iter()
            .map(|((tenant, principal), login)| (*tenant, principal.as_str(), login))
    }
}
