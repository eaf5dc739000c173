//! Guards: below the API nothing but a trigger stops whoever has the rights, be it by a chain of owners
//! or by his office. A table that only grows has one that acts instead of UPDATE and one that acts
//! instead of DELETE, and they are on.
//!
//! What a trigger says is not looked at: that it refuses is for attacks to show.

use std::collections::BTreeMap;

use domain::finding::Severity;
use domain::inspection::{Defect, Facts, Inspected, Item, Topic};

use crate::inspections::rights::{number, text};
use crate::judge::Judge;

const CONTROL: &str = "S07";
const EVENTS: [&str; 2] = ["UPDATE", "DELETE"];

/// What stands in the way of each event: the triggers that act instead of it, and whether they are
/// off.
type Guards<'a> = BTreeMap<&'a str, Vec<(&'a str, bool)>>;

pub(crate) fn inspect(judge: &Judge<'_>, facts: &Facts) -> Inspected {
    if judge.system.tenancy.is_none() {
        return Inspected::NotApplicable {
            reason: "no tables hold rows of several tenants".into(),
        };
    }
    let mut items = Vec::new();
    for database in judge.inspected_databases() {
        let asked = facts.asked(Topic::Guards, database);
        let rows = match facts.sets(Topic::Guards, database) {
            Ok([guards]) => &guards.rows,
            Ok(sets) => {
                let reason = format!("{} result sets instead of 1", sets.len());
                items.push(Item::unseen(CONTROL, database, "tables", &reason));
                continue;
            }
            Err(reason) => {
                items.push(Item::unseen(CONTROL, database, "tables", &reason));
                continue;
            }
        };
        let mut tables: BTreeMap<String, Guards<'_>> = BTreeMap::new();
        // Schema, table, trigger, instead of, disabled, event.
        for row in rows {
            let guards = tables
                .entry(format!("{}.{}", text(row, 0), text(row, 1)))
                .or_default();
            if number(row, 3) != 0 {
                let off = number(row, 4) != 0;
                guards
                    .entry(text(row, 5))
                    .or_default()
                    .push((text(row, 2), off));
            }
        }
        let growing = |object: &&String| judge.system.intent.is_append_only(object);
        for object in tables.keys().filter(growing) {
            let wrong: Vec<(&str, String)> = EVENTS
                .into_iter()
                .filter_map(|event| wrong(object, event, tables[object].get(event)))
                .collect();
            if wrong.is_empty() {
                items.push(Item::passed(CONTROL, database, object));
            }
            for (kind, sentence) in wrong {
                let defect = Defect {
                    kind: kind.into(),
                    severity: Severity::High,
                    sentence,
                    shown_by: asked.to_owned(),
                };
                items.push(Item::failed(CONTROL, database, object, defect));
            }
        }
    }
    Inspected::Items(items)
}

/// What is wrong with the guards of a table against an event, if anything is.
fn wrong(
    object: &str,
    event: &str,
    guards: Option<&Vec<(&str, bool)>>,
) -> Option<(&'static str, String)> {
    let guards = guards.map_or(&[][..], Vec::as_slice);
    if guards.iter().any(|(_, off)| !off) {
        return None;
    }
    Some(match guards.first() {
        None => (
            "no guard",
            format!("no trigger acts instead of {event} on {object}; its rows must only be added"),
        ),
        Some((name, _)) => (
            "a guard that is off",
            format!(
                "the trigger {name}, which acts instead of {event} on {object}, is disabled; its \
                 rows must only be added"
            ),
        ),
    })
}

#[cfg(test)]
mod tests {
    use domain::example::common;
    use domain::inspection::{Answer, Fact, Facts, Inspected, Seen, Topic};
    use domain::seed::Seed;

    use crate::inspections::tests::set;
    use crate::judge::Judge;

    #[test]
    fn update_and_delete_are_each_replaced_by_a_trigger_that_is_on() {
        let system = common::system(2);
        let world = common::world(2, Seed(7));
        let surface = common::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let row = |trigger, instead, off, event| -> Vec<&'static str> {
            vec!["dbo", "StockLedger", trigger, instead, off, event]
        };
        let none =
            "no trigger acts instead of DELETE on dbo.StockLedger; its rows must only be added";
        let off = "the trigger NoDelete, which acts instead of DELETE on dbo.StockLedger, is \
                   disabled; its rows must only be added";
        let update = row("NoUpdate", "1", "0", "UPDATE");
        for (says, rows, expected) in [
            (
                "one trigger for each",
                vec![update.clone(), row("NoDelete", "1", "0", "DELETE")],
                None,
            ),
            (
                "one trigger for both",
                vec![
                    row("Guard", "1", "0", "DELETE"),
                    row("Guard", "1", "0", "UPDATE"),
                ],
                None,
            ),
            (
                "one of two is off",
                vec![
                    update.clone(),
                    row("NoDelete", "1", "1", "DELETE"),
                    row("Another", "1", "0", "DELETE"),
                ],
                None,
            ),
            ("only one is there", vec![update.clone()], Some(none)),
            (
                "it acts afterwards",
                vec![update.clone(), row("NoDelete", "0", "0", "DELETE")],
                Some(none),
            ),
            (
                "it is off",
                vec![update.clone(), row("NoDelete", "1", "1", "DELETE")],
                Some(off),
            ),
        ] {
            let mut rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
            rows.push(&["dbo", "Customers", "-", "-", "-", "-"]);
            let facts = Facts(vec![Fact {
                topic: Topic::Guards,
                database: "wt_erp".into(),
                asked: "SELECT 1".into(),
                answer: Answer::Sets(vec![set(&rows)]),
            }]);
            let Inspected::Items(items) = super::inspect(&judge, &facts) else {
                panic!("there is a tenancy");
            };
            assert_eq!(items.len(), 1, "{says}: other tables are not looked at");
            let failed = match &items[0].seen {
                Seen::Failed(defect) => Some(defect.sentence.as_str()),
                _ => None,
            };
            assert_eq!(failed, expected, "{says}");
        }
    }
}
