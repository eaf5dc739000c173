//! A case as a script for sqlcmd: each step under the login of whoever takes it, after the rightful
//! did the same in a transaction that is rolled back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::case::{Actor, Scope, Step};
use domain::history::History;
use domain::system::System;
use domain::world::{TenantIndex, World};

use super::quoting::{batch, comment};
use super::{Exhibit, plain};

/// The script.
pub(super) fn script(exhibit: &Exhibit<'_>, history: &History) -> String {
    let logins = logins(exhibit, history);
    let mut text = String::new();
    for line in exhibit.heading() {
        comment(&mut text, &line);
    }
    comment(&mut text, "");
    comment(
        &mut text,
        "It needs those databases, principals and rows: provision them as the configuration does, or \
         rehearse with `watertight serve`. Run it on a copy: an attack that succeeds changes rows.",
    );
    let mut variables = String::from("Server");
    for (number, who) in logins.values() {
        comment(
            &mut text,
            &format!("  $ (Password{number}) is that of {who}"),
        );
        let _ = write!(variables, " Password{number}");
    }
    let given: Vec<String> = variables
        .split(' ')
        .map(|name| format!("{name}=…"))
        .collect();
    comment(
        &mut text,
        &format!(
            "  sqlcmd -i {}.sql -v {}",
            exhibit.scenario.id,
            given.join(" ")
        ),
    );
    text.push_str(":on error ignore\nSET NOCOUNT OFF;\nGO\n");
    for (at, step) in history.case.steps.iter().enumerate() {
        let Some(record) = history.steps.get(at) else {
            break;
        };
        text.push('\n');
        if let Some(twin) = &step.twin {
            comment(
                &mut text,
                &format!(
                    "Step {}, arming: {} says the same, and must succeed; it is rolled back.",
                    at + 1,
                    name(exhibit.world, twin)
                ),
            );
            let words = campaign::replay::words(
                (exhibit.system, exhibit.world, exhibit.surface),
                step,
                twin,
                &history.steps[..at],
            );
            connect(&mut text, exhibit, &logins, twin);
            let is_plain = !step.traits.controls_transactions;
            if is_plain {
                text.push_str("BEGIN TRANSACTION;\nGO\n");
            } else {
                comment(&mut text, "It ends transactions itself: undo it by hand.");
            }
            if let Actor::Keeper {
                unguarded: Some(table),
                ..
            } = twin
            {
                let table = plain(table);
                let told = format!("First switch off triggers and versioning of {table}.");
                comment(&mut text, &told);
            }
            text.push_str(&batch(&words));
            if is_plain {
                text.push_str("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;\nGO\n");
            }
        }
        let purpose = match (&step.claim, exhibit.step == at) {
            (_, true) => "this is what shows it",
            (Some(_), false) => "an attempt",
            (None, false) => "preparation",
        };
        comment(
            &mut text,
            &format!(
                "Step {}, {purpose}: {}.",
                at + 1,
                name(exhibit.world, &step.actor)
            ),
        );
        references(&mut text, step);
        connect(&mut text, exhibit, &logins, &step.actor);
        text.push_str(&batch(&record.batch));
    }
    text
}

/// Values of earlier answers that stand in the batch as they were.
fn references(text: &mut String, step: &Step) {
    if step.batch.contains("{{step ") {
        comment(
            text,
            "It uses what an earlier step was answered, as it was then: put in what you get.",
        );
    }
}

/// Login names, each with a number for its password and who that is.
fn logins(exhibit: &Exhibit<'_>, history: &History) -> BTreeMap<String, (usize, String)> {
    let mut logins: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for step in &history.case.steps {
        for actor in [Some(&step.actor), step.twin.as_ref()]
            .into_iter()
            .flatten()
        {
            let number = logins.len() + 1;
            let login = login(exhibit.system, exhibit.world, actor);
            let who = format!("{} ({})", login, name(exhibit.world, actor));
            logins.entry(login).or_insert((number, who));
        }
    }
    logins
}

fn login(system: &System, world: &World, actor: &Actor) -> String {
    let Some((tenant, principal)) = actor.principal() else {
        return "sa".to_owned();
    };
    match system.principals.get(principal) {
        Some(declared) => system.expand(&declared.login, Some(&world.tenant(tenant).name)),
        None => principal.to_owned(),
    }
}

/// `app_rw of acme`.
pub(super) fn name(world: &World, actor: &Actor) -> String {
    let of = |tenant: TenantIndex| plain(&world.tenant(tenant).name);
    match actor {
        Actor::Principal { tenant, principal } => format!("{principal} of {}", of(*tenant)),
        Actor::Scoped {
            tenant,
            principal,
            scope: Scope::Department(number),
        } => format!("{principal} of department {number} of {}", of(*tenant)),
        Actor::Scoped {
            tenant,
            principal,
            scope: Scope::Nobody,
        } => format!("{principal} of {}, checked out for nobody", of(*tenant)),
        Actor::Administrator { database } => format!("an administrator in {}", plain(database)),
        Actor::Keeper { database, .. } => {
            format!(
                "an administrator with everything out of the way, in {}",
                plain(database)
            )
        }
        Actor::Caller(_) => "a caller of the service".to_owned(),
    }
}

/// A session of an actor, in his database and checked out as his are.
fn connect(
    text: &mut String,
    exhibit: &Exhibit<'_>,
    logins: &BTreeMap<String, (usize, String)>,
    actor: &Actor,
) {
    let login = login(exhibit.system, exhibit.world, actor);
    let number = logins.get(&login).map_or(0, |(number, _)| *number);
    let login = login.replace('"', "\"\"");
    let _ = writeln!(
        text,
        ":connect $(Server) -U \"{login}\" -P $(Password{number})"
    );
    let (database, batches) = session(exhibit, actor);
    if !database.is_empty() {
        text.push_str(&batch(&format!("USE [{}];", database.replace(']', "]]"))));
    }
    for words in batches {
        text.push_str(&batch(&words));
    }
}

/// Where a session begins, and by which words it is checked out.
pub(super) fn session(exhibit: &Exhibit<'_>, actor: &Actor) -> (String, Vec<String>) {
    let (database, tenant, scope) = match actor {
        Actor::Principal { tenant, .. } => (None, Some(*tenant), None),
        Actor::Scoped { tenant, scope, .. } => (None, Some(*tenant), Some(*scope)),
        Actor::Administrator { database } => return (database.clone(), Vec::new()),
        Actor::Keeper {
            database, tenant, ..
        } => (Some(database.clone()), *tenant, None),
        Actor::Caller(_) => return (String::new(), Vec::new()),
    };
    let own = tenant.map(|tenant| exhibit.world.tenant(tenant));
    let database = database
        .or_else(|| own.map(|own| own.database.clone()))
        .unwrap_or_default();
    let mut batches = Vec::new();
    if let (Some(tenancy), Some(own)) = (&exhibit.system.tenancy, own) {
        if scope != Some(Scope::Nobody) {
            batches.push(own.fill(&tenancy.checkout));
        }
        if let (Some(Scope::Department(position)), Some(department)) = (scope, &tenancy.department)
        {
            let value = own.departments.get(position).map_or("NULL", String::as_str);
            batches.push(own.fill(&department.checkout.replace("$(Department)", value)));
        }
    }
    (database, batches)
}
