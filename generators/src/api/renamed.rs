//! Other names: a tenant's principal gives its own rows another tenant's name, at home and with T-SQL, and
//! the tenant asks the service again. What the service knows somebody by must not be what he can write.

use domain::api::case::{Act, Attack, Manner, Must, Stance, Step};
use domain::case::{Actor, BatchTraits, Phase};
use domain::control::ControlId;
use domain::intent::Action;
use domain::surface::{Cell, Database, Table};
use domain::system::Design;
use domain::world::TenantIndex;

use super::attacks::{call, pair};
use super::sweep::Sweep;
use super::workbook::{Unreachable, Workbook};
use crate::frozen;
use crate::literal::{bracketed, text};
use crate::statements::Standpoint;
use crate::terrain::{Attacker, Need, Terrain};
use domain::api::request::Caller;

/// Names of tenants that are shorter are parts of too many words.
const NAME_MIN: usize = 3;

/// A principal who may write columns that hold its own tenant's name.
#[derive(Debug, Clone)]
pub(crate) struct Renamer {
    tenant: TenantIndex,
    actor: Actor,
    /// Tables and columns, spelled for a statement.
    places: Vec<(String, String)>,
}

/// In each tenant, the first principal who can give its rows another name.
pub(crate) fn renamers(terrain: &Terrain<'_>) -> Vec<Renamer> {
    let mut found: Vec<Renamer> = Vec::new();
    for attacker in terrain.attackers() {
        if found
            .last()
            .is_some_and(|last| last.tenant == attacker.tenant)
        {
            continue;
        }
        let Some(database) = terrain.home(attacker.tenant) else {
            continue;
        };
        let name = &terrain.world.tenant(attacker.tenant).name;
        // Where all tenants lie in one table, whose row it is would have to be said, too.
        if terrain.is_common(database) || name.len() < NAME_MIN {
            continue;
        }
        let tables = database.tables.values();
        let places: Vec<(String, String)> = tables
            .filter(|table| may_rewrite(terrain, attacker, database, table))
            .flat_map(|table| {
                let spelled = Standpoint::Inside.spell(database, &table.schema, &table.name);
                let named = named(table, name);
                named.map(move |column| (spelled.clone(), bracketed(column)))
            })
            .collect();
        if !places.is_empty() {
            found.push(Renamer {
                tenant: attacker.tenant,
                actor: attacker.actor(),
                places,
            });
        }
    }
    found
}

fn may_rewrite(
    terrain: &Terrain<'_>,
    attacker: Attacker<'_>,
    database: &Database,
    table: &Table,
) -> bool {
    let object = table.object();
    let needs = [Action::Update, Action::Select].map(|one| Need::new(database, &object, one));
    let open = frozen::open_rows(&terrain.system.intent, database, table);
    open.len() == table.rows.len() && terrain.allows(attacker, &needs)
}

/// Columns that hold a name in some row.
fn named<'t>(table: &'t Table, name: &'t str) -> impl Iterator<Item = &'t str> {
    let columns = table.columns.iter().enumerate();
    columns.filter_map(move |(at, column)| {
        let holds =
            |row: &Vec<Cell>| matches!(row.get(at), Some(Cell::Text(text)) if text.contains(name));
        (!column.generated && table.rows.iter().any(holds)).then_some(column.name.as_str())
    })
}

impl Renamer {
    /// Gives all of them one name instead of another.
    fn says(&self, from: &str, to: &str) -> Step {
        let (from, to) = (text(from), text(to));
        let statements = self.places.iter().map(|(table, column)| {
            format!(
                "UPDATE {table} SET {column} = REPLACE({column}, {from}, {to}) \
                 WHERE CHARINDEX({from}, {column}) > 0;"
            )
        });
        Step {
            act: Act::Batch {
                actor: self.actor.clone(),
                batch: statements.collect::<Vec<_>>().join("\n"),
                traits: BatchTraits {
                    writes: true,
                    ..BatchTraits::default()
                },
            },
            stance: Stance::Wander,
            manner: Manner::Alone,
        }
    }
}

/// Every list once: the victim asks for it, the attacker's principal takes the victim's name at home, and
/// the attacker asks for the same.
pub(crate) fn cases(
    book: &Workbook<'_>,
    design: Option<Design>,
    renamers: &[Renamer],
    tenants: usize,
    sweep: &mut Sweep,
) {
    if renamers.is_empty() {
        return;
    }
    for (turn, operation) in (0..).zip(book.lists()) {
        let Some((attacker, victim)) = pair(tenants, turn) else {
            return;
        };
        let Some(renamer) = renamers.iter().find(|one| one.tenant == attacker) else {
            continue;
        };
        // Whoever is called alike in both tenants is told apart by the tenant's name alone.
        let others = book.callers_for(&operation, victim);
        let callers = book.callers_for(&operation, attacker).into_iter();
        let mut pairs = callers.filter_map(|one| {
            let other = others.iter().find(|other| other.actor == one.actor)?;
            Some((one, other.clone()))
        });
        let Some((one, other)) = pairs.next() else {
            continue;
        };
        let salt = sweep.salt();
        let steps = steps(book, design, &operation, renamer, (&one, &other), salt);
        let title = format!("{operation} under another tenant's name");
        sweep.enter(Phase::Sweep, title, steps);
    }
}

fn steps(
    book: &Workbook<'_>,
    design: Option<Design>,
    operation: &str,
    renamer: &Renamer,
    (attacker, victim): (&Caller, &Caller),
    salt: u64,
) -> Result<Vec<Step>, Unreachable> {
    let (Some(own), Some(theirs)) = (attacker.tenant, victim.tenant) else {
        let reason = "nobody's name is taken".into();
        return Err(Unreachable { reason });
    };
    let names = (book.tenant_name(own), book.tenant_name(theirs));
    let mut steps = Vec::new();
    let asked = book.prepare(operation, victim, salt, &mut steps)?;
    let asked_too = book.prepare(operation, attacker, salt + 1, &mut steps)?;
    let number = steps.len() + 2;
    // What is alike in both answers, such as names of events, is nobody's: only what is marked crosses.
    steps.push(call(victim, operation, asked.clone(), Stance::Prepare));
    steps.push(renamer.says(names.0, names.1));
    let ids: &[&str] = match design {
        Some(Design::DatabasePerTenant) => &["D01", "B01"],
        Some(Design::SharedDatabase) => &["S01", "B01"],
        None => &["B01"],
    };
    let attack = Stance::Attack(Attack {
        controls: ids.iter().map(|id| ControlId::new(id)).collect(),
        family: "taken-name".into(),
        position: "T-SQL".into(),
        victim: Some(victim.clone()),
        must: Must::ShowNothing,
    });
    steps.push(call(attacker, operation, asked_too, attack));
    // Where nothing can be put back, whoever logs in later is called as before.
    steps.push(renamer.says(names.1, names.0));
    let stance = Stance::Arm { attack: number };
    steps.push(call(victim, operation, asked, stance));
    Ok(steps)
}
