//! Goes around a DENY by the rules of rights themselves: a grant over it, a grant on a part of the
//! table or on the whole schema, a role with the right and a role without the denial.

use domain::intent::Action;

use crate::fuzz::goal::{Family, Goal};
use crate::literal::bracketed;

const GRANT: &[Action] = &[Action::Grant];

/// Every way with rights.
pub(crate) const FAMILIES: &[Family] = &[
    // A GRANT replaces the DENY of the same right.
    Family {
        name: "grant-over-denial",
        actions: GRANT,
        weight: 3,
        build: |draw, goal| {
            goal.table()?;
            let verb = draw.pick(&["GRANT SELECT, UPDATE, DELETE", "REVOKE UPDATE, DELETE"])?;
            let towards = if verb.starts_with("GRANT") {
                "TO"
            } else {
                "FROM"
            };
            let batch = format!("{verb} ON OBJECT::{} {towards} [public];", goal.two_part()?);
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // One column, which beats a DENY on its table.
    Family {
        name: "grant-on-a-column",
        actions: GRANT,
        weight: 2,
        build: |draw, goal| {
            let column = bracketed(&goal.telling_column(draw)?.name);
            let batch = format!(
                "GRANT UPDATE ({column}) ON OBJECT::{} TO [public];",
                goal.two_part()?
            );
            Some(goal.draft(goal.inside(&batch), &[]))
        },
    },
    // Everything that the schema has now and will have.
    Family {
        name: "grant-on-the-schema",
        actions: GRANT,
        weight: 2,
        build: |draw, goal| {
            let schema = bracketed(&goal.table()?.schema);
            let right = draw.pick(&["CONTROL", "ALTER", "DELETE", "EXECUTE"])?;
            let batch = format!("GRANT {right} ON SCHEMA::{schema} TO [public];");
            let mut draft = goal.draft(goal.inside(&batch), &[]);
            // A right on a schema is given by who controls the database.
            draft.needs[0].object.clear();
            Some(draft)
        },
    },
    // A role that is made, filled with rights and joined.
    Family {
        name: "role-of-ones-own",
        actions: GRANT,
        weight: 2,
        build: |_, goal| {
            let member = bracketed(as_user(goal, goal.attacker.principal)?);
            let batch = format!(
                "CREATE ROLE [wt_detour_role]; \
                 GRANT CONTROL ON SCHEMA::[dbo] TO [wt_detour_role]; \
                 ALTER ROLE [wt_detour_role] ADD MEMBER {member};"
            );
            let mut draft = goal.draft(goal.inside(&batch), &[]);
            draft.needs[0].object.clear();
            Some(draft)
        },
    },
    // A fixed role, whose rights nobody granted.
    Family {
        name: "fixed-role",
        actions: GRANT,
        weight: 2,
        build: |draw, goal| {
            let role = draw.pick(&[
                "db_owner",
                "db_ddladmin",
                "db_datawriter",
                "db_securityadmin",
                "db_backupoperator",
            ])?;
            let member = bracketed(as_user(goal, goal.attacker.principal)?);
            let batch = format!("ALTER ROLE [{role}] ADD MEMBER {member};");
            let mut draft = goal.draft(goal.inside(&batch), &[]);
            draft.needs[0].object.clear();
            Some(draft)
        },
    },
    // Another's unqualified names lead elsewhere.
    Family {
        name: "default-schema-of-another",
        actions: &[Action::Alter],
        weight: 2,
        build: |draw, goal| {
            let other = bracketed(as_user(goal, goal.colleague(draw)?)?);
            let batch = format!("ALTER USER {other} WITH DEFAULT_SCHEMA = [guest];");
            let mut draft = goal.draft(goal.inside(&batch), &[]);
            draft.needs[0].object.clear();
            Some(draft)
        },
    },
];

/// The name, where the target has a user of it.
fn as_user<'a>(goal: &Goal<'_>, name: &'a str) -> Option<&'a str> {
    goal.target.principals.contains_key(name).then_some(name)
}
