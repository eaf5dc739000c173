//! Undeclared rights: nobody was given, by a GRANT, a role or ownership, what intent does not let him do.
//!
//! Attacks show what a right is good for today. One that comes to nothing as yet, since a view cannot be
//! changed through it or a foreign key stops every DELETE, waits for the day on which that is different:
//! what is not declared is forbidden, and so is the right to it.
//!
//! What the server works out of all that is not asked: what was granted counts unless it was denied as well,
//! and nobody is acquitted.

use std::collections::{BTreeMap, BTreeSet};

use domain::finding::Severity;
use domain::inspection::{Defect, Facts, Inspected, Item, Topic};
use domain::intent::Action;
use domain::surface::{Database, Temporal};

use crate::authorization::spoken;
use crate::evidence::{self, Shown};
use crate::inspections::rights::{Rights, Scope};
use crate::judge::Judge;
use crate::matrix::{Relation, is_of_definitions};

/// How many objects a sentence names.
const NAMED_MAX: usize = 3;

/// What members of a fixed role may do everywhere, and to the database itself.
const FIXED_ROLES: &[(&str, &[&str], &[Action])] = &[
    (
        "db_owner",
        &["CONTROL"],
        &[Action::Create, Action::Grant, Action::Backup],
    ),
    ("db_datareader", &["SELECT"], &[]),
    ("db_datawriter", &["INSERT", "UPDATE", "DELETE"], &[]),
    ("db_ddladmin", &["ALTER"], &[Action::Create]),
    ("db_securityadmin", &[], &[Action::Grant]),
    ("db_accessadmin", &[], &[Action::Create]),
    ("db_backupoperator", &[], &[Action::Backup]),
];

pub(crate) fn inspect(judge: &Judge<'_>, facts: &Facts) -> Inspected {
    let mut items = Vec::new();
    for name in judge.inspected_databases() {
        let control = control(judge, "", &BTreeSet::new());
        let unseen = |reason: &str| Item::unseen(&control, name, "rights", reason);
        let rights = match facts.sets(Topic::Rights, name).map(Rights::new) {
            Ok(Ok(rights)) => rights,
            Ok(Err(reason)) | Err(reason) => {
                items.push(unseen(&reason));
                continue;
            }
        };
        let databases = &judge.surface.databases;
        let Some(database) = databases.iter().find(|own| own.name == name) else {
            items.push(unseen("what is in it is not known"));
            continue;
        };
        for principal in judge.system.principals.keys() {
            if !rights.knows(principal) {
                continue;
            }
            let excess = excess(judge, database, &rights, principal);
            if excess.is_empty() {
                let place = format!("rights of {principal}");
                items.push(Item::passed(&control, name, &place));
            }
            let asked = facts.asked(Topic::Rights, name);
            items.extend(
                excess
                    .iter()
                    .map(|(place, given)| item(judge, (name, asked), principal, (place, given))),
            );
        }
    }
    Inspected::Items(items)
}

/// What was given at one place, and is not declared.
#[derive(Debug, Default)]
struct Given {
    /// How, in words that follow the principal.
    why: BTreeSet<String>,
    actions: BTreeSet<Action>,
    objects: BTreeSet<String>,
}

/// By what it was given on: `schema.object`, `schema s`, `the database`, `role r`.
type Excess = BTreeMap<String, Given>;

fn excess(judge: &Judge<'_>, database: &Database, rights: &Rights<'_>, principal: &str) -> Excess {
    let names = rights.roles_of(principal);
    let is_one = |name: &str| names.iter().any(|own| own.eq_ignore_ascii_case(name));
    let mut excess = Excess::new();
    let mut give = |place: &str, why: &str, action: Action, object: &str| {
        if judge.system.intent.allows(principal, action, object) {
            return;
        }
        let given = excess.entry(place.to_owned()).or_default();
        given.why.insert(why.to_owned());
        given.actions.insert(action);
        given.objects.insert(object.to_owned());
    };
    let denied = |action: Action, schema: &str, name: &str| {
        is_denied_by_role(action, &is_one)
            || rights.permissions().any(|own| {
                own.is_denied
                    && is_one(own.grantee)
                    && own.scope.reaches(schema, name)
                    && (own.right == "CONTROL" || right_of(action) == Some(own.right))
            })
    };
    let things = things(database);
    for (role, everywhere, itself) in FIXED_ROLES {
        if !is_one(role) {
            continue;
        }
        let (place, why) = (format!("role {role}"), format!("is a member of {role}"));
        for &action in *itself {
            give(&place, &why, action, "");
        }
        for thing in &things {
            for action in everywhere.iter().flat_map(|right| thing.allowed_by(right)) {
                // Who owns the database can take back what was denied.
                if *role == "db_owner" || !denied(action, thing.schema, thing.name) {
                    give(&place, &why, action, &thing.object());
                }
            }
        }
    }
    for own in rights.permissions() {
        if own.is_denied || !is_one(own.grantee) {
            continue;
        }
        let place = match own.scope {
            Scope::Database => "the database".to_owned(),
            Scope::Schema(schema) => format!("schema {schema}"),
            Scope::Object(schema, name) => format!("{schema}.{name}"),
        };
        let why = format!("was granted {} on {place} as {}", own.right, own.grantee);
        if own.scope == Scope::Database {
            for &action in to_the_database(own.right) {
                give(&place, &why, action, "");
            }
        }
        let reached = things
            .iter()
            .filter(|thing| own.scope.reaches(thing.schema, thing.name));
        for thing in reached {
            for action in thing.allowed_by(own.right) {
                if !denied(action, thing.schema, thing.name) {
                    give(&place, &why, action, &thing.object());
                }
            }
        }
    }
    for (schema, name, owner) in rights.owned().filter(|&(.., owner)| is_one(owner)) {
        let of_it =
            |thing: &&Thing<'_>| Scope::Object(schema, name).reaches(thing.schema, thing.name);
        for thing in things.iter().filter(of_it) {
            for action in thing.allowed_by("CONTROL") {
                let why = format!("is {owner}, the owner of {schema}.{name}");
                give(&thing.object(), &why, action, &thing.object());
            }
        }
    }
    excess
}

fn item(
    judge: &Judge<'_>,
    (database, asked): (&str, &str),
    principal: &str,
    (place, given): (&str, &Given),
) -> Item {
    let whose = judge.whose(database);
    let actions: Vec<&str> = given.actions.iter().map(|action| action.name()).collect();
    let verbs: Vec<&str> = given.actions.iter().map(|&action| spoken(action)).collect();
    let why: Vec<&str> = given.why.iter().map(String::as_str).collect();
    let object = if place.contains(' ') { "" } else { place };
    let defect = Defect {
        kind: format!("{principal} can {}", actions.join(", ")),
        severity: if judge.system.intent.is_append_only(object) {
            Severity::High
        } else {
            Severity::Medium
        },
        sentence: format!(
            "{principal} of {whose} {}, and so may {} {}; that is not declared",
            why.join(" and "),
            verbs.join(", "),
            listed(&given.objects)
        ),
        shown_by: asked.to_owned(),
    };
    let control = control(judge, object, &given.actions);
    Item::failed(&control, database, place, defect)
}

/// The promise that it breaks.
fn control(judge: &Judge<'_>, object: &str, actions: &BTreeSet<Action>) -> String {
    let is_read =
        |action: &Action| matches!(action, Action::Select | Action::Execute | Action::Backup);
    let shown = Shown {
        reading: actions.iter().all(is_read),
        definition: actions.iter().any(|&action| is_of_definitions(action)),
        ..Shown::default()
    };
    let ids = evidence::controls(judge.system, Relation::Own, object, shown);
    ids.into_iter().next().map(|id| id.0).unwrap_or_default()
}

/// A table, view, procedure or function.
struct Thing<'a> {
    schema: &'a str,
    name: &'a str,
    /// What can be done with it, apart from changing it.
    uses: &'static [Action],
}

impl Thing<'_> {
    fn object(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// What a right gives.
    fn allowed_by(&self, right: &str) -> Vec<Action> {
        let uses = self.uses.iter().copied();
        match right {
            "CONTROL" => uses.chain([Action::Alter]).collect(),
            "ALTER" => vec![Action::Alter],
            "TAKE OWNERSHIP" => vec![Action::TakeOwnership],
            _ => uses
                .filter(|&action| right_of(action) == Some(right))
                .collect(),
        }
    }
}

fn things(database: &Database) -> Vec<Thing<'_>> {
    const ROWS: &[Action] = &[
        Action::Select,
        Action::Insert,
        Action::Update,
        Action::Delete,
    ];
    let tables = database.tables.values().map(|table| Thing {
        schema: &table.schema,
        name: &table.name,
        // The server lets nobody write the history of a versioned table, whatever his rights.
        uses: match table.temporal {
            Temporal::History { .. } => &ROWS[..1],
            _ => ROWS,
        },
    });
    let modules = database.modules.values().map(|module| Thing {
        schema: &module.schema,
        name: &module.name,
        uses: match module.kind.as_str() {
            "V" => ROWS,
            "P" | "FN" => &[Action::Execute],
            _ => &ROWS[..1],
        },
    });
    tables.chain(modules).collect()
}

/// The right that an action takes by itself.
fn right_of(action: Action) -> Option<&'static str> {
    Some(match action {
        Action::Select => "SELECT",
        Action::Insert => "INSERT",
        Action::Update => "UPDATE",
        Action::Delete => "DELETE",
        Action::Execute => "EXECUTE",
        Action::Alter => "ALTER",
        Action::TakeOwnership => "TAKE OWNERSHIP",
        _ => return None,
    })
}

/// What a right on the database lets its holder do to the database itself.
fn to_the_database(right: &str) -> &'static [Action] {
    match right {
        "CONTROL" => &[Action::Create, Action::Grant, Action::Backup],
        "BACKUP DATABASE" | "BACKUP LOG" => &[Action::Backup],
        "CREATE TABLE" | "CREATE VIEW" | "CREATE PROCEDURE" | "CREATE FUNCTION"
        | "CREATE SCHEMA" | "ALTER ANY SCHEMA" | "ALTER ANY USER" => &[Action::Create],
        "ALTER ANY ROLE" => &[Action::Grant],
        _ => &[],
    }
}

fn is_denied_by_role(action: Action, is_one: &dyn Fn(&str) -> bool) -> bool {
    match action {
        Action::Select => is_one("db_denydatareader"),
        Action::Insert | Action::Update | Action::Delete => is_one("db_denydatawriter"),
        _ => false,
    }
}

/// A few of many objects; what is about none of them is about the database.
fn listed(objects: &BTreeSet<String>) -> String {
    let mut words: Vec<&str> = objects
        .iter()
        .map(|object| match object.as_str() {
            "" => "the database",
            object => object,
        })
        .take(NAMED_MAX)
        .collect();
    let more = objects.len().saturating_sub(NAMED_MAX);
    let more = format!("{more} more");
    if objects.len() > NAMED_MAX {
        words.push(&more);
    }
    words.join(", ")
}

#[cfg(test)]
mod tests;
