//! The sweep: principal × securable × action, each once, in a fixed order.
//!
//! A case is one securable; its steps are every attack on it by everybody whom intent forbids it.
//! All attackers from outside say the same words, and so does the twin that arms them. The steps
//! of a case are independent of one another.

use domain::case::{BatchTraits, Case, CaseId, Claim, Phase, Step};
use domain::intent::Action;
use domain::surface::{Database, Module, Table};
use domain::world::TenantIndex;

use crate::boundary;
use crate::frozen;
use crate::statements::{self, Standpoint, Statement};
use crate::terrain::{Attacker, EVERYBODY_MAX, NEIGHBOURS, Terrain};

/// Every cell of the matrix.
pub fn sweep(terrain: &Terrain<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    for database in &terrain.surface.databases {
        let mut push = |what: &str, steps: Vec<Step>| {
            if steps.is_empty() {
                return;
            }
            let index = cases.len() as u64;
            let id = CaseId {
                phase: Phase::Sweep,
                index,
            };
            let title = format!("everybody against {what} of {}", database.name);
            cases.push(Case { id, title, steps });
        };
        if terrain.is_common(database) {
            duties_in_common(terrain, database, &mut push);
            continue;
        }
        for (object, table) in &database.tables {
            let of = |standpoint| statements::on_table(terrain, database, table, standpoint);
            let mut steps = attacks(terrain, database, of);
            steps.extend(attacks_on_frozen(terrain, database, table));
            push(object, steps);
        }
        for (object, module) in &database.modules {
            let of = |standpoint| statements::on_module(terrain, database, module, standpoint);
            let mut steps = attacks(terrain, database, of);
            if module.kind == "V" {
                steps.extend(through_view(terrain, database, module));
            }
            if module.kind == "P" {
                steps.extend(through_texts(terrain, database, module));
            }
            push(object, steps);
        }
        for (object, table) in &database.tables {
            let steps = attacks_on_columns(terrain, database, table);
            push(&format!("each column of {object}"), steps);
        }
        let of = |standpoint| {
            let mut all = statements::on_database(terrain, database, standpoint);
            all.append(&mut statements::impersonations(
                terrain, database, standpoint,
            ));
            all
        };
        push("the whole", attacks(terrain, database, of));
    }
    cases
}

/// What the sweep leaves out, in a sentence, if anything.
pub fn sweep_limits(terrain: &Terrain<'_>) -> Option<String> {
    let tenants = terrain.world.tenants.len();
    (tenants > EVERYBODY_MAX).then(|| {
        format!(
            "with {tenants} tenants the sweep sends each one against its next {NEIGHBOURS} \
             neighbours, the shared databases and itself instead of against everybody; random \
             cases choose among all"
        )
    })
}

fn attacks(
    terrain: &Terrain<'_>,
    database: &Database,
    of: impl Fn(Standpoint) -> Vec<Statement>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(owner) = database.tenant {
        for statement in of(Standpoint::Inside) {
            for attacker in terrain.attackers_of(owner) {
                steps.extend(attack(
                    terrain,
                    database,
                    attacker,
                    &statement,
                    Standpoint::Inside,
                ));
            }
        }
    }
    for statement in of(Standpoint::Outside) {
        for attacker in terrain.attackers() {
            let sent = match database.tenant {
                Some(owner) => terrain.is_neighbour(attacker.tenant, owner),
                None => true,
            };
            if sent {
                let outside = Standpoint::Outside;
                steps.extend(attack(terrain, database, attacker, &statement, outside));
            }
        }
    }
    steps
}

/// Attacks on the columns of a table, by everybody of its tenant.
fn attacks_on_columns(terrain: &Terrain<'_>, database: &Database, table: &Table) -> Vec<Step> {
    let inside = Standpoint::Inside;
    let attackers = database.tenant.map(|owner| terrain.attackers_of(owner));
    let attackers = attackers.unwrap_or_default();
    let mut steps = Vec::new();
    for statement in statements::on_columns(terrain, database, table, inside) {
        for attacker in &attackers {
            steps.extend(attack(terrain, database, *attacker, &statement, inside));
        }
    }
    steps
}

/// Attacks on rows that nobody may change any more, by everybody of their tenant.
fn attacks_on_frozen(terrain: &Terrain<'_>, database: &Database, table: &Table) -> Vec<Step> {
    let inside = Standpoint::Inside;
    let mut steps = Vec::new();
    for statement in frozen::statements(terrain, database, table, inside) {
        for attacker in database
            .tenant
            .map(|owner| terrain.attackers_of(owner))
            .into_iter()
            .flatten()
        {
            steps.extend(attack(terrain, database, attacker, &statement, inside));
        }
    }
    steps
}

/// Duties where all tenants have one database: the catalog is the same for all, so each securable
/// is attacked by the principals of one tenant, in turns.
fn duties_in_common(
    terrain: &Terrain<'_>,
    database: &Database,
    push: &mut dyn FnMut(&str, Vec<Step>),
) {
    let inside = Standpoint::Inside;
    let tenants: Vec<TenantIndex> = terrain.world.indexes().collect();
    let mut turn = tenants.iter().cycle();
    let mut attackers = || turn.next().map(|&tenant| terrain.attackers_of(tenant));
    let steps = |statements: Vec<Statement>, attackers: Option<Vec<Attacker<'_>>>| {
        let mut steps = Vec::new();
        for attacker in attackers.into_iter().flatten() {
            for statement in &statements {
                steps.extend(attack(terrain, database, attacker, statement, inside));
            }
        }
        steps
    };
    for (object, table) in &database.tables {
        let statements = statements::on_table(terrain, database, table, inside);
        push(object, steps(statements, attackers()));
    }
    for (object, module) in &database.modules {
        let statements = statements::on_module(terrain, database, module, inside);
        push(object, steps(statements, attackers()));
    }
    for (object, table) in &database.tables {
        let statements = statements::on_columns(terrain, database, table, inside);
        push(
            &format!("each column of {object}"),
            steps(statements, attackers()),
        );
    }
    let mut statements = statements::on_database(terrain, database, inside);
    statements.extend(statements::impersonations(terrain, database, inside));
    push("the whole", steps(statements, attackers()));
    boundary::sweep(terrain, database, push);
}

/// Changes of whatever lies behind a view, by everybody of its tenant.
///
/// Whether a view can be changed through is known only by trying, and what such a change means is
/// decided by the table behind it: so nothing is claimed, and the effects alone are judged.
fn through_view(terrain: &Terrain<'_>, database: &Database, module: &Module) -> Vec<Step> {
    let Some(owner) = database.tenant else {
        return Vec::new();
    };
    let name = Standpoint::Inside.spell(database, &module.schema, &module.name);
    let literal = name.replace('\'', "''");
    let update = format!(
        "DECLARE @column nvarchar(300) = (SELECT TOP (1) QUOTENAME(name) FROM sys.columns \
         WHERE object_id = OBJECT_ID(N'{literal}') AND system_type_id = 231 ORDER BY column_id); \
         EXEC (N'UPDATE {literal} SET ' + @column + N' = LEFT(' + @column + N', 1);');"
    );
    let mut steps = Vec::new();
    for batch in [format!("DELETE FROM {name};"), update] {
        for attacker in terrain.attackers_of(owner) {
            steps.push(unclaimed(attacker, batch.clone()));
        }
    }
    steps
}

/// Calls of a procedure with texts that may become statements, by everybody of its tenant. Whether they do
/// is known only by trying: nothing is claimed, and the effects alone are judged.
fn through_texts(terrain: &Terrain<'_>, database: &Database, module: &Module) -> Vec<Step> {
    let Some(owner) = database.tenant else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    for batch in statements::injections(terrain, database, module) {
        for attacker in terrain.attackers_of(owner) {
            steps.push(unclaimed(attacker, batch.clone()));
        }
    }
    steps
}

/// A step of which nothing is claimed.
fn unclaimed(attacker: Attacker<'_>, batch: String) -> Step {
    Step {
        actor: attacker.actor(),
        batch,
        claim: None,
        twin: None,
        traits: BatchTraits {
            writes: true,
            ..BatchTraits::default()
        },
    }
}

/// The step, unless intent allows it. Becoming oneself is nothing to forbid either.
fn attack(
    terrain: &Terrain<'_>,
    database: &Database,
    attacker: Attacker<'_>,
    statement: &Statement,
    standpoint: Standpoint,
) -> Option<Step> {
    let oneself = statement.action == Action::Impersonate
        && standpoint == Standpoint::Inside
        && statement.object == format!("user {}", attacker.principal);
    if oneself || terrain.allows(attacker, &statement.needs) {
        return None;
    }
    // What is claimed is the first right that is missing: reading before a keyed DELETE may be it.
    let missing = statement
        .needs
        .iter()
        .find(|need| !terrain.allows(attacker, std::slice::from_ref(need)))?;
    Some(Step {
        actor: attacker.actor(),
        batch: statement.text.clone(),
        claim: Some(Claim {
            action: missing.action,
            database: database.name.clone(),
            tenant: terrain.owner(database, attacker),
            object: statement.object.clone(),
            family: match standpoint {
                Standpoint::Inside => "direct",
                Standpoint::Outside if statement.text.starts_with("EXEC (N'USE ") => "use-database",
                Standpoint::Outside if statement.text.starts_with("EXECUTE AS ") => "execute-as",
                Standpoint::Outside => "three-part-name",
            }
            .into(),
        }),
        twin: Some(terrain.twin(attacker, &statement.needs, database)),
        traits: statement.traits,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::case::Actor;
    use domain::example;
    use domain::intent::Action;
    use domain::seed::Seed;

    use super::sweep;
    use crate::terrain::Terrain;

    #[test]
    fn every_attack_is_forbidden_and_armed_by_somebody() {
        let system = example::system(4);
        let world = example::world(4, Seed(7));
        let surface = example::surface(&world);
        let cases = sweep(&Terrain::new(&system, &world, &surface));
        let mut actions = BTreeSet::new();
        let mut armed_by_rightful = 0;
        let mut through_views = 0;
        for step in cases.iter().flat_map(|case| &case.steps) {
            let Some(claim) = step.claim.as_ref() else {
                // Only the changes through a view claim nothing, and they are judged by effect.
                assert!(step.twin.is_none() && step.traits.writes, "{}", step.batch);
                through_views += 1;
                continue;
            };
            let Actor::Principal { tenant, principal } = &step.actor else {
                panic!("administrators do not attack");
            };
            let own = claim.tenant == Some(*tenant);
            assert!(
                !own || !system.intent.allows(principal, claim.action, &claim.object),
                "{principal} may {} {}",
                claim.action.name(),
                claim.object
            );
            actions.insert(claim.action);
            let twin = step.twin.as_ref().expect("an attack has a twin");
            armed_by_rightful += u32::from(matches!(twin, Actor::Principal { .. }));
        }
        let expected: BTreeSet<Action> = Action::ALL.into();
        assert_eq!(actions, expected);
        assert!(armed_by_rightful > 500, "{armed_by_rightful}");
        assert!(through_views > 0);
    }

    #[test]
    fn attackers_from_outside_say_what_their_twin_says() {
        let system = example::system(3);
        let world = example::world(3, Seed(7));
        let surface = example::surface(&world);
        let cases = sweep(&Terrain::new(&system, &world, &surface));
        let case = cases
            .iter()
            .find(|case| case.title == "everybody against dbo.Customers of wt_beta")
            .expect("swept");
        let blind = "SELECT TOP (1) 1 AS One FROM [wt_beta].[dbo].[Customers];";
        let attackers: Vec<&Actor> = case
            .steps
            .iter()
            .filter(|step| step.batch == blind)
            .map(|step| &step.actor)
            .collect();
        assert_eq!(attackers.len(), 6);
    }
}
