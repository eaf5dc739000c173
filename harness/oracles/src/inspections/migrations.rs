//! Migrations: what is in a tenant's database is what its registered migrations made, nothing more
//! and nothing less, and every tenant is at the same version.

use std::collections::{BTreeMap, BTreeSet};

use domain::finding::Severity;
use domain::history::ResultSet;
use domain::inspection::{Defect, Facts, Inspected, Item, Topic};

use crate::inspections::rights::{number, text};
use crate::judge::Judge;

const CONTROL: &str = "D17";
/// Kinds of objects that are looked for in a database.
const KINDS: [&str; 7] = [
    "table",
    "view",
    "procedure",
    "function",
    "trigger",
    "index",
    "synonym",
];

/// Definitions by kind and name; empty where there is none to compare.
type Objects = BTreeMap<(String, String), String>;

pub(crate) fn inspect(judge: &Judge<'_>, facts: &Facts) -> Inspected {
    let Some(migrations) = &judge.system.intent.migrations else {
        return Inspected::NotApplicable {
            reason: "the configuration declares no register of migrations".into(),
        };
    };
    let shared = &judge.world.shared_databases;
    let registry = shared
        .iter()
        .find(|(key, _)| *key == migrations.database)
        .map_or("", |(_, name)| name.as_str());
    let databases = judge.inspected_databases();
    let (applied, registered) = match facts.sets(Topic::Register, registry) {
        Ok([applied, objects]) => (applied, objects),
        Ok(sets) => {
            let reason = format!("{} result sets instead of 2", sets.len());
            return unseen(&databases, &reason);
        }
        Err(reason) => return unseen(&databases, &reason),
    };
    let mut items = versions(judge, facts, registry, applied, &databases);
    for database in databases {
        match facts.sets(Topic::Schema, database).and_then(present) {
            Ok(present) => {
                let registered = of_register(registered, database);
                items.extend(drift(judge, facts, database, &registered, &present));
            }
            Err(reason) => items.push(Item::unseen(CONTROL, database, "objects", &reason)),
        }
    }
    Inspected::Items(items)
}

fn unseen(databases: &[&str], reason: &str) -> Inspected {
    let item = |database: &&str| Item::unseen(CONTROL, database, "the register", reason);
    Inspected::Items(databases.iter().map(item).collect())
}

/// What the register says of one database.
fn of_register(registered: &ResultSet, database: &str) -> Objects {
    registered
        .rows
        .iter()
        .filter(|row| text(row, 0).eq_ignore_ascii_case(database))
        .map(|row| {
            let key = (text(row, 1).to_lowercase(), text(row, 2).to_owned());
            (key, text(row, 3).to_owned())
        })
        .collect()
}

/// What is in a database: columns by table, modules, indexes, synonyms.
fn present(sets: &[ResultSet]) -> Result<Objects, String> {
    let [columns, modules, indexes, synonyms] = sets else {
        return Err(format!("{} result sets instead of 4", sets.len()));
    };
    let mut objects = Objects::new();
    for row in &columns.rows {
        let key = (
            "table".to_owned(),
            format!("{}.{}", text(row, 0), text(row, 1)),
        );
        let null = if number(row, 7) == 0 {
            "NOT NULL"
        } else {
            "NULL"
        };
        let column = format!(
            "{} {}({},{},{}) {null}",
            text(row, 2),
            text(row, 3),
            number(row, 4),
            number(row, 5),
            number(row, 6)
        );
        let definition = objects.entry(key).or_default();
        if !definition.is_empty() {
            definition.push_str("; ");
        }
        definition.push_str(&column);
    }
    for row in &modules.rows {
        let kind = match text(row, 0).trim_end() {
            "V" => "view",
            "P" => "procedure",
            "TR" => "trigger",
            _ => "function",
        };
        let name = format!("{}.{}", text(row, 1), text(row, 2));
        objects.insert((kind.into(), name), text(row, 3).into());
    }
    for row in &indexes.rows {
        let unique = if number(row, 4) == 0 { "" } else { " UNIQUE" };
        let name = format!("{}.{}.{}", text(row, 0), text(row, 1), text(row, 2));
        let definition = format!("{}{unique}", text(row, 3));
        objects.insert(("index".into(), name), definition);
    }
    for row in &synonyms.rows {
        let name = format!("{}.{}", text(row, 0), text(row, 1));
        objects.insert(("synonym".into(), name), text(row, 2).into());
    }
    Ok(objects)
}

/// What one database has more, less and other than the register says.
fn drift(
    judge: &Judge<'_>,
    facts: &Facts,
    database: &str,
    registered: &Objects,
    present: &Objects,
) -> Vec<Item> {
    let whose = judge.whose(database);
    let mut items = Vec::new();
    let mut broken: BTreeSet<&str> = BTreeSet::new();
    let all: BTreeSet<&(String, String)> = registered.keys().chain(present.keys()).collect();
    for key in all {
        let (kind, name) = key;
        let (defect, what) = match (registered.get(key), present.get(key)) {
            (None, _) => (
                "made by no registered migration",
                "was made by no registered migration".to_owned(),
            ),
            (Some(_), None) => (
                "registered and not there",
                "is registered and not there".to_owned(),
            ),
            (Some(registered), Some(present)) if differ(registered, present) => (
                "not as registered",
                format!(
                    "is not as registered{}",
                    difference(kind, registered, present)
                ),
            ),
            _ => continue,
        };
        broken.insert(kind);
        let defect = Defect {
            kind: defect.into(),
            severity: Severity::Medium,
            sentence: format!("{kind} {name} of {whose} {what}"),
            shown_by: facts.asked(Topic::Schema, database).to_owned(),
        };
        let place = format!("{kind} {name}");
        items.push(Item::failed(CONTROL, database, &place, defect));
    }
    for kind in KINDS {
        if !broken.contains(kind) {
            items.push(Item::passed(CONTROL, database, &format!("every {kind}")));
        }
    }
    items
}

/// A definition that is not registered is not compared.
fn differ(registered: &str, present: &str) -> bool {
    !registered.is_empty() && !registered.eq_ignore_ascii_case(present)
}

/// How the columns of a table differ, in a clause.
fn difference(kind: &str, registered: &str, present: &str) -> String {
    if kind != "table" {
        return String::new();
    }
    let before: BTreeSet<&str> = registered.split("; ").collect();
    let after: BTreeSet<&str> = present.split("; ").collect();
    let listed = |columns: Vec<&&str>, words: &str| -> Option<String> {
        let names: Vec<&str> = columns.into_iter().copied().collect();
        (!names.is_empty()).then(|| format!("{words} {}", names.join(", ")))
    };
    let parts: Vec<String> = [
        listed(after.difference(&before).collect(), "it has"),
        listed(before.difference(&after).collect(), "it lacks"),
    ]
    .into_iter()
    .flatten()
    .collect();
    match parts.as_slice() {
        [] => ": its columns are in another order".into(),
        parts => format!(": {}", parts.join(" and ")),
    }
}

/// Whether every tenant is where the first one is, and whether what was applied succeeded.
fn versions(
    judge: &Judge<'_>,
    facts: &Facts,
    registry: &str,
    applied: &ResultSet,
    databases: &[&str],
) -> Vec<Item> {
    let of = |database: &str| -> BTreeMap<i64, (String, String, bool)> {
        applied
            .rows
            .iter()
            .filter(|row| text(row, 0).eq_ignore_ascii_case(database))
            .map(|row| {
                let succeeded = number(row, 4) != 0;
                (
                    number(row, 1),
                    (text(row, 2).to_owned(), text(row, 3).to_owned(), succeeded),
                )
            })
            .collect()
    };
    let Some(first) = databases.first() else {
        return Vec::new();
    };
    let reference = of(first);
    let mut items = Vec::new();
    for database in databases {
        let whose = judge.whose(database);
        let own = of(database);
        let before = items.len();
        let mut fail = |kind: &str, place: String, sentence: String| {
            let defect = Defect {
                kind: kind.into(),
                severity: Severity::Medium,
                sentence,
                shown_by: facts.asked(Topic::Register, registry).to_owned(),
            };
            items.push(Item::failed(CONTROL, database, &place, defect));
        };
        if own.is_empty() {
            let sentence = format!("no migration of {whose} is registered");
            fail("not registered", "versions".into(), sentence);
        }
        let numbers: BTreeSet<i64> = own.keys().chain(reference.keys()).copied().collect();
        for number in numbers {
            let place = format!("migration {number}");
            let first = judge.whose(first);
            match (own.get(&number), reference.get(&number)) {
                (Some((name, _, false)), _) => {
                    let sentence =
                        format!("migration {number} ({name}) of {whose} did not succeed");
                    fail("did not succeed", place, sentence);
                }
                _ if own.is_empty() => {}
                (Some((name, _, _)), None) => {
                    let sentence = format!(
                        "migration {number} ({name}) is registered for {whose} and not for {first}"
                    );
                    fail("tenants are at different versions", place, sentence);
                }
                (None, Some((name, _, _))) => {
                    let sentence = format!(
                        "migration {number} ({name}) is registered for {first} and not for {whose}"
                    );
                    fail("tenants are at different versions", place, sentence);
                }
                (Some(own), Some(other)) if own != other => {
                    let sentence = format!(
                        "migration {number} is another script for {whose} ({}) than for {first} ({})",
                        own.0, other.0
                    );
                    fail("another script under the same number", place, sentence);
                }
                _ => {}
            }
        }
        if items.len() == before {
            items.push(Item::passed(CONTROL, database, "versions"));
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::inspection::{Answer, Fact, Facts, Inspected, Seen, Topic};
    use domain::intent::Migrations;
    use domain::seed::Seed;

    use crate::inspections::tests::set;
    use crate::judge::Judge;

    type Row = Vec<&'static str>;

    /// Two tenants as they were made, to be changed by the caller.
    struct Target {
        applied: Vec<Row>,
        registered: Vec<Row>,
        columns: Vec<Row>,
        modules: Vec<Row>,
        indexes: Vec<Row>,
    }

    impl Target {
        fn sound() -> Self {
            let mut applied = Vec::new();
            let mut registered = Vec::new();
            for database in ["wt_acme", "wt_beta"] {
                applied.push(vec![database, "1", "ledger", "aa", "1"]);
                applied.push(vec![database, "2", "sales", "bb", "1"]);
                registered.push(vec![database, "table", "dbo.T", "a int(4,10,0) NOT NULL"]);
                registered.push(vec![database, "view", "dbo.V", "FACE"]);
                registered.push(vec![database, "index", "dbo.T.PK_T", "CLUSTERED UNIQUE"]);
            }
            Self {
                applied,
                registered,
                columns: vec![vec!["dbo", "T", "a", "int", "4", "10", "0", "0"]],
                modules: vec![vec!["V", "dbo", "V", "face"]],
                indexes: vec![vec!["dbo", "T", "PK_T", "CLUSTERED", "1"]],
            }
        }

        fn facts(&self) -> Facts {
            let set_of = |rows: &[Row]| {
                let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
                set(&rows)
            };
            let fact = |topic, database: &str, sets| Fact {
                topic,
                database: database.into(),
                asked: String::new(),
                answer: Answer::Sets(sets),
            };
            let schema = || {
                vec![
                    set_of(&self.columns),
                    set_of(&self.modules),
                    set_of(&self.indexes),
                    set(&[]),
                ]
            };
            let register = vec![set_of(&self.applied), set_of(&self.registered)];
            Facts(vec![
                fact(Topic::Register, "wt_registry", register),
                fact(Topic::Schema, "wt_acme", schema()),
                fact(Topic::Schema, "wt_beta", schema()),
            ])
        }
    }

    #[test]
    fn what_is_there_is_what_migrations_made() {
        let mut system = example::system(2);
        system.intent.migrations = Some(Migrations {
            database: "registry".into(),
            tables: Vec::new(),
            applied: String::new(),
            objects: String::new(),
        });
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let changed = |change: &dyn Fn(&mut Target)| {
            let mut target = Target::sound();
            change(&mut target);
            target.facts()
        };
        for (facts, expected) in [
            (changed(&|_| {}), vec![]),
            (
                changed(&|target| target.modules.push(vec!["P", "dbo", "Stray", "00"])),
                vec![
                    "procedure dbo.Stray of acme was made by no registered migration",
                    "procedure dbo.Stray of beta was made by no registered migration",
                ],
            ),
            (
                changed(&|target| {
                    target
                        .columns
                        .push(vec!["dbo", "T", "b", "bit", "1", "1", "0", "1"]);
                }),
                vec![
                    "table dbo.T of acme is not as registered: it has b bit(1,1,0) NULL",
                    "table dbo.T of beta is not as registered: it has b bit(1,1,0) NULL",
                ],
            ),
            (
                changed(&|target| target.modules[0][3] = "cafe"),
                vec![
                    "view dbo.V of acme is not as registered",
                    "view dbo.V of beta is not as registered",
                ],
            ),
            (
                // Registered without a definition: only that it is there is compared.
                changed(&|target| {
                    target.modules[0][3] = "cafe";
                    target.registered[1][3] = "-";
                    target.registered[4][3] = "-";
                }),
                vec![],
            ),
            (
                changed(&|target| target.indexes.clear()),
                vec![
                    "index dbo.T.PK_T of acme is registered and not there",
                    "index dbo.T.PK_T of beta is registered and not there",
                ],
            ),
            (
                changed(&|target| {
                    target.applied.pop();
                }),
                vec!["migration 2 (sales) is registered for acme and not for beta"],
            ),
            (
                changed(&|target| target.applied[3][3] = "cc"),
                vec!["migration 2 is another script for beta (sales) than for acme (sales)"],
            ),
            (
                changed(&|target| target.applied[2][4] = "0"),
                vec!["migration 1 (ledger) of beta did not succeed"],
            ),
            (
                changed(&|target| target.applied.truncate(2)),
                vec!["no migration of beta is registered"],
            ),
        ] {
            let Inspected::Items(items) = super::inspect(&judge, &facts) else {
                panic!("a register is declared");
            };
            let told: Vec<&str> = items
                .iter()
                .filter_map(|item| match &item.seen {
                    Seen::Failed(defect) => Some(defect.sentence.as_str()),
                    Seen::CouldNotLook { reason } => Some(reason.as_str()),
                    Seen::Passed => None,
                })
                .collect();
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn a_register_that_does_not_answer_is_told() {
        let mut system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let undeclared = super::inspect(&Judge::new(&system, &world, &surface), &Facts::default());
        assert!(matches!(undeclared, Inspected::NotApplicable { .. }));
        system.intent.migrations = Some(Migrations {
            database: "registry".into(),
            tables: Vec::new(),
            applied: String::new(),
            objects: String::new(),
        });
        let judge = Judge::new(&system, &world, &surface);
        let Inspected::Items(items) = super::inspect(&judge, &Facts::default()) else {
            panic!("a register is declared");
        };
        let unseen =
            |item: &domain::inspection::Item| matches!(item.seen, Seen::CouldNotLook { .. });
        assert!(items.len() == 2 && items.iter().all(unseen));
    }
}
