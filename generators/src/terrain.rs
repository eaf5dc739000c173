//! Who can attack what, and who may rightfully do the same.

use domain::case::Actor;
use domain::intent::Action;
use domain::surface::{Database, Surface};
use domain::system::System;
use domain::world::{TenantIndex, World};

/// From this many tenants on, each attacks its neighbours instead of everybody.
pub const EVERYBODY_MAX: usize = 8;
/// How many neighbours.
pub const NEIGHBOURS: usize = 3;

/// What there is to attack, with the answers that generation needs.
#[derive(Debug, Clone, Copy)]
pub struct Terrain<'a> {
    /// What is under test.
    pub system: &'a System,
    /// The tenants.
    pub world: &'a World,
    /// The catalog and the census.
    pub surface: &'a Surface,
}

/// A right that a batch needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// The database.
    pub(crate) database: String,
    /// `schema.object`, or empty for the database itself.
    pub(crate) object: String,
    /// What is done.
    pub(crate) action: Action,
}

impl Need {
    pub(crate) fn new(database: &Database, object: &str, action: Action) -> Self {
        Self {
            database: database.name.clone(),
            object: object.into(),
            action,
        }
    }
}

/// A principal of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attacker<'a> {
    pub(crate) tenant: TenantIndex,
    pub(crate) principal: &'a str,
}

impl Attacker<'_> {
    pub(crate) fn actor(self) -> Actor {
        Actor::Principal {
            tenant: self.tenant,
            principal: self.principal.into(),
        }
    }
}

impl<'a> Terrain<'a> {
    /// What there is to attack.
    pub fn new(system: &'a System, world: &'a World, surface: &'a Surface) -> Self {
        Self {
            system,
            world,
            surface,
        }
    }

    /// Every principal of every tenant.
    pub(crate) fn attackers(&self) -> Vec<Attacker<'a>> {
        self.world
            .indexes()
            .flat_map(|tenant| self.attackers_of(tenant))
            .collect()
    }

    /// Every principal of one tenant.
    pub(crate) fn attackers_of(&self, tenant: TenantIndex) -> Vec<Attacker<'a>> {
        let attacker = |principal: &'a String| Attacker { tenant, principal };
        self.system.principals.keys().map(attacker).collect()
    }

    /// The database of a tenant.
    pub(crate) fn home(&self, tenant: TenantIndex) -> Option<&'a Database> {
        self.surface
            .databases
            .iter()
            .find(|database| database.tenant == Some(tenant))
    }

    /// A database by name.
    pub(crate) fn database(&self, name: &str) -> Option<&'a Database> {
        self.surface
            .databases
            .iter()
            .find(|database| database.name.eq_ignore_ascii_case(name))
    }

    /// Whether the sweep sends `attacker` against the database of `victim`: everybody against
    /// everybody while tenants are few, then a ring.
    pub(crate) fn is_neighbour(&self, attacker: TenantIndex, victim: TenantIndex) -> bool {
        let tenants = self.world.tenants.len();
        attacker != victim
            && (tenants <= EVERYBODY_MAX
                || (victim.0 + tenants - attacker.0) % tenants <= NEIGHBOURS)
    }

    /// Whether intent lets `attacker` do all that is needed. Nobody may do anything outside his
    /// own tenant's database.
    pub(crate) fn allows(&self, attacker: Attacker<'_>, needs: &[Need]) -> bool {
        needs.iter().all(|need| {
            self.database(&need.database).is_some_and(|database| {
                database.tenant == Some(attacker.tenant)
                    && self.intends(attacker.principal, need.action, &need.object)
            })
        })
    }

    fn intends(&self, principal: &str, action: Action, object: &str) -> bool {
        // Who is a principal of a tenant may enter its database; no rule needs to say so.
        (action == Action::Connect && object.is_empty())
            || self.system.intent.allows(principal, action, object)
    }

    /// Who arms a batch with these needs: a principal of the one tenant concerned who may do all
    /// of it, or else the administrator, working in `context`.
    pub(crate) fn twin(&self, needs: &[Need], context: &Database) -> Actor {
        let administrator = Actor::Administrator {
            database: context.name.clone(),
        };
        let Some(owner) = needs
            .first()
            .and_then(|need| self.database(&need.database)?.tenant)
        else {
            return administrator;
        };
        self.attackers_of(owner)
            .into_iter()
            .find(|&attacker| self.allows(attacker, needs))
            .map_or(administrator, Attacker::actor)
    }

    /// The login of a tenant's principal.
    pub(crate) fn login(&self, attacker: Attacker<'_>) -> String {
        let template = self
            .system
            .principals
            .get(attacker.principal)
            .map_or(attacker.principal, |principal| principal.login.as_str());
        template
            .replace("{marker}", &self.system.marker)
            .replace("{tenant}", &self.world.tenant(attacker.tenant).name)
    }

    /// Whether the target's databases have triggers, and so can have more.
    pub(crate) fn has_triggers(&self) -> bool {
        self.surface.databases.iter().any(|database| {
            database
                .tables
                .values()
                .any(|table| !table.triggers.is_empty())
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::case::Actor;
    use domain::example;
    use domain::intent::Action;
    use domain::seed::Seed;
    use domain::world::TenantIndex;

    use super::{Attacker, Need, Terrain};

    #[test]
    fn a_twin_may_do_all_that_the_batch_needs() {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let terrain = Terrain::new(&system, &world, &surface);
        let beta = &surface.databases[1];
        let registry = &surface.databases[2];
        let principal = |name: &str| Actor::Principal {
            tenant: TenantIndex(1),
            principal: name.into(),
        };
        let administrator = |name: &str| Actor::Administrator {
            database: name.into(),
        };
        for (database, object, actions, twin) in [
            (
                beta,
                "dbo.Invoices",
                &[Action::Update][..],
                principal("app_rw"),
            ),
            (
                beta,
                "dbo.AuditEvents",
                &[Action::Delete],
                principal("audit_admin"),
            ),
            (
                beta,
                "dbo.AuditEvents",
                &[Action::Select, Action::Delete],
                principal("audit_admin"),
            ),
            (
                beta,
                "dbo.AuditEvents",
                &[Action::Update],
                administrator("wt_beta"),
            ),
            (
                beta,
                "dbo.AuditEvents",
                &[Action::Insert, Action::Delete],
                administrator("wt_beta"),
            ),
            (beta, "", &[Action::Connect], principal("app_rw")),
            (
                registry,
                "dbo.Tenants",
                &[Action::Select],
                administrator("wt_registry"),
            ),
        ] {
            let needs: Vec<Need> = actions
                .iter()
                .map(|&action| Need::new(database, object, action))
                .collect();
            assert_eq!(terrain.twin(&needs, database), twin, "{object} {actions:?}");
        }
        let attacker = Attacker {
            tenant: TenantIndex(0),
            principal: "app_rw",
        };
        assert_eq!(terrain.login(attacker), "wt_acme_app_rw");
        assert!(!terrain.allows(attacker, &[Need::new(beta, "dbo.Invoices", Action::Select)]));
    }

    #[test]
    fn many_tenants_attack_a_ring() {
        let system = example::system(9);
        let world = example::world(9, Seed(7));
        let surface = example::surface(&world);
        let terrain = Terrain::new(&system, &world, &surface);
        let victims: Vec<usize> = world
            .indexes()
            .filter(|&victim| terrain.is_neighbour(TenantIndex(7), victim))
            .map(|victim| victim.0)
            .collect();
        assert_eq!(victims, [0, 1, 8]);
    }
}
