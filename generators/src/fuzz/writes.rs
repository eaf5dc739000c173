//! Statements that change rows: every form that T-SQL has for it.

use domain::intent::Action;
use domain::surface::Table;

use crate::draw::Draw;
use crate::fuzz::goal::{Draft, Family, Goal};
use crate::literal::{self, bracketed};

const INSERT: &[Action] = &[Action::Insert];
const UPDATE: &[Action] = &[Action::Update];
const DELETE: &[Action] = &[Action::Delete];
const READS: &[Action] = &[Action::Select];

/// Every way of writing rows.
pub(crate) const FAMILIES: &[Family] = &[
    // INSERT … VALUES.
    Family {
        name: "insert-values",
        actions: INSERT,
        weight: 4,
        build: |_, goal| {
            let row = goal.fresh()?;
            let text = format!(
                "INSERT INTO {} {} VALUES {};",
                goal.name(),
                row.column_list(),
                row.value_list()
            );
            Some(goal.draft(text, &[]))
        },
    },
    // INSERT … SELECT.
    Family {
        name: "insert-select",
        actions: INSERT,
        weight: 3,
        build: |_, goal| {
            let row = goal.fresh()?;
            let text = format!(
                "INSERT INTO {} {} SELECT {};",
                goal.name(),
                row.column_list(),
                row.literals.join(", ")
            );
            Some(goal.draft(text, &[]))
        },
    },
    // INSERT that answers with what it wrote.
    Family {
        name: "insert-output",
        actions: INSERT,
        weight: 4,
        build: |_, goal| {
            goal.may_answer().then_some(())?;
            let row = goal.fresh()?;
            let text = format!(
                "INSERT INTO {} {} OUTPUT inserted.* VALUES {};",
                goal.name(),
                row.column_list(),
                row.value_list()
            );
            Some(goal.draft(text, READS))
        },
    },
    // MERGE that inserts.
    Family {
        name: "merge-insert",
        actions: INSERT,
        weight: 3,
        build: |_, goal| {
            let row = goal.fresh()?;
            let text = format!(
                "MERGE INTO {} AS t USING (SELECT 1 AS One) AS s ON 1 = 0 \
                 WHEN NOT MATCHED THEN INSERT {} VALUES {};",
                goal.name(),
                row.column_list(),
                row.value_list()
            );
            Some(goal.draft(text, READS))
        },
    },
    // UPDATE of every row, without reading.
    Family {
        name: "update-blind",
        actions: UPDATE,
        weight: 3,
        build: |_, goal| {
            let (column, value) = goal.assignment_to_all()?;
            let text = format!("UPDATE {} SET {column} = {value};", goal.name());
            Some(goal.draft(text, &[]))
        },
    },
    // UPDATE of one row by its key.
    Family {
        name: "update-by-key",
        actions: UPDATE,
        weight: 3,
        build: |draw, goal| {
            let (column, value) = goal.assignment()?;
            let key = goal.row(draw, "")?;
            let text = format!("UPDATE {} SET {column} = {value} WHERE {key};", goal.name());
            Some(goal.draft(text, READS))
        },
    },
    // UPDATE of some row, whichever comes first.
    Family {
        name: "update-top",
        actions: UPDATE,
        weight: 1,
        build: |_, goal| {
            let (column, value) = goal.assignment_to_all()?;
            let text = format!("UPDATE TOP (1) {} SET {column} = {value};", goal.name());
            Some(goal.draft(text, &[]))
        },
    },
    // UPDATE … FROM a join, through an alias.
    Family {
        name: "update-from-join",
        actions: UPDATE,
        weight: 3,
        build: |draw, goal| {
            let (column, value) = goal.assignment()?;
            let key = goal.row(draw, "t.")?;
            let text = format!(
                "UPDATE t SET {column} = {value} FROM {} AS t \
                 INNER JOIN (SELECT 1 AS One) AS s ON s.One = 1 WHERE {key};",
                goal.name()
            );
            Some(goal.draft(text, READS))
        },
    },
    // UPDATE through a common table expression.
    Family {
        name: "update-expression",
        actions: UPDATE,
        weight: 2,
        build: |draw, goal| {
            let (column, value) = goal.assignment()?;
            let key = goal.row(draw, "")?;
            let text = format!(
                "WITH w AS (SELECT * FROM {} WHERE {key}) UPDATE w SET {column} = {value};",
                goal.name()
            );
            Some(goal.draft(text, READS))
        },
    },
    // UPDATE that answers with what was there.
    Family {
        name: "update-output",
        actions: UPDATE,
        weight: 3,
        build: |_, goal| {
            goal.may_answer().then_some(())?;
            let (column, value) = goal.assignment_to_all()?;
            let text = format!(
                "UPDATE {} SET {column} = {value} OUTPUT deleted.*;",
                goal.name()
            );
            Some(goal.draft(text, READS))
        },
    },
    // MERGE that updates.
    Family {
        name: "merge-update",
        actions: UPDATE,
        weight: 3,
        build: |draw, goal| {
            let (column, value) = goal.assignment()?;
            merge(draw, goal, &format!("UPDATE SET {column} = {value}"))
        },
    },
    // DELETE of every row, without reading.
    Family {
        name: "delete-blind",
        actions: DELETE,
        weight: 2,
        build: |_, goal| {
            goal.can_be_emptied().then_some(())?;
            Some(goal.draft(format!("DELETE FROM {};", goal.name()), &[]))
        },
    },
    // DELETE of one row by its key.
    Family {
        name: "delete-by-key",
        actions: DELETE,
        weight: 3,
        build: |draw, goal| {
            let key = goal.victim(draw, "")?;
            Some(goal.draft(format!("DELETE FROM {} WHERE {key};", goal.name()), READS))
        },
    },
    // DELETE of some row, whichever comes first.
    Family {
        name: "delete-top",
        actions: DELETE,
        weight: 1,
        build: |_, goal| {
            goal.can_be_emptied().then_some(())?;
            Some(goal.draft(format!("DELETE TOP (1) FROM {};", goal.name()), &[]))
        },
    },
    // DELETE … FROM a join, through an alias.
    Family {
        name: "delete-from-join",
        actions: DELETE,
        weight: 3,
        build: |draw, goal| {
            let key = goal.victim(draw, "t.")?;
            let text = format!(
                "DELETE t FROM {} AS t INNER JOIN (SELECT 1 AS One) AS s ON s.One = 1 \
                 WHERE {key};",
                goal.name()
            );
            Some(goal.draft(text, READS))
        },
    },
    // DELETE through a common table expression.
    Family {
        name: "delete-expression",
        actions: DELETE,
        weight: 2,
        build: |draw, goal| {
            let key = goal.victim(draw, "")?;
            let text = format!(
                "WITH w AS (SELECT * FROM {} WHERE {key}) DELETE FROM w;",
                goal.name()
            );
            Some(goal.draft(text, READS))
        },
    },
    // DELETE that answers with what was there.
    Family {
        name: "delete-output",
        actions: DELETE,
        weight: 3,
        build: |draw, goal| {
            goal.may_answer().then_some(())?;
            let key = goal.victim(draw, "")?;
            let text = format!("DELETE FROM {} OUTPUT deleted.* WHERE {key};", goal.name());
            Some(goal.draft(text, READS))
        },
    },
    // MERGE that deletes.
    Family {
        name: "merge-delete",
        actions: DELETE,
        weight: 3,
        build: |draw, goal| merge(draw, goal, "DELETE"),
    },
];

/// `MERGE` on the key of one row. A DELETE needs a row that nothing references.
fn merge(draw: &mut Draw, goal: &Goal<'_>, matched: &str) -> Option<Draft> {
    let table = goal.table()?;
    let rows = if matched == "DELETE" {
        goal.unreferenced()
    } else {
        goal.rows()
    };
    let row = *draw.pick(&rows)?;
    let (source, on) = key_source(table, row)?;
    let text = format!(
        "MERGE INTO {} AS t USING (SELECT {source}) AS s ON {on} WHEN MATCHED THEN {matched};",
        goal.name()
    );
    Some(goal.draft(text, READS))
}

/// The key of a row as a source, and the condition that finds it.
fn key_source(table: &Table, row: usize) -> Option<(String, String)> {
    let mut source = Vec::new();
    let mut on = Vec::new();
    for name in &table.primary_key {
        let position = table.position(name)?;
        let column = &table.columns[position];
        let value = literal::of(&table.rows.get(row)?[position], column);
        let name = bracketed(name);
        source.push(format!("{value} AS {name}"));
        on.push(format!("t.{name} = s.{name}"));
    }
    if source.is_empty() {
        None
    } else {
        Some((source.join(", "), on.join(" AND ")))
    }
}
