//! A scenario as cases: for every tenant as attacker, its neighbour as victim.

use std::collections::BTreeMap;

use domain::case::{Actor, Case, CaseId, Claim, Phase, Scope, Step};
use domain::feature::Feature;
use domain::intent::AuditTable;
use domain::own;
use domain::surface::{Column, Database, Surface, Table};
use domain::system::System;
use domain::world::{TenantIndex, World};

use crate::format::{Scenario, ScenarioActor, ScenarioStep, Side};
use crate::template::fill;

/// The system has nothing that the scenario could attack. To be read after "does not apply:".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{0}")]
pub struct NotApplicable(pub String);

/// The cases of a scenario, numbered from `first`.
///
/// # Errors
/// When the system has another design, or lacks a feature, a principal, a table or a second tenant
/// that the scenario speaks of.
pub fn expand(
    scenario: &Scenario,
    system: &System,
    world: &World,
    surface: &Surface,
    first: u64,
) -> Result<Vec<Case>, NotApplicable> {
    if !scenario.design.includes(system.design) {
        let reason = format!("it is for the design {}", scenario.design.name());
        return Err(NotApplicable(reason));
    }
    let lacking = |need: &&Feature| !surface.features.contains(*need);
    if let Some(need) = scenario.needs.iter().find(lacking) {
        return Err(NotApplicable(format!("the target has no {}", need.noun())));
    }
    let tenants = world.tenants.len();
    let touches_victim = scenario.steps.iter().any(|step| {
        step.actor.is_of_victim()
            || step
                .claim
                .as_ref()
                .is_some_and(|claim| claim.of == Side::Victim)
            || step.batch.contains("{{victim.")
    });
    if touches_victim && tenants < 2 {
        return Err(NotApplicable("there is one tenant only".into()));
    }
    let mut cases = Vec::with_capacity(tenants);
    for (index, attacker) in (first..).zip(world.indexes()) {
        let victim = TenantIndex((attacker.0 + 1) % tenants);
        let pair = Pair {
            system,
            world,
            surface,
            attacker,
            victim,
        };
        let values = pair.values();
        let steps: Result<Vec<Step>, NotApplicable> = scenario
            .steps
            .iter()
            .map(|step| pair.step(scenario, step, &values))
            .collect();
        let (from, to) = (&world.tenant(attacker).name, &world.tenant(victim).name);
        let title = if touches_victim {
            format!("{}: {} ({from} against {to})", scenario.id, scenario.title)
        } else {
            format!("{}: {} ({from})", scenario.id, scenario.title)
        };
        let id = CaseId {
            phase: Phase::Scenarios,
            index,
        };
        cases.push(Case {
            id,
            title,
            steps: steps?,
        });
    }
    Ok(cases)
}

struct Pair<'a> {
    system: &'a System,
    world: &'a World,
    surface: &'a Surface,
    attacker: TenantIndex,
    victim: TenantIndex,
}

impl Pair<'_> {
    fn values(&self) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        let mut put = |name: &str, value: String| {
            values.insert(name.to_owned(), value);
        };
        for (side, tenant) in [("attacker", self.attacker), ("victim", self.victim)] {
            let database = &self.world.tenant(tenant).database;
            put(&format!("{side}.database"), bracketed(database));
            put(&format!("{side}.database.name"), quoted(database));
            for (name, principal) in &self.system.principals {
                let login = principal
                    .login
                    .replace("{marker}", &self.system.marker)
                    .replace("{tenant}", &self.world.tenant(tenant).name);
                put(&format!("{side}.login.{name}"), quoted(&login));
            }
        }
        if let Some((_, database)) = self.world.shared_databases.first() {
            put("shared.database", bracketed(database));
            put("shared.database.name", quoted(database));
        }
        let intent = &self.system.intent;
        if let Some(audit) = &intent.audit {
            put("audit.table", two_part(&audit.table));
            put("audit.object", audit.table.clone());
            put("audit.actor", bracketed(&audit.actor));
            put("audit.time", bracketed(&audit.time));
            if let Some((schema, name)) = audit.table.split_once('.') {
                put("audit.schema", bracketed(schema));
                put("audit.name", quoted(name));
            }
            if let Some(table) = self.home().and_then(|home| home.tables.get(&audit.table)) {
                self.trail(audit, table, &mut put);
            }
        }
        let business = self.home().and_then(|database| {
            database.tables.values().find_map(|table| {
                let object = table.object();
                let kept = intent.is_append_only(&object) || intent.is_history(&object);
                let business = !kept && !table.rows.is_empty();
                Some((table, writable(table).filter(|_| business)?))
            })
        });
        if let Some((table, column)) = business {
            put("business.table", two_part(&table.object()));
            put("business.object", table.object());
            put("business.column", bracketed(column));
            if let [key] = table.primary_key.as_slice() {
                put("business.key", bracketed(key));
            }
            if let Some(text) = plain_text(table) {
                put("business.text", bracketed(text));
            }
        }
        let view = self.home().and_then(|home| {
            let mut modules = home.modules.values();
            modules.find(|module| module.kind == "V")
        });
        if let Some(view) = view {
            let object = format!("{}.{}", view.schema, view.name);
            put("view.table", two_part(&object));
            put("view.object", object);
        }
        let versioned = self.home().and_then(|home| {
            let mut tables = intent.system_versioned.iter();
            tables.find_map(|name| home.tables.get(name))
        });
        if let Some(table) = versioned {
            put("versioned.table", two_part(&table.object()));
            put("versioned.object", table.object());
            if let Some(column) = writable(table) {
                put("versioned.column", bracketed(column));
            }
        }
        values
    }

    /// The audit table's own: its key, a column of plain text, and what a row of it needs.
    fn trail(&self, audit: &AuditTable, table: &Table, put: &mut impl FnMut(&str, String)) {
        if let [key] = table.primary_key.as_slice() {
            put("audit.key", bracketed(key));
        }
        if let Some(text) = plain_text(table) {
            put("audit.text", bracketed(text));
        }
        let told = [&audit.actor, &audit.time];
        let needed: Vec<&Column> = table
            .columns
            .iter()
            .filter(|column| {
                let is_told = told
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(&column.name));
                let fills_itself = column.nullable || column.has_default;
                !is_told && !column.identity && !column.generated && !fills_itself
            })
            .collect();
        let mut columns = vec![bracketed(&audit.actor), bracketed(&audit.time)];
        let mut values = vec!["N'wt_boss'".to_owned(), "'2001-02-03'".to_owned()];
        for column in needed {
            columns.push(bracketed(&column.name));
            values.push(if is_text(column) { "'wt_forged'" } else { "1" }.to_owned());
        }
        put("audit.columns", columns.join(", "));
        put("audit.values", values.join(", "));
    }

    fn home(&self) -> Option<&Database> {
        self.surface
            .databases
            .iter()
            .find(|database| database.tenant == Some(self.attacker))
    }

    fn step(
        &self,
        scenario: &Scenario,
        step: &ScenarioStep,
        values: &BTreeMap<String, String>,
    ) -> Result<Step, NotApplicable> {
        let claim = match &step.claim {
            None => None,
            Some(claim) => {
                let (database, tenant) = match claim.of {
                    // What belongs to no database is known by having none.
                    Side::Server => (String::new(), None),
                    side => self.database(side)?,
                };
                Some(Claim {
                    action: claim.action,
                    database,
                    tenant,
                    object: self.fill(&claim.object, values)?,
                    family: claim
                        .kinds
                        .iter()
                        .fold(scenario.id.clone(), |family, kind| {
                            format!("{family}+{}", kind.name())
                        }),
                })
            }
        };
        Ok(Step {
            actor: self.actor(&step.actor)?,
            batch: self.fill(&step.batch, values)?,
            claim,
            twin: step
                .twin
                .as_ref()
                .map(|twin| self.actor(twin))
                .transpose()?,
            traits: step.treatment.into(),
        })
    }

    fn fill(&self, text: &str, values: &BTreeMap<String, String>) -> Result<String, NotApplicable> {
        fill(text, &|name| {
            values.get(name).cloned().or_else(|| self.belonging(name))
        })
        .map_err(NotApplicable)
    }

    /// What belongs to a tenant of a common database: `attacker.organisation`,
    /// `victim.department`, `attacker.other.row 0 of dbo.Customers column CustomerId`, where
    /// `other` is the tenant's second department.
    fn belonging(&self, name: &str) -> Option<String> {
        let (side, rest) = name.split_once('.')?;
        let tenant = match side {
            "attacker" => self.attacker,
            "victim" => self.victim,
            _ => return None,
        };
        let (department, reference) = match rest.strip_prefix("other.") {
            Some(rest) => (1, rest),
            None => (0, rest),
        };
        let tenancy = self.system.tenancy.as_ref()?;
        if department > 0 {
            self.world.tenant(tenant).departments.get(department)?;
        }
        let speaker = Actor::Scoped {
            tenant,
            principal: String::new(),
            scope: Scope::Department(department),
        };
        own::resolve(
            reference,
            &speaker,
            None,
            (tenancy, self.world, self.surface),
        )
    }

    fn actor(&self, actor: &ScenarioActor) -> Result<Actor, NotApplicable> {
        let (tenant, name, scope) = match actor {
            ScenarioActor::Attacker(name) => (self.attacker, name, None),
            ScenarioActor::Victim(name) => (self.victim, name, None),
            ScenarioActor::Scoped {
                side,
                principal,
                scope,
            } => {
                let tenant = match side {
                    Side::Victim => self.victim,
                    _ => self.attacker,
                };
                (tenant, principal, Some(*scope))
            }
            ScenarioActor::Keeper { side, unguarded } => {
                let (database, tenant) = self.database(*side)?;
                return Ok(Actor::Keeper {
                    database,
                    tenant,
                    unguarded: unguarded.clone(),
                });
            }
            ScenarioActor::Administrator(side) => {
                return Ok(Actor::Administrator {
                    database: self.database(*side)?.0,
                });
            }
        };
        if !self.system.principals.contains_key(name) {
            return Err(NotApplicable(format!("the system has no principal {name}")));
        }
        let principal = name.clone();
        Ok(match scope {
            None => Actor::Principal { tenant, principal },
            Some(scope) => Actor::Scoped {
                tenant,
                principal,
                scope,
            },
        })
    }

    fn database(&self, side: Side) -> Result<(String, Option<TenantIndex>), NotApplicable> {
        let tenant = match side {
            Side::Attacker => self.attacker,
            Side::Victim => self.victim,
            Side::Server => return Ok(("master".into(), None)),
            Side::Shared => {
                let shared = self.world.shared_databases.first();
                let missing = || NotApplicable("there is no shared database".into());
                return shared
                    .map(|(_, name)| (name.clone(), None))
                    .ok_or_else(missing);
            }
        };
        Ok((self.world.tenant(tenant).database.clone(), Some(tenant)))
    }
}

/// A column that no key, reference or rule of its own binds.
fn writable(table: &Table) -> Option<&str> {
    let bound = |name: &String| {
        table.primary_key.contains(name)
            || table.unique.iter().any(|set| set.contains(name))
            || table
                .foreign_keys
                .iter()
                .any(|key| key.columns.contains(name))
    };
    table
        .columns
        .iter()
        .find(|column| !column.identity && !column.generated && !bound(&column.name))
        .map(|column| column.name.as_str())
}

/// A column of text that is not bound and has no default.
fn plain_text(table: &Table) -> Option<&str> {
    let bound = |name: &String| {
        table.primary_key.contains(name)
            || table.unique.iter().any(|set| set.contains(name))
            || table
                .foreign_keys
                .iter()
                .any(|key| key.columns.contains(name))
    };
    table
        .columns
        .iter()
        .find(|column| {
            let is_free = !column.generated && !column.has_default && !bound(&column.name);
            is_free && is_text(column)
        })
        .map(|column| column.name.as_str())
}

fn is_text(column: &Column) -> bool {
    column.data_type.ends_with("char")
}

fn bracketed(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// As it stands between single quotes.
fn quoted(name: &str) -> String {
    name.replace('\'', "''")
}

fn two_part(object: &str) -> String {
    match object.split_once('.') {
        Some((schema, name)) => format!("{}.{}", bracketed(schema), bracketed(name)),
        None => bracketed(object),
    }
}
