//! System versioning: every table of which intent says that it keeps its history is temporal, has
//! a history table and a period, keeps history for ever, and nobody of a tenant can switch that
//! off.

use domain::finding::Severity;
use domain::history::ResultSet;
use domain::inspection::{Defect, Facts, Inspected, Item, Topic};
use domain::surface::Cell;

use crate::inspections::rights::{Rights, number, text};
use crate::judge::Judge;

const CONTROL: &str = "D05";
/// `sys.tables.temporal_type` of a system-versioned table, and of a history table.
const SYSTEM_VERSIONED: i64 = 2;
const HISTORY: i64 = 1;

pub(crate) fn inspect(judge: &Judge<'_>, facts: &Facts) -> Inspected {
    let intent = &judge.system.intent;
    if intent.system_versioned.is_empty() {
        return Inspected::NotApplicable {
            reason: "the configuration declares no table as system-versioned".into(),
        };
    }
    let mut items = Vec::new();
    for database in judge.inspected_databases() {
        match facts.sets(Topic::Versioning, database) {
            Ok([tables]) => {
                for object in declared(judge, tables) {
                    items.push(table(judge, facts, database, tables, &object));
                }
            }
            Ok(sets) => {
                let reason = format!("{} result sets instead of 1", sets.len());
                items.push(Item::unseen(CONTROL, database, "tables", &reason));
            }
            Err(reason) => items.push(Item::unseen(CONTROL, database, "tables", &reason)),
        }
    }
    Inspected::Items(items)
}

/// The tables that intent names, those of its patterns included.
fn declared(judge: &Judge<'_>, tables: &ResultSet) -> Vec<String> {
    let intent = &judge.system.intent;
    let mut objects: Vec<String> = intent
        .system_versioned
        .iter()
        .filter(|pattern| !pattern.contains('*'))
        .cloned()
        .collect();
    for row in &tables.rows {
        let object = format!("{}.{}", text(row, 0), text(row, 1));
        let known = objects.iter().any(|own| own.eq_ignore_ascii_case(&object));
        if number(row, 2) != HISTORY && intent.is_system_versioned(&object) && !known {
            objects.push(object);
        }
    }
    objects
}

fn table(
    judge: &Judge<'_>,
    facts: &Facts,
    database: &str,
    tables: &ResultSet,
    object: &str,
) -> Item {
    let whose = judge.whose(database);
    let failed = |kind: &str, sentence: String, topic| {
        let defect = Defect {
            kind: kind.into(),
            severity: Severity::High,
            sentence,
            shown_by: facts.asked(topic, database).to_owned(),
        };
        Item::failed(CONTROL, database, object, defect)
    };
    let row = tables
        .rows
        .iter()
        .find(|row| format!("{}.{}", text(row, 0), text(row, 1)).eq_ignore_ascii_case(object));
    let Some(row) = row else {
        let sentence = format!("{object} of {whose} is not there, and so keeps no history");
        return failed("no such table", sentence, Topic::Versioning);
    };
    if let Some((kind, what)) = broken(row) {
        let sentence =
            format!("{object} of {whose} {what}; every change of it must leave a history row");
        return failed(kind, sentence, Topic::Versioning);
    }
    let rights = match facts.sets(Topic::Rights, database).map(Rights::new) {
        Ok(Ok(rights)) => rights,
        Ok(Err(reason)) | Err(reason) => {
            return Item::unseen(CONTROL, database, object, &reason);
        }
    };
    // Switching versioning off takes CONTROL of both tables.
    for principal in judge.system.principals.keys() {
        let current = rights.control(principal, text(row, 0), text(row, 1));
        let history = rights.control(principal, text(row, 3), text(row, 4));
        if let (Some(why), Some(_)) = (current, history) {
            let kind = format!("{principal} can switch versioning off");
            let sentence = format!(
                "{principal} can switch the versioning of {object} of {whose} off and rewrite \
                 {}.{}, because it {why}; nobody may",
                text(row, 3),
                text(row, 4)
            );
            return failed(&kind, sentence, Topic::Rights);
        }
    }
    Item::passed(CONTROL, database, object)
}

/// What is wrong with a table's versioning.
fn broken(row: &[Cell]) -> Option<(&'static str, String)> {
    if number(row, 2) != SYSTEM_VERSIONED {
        return Some(("not system-versioned", "is not system-versioned".into()));
    }
    if text(row, 4).is_empty() {
        return Some(("no history table", "has no history table".into()));
    }
    if text(row, 5).is_empty() || text(row, 6).is_empty() {
        return Some(("no period", "has no period columns".into()));
    }
    // NULL and -1 are for ever.
    let retention = number(row, 7);
    if retention > 0 {
        let what = format!("forgets its history after a retention period of {retention}");
        return Some(("history is forgotten", what));
    }
    None
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::inspection::{Answer, Fact, Facts, Inspected, Seen, Topic};
    use domain::seed::Seed;

    use crate::inspections::tests::set;
    use crate::judge::Judge;

    #[test]
    fn a_declared_table_keeps_its_history_and_nobody_can_stop_it() {
        let mut system = example::system(1);
        system.intent.system_versioned = vec!["dbo.Customers".into()];
        let world = example::world(1, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let versioned = [
            "dbo",
            "Customers",
            "2",
            "h",
            "Customers",
            "ValidFrom",
            "ValidTo",
            "-1",
        ];
        let with = |position: usize, value: &'static str| {
            let mut row = versioned;
            row[position] = value;
            row
        };
        let control = |schema: &'static str| ["GRANT", "CONTROL", "3", schema, "-", "app_rw"];
        let off = "app_rw can switch the versioning of dbo.Customers of acme off and rewrite \
                   h.Customers, because it was granted CONTROL on schema dbo as app_rw; nobody may";
        let leaves = "; every change of it must leave a history row";
        for (row, rights, expected) in [
            (versioned, vec![], String::new()),
            (versioned, vec![control("dbo")], String::new()),
            (
                versioned,
                vec![control("dbo"), control("h")],
                off.to_owned(),
            ),
            (with(7, "-"), vec![], String::new()),
            (
                with(2, "0"),
                vec![],
                format!("dbo.Customers of acme is not system-versioned{leaves}"),
            ),
            (
                with(4, "-"),
                vec![],
                format!("dbo.Customers of acme has no history table{leaves}"),
            ),
            (
                with(6, "-"),
                vec![],
                format!("dbo.Customers of acme has no period columns{leaves}"),
            ),
            (
                with(7, "3"),
                vec![],
                format!(
                    "dbo.Customers of acme forgets its history after a retention period of \
                     3{leaves}"
                ),
            ),
            (
                with(1, "Clients"),
                vec![],
                "dbo.Customers of acme is not there, and so keeps no history".to_owned(),
            ),
        ] {
            let rights: Vec<&[&str]> = rights.iter().map(|row| &row[..]).collect();
            let owners: [&[&str]; 2] = [&["dbo", "Customers", "dbo"], &["h", "Customers", "dbo"]];
            let fact = |topic, sets| Fact {
                topic,
                database: "wt_acme".into(),
                asked: topic_text(topic),
                answer: Answer::Sets(sets),
            };
            let facts = Facts(vec![
                fact(Topic::Versioning, vec![set(&[&row])]),
                fact(
                    Topic::Rights,
                    vec![set(&[]), set(&[]), set(&owners), set(&rights)],
                ),
            ]);
            let Inspected::Items(items) = super::inspect(&judge, &facts) else {
                panic!("a table is declared");
            };
            assert_eq!(items.len(), 1);
            let told = match &items[0].seen {
                Seen::Passed => "",
                Seen::Failed(defect) => &defect.sentence,
                Seen::CouldNotLook { reason } => reason,
            };
            assert_eq!(told, expected);
        }
    }

    fn topic_text(topic: Topic) -> String {
        format!("-- {}", topic.name())
    }

    #[test]
    fn nothing_is_said_of_what_was_not_seen_or_not_declared() {
        let mut system = example::system(1);
        let world = example::world(1, Seed(7));
        let surface = example::surface(&world);
        let undeclared = super::inspect(&Judge::new(&system, &world, &surface), &Facts::default());
        assert!(matches!(undeclared, Inspected::NotApplicable { .. }));
        system.intent.system_versioned = vec!["dbo.*".into()];
        let judge = Judge::new(&system, &world, &surface);
        let Inspected::Items(items) = super::inspect(&judge, &Facts::default()) else {
            panic!("tables are declared");
        };
        assert!(
            items
                .iter()
                .all(|item| matches!(item.seen, Seen::CouldNotLook { .. }))
        );
        assert_eq!(items.len(), 1);
    }
}
