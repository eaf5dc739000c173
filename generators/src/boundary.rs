//! The boundary between tenants in a database that they have in common: every way to rows is gone
//! with rows of others, once.
//!
//! Whoever is attacked says the same words about what is his own, so that an empty answer proves
//! something. A question about a foreign row is followed by the same one about a row that never
//! was.

use domain::case::{
    Actor, BatchTraits, Claim, FOREIGN_BESIDE_MISSING, MISSING, OTHER_DEPARTMENT, Scope, Step,
    TAKEN_BESIDE_FREE,
};
use domain::intent::Action;
use domain::own;
use domain::surface::{Cell, Database, Table};
use domain::world::{NUMBER_BAND, TenantIndex};

use crate::access::{Key, Saying, Way, ways};
use crate::literal::{self, bracketed};
use crate::rows;
use crate::terrain::{Attacker, Terrain};

/// Tenants that go each way against their neighbour.
const ATTACKERS: usize = 2;
/// Keys of others that are tried in one way by all pairs of tenants together, and by one at least.
const TAKEN: usize = 24;
const TAKEN_MIN: usize = 2;
/// Where ids begin that no tenant has: far behind those that are there, within the tenant's band.
const NEVER: i64 = 987_000;

/// Who attacks whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub(crate) attacker: TenantIndex,
    pub(crate) victim: TenantIndex,
    pub(crate) principal: &'a str,
}

/// Every attack across the boundary, way by way.
pub(crate) fn sweep(
    terrain: &Terrain<'_>,
    database: &Database,
    push: &mut dyn FnMut(&str, Vec<Step>),
) {
    let tenants = terrain.world.tenants.len();
    let mut turn = 0;
    for module in database.modules.values() {
        for way in ways(terrain, database, module) {
            let rightful = || {
                let names = terrain.system.principals.keys();
                names.filter(|name| way.is_rightful(terrain, name))
            };
            if rightful().next().is_none() {
                continue;
            }
            let mut steps = Vec::new();
            let mut collisions = Vec::new();
            for offset in 0..ATTACKERS.min(tenants) {
                let attacker = TenantIndex((turn + offset) % tenants);
                let victim = TenantIndex((attacker.0 + 1) % tenants);
                for principal in rightful() {
                    let pair = Pair {
                        attacker,
                        victim,
                        principal,
                    };
                    steps.extend(foreign_rows(terrain, &way, pair));
                    steps.extend(other_departments(terrain, &way, pair));
                }
            }
            // Collisions are few: everybody tries everybody's keys.
            for principal in rightful() {
                for attacker in terrain.world.indexes() {
                    let victims = terrain.world.indexes();
                    for victim in victims.filter(|&one| terrain.is_neighbour(attacker, one)) {
                        let pair = Pair {
                            attacker,
                            victim,
                            principal,
                        };
                        collisions.extend(taken_keys(terrain, &way, pair));
                    }
                }
            }
            turn += 1;
            let name = way.name();
            push(&format!("the boundary in {name}"), steps);
            push(&format!("keys of others in {name}"), collisions);
        }
    }
    push("the owner of rows", given_away(terrain, database));
    for table in database.tables.values() {
        let steps = guard_alone(terrain, database, table);
        push(&format!("the guard of {}", table.object()), steps);
    }
    push("the session's context", contexts(terrain, database));
}

/// A step that must fail to reach the victim's rows.
fn attack(way: &Way<'_>, actor: Actor, claim: Claim, batch: String, twin: Actor) -> Step {
    Step {
        actor,
        batch,
        claim: Some(claim),
        twin: Some(twin),
        traits: way.traits(),
    }
}

/// A question about rows of the victim, in every position of the way.
pub(crate) fn foreign_rows(terrain: &Terrain<'_>, way: &Way<'_>, pair: Pair<'_>) -> Vec<Step> {
    let position = way.chosen(terrain);
    let actor = actor(pair.attacker, pair.principal);
    let twin = self::actor(pair.victim, pair.principal);
    let organisation = terrain.world.tenant(pair.victim).organisation.clone();
    let Some(keys) = way.keys_of(terrain, pair.victim, None, position) else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    let mut whole = Vec::new();
    let mut say = |family: &str, saying: &Saying, has_twin: bool| {
        if let Some(batch) = way.words(terrain, position, saying) {
            steps.push(Step {
                actor: actor.clone(),
                batch,
                claim: Some(way.claim(Some(pair.victim), family)),
                twin: has_twin.then(|| twin.clone()),
                traits: way.traits(),
            });
        }
    };
    let own = Saying::own(way);
    let foreign = |which: &dyn Fn(usize) -> bool| Saying {
        keys: keys
            .iter()
            .enumerate()
            .map(|(at, key)| which(at).then(|| key.clone()))
            .collect(),
        ..own.clone()
    };
    let mut positions: Vec<Box<dyn Fn(usize) -> bool>> = Vec::new();
    if !keys.is_empty() {
        positions.push(Box::new(|_| true));
    }
    if keys.len() > 1 && way.action == Action::Execute {
        // A row of one's own that is to refer to a row of another.
        for at in (0..keys.len()).filter(|&at| is_anothers(terrain, &way.keys[at], pair)) {
            positions.push(Box::new(move |own| own == at));
        }
    }
    for which in positions {
        let foreign = foreign(&*which);
        let Some(at) = (0..keys.len()).find(|&at| which(at)) else {
            continue;
        };
        let mut missing = foreign.clone();
        missing.keys[at] = never(terrain, &way.keys[at], pair.victim);
        say(FOREIGN_BESIDE_MISSING, &foreign, true);
        say(MISSING, &missing, false);
        if way.names_department() {
            // One's own department would shield a foreign row by chance.
            let everywhere = |saying: Saying| Saying {
                department: Some("NULL".into()),
                ..saying
            };
            say(FOREIGN_BESIDE_MISSING, &everywhere(foreign), true);
            say(MISSING, &everywhere(missing), false);
        }
    }
    if way.action == Action::Select {
        // Everything that there is to see: the answer must hold nothing of the victim's.
        let name = format!(
            "{}.{}",
            bracketed(&way.module.schema),
            bracketed(&way.module.name)
        );
        for batch in [
            format!("SELECT * FROM {name};"),
            format!("SELECT COUNT_BIG(*) AS Found FROM {name};"),
        ] {
            whole.push(batch);
        }
    }
    // The organisation of another, named outright: with his rows, and with one's own.
    let named = |saying: Saying| Saying {
        organisation: organisation.clone(),
        ..saying
    };
    say("foreign-organisation", &named(foreign(&|_| true)), true);
    if !keys.is_empty() && way.action == Action::Execute {
        say("foreign-organisation", &named(own.clone()), true);
        let mut malformed = own.clone();
        malformed.keys[0] = Some("N'no key'".into());
        say("malformed-key+error-text", &malformed, true);
    }
    let claim = way.claim(Some(pair.victim), "whole-view");
    let whole = whole.into_iter();
    steps.extend(whole.map(|batch| attack(way, actor.clone(), claim.clone(), batch, twin.clone())));
    steps
}

/// The same between two departments of one tenant.
pub(crate) fn other_departments(terrain: &Terrain<'_>, way: &Way<'_>, pair: Pair<'_>) -> Vec<Step> {
    let departments = &terrain.world.tenant(pair.attacker).departments;
    if departments.len() < 2 {
        return Vec::new();
    }
    if !way.is_departmental() {
        return other_department_named(terrain, way, pair);
    }
    let member = |department| Actor::Scoped {
        tenant: pair.attacker,
        principal: pair.principal.to_owned(),
        scope: Scope::Department(department),
    };
    let mut steps = Vec::new();
    for (attacker, victim) in [(0, 1), (1, 0)] {
        let position = way.chosen_in(terrain, victim);
        let Some(keys) = way.keys_of(terrain, pair.attacker, Some(victim), position) else {
            continue;
        };
        let foreign = Saying {
            keys: keys.into_iter().map(Some).collect(),
            ..Saying::own(way)
        };
        let mut missing = foreign.clone();
        missing.keys[0] = never(terrain, &way.keys[0], pair.attacker);
        let named = Saying {
            department: Some(departments[victim].clone()),
            ..foreign.clone()
        };
        let everybody = Saying {
            department: Some("NULL".into()),
            ..foreign.clone()
        };
        let whole = actor(pair.attacker, pair.principal);
        let mut all = vec![
            (OTHER_DEPARTMENT.to_owned(), foreign, Some(member(victim))),
            (format!("{OTHER_DEPARTMENT}+{MISSING}"), missing, None),
        ];
        if way.names_department() {
            let family = format!("{OTHER_DEPARTMENT}+named-department");
            all.push((family, named, Some(member(victim))));
            let family = format!("{OTHER_DEPARTMENT}+no-department");
            all.push((family, everybody, Some(whole)));
        }
        for (family, saying, twin) in all {
            if let Some(batch) = way.words(terrain, position, &saying) {
                steps.push(Step {
                    actor: member(attacker),
                    batch,
                    claim: Some(way.claim(Some(pair.attacker), &family)),
                    twin,
                    traits: way.traits(),
                });
            }
        }
    }
    steps
}

/// Another department, named outright, about rows that every department sees.
fn other_department_named(terrain: &Terrain<'_>, way: &Way<'_>, pair: Pair<'_>) -> Vec<Step> {
    if !way.names_department() {
        return Vec::new();
    }
    let position = way.chosen(terrain);
    let departments = &terrain.world.tenant(pair.attacker).departments;
    let member = |department| Actor::Scoped {
        tenant: pair.attacker,
        principal: pair.principal.to_owned(),
        scope: Scope::Department(department),
    };
    [(0, 1), (1, 0)]
        .into_iter()
        .filter_map(|(attacker, victim)| {
            let saying = Saying {
                department: Some(departments[victim].clone()),
                ..Saying::own(way)
            };
            let family = format!("{OTHER_DEPARTMENT}+named-department");
            let claim = way.claim(Some(pair.attacker), &family);
            let batch = way.words(terrain, position, &saying)?;
            Some(attack(way, member(attacker), claim, batch, member(victim)))
        })
        .collect()
}

/// A value that must be unique within a tenant, and that another tenant uses: it must do as well as
/// one that nobody uses.
fn taken_keys(terrain: &Terrain<'_>, way: &Way<'_>, pair: Pair<'_>) -> Vec<Step> {
    let position = way.chosen(terrain);
    let actor = actor(pair.attacker, pair.principal);
    let mut steps = Vec::new();
    for (parameter, key) in way.unique_parameters(terrain) {
        for value in only_others(terrain, &key, pair) {
            let taken = Saying {
                parameter: Some((parameter.to_owned(), value)),
                ..Saying::own(way)
            };
            let free = Saying::own(way);
            // Who has no value there himself shows one more than he would in his own words.
            let says_nothing = format!("{parameter} = NULL");
            if way
                .words(terrain, position, &free)
                .is_some_and(|words| words.contains(&says_nothing))
            {
                break;
            }
            for (family, saying, twin) in [
                // His own words are what must succeed; the pair tells what others' rows change.
                (TAKEN_BESIDE_FREE, taken, Some(actor.clone())),
                (MISSING, free, None),
            ] {
                if let Some(batch) = way.words(terrain, position, &saying) {
                    steps.push(Step {
                        actor: actor.clone(),
                        batch,
                        claim: Some(way.claim(Some(pair.attacker), family)),
                        twin,
                        traits: way.traits(),
                    });
                }
            }
        }
    }
    steps
}

/// Values that the victim has in a column and the attacker has not.
fn only_others(terrain: &Terrain<'_>, key: &Key<'_>, pair: Pair<'_>) -> Vec<String> {
    let (Some(tenancy), Some(column)) = (&terrain.system.tenancy, key.table.position(key.column))
    else {
        return Vec::new();
    };
    let tenants = terrain.world.tenants.len();
    let pairs = (tenants * tenants.saturating_sub(1)).max(1);
    let of = |tenant| own::rows(tenancy, terrain.world, key.table, tenant, None);
    let own = of(pair.attacker);
    of(pair.victim)
        .into_iter()
        .map(|row| &row[column])
        .filter(|value| **value != Cell::Null && !own.iter().any(|row| row[column] == **value))
        .map(|value| literal::of(value, &key.table.columns[column]))
        .take((TAKEN / pairs).max(TAKEN_MIN))
        .collect()
}

/// Whether no row of the attacker's has the keys of the victim's: line numbers are everybody's.
fn is_anothers(terrain: &Terrain<'_>, key: &Key<'_>, pair: Pair<'_>) -> bool {
    let rows = |tenant| {
        let tenancy = terrain.system.tenancy.as_ref();
        tenancy.map(|tenancy| own::rows(tenancy, terrain.world, key.table, tenant, None))
    };
    let (Some(column), Some(own), Some(theirs)) = (
        key.table.position(key.column),
        rows(pair.attacker),
        rows(pair.victim),
    ) else {
        return false;
    };
    !theirs
        .iter()
        .any(|their| own.iter().any(|row| row[column] == their[column]))
}

/// Rows that are given to another tenant: changed to be his, or added as his.
fn given_away(terrain: &Terrain<'_>, database: &Database) -> Vec<Step> {
    let Some(tenancy) = &terrain.system.tenancy else {
        return Vec::new();
    };
    let tenants = terrain.world.tenants.len();
    let mut steps = Vec::new();
    let mut turn = 0;
    for module in database.modules.values().filter(|one| one.kind == "V") {
        let all = ways(terrain, database, module);
        let Some(way) = all.iter().find(|way| way.action == Action::Update) else {
            continue;
        };
        let Some(table) = way.subject else { continue };
        let attacker = TenantIndex(turn % tenants);
        let victim = TenantIndex((turn + 1) % tenants);
        turn += 1;
        let name = format!("{}.{}", bracketed(&module.schema), bracketed(&module.name));
        let Some(organisation) = &terrain.world.tenant(victim).organisation else {
            continue;
        };
        let position = way.chosen(terrain);
        let Some(own) = way.words(terrain, position, &Saying::own(way)) else {
            continue;
        };
        let Some((_, predicate)) = own.split_once(" WHERE ") else {
            continue;
        };
        let column = bracketed(&tenancy.column);
        let mut batches = vec![(
            Action::Update,
            format!("UPDATE {name} SET {column} = {organisation} WHERE {predicate}"),
        )];
        if let Some(row) = fresh_row_of(terrain, way, victim) {
            batches.push((Action::Insert, format!("INSERT INTO {name} {row};")));
        }
        let keeper = Actor::Keeper {
            database: database.name.clone(),
            tenant: Some(victim),
            unguarded: (!table.triggers.is_empty()).then(|| table.object()),
        };
        for principal in terrain.system.principals.keys() {
            for (action, batch) in &batches {
                let claim = Claim {
                    action: *action,
                    ..way.claim(Some(victim), "foreign-owner")
                };
                steps.push(attack(
                    way,
                    actor(attacker, principal),
                    claim,
                    batch.clone(),
                    keeper.clone(),
                ));
            }
        }
    }
    steps
}

/// Rights and triggers guard an append-only table in two layers, and each must hold without the
/// other: rights are attacked elsewhere, here everybody is given them first.
fn guard_alone(terrain: &Terrain<'_>, database: &Database, table: &Table) -> Vec<Step> {
    let (Some(tenancy), Some(tenant)) = (&terrain.system.tenancy, terrain.world.indexes().next())
    else {
        return Vec::new();
    };
    let object = table.object();
    let guarded = terrain.system.intent.is_append_only(&object) && !table.triggers.is_empty();
    if !guarded || !tenancy.owns(table) || table.primary_key.is_empty() {
        return Vec::new();
    }
    let name = format!("{}.{}", bracketed(&table.schema), bracketed(&table.name));
    let users: Vec<&String> = terrain
        .system
        .principals
        .keys()
        .filter(|name| database.principals.contains_key(*name))
        .collect();
    let grants: Vec<String> = users
        .iter()
        .map(|user| {
            format!(
                "GRANT SELECT, UPDATE, DELETE ON {name} TO {};",
                bracketed(user)
            )
        })
        .collect();
    let key: Vec<String> = table
        .primary_key
        .iter()
        .map(|column| {
            format!(
                "{} = {{{{own row 0 of {object} column {column}}}}}",
                bracketed(column)
            )
        })
        .collect();
    let key = key.join(" AND ");
    let mut batches = vec![(Action::Delete, format!("DELETE FROM {name} WHERE {key};"))];
    if let Some((column, value)) = rows::assignment(table, terrain.world, 0) {
        let update = format!("UPDATE {name} SET {column} = {value} WHERE {key};");
        batches.push((Action::Update, update));
    }
    let traits = BatchTraits {
        writes: true,
        ..BatchTraits::default()
    };
    let mut steps = vec![Step {
        actor: Actor::Administrator {
            database: database.name.clone(),
        },
        batch: grants.join("\n"),
        claim: None,
        twin: None,
        traits,
    }];
    let tenants = terrain.world.tenants.len();
    for (turn, user) in users.iter().enumerate() {
        let attacker = TenantIndex((tenant.0 + turn) % tenants);
        for (action, batch) in &batches {
            steps.push(Step {
                actor: actor(attacker, user),
                batch: batch.clone(),
                claim: Some(Claim {
                    action: *action,
                    database: database.name.clone(),
                    tenant: Some(attacker),
                    object: object.clone(),
                    family: "rights-given".into(),
                }),
                twin: Some(Actor::Keeper {
                    database: database.name.clone(),
                    tenant: Some(attacker),
                    unguarded: Some(object.clone()),
                }),
                traits,
            });
        }
    }
    steps
}

/// A new row of a tenant as a view shows it: `(columns) VALUES (values)`.
fn fresh_row_of(terrain: &Terrain<'_>, way: &Way<'_>, tenant: TenantIndex) -> Option<String> {
    let tenancy = terrain.system.tenancy.as_ref()?;
    let table = way.subject?;
    // Rows are copied from the tenant's own, and what they refer to is his, too.
    let mut own = way.database.clone();
    for table in own.tables.values_mut().filter(|table| tenancy.owns(table)) {
        let rows = std::mem::take(&mut table.rows);
        let is_his = |row: &Vec<Cell>| tenancy.holder(terrain.world, table, row) == Some(tenant);
        table.rows = rows.into_iter().filter(is_his).collect();
    }
    let row = rows::fresh(&own, own.tables.get(&table.object())?, terrain.world, 0)?;
    let shown: Vec<(&String, &String)> = row
        .columns
        .iter()
        .zip(&row.literals)
        .filter(|(column, _)| {
            let mut columns = way.module.columns.iter();
            columns.any(|own| bracketed(&own.name).eq_ignore_ascii_case(column))
        })
        .collect();
    let columns: Vec<&str> = shown.iter().map(|(column, _)| column.as_str()).collect();
    let values: Vec<&str> = shown.iter().map(|(_, value)| value.as_str()).collect();
    Some(format!(
        "({}) VALUES ({})",
        columns.join(", "),
        values.join(", ")
    ))
}

/// Attacks on what makes a session one of a tenant: a session that was never checked out, and one
/// that checks itself out again for somebody else.
fn contexts(terrain: &Terrain<'_>, database: &Database) -> Vec<Step> {
    let Some(tenancy) = &terrain.system.tenancy else {
        return Vec::new();
    };
    let tenants = terrain.world.tenants.len();
    let mut steps = Vec::new();
    let mut turn = 0;
    for module in database.modules.values() {
        let all = ways(terrain, database, module);
        let reading = |way: &&Way<'_>| matches!(way.action, Action::Select | Action::Execute);
        let Some(way) = all.iter().find(reading) else {
            continue;
        };
        let names = terrain.system.principals.keys();
        for principal in names.filter(|name| way.is_rightful(terrain, name)) {
            let attacker = TenantIndex(turn % tenants);
            let victim = TenantIndex((turn + 1) % tenants);
            turn += 1;
            let position = way.chosen(terrain);
            let nobody = |tenant| Actor::Scoped {
                tenant,
                principal: principal.clone(),
                scope: Scope::Nobody,
            };
            let Some(keys) = way.keys_of(terrain, victim, None, position) else {
                continue;
            };
            let saying = Saying {
                organisation: terrain.world.tenant(victim).organisation.clone(),
                department: terrain.world.tenant(victim).departments.first().cloned(),
                keys: keys.into_iter().map(Some).collect(),
                ..Saying::own(way)
            };
            let Some(batch) = way.words(terrain, position, &saying) else {
                continue;
            };
            let claim = |family| way.claim(Some(victim), family);
            steps.push(attack(
                way,
                nobody(attacker),
                claim("not-checked-out"),
                batch.clone(),
                actor(victim, principal),
            ));
            let checkout = terrain.world.tenant(victim).fill(&tenancy.checkout);
            let traits = BatchTraits {
                changes_session: true,
                ..way.traits()
            };
            steps.push(Step {
                traits,
                ..attack(
                    way,
                    actor(attacker, principal),
                    claim("checked-out-again"),
                    format!("{}\n{batch}", checkout.trim_end()),
                    nobody(victim),
                )
            });
            steps.extend(another_department(terrain, way, attacker, principal));
        }
    }
    steps
}

/// A session of one department that checks itself out for another.
fn another_department(
    terrain: &Terrain<'_>,
    way: &Way<'_>,
    tenant: TenantIndex,
    principal: &str,
) -> Option<Step> {
    let tenancy = terrain.system.tenancy.as_ref()?;
    let department = tenancy.department.as_ref()?;
    let own = terrain.world.tenant(tenant);
    let other = own.departments.get(1)?;
    if !way.is_departmental() {
        return None;
    }
    let position = way.chosen_in(terrain, 1);
    let keys = way.keys_of(terrain, tenant, Some(1), position)?;
    let saying = Saying {
        department: Some(other.clone()),
        keys: keys.into_iter().map(Some).collect(),
        ..Saying::own(way)
    };
    let batch = way.words(terrain, position, &saying)?;
    let checkout = own.fill(&department.checkout.replace("$(Department)", other));
    let traits = BatchTraits {
        changes_session: true,
        ..way.traits()
    };
    let member = Actor::Scoped {
        tenant,
        principal: principal.to_owned(),
        scope: Scope::Department(0),
    };
    let family = format!("{OTHER_DEPARTMENT}+checked-out-again");
    Some(Step {
        traits,
        ..attack(
            way,
            member,
            way.claim(Some(tenant), &family),
            format!("{}\n{batch}", checkout.trim_end()),
            actor(tenant, principal),
        )
    })
}

/// A key that no row has, of the same shape as those of the tenant.
pub(crate) fn never(terrain: &Terrain<'_>, key: &Key<'_>, tenant: TenantIndex) -> Option<String> {
    let tenancy = terrain.system.tenancy.as_ref()?;
    let column = key.table.position(key.column)?;
    let rows = own::rows(tenancy, terrain.world, key.table, tenant, None);
    let cell = &rows.first()?[column];
    let value = match cell {
        Cell::Integer(value) => {
            let first = terrain.world.tenant(tenant).mark.number;
            let band = first..first + NUMBER_BAND;
            Cell::Integer(if band.contains(value) {
                first + NEVER
            } else {
                value + NEVER
            })
        }
        Cell::Text(text) => Cell::Text(format!("{text}-never")),
        Cell::Guid(_) => Cell::Guid("ee000000-0000-4000-8000-ffffffffffff".into()),
        other => other.clone(),
    };
    (value != *cell).then(|| literal::of(&value, &key.table.columns[column]))
}

fn actor(tenant: TenantIndex, principal: &str) -> Actor {
    Attacker { tenant, principal }.actor()
}
