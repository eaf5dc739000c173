//! Goes around the history that a table must keep: versioning is switched off, shortened, or given
//! another past; and the past is read where the present is closed.

use domain::feature::Feature;
use domain::intent::Action;

use crate::fuzz::goal::{Family, Goal};

const ALTER: &[Action] = &[Action::Alter];

/// Every way with history.
pub(crate) const FAMILIES: &[Family] = &[
    // A history that is a table like any other from now on.
    Family {
        name: "versioning-off",
        actions: ALTER,
        weight: 3,
        build: |draw, goal| {
            keeps_history(goal).then_some(())?;
            let name = goal.two_part()?;
            let period = if draw.chance(50) {
                format!(" ALTER TABLE {name} DROP PERIOD FOR SYSTEM_TIME;")
            } else {
                String::new()
            };
            let batch = format!("ALTER TABLE {name} SET (SYSTEM_VERSIONING = OFF);{period}");
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // A history that the server itself forgets.
    Family {
        name: "short-retention",
        actions: ALTER,
        weight: 3,
        build: |_, goal| {
            (keeps_history(goal) && goal.has(Feature::HistoryRetention)).then_some(())?;
            let batch = format!(
                "ALTER TABLE {} SET (SYSTEM_VERSIONING = ON (HISTORY_RETENTION_PERIOD = 1 DAY));",
                goal.two_part()?
            );
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // What was there, where what is there is closed.
    Family {
        name: "read-the-past",
        actions: &[Action::Select],
        weight: 2,
        build: |draw, goal| {
            keeps_history(goal).then_some(())?;
            let when = draw.pick(&["ALL", "BETWEEN '1900-01-01' AND '9999-12-31'"])?;
            let batch = format!("SELECT * FROM {} FOR SYSTEM_TIME {when};", goal.name());
            Some(goal.draft(batch, &[]))
        },
    },
];

fn keeps_history(goal: &Goal<'_>) -> bool {
    goal.has(Feature::TemporalTables) && goal.table().is_some() && goal.keeps_history()
}
