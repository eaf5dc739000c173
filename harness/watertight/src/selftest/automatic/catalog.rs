//! Which automatic faults does a system have? Read from its catalog, in the order of its catalog.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use campaign::lacking;
use connection::Connection;
use domain::history::Response;
use domain::surface::Cell;

use super::{Automatic, Change, Place, RightStep};
use crate::exit_code::Failure;
use crate::selftest::ground::Ground;

/// Rights on the database, its schemas, objects and columns.
const RIGHTS: &str = "\
SELECT x.state, x.permission_name, x.class, COALESCE(os.name, s.name) AS [schema], o.name AS object,
       c.name AS [column], g.name AS grantee
FROM sys.database_permissions AS x
JOIN sys.database_principals AS g ON g.principal_id = x.grantee_principal_id
LEFT JOIN sys.objects AS o ON x.class = 1 AND o.object_id = x.major_id
LEFT JOIN sys.schemas AS os ON os.schema_id = o.schema_id
LEFT JOIN sys.schemas AS s ON x.class = 3 AND s.schema_id = x.major_id
LEFT JOIN sys.columns AS c ON x.class = 1 AND c.object_id = x.major_id AND c.column_id = x.minor_id
WHERE x.major_id >= 0 AND x.class IN (0, 1, 3) AND g.name <> 'dbo'
ORDER BY g.name, x.permission_name, x.class, x.major_id, x.minor_id";

const MEMBERS: &str = "\
SELECT r.name, m.name
FROM sys.database_role_members AS x
JOIN sys.database_principals AS r ON r.principal_id = x.role_principal_id
JOIN sys.database_principals AS m ON m.principal_id = x.member_principal_id
ORDER BY r.name, m.name";

const USERS: &str = "SELECT name FROM sys.database_principals WHERE type = 'S' ORDER BY name";

const TRIGGERS: &str = "\
SELECT s.name, t.name, g.name
FROM sys.triggers AS g
JOIN sys.objects AS t ON t.object_id = g.parent_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
ORDER BY s.name, t.name, g.name";

/// Constraints, one row for each column that they speak of.
const CONSTRAINTS: &str = "\
SELECT s.name, t.name, o.name, o.type, c.name AS [column], NULL AS definition
FROM sys.key_constraints AS o
JOIN sys.tables AS t ON t.object_id = o.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.index_columns AS i ON i.object_id = t.object_id AND i.index_id = o.unique_index_id
JOIN sys.columns AS c ON c.object_id = t.object_id AND c.column_id = i.column_id
UNION ALL
SELECT s.name, t.name, o.name, o.type, c.name, NULL
FROM sys.foreign_keys AS o
JOIN sys.tables AS t ON t.object_id = o.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.foreign_key_columns AS i ON i.constraint_object_id = o.object_id
JOIN sys.columns AS c ON c.object_id = t.object_id AND c.column_id = i.parent_column_id
UNION ALL
SELECT s.name, t.name, o.name, o.type, c.name, o.definition
FROM sys.check_constraints AS o
JOIN sys.tables AS t ON t.object_id = o.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.columns AS c ON c.object_id = t.object_id
UNION ALL
SELECT s.name, t.name, o.name, o.type, c.name, NULL
FROM sys.default_constraints AS o
JOIN sys.tables AS t ON t.object_id = o.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.columns AS c ON c.object_id = t.object_id AND c.column_id = o.parent_column_id
UNION ALL
SELECT s.name, t.name, o.name, 'UX', c.name, NULL
FROM sys.indexes AS o
JOIN sys.tables AS t ON t.object_id = o.object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.index_columns AS i ON i.object_id = o.object_id AND i.index_id = o.index_id
JOIN sys.columns AS c ON c.object_id = t.object_id AND c.column_id = i.column_id
WHERE o.is_unique = 1 AND o.is_primary_key = 0 AND o.is_unique_constraint = 0
ORDER BY 1, 2, 3, 5";

/// Tables that keep a history (2), and the histories that are kept (1).
const TEMPORAL: &str = "\
SELECT s.name, t.name, t.temporal_type
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.temporal_type IN (1, 2) ORDER BY s.name, t.name";

const MODULES: &str = "\
SELECT s.name, o.name, m.definition, o.type
FROM sys.sql_modules AS m
JOIN sys.objects AS o ON o.object_id = m.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
ORDER BY s.name, o.name";

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
    "db_backupoperator",
    "db_datareader",
    "db_datawriter",
];

/// One right as it stands in the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Whether it is a DENY.
    pub(crate) is_denied: bool,
    /// `SELECT`.
    pub(crate) right: String,
    /// `schema.object`, `schema s`, `the database`.
    pub(crate) on: String,
    /// The column, if it is on one.
    pub(crate) column: String,
    /// Who holds it.
    pub(crate) grantee: String,
}

/// What the catalog of one database says, as far as it explains why nothing is different.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalog {
    /// Every right.
    pub(crate) held: Vec<Held>,
    /// Role and member.
    pub(crate) members: Vec<(String, String)>,
    /// Tables that are the history of another, as `schema.table`.
    pub(crate) histories: BTreeSet<String>,
}

/// The automatic faults of one database.
pub(crate) async fn automatic(
    ground: &Ground,
    place: &Place,
) -> Result<(Vec<Automatic>, Catalog), Failure> {
    let mut reader = Reader {
        administrator: ground.administrate(place).await?,
        place,
        all: Vec::new(),
        catalog: Catalog::default(),
    };
    reader.rights().await?;
    reader.triggers().await?;
    reader.constraints().await?;
    reader.histories().await?;
    reader.conditions().await?;
    reader.too_many(&ground.principals()).await?;
    Ok((reader.all, reader.catalog))
}

struct Reader<'a> {
    administrator: Connection,
    place: &'a Place,
    all: Vec<Automatic>,
    catalog: Catalog,
}

impl Reader<'_> {
    fn push(&mut self, change: Change, id: &str, script: String) {
        let id = match &self.place.key {
            // Where nobody's rows are beside the tenants', the place goes without saying.
            Some(key) => format!("{id} in the {key}"),
            None => id.to_owned(),
        };
        self.all.push(Automatic {
            id,
            change,
            place: self.place.clone(),
            script,
        });
    }

    async fn rights(&mut self) -> Result<(), Failure> {
        for row in rows(&mut self.administrator, RIGHTS).await? {
            let (state, right, grantee) = (text(&row, 0), text(&row, 1), text(&row, 6));
            let is_denied = state.trim() == "D";
            let verb = if is_denied { "DENY" } else { "GRANT" };
            let object = text(&row, 4);
            let (on, clause) = match (text(&row, 3), object.is_empty()) {
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
            let change = Change::Right {
                step: if is_denied {
                    RightStep::Denied
                } else {
                    RightStep::Granted
                },
                grantee: grantee.clone(),
                right: right.clone(),
                on: on.clone(),
            };
            let id = format!("without {verb} {right}{of} on {on} to {grantee}");
            let script = format!("REVOKE {right}{columns}{clause} FROM {};", quoted(&grantee));
            self.push(change, &id, script);
            self.catalog.held.push(Held {
                is_denied,
                right,
                on,
                column,
                grantee,
            });
        }
        for row in rows(&mut self.administrator, MEMBERS).await? {
            self.catalog.members.push((text(&row, 0), text(&row, 1)));
        }
        Ok(())
    }

    async fn triggers(&mut self) -> Result<(), Failure> {
        for row in rows(&mut self.administrator, TRIGGERS).await? {
            let (schema, table, trigger) = (text(&row, 0), text(&row, 1), text(&row, 2));
            let on = format!("{}.{}", quoted(&schema), quoted(&table));
            let table = format!("{schema}.{table}");
            self.push(
                Change::Trigger {
                    table: table.clone(),
                },
                &format!("trigger {trigger} on {table} off"),
                format!(
                    "DISABLE TRIGGER {}.{} ON {on};",
                    quoted(&schema),
                    quoted(&trigger)
                ),
            );
        }
        Ok(())
    }

    async fn constraints(&mut self) -> Result<(), Failure> {
        let mut all: BTreeMap<[String; 4], BTreeSet<String>> = BTreeMap::new();
        for row in rows(&mut self.administrator, CONSTRAINTS).await? {
            let key = [0, 1, 2, 3].map(|at| text(&row, at).trim().to_owned());
            let (column, definition) = (text(&row, 4), text(&row, 5));
            let columns = all.entry(key).or_default();
            // What a CHECK speaks of, its text says.
            if definition.is_empty() || definition.contains(&column) {
                columns.insert(column);
            }
        }
        for ([schema, table, constraint, kind], columns) in all {
            let what = match kind.as_str() {
                "PK" => "PRIMARY KEY",
                "UQ" => "UNIQUE",
                "UX" => "unique index",
                "F" => "FOREIGN KEY",
                "D" => "DEFAULT",
                _ => "CHECK",
            };
            let on = format!("{}.{}", quoted(&schema), quoted(&table));
            let table = format!("{schema}.{table}");
            let script = if kind == "UX" {
                format!("DROP INDEX {} ON {on};", quoted(&constraint))
            } else {
                format!("ALTER TABLE {on} DROP CONSTRAINT {};", quoted(&constraint))
            };
            let id = format!("without {what} {constraint} of {table}");
            let change = Change::Constraint {
                table,
                what,
                columns: columns.into_iter().collect(),
            };
            self.push(change, &id, script);
        }
        Ok(())
    }

    async fn histories(&mut self) -> Result<(), Failure> {
        for row in rows(&mut self.administrator, TEMPORAL).await? {
            let (schema, table) = (text(&row, 0), text(&row, 1));
            let name = format!("{schema}.{table}");
            if text(&row, 2) == "1" {
                self.catalog.histories.insert(name);
                continue;
            }
            let on = format!("{}.{}", quoted(&schema), quoted(&table));
            self.push(
                Change::History {
                    table: name.clone(),
                },
                &format!("{name} keeps no history"),
                format!("ALTER TABLE {on} SET (SYSTEM_VERSIONING = OFF);"),
            );
        }
        Ok(())
    }

    async fn conditions(&mut self) -> Result<(), Failure> {
        for row in rows(&mut self.administrator, MODULES).await? {
            let module = format!("{}.{}", text(&row, 0), text(&row, 1));
            let definition = text(&row, 2);
            let is_trigger = text(&row, 3).trim() == "TR";
            let mut said: BTreeMap<String, usize> = BTreeMap::new();
            for one in lacking(&definition) {
                // The same condition can stand in a module more than once.
                let count = said.entry(one.condition.clone()).or_default();
                *count += 1;
                let again = match count {
                    1 => String::new(),
                    count => format!(" (place {count})"),
                };
                self.push(
                    Change::Condition {
                        module: module.clone(),
                        is_trigger,
                        decided: one.decided,
                    },
                    &format!("{module} without condition {}{again}", one.condition),
                    one.definition,
                );
            }
        }
        Ok(())
    }

    async fn too_many(&mut self, principals: &[String]) -> Result<(), Failure> {
        let users: Vec<String> = rows(&mut self.administrator, USERS)
            .await?
            .iter()
            .map(|row| text(row, 0))
            .collect();
        let guest = Change::Right {
            step: RightStep::Given,
            grantee: "guest".into(),
            right: "CONNECT".into(),
            on: "the database".into(),
        };
        let script = "GRANT CONNECT TO guest;".to_owned();
        self.push(guest, "GRANT CONNECT on the database to guest", script);
        let securables = rows(&mut self.administrator, SECURABLES).await?;
        // Who has no user in a database can be given no right in it.
        for principal in principals.iter().filter(|own| users.contains(own)) {
            for role in ROLES {
                self.push(
                    Change::Role {
                        role: (*role).to_owned(),
                    },
                    &format!("{principal} in {role}"),
                    format!("ALTER ROLE {role} ADD MEMBER {};", quoted(principal)),
                );
            }
            for row in &securables {
                self.rights_too_many(principal, row);
            }
        }
        Ok(())
    }

    /// Every right on one object that its principal does not hold by name.
    fn rights_too_many(&mut self, principal: &str, securable: &[Cell]) {
        let (schema, object) = (text(securable, 0), text(securable, 1));
        let rights: &[&str] = match text(securable, 2).trim() {
            "P" => &["EXECUTE", "ALTER"],
            "V" => &["SELECT", "INSERT", "UPDATE", "DELETE", "ALTER"],
            _ => &["SELECT", "INSERT", "UPDATE", "DELETE", "ALTER"],
        };
        let on = format!("{schema}.{object}");
        for right in rights {
            let is_held = self.catalog.held.iter().any(|own| {
                !own.is_denied
                    && own.column.is_empty()
                    && own.grantee == principal
                    && own.right == *right
                    && own.on == on
            });
            if is_held {
                continue;
            }
            let change = Change::Right {
                step: RightStep::Given,
                grantee: principal.to_owned(),
                right: (*right).to_owned(),
                on: on.clone(),
            };
            let script = format!(
                "GRANT {right} ON OBJECT::{}.{} TO {};",
                quoted(&schema),
                quoted(&object),
                quoted(principal)
            );
            self.push(
                change,
                &format!("GRANT {right} on {on} to {principal}"),
                script,
            );
        }
    }
}

pub(super) async fn rows(
    administrator: &mut Connection,
    question: &str,
) -> Result<Vec<Vec<Cell>>, Failure> {
    told(administrator.run_with_limit(question, usize::MAX).await)
}

/// The rows of an answer.
pub(super) fn told(response: Response) -> Result<Vec<Vec<Cell>>, Failure> {
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

pub(super) fn text(row: &[Cell], column: usize) -> String {
    match row.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Integer(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}
