//! Goes around "who did it and when": rows of the audit table with another's name and another time,
//! by every form of INSERT that takes values from elsewhere.

use domain::intent::Action;

use crate::fuzz::goal::{Family, Goal};
use crate::literal::{bracketed, text};

const INSERT: &[Action] = &[Action::Insert];

/// Every forgery.
pub(crate) const FAMILIES: &[Family] = &[
    // Somebody else, long ago.
    Family {
        name: "forged-author",
        actions: INSERT,
        weight: 3,
        build: |_, goal| {
            let (columns, values) = forged(goal)?;
            let batch = format!("INSERT INTO {} ({columns}) VALUES ({values});", goal.name());
            Some(goal.draft(batch, &[]))
        },
    },
    // A row that a procedure or a text answers with.
    Family {
        name: "insert-execute",
        actions: INSERT,
        weight: 2,
        build: |_, goal| {
            let row = goal.fresh()?;
            let answer = format!("SELECT {};", row.literals.join(", "));
            let batch = format!(
                "INSERT INTO {} {} EXEC ({});",
                goal.name(),
                row.column_list(),
                text(&answer)
            );
            Some(goal.draft(batch, &[]))
        },
    },
];

/// Columns and values of a row that names another and another time.
fn forged(goal: &Goal<'_>) -> Option<(String, String)> {
    let audit = goal.terrain.system.intent.audit.as_ref()?;
    goal.terrain
        .system
        .intent
        .is_audit(&goal.object)
        .then_some(())?;
    let row = goal.fresh()?;
    let (actor, time) = (bracketed(&audit.actor), bracketed(&audit.time));
    let mut columns = vec![actor.clone(), time.clone()];
    let mut values = vec!["N'wt_boss'".to_owned(), "'2001-02-03'".to_owned()];
    for (column, value) in row.columns.iter().zip(&row.literals) {
        if *column != actor && *column != time {
            columns.push(column.clone());
            values.push(value.clone());
        }
    }
    Some((columns.join(", "), values.join(", ")))
}
