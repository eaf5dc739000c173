//! Faults that nobody thought of: each safeguard of a fixture is taken away by itself, and each plausible
//! right is given that nobody declared. Made from the catalog of the provisioned system.

use std::collections::BTreeMap;

use anyhow::Context as _;
use connection::Connection;
use domain::control::ControlId;
use domain::selftest::{Ending, Trial};
use domain::surface::Cell;
use domain::system::Script;
use executors::PatchTarget;
use serde::Serialize;

use super::catalogue::Plant;
use super::ground::Ground;
use crate::exit_code::Failure;
use crate::planted::Planted;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Automatic {
    /// What was done, in words: `without DENY UPDATE on dbo.AuditEvents to app_rw`.
    pub(crate) id: String,
    /// How it was made.
    pub(crate) kind: &'static str,
    script: String,
}

/// What came of one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    /// Its name.
    pub(crate) id: String,
    /// How it was made.
    pub(crate) kind: &'static str,
    /// `found`, `told as inconclusive`, `equivalent`, `not promised`, `survived`.
    pub(crate) ending: &'static str,
    /// The promises under which it was found, or why it was not.
    pub(crate) why: String,
    /// Milliseconds.
    pub(crate) ms: u64,
}

/// Rights on the database, its schemas, objects and columns, but those to connect.
const RIGHTS: &str = "\
SELECT x.state, x.permission_name, x.class, COALESCE(os.name, s.name) AS [schema], o.name AS object,
       c.name AS [column], g.name AS grantee
FROM sys.database_permissions AS x
JOIN sys.database_principals AS g ON g.principal_id = x.grantee_principal_id
LEFT JOIN sys.objects AS o ON x.class = 1 AND o.object_id = x.major_id
LEFT JOIN sys.schemas AS os ON os.schema_id = o.schema_id
LEFT JOIN sys.schemas AS s ON x.class = 3 AND s.schema_id = x.major_id
LEFT JOIN sys.columns AS c ON x.class = 1 AND c.object_id = x.major_id AND c.column_id = x.minor_id
WHERE x.major_id >= 0 AND x.class IN (0, 1, 3) AND x.permission_name <> 'CONNECT' AND g.name <> 'dbo'
ORDER BY g.name, x.permission_name, x.class, x.major_id, x.minor_id";

const TRIGGERS: &str = "\
SELECT s.name, t.name, g.name
FROM sys.triggers AS g
JOIN sys.tables AS t ON t.object_id = g.parent_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
ORDER BY s.name, t.name, g.name";

const CONSTRAINTS: &str = "\
SELECT s.name, t.name, o.name, o.type
FROM sys.objects AS o
JOIN sys.tables AS t ON t.object_id = o.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE o.type IN ('C', 'F', 'UQ')
ORDER BY s.name, t.name, o.name";

const VERSIONED: &str = "\
SELECT s.name, t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.temporal_type = 2 ORDER BY s.name, t.name";

const SECURABLES: &str = "\
SELECT s.name, o.name, o.type
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V', 'P') AND o.is_ms_shipped = 0
ORDER BY s.name, o.name";

/// Roles that are plausible and that nobody declared.
const ROLES: &[&str] = &[
    "db_owner",
    "db_ddladmin",
    "db_securityadmin",
    "db_accessadmin",
    "db_datareader",
    "db_datawriter",
];

/// Every one of a system, in the order of its catalog.
pub(crate) async fn automatic(ground: &Ground) -> Result<Vec<Automatic>, Failure> {
    let mut administrator = ground.administrate().await?;
    let mut all = Vec::new();
    let mut push = |kind, id: String, script: String| {
        all.push(Automatic { id, kind, script });
    };
    let mut granted: BTreeMap<(String, String, String), ()> = BTreeMap::new();
    for row in rows(&mut administrator, RIGHTS).await? {
        let (state, right, grantee) = (text(&row, 0), text(&row, 1), text(&row, 6));
        let verb = if state.trim() == "D" { "DENY" } else { "GRANT" };
        let object = text(&row, 4);
        let (place, on) = match (text(&row, 3), object.is_empty()) {
            (schema, true) if schema.is_empty() => ("the database".to_owned(), String::new()),
            (schema, true) => (
                format!("schema {schema}"),
                format!(" ON SCHEMA::{}", quoted(&schema)),
            ),
            (schema, false) => (
                format!("{schema}.{object}"),
                format!(" ON OBJECT::{}.{}", quoted(&schema), quoted(&object)),
            ),
        };
        let column = text(&row, 5);
        let (of, columns) = if column.is_empty() {
            (String::new(), String::new())
        } else {
            (format!(" ({column})"), format!(" ({})", quoted(&column)))
        };
        push(
            if verb == "DENY" {
                "denial taken away"
            } else {
                "right taken away"
            },
            format!("without {verb} {right}{of} on {place} to {grantee}"),
            format!("REVOKE {right}{columns}{on} FROM {};", quoted(&grantee)),
        );
        granted.insert((grantee, right, place), ());
    }
    for row in rows(&mut administrator, TRIGGERS).await? {
        let (schema, table, trigger) = (text(&row, 0), text(&row, 1), text(&row, 2));
        push(
            "trigger off",
            format!("trigger {trigger} on {schema}.{table} off"),
            format!(
                "DISABLE TRIGGER {}.{} ON {}.{};",
                quoted(&schema),
                quoted(&trigger),
                quoted(&schema),
                quoted(&table)
            ),
        );
    }
    for row in rows(&mut administrator, CONSTRAINTS).await? {
        let (schema, table, constraint) = (text(&row, 0), text(&row, 1), text(&row, 2));
        push(
            "constraint dropped",
            format!("without constraint {constraint} of {schema}.{table}"),
            format!(
                "ALTER TABLE {}.{} DROP CONSTRAINT {};",
                quoted(&schema),
                quoted(&table),
                quoted(&constraint)
            ),
        );
    }
    for row in rows(&mut administrator, VERSIONED).await? {
        let (schema, table) = (text(&row, 0), text(&row, 1));
        push(
            "history off",
            format!("{schema}.{table} keeps no history"),
            format!(
                "ALTER TABLE {}.{} SET (SYSTEM_VERSIONING = OFF);",
                quoted(&schema),
                quoted(&table)
            ),
        );
    }
    let securables = rows(&mut administrator, SECURABLES).await?;
    for principal in ground.principals() {
        for role in ROLES {
            push(
                "role too many",
                format!("{principal} in {role}"),
                format!("ALTER ROLE {role} ADD MEMBER {};", quoted(&principal)),
            );
        }
        for row in &securables {
            let (schema, object) = (text(row, 0), text(row, 1));
            let rights: &[&str] = match text(row, 2).trim() {
                "P" => &["EXECUTE"],
                "V" => &["SELECT"],
                _ => &["SELECT", "INSERT", "UPDATE", "DELETE", "ALTER"],
            };
            for right in rights {
                let place = format!("{schema}.{object}");
                let key = (principal.clone(), (*right).to_owned(), place.clone());
                if granted.contains_key(&key) {
                    continue;
                }
                push(
                    "right too many",
                    format!("GRANT {right} on {place} to {principal}"),
                    format!(
                        "GRANT {right} ON OBJECT::{}.{} TO {};",
                        quoted(&schema),
                        quoted(&object),
                        quoted(&principal)
                    ),
                );
            }
        }
    }
    Ok(all)
}

impl Automatic {
    /// Its T-SQL, where the rows of tenants are.
    pub(crate) fn plant(&self, target: PatchTarget) -> Plant {
        Plant {
            scripts: vec![Planted {
                script: Script {
                    file: self.id.clone(),
                    text: self.script.clone(),
                },
                target,
                design: None,
            }],
            switch: None,
        }
    }

    /// What came of it. `doubts` are the reasons for which promises could not be decided, beyond those of
    /// the clean system; `same_rights` tells whether anybody may do anything else than before.
    pub(crate) fn outcome(&self, trial: &Trial, doubts: &[String], same_rights: bool) -> Outcome {
        let under = |controls: &[ControlId]| {
            let ids: Vec<&str> = controls.iter().map(|id| id.0.as_str()).collect();
            ids.join(" ")
        };
        let (ending, why) = match (&trial.detection, trial.ending) {
            (Some(found), Ending::Caught) => (
                "found",
                format!("{}, by {}", under(&found.controls), found.oracle),
            ),
            (_, Ending::Unfinished) => ("unfinished", "it was given up".to_owned()),
            _ if !doubts.is_empty() => ("told as inconclusive", doubts[0].clone()),
            _ if self.is_about_rights() && same_rights => (
                "equivalent",
                "nobody may do anything else than before".to_owned(),
            ),
            _ if self.kind == "constraint dropped" => (
                "not promised",
                "no promise is about what a row may hold inside its tenant".to_owned(),
            ),
            _ => (
                "survived",
                "not explained: a hole in the attacks, or nothing that is promised".to_owned(),
            ),
        };
        Outcome {
            id: self.id.clone(),
            kind: self.kind,
            ending,
            why,
            ms: trial.prepared_ms + trial.ms,
        }
    }

    fn is_about_rights(&self) -> bool {
        self.kind.starts_with("right")
            || self.kind.starts_with("denial")
            || self.kind.starts_with("role")
    }
}

/// What each principal may do with each object, as the server works it out from everything that was
/// granted and denied.
pub(crate) async fn effective_rights(ground: &Ground) -> Result<Vec<String>, Failure> {
    let mut administrator = ground.administrate().await?;
    let mut all = Vec::new();
    for principal in ground.principals() {
        let asked = format!(
            "EXECUTE AS USER = N'{}'; \
             SELECT s.name, o.name, p.name, \
                    HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(o.name), N'OBJECT', p.name) \
             FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id \
             CROSS JOIN (VALUES (N'SELECT'), (N'INSERT'), (N'UPDATE'), (N'DELETE'), (N'EXECUTE'), \
                                (N'ALTER'), (N'CONTROL')) AS p (name) \
             WHERE o.type IN ('U', 'V', 'P') ORDER BY s.name, o.name, p.name; REVERT;",
            principal.replace('\'', "''")
        );
        for row in rows(&mut administrator, &asked).await? {
            all.push(format!("{principal} {row:?}"));
        }
    }
    Ok(all)
}

async fn rows(administrator: &mut Connection, question: &str) -> Result<Vec<Vec<Cell>>, Failure> {
    let response = administrator.run_with_limit(question, usize::MAX).await;
    if let Some(error) = response.first_error() {
        return Err(Failure::environment(anyhow::anyhow!(
            "the catalog could not be read: {} {}",
            error.number,
            error.text
        )));
    }
    let set = response.results.into_iter().next();
    let set = set.context("the catalog did not answer");
    set.map(|set| set.rows).map_err(Failure::environment)
}

fn text(row: &[Cell], column: usize) -> String {
    match row.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Integer(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

#[cfg(test)]
mod tests {
    use domain::control::ControlId;
    use domain::selftest::{Detection, Ending, Trial};

    use super::Automatic;

    #[test]
    fn each_survivor_has_its_reason() {
        let automatic = |kind| Automatic {
            id: "it".into(),
            kind,
            script: String::new(),
        };
        let trial = |ending, detection| Trial {
            design: String::new(),
            seed: 1,
            ending,
            detection,
            prepared_ms: 0,
            cases: 0,
            judged: 0,
            ms: 0,
        };
        let found = Detection {
            oracle: "authorization".into(),
            controls: vec![ControlId::new("D02")],
            case: String::new(),
            sentence: String::new(),
            ms: 0,
            cases: 0,
            judged: 0,
            steps_before: None,
            steps_after: None,
        };
        let doubt = ["the owner could not read".to_owned()];
        for (kind, trial, doubts, same, ending) in [
            (
                "right too many",
                trial(Ending::Caught, Some(found)),
                &[][..],
                false,
                "found",
            ),
            (
                "right taken away",
                trial(Ending::Missed, None),
                &doubt[..],
                false,
                "told as inconclusive",
            ),
            (
                "denial taken away",
                trial(Ending::Missed, None),
                &[],
                true,
                "equivalent",
            ),
            (
                "denial taken away",
                trial(Ending::Missed, None),
                &[],
                false,
                "survived",
            ),
            (
                "trigger off",
                trial(Ending::Missed, None),
                &[],
                true,
                "survived",
            ),
            (
                "constraint dropped",
                trial(Ending::Missed, None),
                &[],
                true,
                "not promised",
            ),
            (
                "history off",
                trial(Ending::Unfinished, None),
                &[],
                true,
                "unfinished",
            ),
        ] {
            let outcome = automatic(kind).outcome(&trial, doubts, same);
            assert_eq!(outcome.ending, ending, "{kind}");
            assert!(!outcome.why.is_empty());
        }
    }
}
