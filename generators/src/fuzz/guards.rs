//! Goes around the triggers that guard a table, by taking them away, and into tables that others
//! write, by adding some.

use domain::feature::Feature;
use domain::intent::Action;
use domain::surface::Table;

use crate::fuzz::goal::{Family, Goal};
use crate::literal::{bracketed, text};
use crate::terrain::Need;

const ALTER: &[Action] = &[Action::Alter];

/// Every way with triggers.
pub(crate) const FAMILIES: &[Family] = &[
    // Every trigger of the table is put to sleep.
    Family {
        name: "disable-triggers",
        actions: ALTER,
        weight: 2,
        build: |draw, goal| {
            goal.table()?;
            let name = goal.two_part()?;
            let batch = if draw.chance(50) {
                format!("ALTER TABLE {name} DISABLE TRIGGER ALL;")
            } else {
                format!("DISABLE TRIGGER ALL ON {name};")
            };
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // A trigger that says nothing in place of one that speaks.
    Family {
        name: "silence-trigger",
        actions: ALTER,
        weight: 2,
        build: |draw, goal| {
            let table = goal.table()?;
            let trigger = draw.pick(&table.triggers)?;
            let trigger = format!("{}.{}", bracketed(&table.schema), bracketed(trigger));
            let batch = format!("DROP TRIGGER {trigger};");
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // Whatever is deleted stays, and whatever is added is not.
    Family {
        name: "swallowing-trigger",
        actions: ALTER,
        weight: 2,
        build: |draw, goal| {
            let table = goal
                .table()
                .filter(|_| goal.has(Feature::InsteadOfTriggers) && !goal.keeps_history())?;
            let event = draw.pick(&["INSERT", "UPDATE", "DELETE"])?;
            // A table has one INSTEAD OF trigger for each event, and none below a cascade.
            (table.triggers.is_empty() && table.foreign_keys.is_empty()).then_some(())?;
            let create = format!(
                "CREATE TRIGGER {}.[wt_detour_swallows] ON {} INSTEAD OF {event} AS RETURN;",
                bracketed(&table.schema),
                goal.two_part()?
            );
            let batch = format!("EXEC ({});", text(&create));
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // Ordinary work on one table empties another on the side.
    Family {
        name: "trigger-of-a-neighbour",
        actions: &[Action::Delete],
        weight: 3,
        build: |_, goal| {
            (goal.is_at_home() && goal.can_be_emptied()).then_some(())?;
            let own = workable(goal)?;
            let name = format!("{}.{}", bracketed(&own.schema), bracketed(&own.name));
            let (column, _) = crate::rows::assignment(own, goal.terrain.world, goal.n)?;
            let create = format!(
                "CREATE TRIGGER {}.[wt_detour_side] ON {name} AFTER UPDATE AS DELETE FROM {};",
                bracketed(&own.schema),
                goal.two_part()?
            );
            let batch = format!(
                "EXEC ({}); UPDATE {name} SET {column} = {column};",
                text(&create)
            );
            let mut draft = goal.draft(batch, &[]);
            draft.families.clear();
            draft
                .needs
                .push(Need::new(goal.home, &own.object(), Action::Alter));
            draft.at_home = true;
            draft.by_administrator = true;
            Some(draft)
        },
    },
];

/// Another table of the own database with rows that the attacker may change.
fn workable<'a>(goal: &Goal<'a>) -> Option<&'a Table> {
    goal.home.tables.values().find(|table| {
        let need = Need::new(goal.home, &table.object(), Action::Update);
        table.object() != goal.object
            && !table.rows.is_empty()
            && table.triggers.is_empty()
            && goal.terrain.allows(goal.attacker, &[need])
    })
}
