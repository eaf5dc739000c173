//! Attacks that go through something of the attacker's own: a view, a procedure, a table.

use domain::intent::Action;
use domain::surface::Table;

use crate::draw::Draw;
use crate::frozen;
use crate::fuzz::goal::{Draft, Family, Goal};
use crate::literal::{bracketed, text};
use crate::terrain::Need;

const READ: &[Action] = &[Action::Select];

/// Every detour.
pub(crate) const FAMILIES: &[Family] = &[
    // A view in the own database over what is not.
    Family {
        name: "own-view",
        actions: READ,
        weight: 1,
        build: |_, goal| {
            let view = "[dbo].[wt_detour]";
            let create = format!("CREATE VIEW {view} AS SELECT * FROM {};", three_part(goal)?);
            let batch = format!("EXEC ({}); EXEC (N'SELECT * FROM {view};');", text(&create));
            Some(at_home(
                goal,
                batch,
                Need::new(goal.home, "", Action::Create),
            ))
        },
    },
    // A procedure in the own database that reads what is not.
    Family {
        name: "own-procedure",
        actions: READ,
        weight: 1,
        build: |_, goal| {
            let procedure = "[dbo].[wt_detour]";
            let create = format!(
                "CREATE PROCEDURE {procedure} AS SELECT * FROM {};",
                three_part(goal)?
            );
            let batch = format!("EXEC ({}); EXEC {procedure};", text(&create));
            Some(at_home(
                goal,
                batch,
                Need::new(goal.home, "", Action::Create),
            ))
        },
    },
    // A copy as a new table of the own database.
    Family {
        name: "select-into-own",
        actions: READ,
        weight: 1,
        build: |_, goal| {
            let batch = format!(
                "SELECT * INTO [dbo].[wt_detour] FROM {};",
                three_part(goal)?
            );
            Some(at_home(
                goal,
                batch,
                Need::new(goal.home, "", Action::Create),
            ))
        },
    },
    // A value written into an own row, where it can be read at leisure.
    Family {
        name: "insert-into-own",
        actions: READ,
        weight: 3,
        build: insert_into_own,
    },
    // Own rows carried into the other's table.
    Family {
        name: "insert-from-own",
        actions: &[Action::Insert],
        weight: 2,
        build: |_, goal| {
            let row = goal.fresh()?;
            let own = readable(goal)?;
            let batch = format!(
                "INSERT INTO {} {} SELECT TOP (1) {} FROM {}.{};",
                three_part(goal)?,
                row.column_list(),
                row.literals.join(", "),
                bracketed(&own.schema),
                bracketed(&own.name)
            );
            Some(at_home(
                goal,
                batch,
                Need::new(goal.home, &own.object(), Action::Select),
            ))
        },
    },
    // Both in one statement: the own table joined with the other's.
    Family {
        name: "join-with-own",
        actions: READ,
        weight: 2,
        build: |_, goal| {
            let own = readable(goal)?;
            let batch = format!(
                "SELECT TOP (5) theirs.* FROM {} AS theirs CROSS JOIN {}.{} AS own;",
                three_part(goal)?,
                bracketed(&own.schema),
                bracketed(&own.name)
            );
            Some(at_home(
                goal,
                batch,
                Need::new(goal.home, &own.object(), Action::Select),
            ))
        },
    },
];

/// A table of its own database that the attacker may read.
fn readable<'a>(goal: &Goal<'a>) -> Option<&'a Table> {
    goal.home.tables.values().find(|table| {
        let need = Need::new(goal.home, &table.object(), Action::Select);
        !table.rows.is_empty() && goal.terrain.allows(goal.attacker, &[need])
    })
}

/// Whatever the spelling, a detour begins at home and names the other database.
fn three_part(goal: &Goal<'_>) -> Option<String> {
    Some(format!(
        "{}.{}",
        bracketed(&goal.target.name),
        goal.two_part()?
    ))
}

fn at_home(goal: &Goal<'_>, text: String, also: Need) -> Draft {
    let mut draft = goal.draft(text, &[]);
    draft.families.clear();
    draft.needs.push(also);
    draft.traits.writes = true;
    draft.at_home = true;
    draft.by_administrator = true;
    draft
}

fn insert_into_own(draw: &mut Draw, goal: &Goal<'_>) -> Option<Draft> {
    let column = bracketed(&goal.text_column(draw)?.name);
    let writable: Vec<_> = goal
        .home
        .tables
        .values()
        .filter(|table| {
            let need = Need::new(goal.home, &table.object(), Action::Insert);
            goal.terrain.allows(goal.attacker, &[need])
        })
        .collect();
    let own = *draw.pick(&writable)?;
    let row = frozen::fresh(goal.terrain, goal.home, own, goal.n)?;
    let taken: Vec<String> = own
        .unique
        .iter()
        .flatten()
        .chain(&own.primary_key)
        .chain(own.foreign_keys.iter().flat_map(|key| &key.columns))
        .map(|name| bracketed(name))
        .collect();
    // Wide enough for the value, and without a rule that it would break.
    let position = row.columns.iter().position(|name| {
        !taken.contains(name)
            && own.columns.iter().any(|column| {
                bracketed(&column.name) == *name
                    && column.data_type.ends_with("varchar")
                    && (column.length_max >= 100 || column.length_max == -1)
            })
    })?;
    let mut values = row.literals.clone();
    let source = format!(
        "(SELECT MIN(LEFT({column}, 50)) FROM {})",
        three_part(goal)?
    );
    *values.get_mut(position)? = source;
    let batch = format!(
        "INSERT INTO {}.{} {} SELECT {};",
        bracketed(&own.schema),
        bracketed(&own.name),
        row.column_list(),
        values.join(", ")
    );
    Some(at_home(
        goal,
        batch,
        Need::new(goal.home, &own.object(), Action::Insert),
    ))
}
