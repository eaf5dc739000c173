//! Who may do what, as the server works it out from everything that was granted and denied?

use std::collections::BTreeSet;

use super::Place;
use super::catalog::{rows, text, told};
use crate::exit_code::Failure;
use crate::selftest::ground::Ground;

/// One thing that somebody may do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    /// Who.
    pub(crate) principal: String,
    /// `SELECT`.
    pub(crate) right: String,
    /// `schema.object`, `schema.object (column)`, `schema s`, `user u`, `role r`, `the database`.
    pub(crate) on: String,
}

/// Everything that the declared principals may do.
pub(crate) type Rights = BTreeSet<Right>;

/// The server principal is not able to access the database under the current security context.
const NOT_ABLE_TO_ENTER: i32 = 916;

/// On objects, columns, schemas, users and roles, and the database itself.
const ASKED: &str = "\
SELECT s.name + N'.' + o.name, p.name
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
CROSS JOIN (VALUES (N'SELECT'), (N'INSERT'), (N'UPDATE'), (N'DELETE'), (N'EXECUTE'), (N'ALTER'),
                   (N'TAKE OWNERSHIP'), (N'VIEW CHANGE TRACKING'), (N'CONTROL')) AS p (name)
WHERE o.type IN ('U', 'V', 'P')
  AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(o.name), N'OBJECT', p.name) = 1
UNION ALL
SELECT s.name + N'.' + o.name + N' (' + c.name + N')', p.name
FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
CROSS JOIN (VALUES (N'SELECT'), (N'UPDATE')) AS p (name)
WHERE o.type IN ('U', 'V')
  AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(o.name), N'OBJECT', p.name,
                        QUOTENAME(c.name), N'COLUMN') = 1
UNION ALL
SELECT N'schema ' + s.name, p.name
FROM sys.schemas AS s
CROSS JOIN (VALUES (N'SELECT'), (N'INSERT'), (N'UPDATE'), (N'DELETE'), (N'EXECUTE'), (N'ALTER'),
                   (N'TAKE OWNERSHIP'), (N'CONTROL')) AS p (name)
WHERE HAS_PERMS_BY_NAME(QUOTENAME(s.name), N'SCHEMA', p.name) = 1
UNION ALL
SELECT N'user ' + u.name, N'IMPERSONATE'
FROM sys.database_principals AS u
WHERE u.type = 'S' AND HAS_PERMS_BY_NAME(QUOTENAME(u.name), N'USER', N'IMPERSONATE') = 1
UNION ALL
SELECT N'role ' + r.name, N'ALTER'
FROM sys.database_principals AS r
WHERE r.type = 'R' AND HAS_PERMS_BY_NAME(QUOTENAME(r.name), N'ROLE', N'ALTER') = 1
UNION ALL
SELECT N'the database', p.name
FROM (VALUES (N'ALTER'), (N'CONTROL'), (N'CONNECT'), (N'CREATE TABLE'), (N'CREATE VIEW'), (N'CREATE PROCEDURE'),
             (N'CREATE SCHEMA'), (N'CREATE ROLE'), (N'ALTER ANY SCHEMA'), (N'ALTER ANY USER'),
             (N'ALTER ANY ROLE'), (N'BACKUP DATABASE'), (N'BACKUP LOG'), (N'VIEW DEFINITION'), (N'SHOWPLAN'),
             (N'VIEW DATABASE STATE'), (N'TAKE OWNERSHIP'), (N'SELECT'), (N'INSERT'), (N'UPDATE'), (N'DELETE'),
             (N'EXECUTE')) AS p (name)
WHERE HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', p.name) = 1";

/// What every declared principal may do in a database.
pub(crate) async fn effective(ground: &Ground, place: &Place) -> Result<Rights, Failure> {
    let mut administrator = ground.administrate(place).await?;
    let users: Vec<String> = rows(
        &mut administrator,
        "SELECT name FROM sys.database_principals WHERE type = 'S' ORDER BY name",
    )
    .await?
    .iter()
    .map(|row| text(row, 0))
    .collect();
    let mut all = Rights::new();
    for principal in ground.principals() {
        if !users.contains(&principal) {
            continue;
        }
        let name = principal.replace('\'', "''");
        let asked = format!("EXECUTE AS USER = N'{name}'; {ASKED}; REVERT;");
        let response = administrator.run_with_limit(&asked, usize::MAX).await;
        // Who may not enter may do nothing.
        if response
            .first_error()
            .is_some_and(|error| error.number == NOT_ABLE_TO_ENTER)
        {
            continue;
        }
        for row in told(response)? {
            all.insert(Right {
                principal: principal.clone(),
                right: text(&row, 1),
                on: text(&row, 0),
            });
        }
    }
    Ok(all)
}
