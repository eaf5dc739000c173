//! Statements that change definitions, rights, owners and identities, and calls of modules.

use domain::intent::Action;

use crate::draw::Draw;
use crate::fuzz::goal::{Draft, Family, Goal, Securable};
use crate::literal::{bracketed, text};
use crate::statements::{self, Standpoint, Statement};

/// Every way of changing what is not rows.
pub(crate) const FAMILIES: &[Family] = &[
    // The sweep's statements, to be disguised.
    Family {
        name: "definition",
        actions: &[
            Action::Truncate,
            Action::Execute,
            Action::Alter,
            Action::Drop,
            Action::Create,
            Action::Grant,
            Action::TakeOwnership,
            Action::Impersonate,
            Action::Connect,
        ],
        weight: 5,
        build: from_the_matrix,
    },
    // A column that is narrower or wider than before.
    Family {
        name: "alter-column",
        actions: &[Action::Alter],
        weight: 2,
        build: |draw, goal| {
            let column = goal.text_column(draw)?;
            let unicode = if column.data_type.starts_with('n') {
                "nvarchar"
            } else {
                "varchar"
            };
            let null = if column.nullable { "NULL" } else { "NOT NULL" };
            let taken = goal.table()?.unique.iter().flatten();
            if taken
                .chain(&goal.table()?.primary_key)
                .any(|name| *name == column.name)
                || column.has_default
                || column.generated
            {
                return None;
            }
            let text = format!(
                "ALTER TABLE {} ALTER COLUMN {} {unicode}(2000) {null};",
                goal.name(),
                bracketed(&column.name)
            );
            Some(goal.draft(text, &[]))
        },
    },
    // Constraints that no longer hold.
    Family {
        name: "nocheck-constraint",
        actions: &[Action::Alter],
        weight: 1,
        build: |_, goal| {
            goal.table()?;
            let text = format!("ALTER TABLE {} NOCHECK CONSTRAINT ALL;", goal.name());
            Some(goal.draft(text, &[]))
        },
    },
    // An index, which takes the same right as any other change of the table.
    Family {
        name: "create-index",
        actions: &[Action::Alter],
        weight: 2,
        build: |_, goal| {
            let column = goal
                .table()?
                .columns
                .iter()
                .find(|column| column.length_max > 0)?;
            let text = format!(
                "CREATE INDEX [wt_probe] ON {} ({});",
                goal.name(),
                bracketed(&column.name)
            );
            Some(goal.draft(text, &[]))
        },
    },
    // A name that nobody looks under.
    Family {
        name: "rename",
        actions: &[Action::Alter],
        weight: 1,
        build: |_, goal| {
            goal.table()?;
            let rename = format!("EXEC sp_rename {}, N'wt_probe';", text(&goal.two_part()?));
            let batch = standpoint(goal).inside(goal.target, &rename);
            Some(goal.draft(batch, &[]))
        },
    },
    // Others shut out.
    Family {
        name: "deny-others",
        actions: &[Action::Grant],
        weight: 2,
        build: |_, goal| {
            goal.table()?;
            let deny = format!("DENY SELECT ON OBJECT::{} TO [public];", goal.two_part()?);
            let batch = standpoint(goal).inside(goal.target, &deny);
            Some(goal.draft(batch, &[]))
        },
    },
];

fn standpoint(goal: &Goal<'_>) -> Standpoint {
    if goal.is_at_home() {
        Standpoint::Inside
    } else {
        Standpoint::Outside
    }
}

fn from_the_matrix(draw: &mut Draw, goal: &Goal<'_>) -> Option<Draft> {
    let point = standpoint(goal);
    let all: Vec<Statement> = match goal.securable {
        Securable::Table(table) => statements::on_table(goal.terrain, goal.target, table, point),
        Securable::Module(module) => {
            statements::on_module(goal.terrain, goal.target, module, point)
        }
        Securable::Database if goal.action == Action::Impersonate => {
            statements::impersonations(goal.terrain, goal.target, point)
        }
        Securable::Database => statements::on_database(goal.terrain, goal.target, point),
    };
    // Becoming oneself is no attack.
    let oneself = format!("user {}", goal.attacker.principal);
    let fitting: Vec<&Statement> = all
        .iter()
        .filter(|statement| statement.action == goal.action)
        .filter(|statement| !goal.is_at_home() || statement.object != oneself)
        .collect();
    let statement = *draw.pick(&fitting)?;
    let mut draft = goal.draft(statement.text.clone(), &[]);
    draft.needs.clone_from(&statement.needs);
    draft.traits = statement.traits;
    Some(draft)
}
