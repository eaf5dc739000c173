//! Goes around DELETE, UPDATE and their triggers by changes of the table itself: rows are moved away,
//! left behind under another name, cut off or made unreadable.

use domain::feature::Feature;
use domain::intent::Action;

use crate::fuzz::goal::{Family, Goal};
use crate::literal::{bracketed, text};

const ALTER: &[Action] = &[Action::Alter];

/// Every change of storage.
pub(crate) const FAMILIES: &[Family] = &[
    // All rows become those of another table of the same shape.
    Family {
        name: "switch-out",
        actions: ALTER,
        weight: 2,
        build: |_, goal| {
            let table = goal
                .table()
                .filter(|_| goal.has(Feature::TableSwitch) && !goal.keeps_history())?;
            // The tables must be alike to the last index, and nothing may refer to either.
            (table.unique.is_empty() && table.foreign_keys.is_empty() && !goal.is_referenced())
                .then_some(())?;
            let key: Vec<String> = table.primary_key.iter().map(|key| bracketed(key)).collect();
            (!key.is_empty()).then_some(())?;
            let name = goal.two_part()?;
            let batch = format!(
                "SELECT TOP (0) * INTO [dbo].[wt_detour_sink] FROM {name}; \
                 ALTER TABLE [dbo].[wt_detour_sink] ADD CONSTRAINT [wt_detour_key] \
                 PRIMARY KEY CLUSTERED ({}); \
                 ALTER TABLE {name} SWITCH TO [dbo].[wt_detour_sink];",
                key.join(", ")
            );
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // An empty table takes the place of the dropped one.
    Family {
        name: "drop-and-make-anew",
        actions: &[Action::Drop],
        weight: 3,
        build: |_, goal| {
            goal.table()
                .filter(|_| !goal.is_referenced() && !goal.keeps_history())?;
            let name = goal.two_part()?;
            let batch = format!(
                "SELECT TOP (0) * INTO [dbo].[wt_detour_shape] FROM {name}; DROP TABLE {name}; \
                 SELECT * INTO {name} FROM [dbo].[wt_detour_shape];"
            );
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // An empty table takes the name, the full one lives on under another.
    Family {
        name: "swap-by-rename",
        actions: ALTER,
        weight: 2,
        build: |_, goal| {
            let table = goal.table().filter(|_| !goal.keeps_history())?;
            let (name, schema) = (goal.two_part()?, bracketed(&table.schema));
            let batch = format!(
                "EXEC sp_rename {}, N'wt_detour_old'; \
                 SELECT TOP (0) * INTO {name} FROM {schema}.[wt_detour_old];",
                text(&name)
            );
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // The table moves to where its denials do not follow.
    Family {
        name: "transfer-schema",
        actions: ALTER,
        weight: 2,
        build: |_, goal| {
            goal.table().filter(|_| !goal.keeps_history())?;
            let batch = format!(
                "EXEC (N'CREATE SCHEMA [wt_detour];'); \
                 ALTER SCHEMA [wt_detour] TRANSFER OBJECT::{};",
                goal.two_part()?
            );
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // A column that is not there any more.
    Family {
        name: "drop-column",
        actions: ALTER,
        weight: 2,
        build: |_, goal| {
            let column = bracketed(&goal.free_text_column()?.name);
            is_loose(goal).then_some(())?;
            let batch = format!("ALTER TABLE {} DROP COLUMN {column};", goal.name());
            Some(goal.draft(batch, &[]))
        },
    },
    // A computed column that tells the story anew.
    Family {
        name: "computed-replacement",
        actions: ALTER,
        weight: 1,
        build: |_, goal| {
            goal.table()?;
            let batch = format!(
                "ALTER TABLE {} ADD [wt_detour_told] AS (N'nothing happened');",
                goal.name()
            );
            Some(goal.draft(batch, &[]))
        },
    },
    // Without its clustered index nobody can read the table.
    Family {
        name: "disable-index",
        actions: ALTER,
        weight: 2,
        build: |_, goal| {
            goal.table().filter(|_| !goal.is_referenced())?;
            goal.has(Feature::DisabledIndexes).then_some(())?;
            let batch = format!("ALTER INDEX ALL ON {} DISABLE;", goal.name());
            Some(goal.draft(batch, &[]))
        },
    },
    // Numbers of one's own where the server counts.
    Family {
        name: "identity-insert",
        actions: ALTER,
        weight: 2,
        build: |_, goal| {
            let table = goal.table()?;
            let counts = table.columns.iter().any(|column| column.identity);
            counts.then_some(())?;
            let batch = format!("EXEC (N'SET IDENTITY_INSERT {} ON;');", goal.two_part()?);
            let mut draft = goal.draft(goal.inside(&batch), &[]);
            draft.traits.changes_session = true;
            Some(draft)
        },
    },
    // The server counts from elsewhere.
    Family {
        name: "reseed",
        actions: ALTER,
        weight: 1,
        build: |_, goal| {
            let table = goal.table().filter(|_| goal.has(Feature::IdentityReseed))?;
            let counts = table.columns.iter().any(|column| column.identity);
            counts.then_some(())?;
            let batch = format!("DBCC CHECKIDENT ({}, RESEED, 5);", text(&goal.two_part()?));
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // A reference by which rows go when another row goes.
    Family {
        name: "cascading-reference",
        actions: ALTER,
        weight: 1,
        build: |draw, goal| {
            goal.table().filter(|_| !goal.keeps_history())?;
            let parents: Vec<_> = goal
                .target
                .tables
                .values()
                .filter(|parent| {
                    let int = |key: &String| {
                        let column = parent.columns.iter().find(|own| own.name == *key);
                        column.is_some_and(|column| column.data_type == "int")
                    };
                    parent.object() != goal.object
                        && parent.primary_key.len() == 1
                        && parent.primary_key.iter().all(int)
                })
                .collect();
            let parent = draw.pick(&parents)?;
            let batch = format!(
                "ALTER TABLE {} ADD [wt_detour_parent] int NULL CONSTRAINT [wt_detour_cascade] \
                 FOREIGN KEY REFERENCES {}.{} ({}) ON DELETE CASCADE;",
                goal.two_part()?,
                bracketed(&parent.schema),
                bracketed(&parent.name),
                bracketed(&parent.primary_key[0])
            );
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
];

/// Whether no view that the target has is likely to be bound to the table's columns.
fn is_loose(goal: &Goal<'_>) -> bool {
    goal.table().is_some_and(|table| table.triggers.is_empty())
}
