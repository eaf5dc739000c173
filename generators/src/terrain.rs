//! Who can attack what, and who may rightfully do the same.

use domain::case::Actor;
use domain::intent::{Action, Intent};
use domain::surface::{Database, Surface, Table, Temporal};
use domain::system::System;
use domain::world::{TenantIndex, World};

use crate::access::{self, Choices};

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
    /// Which rows the rightful ways of a common database work on.
    pub(crate) choices: &'a Choices,
}

/// Nothing was rehearsed.
static UNREHEARSED: Choices = Choices::new();

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
            choices: &UNREHEARSED,
        }
    }

    /// The same with what a rehearsal found.
    pub fn rehearsed(self, choices: &'a Choices) -> Self {
        Self { choices, ..self }
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

    /// The database of a tenant, or the one that all tenants have in common.
    pub(crate) fn home(&self, tenant: TenantIndex) -> Option<&'a Database> {
        self.database(&self.world.tenant(tenant).database)
    }

    /// Whether the rows of all tenants lie in this database.
    pub(crate) fn is_common(&self, database: &Database) -> bool {
        self.world.is_common(&database.name)
    }

    /// Whose `database` is for `attacker`: in one that all have in common, everybody is at home.
    pub(crate) fn owner(&self, database: &Database, attacker: Attacker<'_>) -> Option<TenantIndex> {
        if self.is_common(database) {
            Some(attacker.tenant)
        } else {
            database.tenant
        }
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
                self.owner(database, attacker) == Some(attacker.tenant)
                    && self.intends(attacker.principal, need.action, &need.object)
            })
        })
    }

    fn intends(&self, principal: &str, action: Action, object: &str) -> bool {
        // Who is a principal of a tenant may enter its database; no rule needs to say so.
        (action == Action::Connect && object.is_empty())
            || self.system.intent.allows(principal, action, object)
    }

    /// Who arms a batch of `attacker` with these needs: a principal of the one tenant concerned who
    /// may do all of it, or else the administrator, working in `context`.
    pub(crate) fn twin(&self, attacker: Attacker<'_>, needs: &[Need], context: &Database) -> Actor {
        let owner = needs
            .first()
            .and_then(|need| self.owner(self.database(&need.database)?, attacker));
        let Some(owner) = owner else {
            return self.administrator(needs, context);
        };
        self.attackers_of(owner)
            .into_iter()
            .find(|&attacker| self.allows(attacker, needs))
            .map_or_else(|| self.keeper(owner, needs, context), Attacker::actor)
    }

    /// The administrator, with everything out of the way that would stop even him: the triggers of
    /// an append-only table, and a session that is nobody's.
    fn keeper(&self, owner: TenantIndex, needs: &[Need], context: &Database) -> Actor {
        if !self.is_common(context) {
            return self.administrator(needs, context);
        }
        // The table itself, or the one behind a view.
        let guarded_table = |object: &str| {
            let table = context.tables.get(object).or_else(|| {
                let module = context.modules.get(object)?;
                let ways = access::ways(self, context, module);
                ways.iter().find_map(|way| way.subject)
            });
            table
                .filter(|table| !table.triggers.is_empty())
                .map(Table::object)
        };
        let guarded = needs.iter().find(|need| {
            let moves_rows = matches!(
                need.action,
                Action::Insert | Action::Update | Action::Delete
            );
            moves_rows && guarded_table(&need.object).is_some()
        });
        Actor::Keeper {
            database: context.name.clone(),
            tenant: Some(owner),
            unguarded: guarded
                .and_then(|need| guarded_table(&need.object))
                .or_else(|| self.guarded(needs, context)),
        }
    }

    /// The administrator, working in `context`; with what guards a table out of the way where the
    /// database refuses it to everybody.
    pub(crate) fn administrator(&self, needs: &[Need], context: &Database) -> Actor {
        match self.guarded(needs, context) {
            Some(table) => Actor::Keeper {
                database: context.name.clone(),
                tenant: None,
                unguarded: Some(table),
            },
            None => Actor::Administrator {
                database: context.name.clone(),
            },
        }
    }

    /// The table of which these needs are refused to everybody: by its triggers, or by what keeps
    /// history as it is.
    fn guarded(&self, needs: &[Need], context: &Database) -> Option<String> {
        needs.iter().find_map(|need| {
            let object = Intent::object_of_rows(&need.object);
            let table = self.database(&need.database)?.tables.get(object)?;
            let moves_rows = matches!(
                need.action,
                Action::Insert | Action::Update | Action::Delete
            );
            let is_guarded = match &table.temporal {
                Temporal::History { .. } => !matches!(need.action, Action::Select | Action::Grant),
                Temporal::Current { .. } => {
                    matches!(need.action, Action::Truncate | Action::Drop)
                }
                Temporal::No => false,
            };
            // A guard that is declared and not there is a fault; where it is there again, its case must still
            // be one that somebody can do.
            let may_be_guarded =
                !table.triggers.is_empty() || self.system.intent.freezing(object).is_some();
            (is_guarded || moves_rows && may_be_guarded).then(|| {
                if need.database == context.name {
                    table.object()
                } else {
                    format!("{}.{}", need.database, table.object())
                }
            })
        })
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
    use domain::intent::{Action, Frozen, Intent};
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
            let attacker = Attacker {
                tenant: TenantIndex(0),
                principal: "app_rw",
            };
            let found = terrain.twin(attacker, &needs, database);
            assert_eq!(found, twin, "{object} {actions:?}");
        }
        let attacker = Attacker {
            tenant: TenantIndex(0),
            principal: "app_rw",
        };
        assert_eq!(terrain.login(attacker), "wt_acme_app_rw");
        assert!(!terrain.allows(attacker, &[Need::new(beta, "dbo.Invoices", Action::Select)]));
    }

    #[test]
    fn a_declared_guard_is_out_of_the_way_whether_it_is_there_or_not() {
        let mut system = example::system(2);
        system.intent.frozen.push(Frozen {
            table: "dbo.Invoices".into(),
            column: "PostedOn".into(),
            children: Vec::new(),
        });
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let terrain = Terrain::new(&system, &world, &surface);
        let database = &surface.databases[1];
        assert!(database.tables["dbo.Invoices"].triggers.is_empty());
        let rows = Intent::frozen_rows("dbo.Invoices");
        let needs = [Need::new(database, &rows, Action::Delete)];
        let keeper = Actor::Keeper {
            database: database.name.clone(),
            tenant: None,
            unguarded: Some("dbo.Invoices".into()),
        };
        assert_eq!(terrain.administrator(&needs, database), keeper);
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
