//! Goes around the walls of a database by what carries it away whole or tells of it without opening
//! it: backups, locks, statistics, counters, views over the server's memory.

use domain::feature::Feature;
use domain::intent::Action;

use crate::fuzz::goal::Family;
use crate::literal::{bracketed, text};

const CONNECT: &[Action] = &[Action::Connect];

/// Every carrier that only who may enter the database can use.
pub(crate) const FAMILIES: &[Family] = &[
    // All rows in one file.
    Family {
        name: "backup",
        actions: CONNECT,
        weight: 2,
        build: |_, goal| {
            (!goal.is_at_home() && goal.has(Feature::Backup)).then_some(())?;
            let batch = format!(
                "BACKUP DATABASE {} TO DISK = N'NUL' WITH COPY_ONLY;",
                bracketed(&goal.target.name)
            );
            let mut draft = goal.draft(batch, &[]);
            draft.by_administrator = true;
            draft.traits.controls_transactions = true;
            Some(draft)
        },
    },
    // A lock by name in the other database.
    Family {
        name: "application-lock",
        actions: CONNECT,
        weight: 1,
        build: |_, goal| {
            (!goal.is_at_home() && goal.has(Feature::ApplicationLocks)).then_some(())?;
            let batch = goal.inside(
                "EXEC sp_getapplock @Resource = N'wt_nightly', @LockMode = N'Exclusive', \
                 @LockOwner = N'Session', @LockTimeout = 0;",
            );
            let mut draft = goal.draft(batch, &[]);
            draft.traits.changes_session = true;
            Some(draft)
        },
    },
    // The stamp that every change moves.
    Family {
        name: "database-stamp",
        actions: CONNECT,
        weight: 1,
        build: |_, goal| {
            (!goal.is_at_home() && goal.has(Feature::DatabaseTimestamp)).then_some(())?;
            Some(goal.draft(goal.inside("SELECT @@DBTS AS Stamp;"), &[]))
        },
    },
    // Rows by count.
    Family {
        name: "row-counts",
        actions: CONNECT,
        weight: 2,
        build: |_, goal| {
            (!goal.is_at_home() && goal.has(Feature::PartitionView)).then_some(())?;
            let batch = format!(
                "SELECT [object_id], [rows] FROM {}.[sys].[partitions];",
                bracketed(&goal.target.name)
            );
            Some(goal.draft(batch, &[]))
        },
    },
    // Texts of procedures, with what was written into them.
    Family {
        name: "module-texts",
        actions: CONNECT,
        weight: 2,
        build: |draw, goal| {
            (!goal.is_at_home()).then_some(())?;
            let database = bracketed(&goal.target.name);
            let batch = if draw.chance(50) {
                format!("SELECT [definition] FROM {database}.[sys].[sql_modules];")
            } else {
                goal.inside("SELECT OBJECT_DEFINITION([object_id]) AS Text FROM [sys].[objects];")
            };
            Some(goal.draft(batch, &[]))
        },
    },
    // Options of the database that decide what survives and who comes in.
    Family {
        name: "database-option",
        actions: &[Action::Alter],
        weight: 2,
        build: |draw, goal| {
            let mut options = Vec::new();
            if goal.has(Feature::DatabaseChaining) {
                options.push("DB_CHAINING ON");
            }
            if goal.has(Feature::Trustworthy) {
                options.push("TRUSTWORTHY ON");
            }
            if goal.has(Feature::DatabaseOptions) {
                options.push("DELAYED_DURABILITY = FORCED");
            }
            let option = draw.pick(&options)?;
            let batch = format!(
                "ALTER DATABASE {} SET {option};",
                bracketed(&goal.target.name)
            );
            let mut draft = goal.draft(batch, &[]);
            draft.needs[0].object.clear();
            // Sooner or later an open transaction is in the way of every such change.
            draft.traits.controls_transactions = true;
            draft.by_administrator = true;
            Some(draft)
        },
    },
    // Keys of a table out of its statistics.
    Family {
        name: "histogram",
        actions: &[Action::Select],
        weight: 1,
        build: |_, goal| {
            let table = goal
                .table()
                .filter(|_| goal.has(Feature::StatisticsHistograms))?;
            let key = bracketed(table.primary_key.first()?);
            let batch = format!("DBCC SHOW_STATISTICS ({}, {key});", text(&goal.two_part()?));
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
];
