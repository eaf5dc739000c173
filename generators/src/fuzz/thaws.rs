//! Attacks on rows that nobody may change any more, besides the plain statements.

use domain::intent::Action;

use crate::fuzz::goal::Family;
use crate::literal::bracketed;

const UPDATE: &[Action] = &[Action::Update];

/// Ways that make sense on frozen rows alone.
pub(crate) const FAMILIES: &[Family] = &[
    // A frozen row thawed, so that everything else can follow.
    Family {
        name: "thaw",
        actions: UPDATE,
        weight: 4,
        build: |draw, goal| {
            let table = goal.table()?;
            let declared = goal.terrain.system.intent.freezing(&table.object())?;
            let column = table.columns.iter().find(|column| {
                column.nullable && column.name.eq_ignore_ascii_case(&declared.column)
            })?;
            let key = goal.row(draw, "")?;
            let text = format!(
                "UPDATE {} SET {} = NULL WHERE {key};",
                goal.name(),
                bracketed(&column.name)
            );
            Some(goal.draft(text, &[Action::Select]))
        },
    },
    // A frozen row behind guards that were switched off first.
    Family {
        name: "unguard",
        actions: UPDATE,
        weight: 3,
        build: |draw, goal| {
            let (column, value) = goal.assignment()?;
            let key = goal.row(draw, "")?;
            let name = goal.name();
            let text = format!(
                "ALTER TABLE {name} DISABLE TRIGGER ALL; UPDATE {name} SET {column} = {value} \
                 WHERE {key}; ALTER TABLE {name} ENABLE TRIGGER ALL;"
            );
            Some(goal.draft(text, &[Action::Select, Action::Alter]))
        },
    },
];
