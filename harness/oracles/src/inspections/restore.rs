//! Restore: a tenant that was restored to a point in time is as it was then, and nobody else
//! noticed: the others worked meanwhile, and are as they were before the restore ended.

use std::collections::BTreeMap;

use domain::finding::Severity;
use domain::history::ResultSet;
use domain::inspection::{Defect, Facts, Inspected, Item, Topic};

use crate::inspections::rights::text;
use crate::judge::Judge;

const CONTROL: &str = "D15";
/// Names that a sentence lists.
const NAMES_MAX: usize = 3;

pub(crate) fn inspect(judge: &Judge<'_>, facts: &Facts) -> Inspected {
    let mut items = Vec::new();
    for database in judge.inspected_databases() {
        match facts.sets(Topic::Restore, database) {
            Ok([set]) => items.extend(drill(judge, facts, database, set)),
            Ok(sets) => {
                let reason = format!("{} result sets instead of 1", sets.len());
                items.push(Item::unseen(CONTROL, database, "a restore", &reason));
            }
            Err(reason) => items.push(Item::unseen(CONTROL, database, "a restore", &reason)),
        }
    }
    Inspected::Items(items)
}

fn drill(judge: &Judge<'_>, facts: &Facts, database: &str, set: &ResultSet) -> Vec<Item> {
    let whose = judge.whose(database);
    let prefix = format!("{database} ");
    let at = |moment: &str, own: bool| -> BTreeMap<&str, &str> {
        set.rows
            .iter()
            .filter(|row| text(row, 0) == moment && text(row, 1) != "server catalog")
            .filter(|row| text(row, 1).starts_with(&prefix) == own)
            .map(|row| (text(row, 1), text(row, 2)))
            .collect()
    };
    let item = |place: &str, kind: &str, wrong: Option<String>| match wrong {
        None => Item::passed(CONTROL, database, place),
        Some(sentence) => {
            let defect = Defect {
                kind: kind.into(),
                severity: Severity::High,
                sentence,
                shown_by: facts.asked(Topic::Restore, database).to_owned(),
            };
            Item::failed(CONTROL, database, place, defect)
        }
    };
    let (point, later, restored) = (
        at("at the point", true),
        at("later", true),
        at("restored", true),
    );
    let own = if point.is_empty() || point == later {
        let reason = "nothing changed after the point in time, so going back to it proves nothing";
        Item::unseen(CONTROL, database, "the restored tenant", reason)
    } else {
        let wrong = differing(&point, &restored).map(|names| {
            format!(
                "{whose} was restored to a point in time, and {names} differs from what it was then"
            )
        });
        item("the restored tenant", "not as it was", wrong)
    };
    let (before, after) = (at("away", false), at("restored", false));
    let others = if before.is_empty() {
        Item::unseen(
            CONTROL,
            database,
            "the other tenants",
            "nobody looked at them",
        )
    } else {
        let wrong = differing(&before, &after)
            .map(|names| format!("while {whose} was restored, {names} of others changed"));
        item("the other tenants", "others were touched", wrong)
    };
    let work = set.rows.iter().find(|row| text(row, 0) == "work");
    let work = match work.map(|row| text(row, 1)) {
        None => Item::unseen(CONTROL, database, "work meanwhile", "nobody worked"),
        Some("") => item("work meanwhile", "", None),
        Some(error) => {
            let wrong =
                format!("while {whose} was restored, another tenant could not work: {error}");
            item("work meanwhile", "others were stopped", Some(wrong))
        }
    };
    vec![own, others, work]
}

/// The names that differ, in words; `None` when nothing does.
fn differing(one: &BTreeMap<&str, &str>, other: &BTreeMap<&str, &str>) -> Option<String> {
    let names: Vec<&str> = one
        .keys()
        .chain(other.keys().filter(|name| !one.contains_key(*name)))
        .filter(|name| one.get(*name) != other.get(*name))
        .copied()
        .collect();
    if names.is_empty() {
        return None;
    }
    let mut told = names
        .iter()
        .take(NAMES_MAX)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES_MAX {
        told.push_str(&format!(" and {} more", names.len() - NAMES_MAX));
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::inspection::{Answer, Fact, Facts, Inspected, Seen, Topic};
    use domain::seed::Seed;

    use crate::inspections::tests::set;
    use crate::judge::Judge;

    #[test]
    fn a_restored_tenant_is_as_it_was_and_nobody_else_noticed() {
        let system = example::system(1);
        let world = example::world(1, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let sound: [[&str; 3]; 6] = [
            ["at the point", "wt_acme dbo.T", "h1"],
            ["later", "wt_acme dbo.T", "h2"],
            ["away", "wt_beta dbo.T", "h5"],
            ["work", "", ""],
            ["restored", "wt_acme dbo.T", "h1"],
            ["restored", "wt_beta dbo.T", "h5"],
        ];
        let with = |row: usize, column: usize, value: &'static str| {
            let mut rows = sound;
            rows[row][column] = value;
            rows
        };
        for (rows, expected) in [
            (sound, vec![]),
            (
                with(4, 2, "h2"),
                vec![
                    "acme was restored to a point in time, and wt_acme dbo.T differs from what it \
                     was then",
                ],
            ),
            (
                with(5, 2, "h6"),
                vec!["while acme was restored, wt_beta dbo.T of others changed"],
            ),
            (
                with(3, 1, "error 927"),
                vec!["while acme was restored, another tenant could not work: error 927"],
            ),
            (
                with(1, 2, "h1"),
                vec!["nothing changed after the point in time, so going back to it proves nothing"],
            ),
        ] {
            let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
            let facts = Facts(vec![Fact {
                topic: Topic::Restore,
                database: "wt_acme".into(),
                asked: String::new(),
                answer: Answer::Sets(vec![set(&rows)]),
            }]);
            let Inspected::Items(items) = super::inspect(&judge, &facts) else {
                panic!("a drill is always applicable");
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
}
