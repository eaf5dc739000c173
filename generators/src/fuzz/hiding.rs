//! Goes around "no row may be removed" by leaving every row and showing none: filters, masks, names
//! that lead to a decoy.

use domain::feature::Feature;
use domain::intent::Action;

use crate::fuzz::goal::Family;
use crate::literal::{bracketed, text};
use crate::terrain::Need;

/// Every way of hiding.
pub(crate) const FAMILIES: &[Family] = &[
    // A filter that lets nobody see a row.
    Family {
        name: "filter-policy",
        actions: &[Action::Alter],
        weight: 2,
        build: |_, goal| {
            let table = goal
                .table()
                .filter(|_| goal.has(Feature::SecurityPolicies))?;
            let key = table.primary_key.first()?;
            let kind = &table.columns[table.position(key)?].data_type;
            kind.ends_with("int").then_some(())?;
            let function = "CREATE FUNCTION [dbo].[wt_detour_nobody] (@key bigint) RETURNS TABLE \
                            WITH SCHEMABINDING AS RETURN SELECT 1 AS [Seen] WHERE @key < 0;";
            let policy = format!(
                "CREATE SECURITY POLICY [dbo].[wt_detour_policy] \
                 ADD FILTER PREDICATE [dbo].[wt_detour_nobody]({}) ON {};",
                bracketed(key),
                goal.two_part()?
            );
            let batch = format!("EXEC ({}); EXEC ({});", text(function), text(&policy));
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // A mask over the words.
    Family {
        name: "mask",
        actions: &[Action::Alter],
        weight: 1,
        build: |draw, goal| {
            goal.has(Feature::DataMasking).then_some(())?;
            let column = bracketed(&goal.text_column(draw)?.name);
            let batch = format!(
                "ALTER TABLE {} ALTER COLUMN {column} ADD MASKED WITH (FUNCTION = 'default()');",
                goal.two_part()?
            );
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // The same table under a name that nobody denied.
    Family {
        name: "own-synonym",
        actions: &[Action::Select, Action::Delete],
        weight: 2,
        build: |_, goal| {
            goal.table().filter(|_| goal.has(Feature::Synonyms))?;
            let create = format!(
                "CREATE SYNONYM [dbo].[wt_detour_alias] FOR {}.{};",
                bracketed(&goal.target.name),
                goal.two_part()?
            );
            let used = if goal.action == Action::Select {
                "SELECT * FROM [dbo].[wt_detour_alias];"
            } else {
                goal.can_be_emptied().then_some(())?;
                "DELETE FROM [dbo].[wt_detour_alias];"
            };
            let batch = format!("{create} EXEC ({});", text(used));
            let mut draft = goal.draft(batch, &[]);
            draft.families.clear();
            draft.needs.push(Need::new(goal.home, "", Action::Create));
            draft.traits.writes = true;
            draft.at_home = true;
            draft.by_administrator = true;
            Some(draft)
        },
    },
];
