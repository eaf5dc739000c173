//! The catalog as lines of text: one fact each, so that a difference reads like the statement
//! that made it.
//!
//! For each kind of fact there is a cheap question (count and checksum) that is asked after every
//! case, and a full one that is asked when the cheap one's answer changed.

use domain::history::ResultSet;
use domain::surface::Cell;
use sha2::{Digest, Sha256};

/// What the cheap questions of one database count: a view, the columns that matter, a filter.
/// Dates are left out on purpose: they differ when nothing else does.
pub(crate) const CHEAP_IN_DATABASE: [(&str, &str, &str); 12] = [
    (
        "database_permissions",
        "class, major_id, minor_id, grantee_principal_id, grantor_principal_id, type, state",
        "major_id >= 0",
    ),
    (
        "database_principals",
        "name, principal_id, type, default_schema_name, owning_principal_id, sid",
        "",
    ),
    (
        "database_role_members",
        "role_principal_id, member_principal_id",
        "",
    ),
    (
        "objects",
        "name, object_id, principal_id, schema_id, parent_object_id, type",
        "is_ms_shipped = 0",
    ),
    (
        "columns",
        "object_id, name, column_id, user_type_id, max_length, [precision], scale, is_nullable, default_object_id",
        "object_id > 0",
    ),
    (
        "indexes",
        "object_id, name, index_id, type, is_unique, is_disabled",
        "object_id > 0",
    ),
    (
        "triggers",
        "name, object_id, parent_id, is_disabled",
        "is_ms_shipped = 0",
    ),
    (
        "foreign_keys",
        "name, object_id, is_disabled, is_not_trusted",
        "",
    ),
    (
        "check_constraints",
        "name, object_id, is_disabled, is_not_trusted",
        "",
    ),
    (
        "tables",
        "object_id, temporal_type, history_table_id, history_retention_period",
        "is_ms_shipped = 0",
    ),
    ("schemas", "name, schema_id, principal_id", ""),
    (
        "sql_modules",
        "object_id, execute_as_principal_id, HASHBYTES('SHA2_256', definition)",
        "object_id > 0",
    ),
];

/// The same for the server.
pub(crate) const CHEAP_ON_SERVER: [(&str, &str, &str); 4] = [
    (
        "server_principals",
        "name, principal_id, type, is_disabled, default_database_name",
        "",
    ),
    (
        "server_role_members",
        "role_principal_id, member_principal_id",
        "",
    ),
    (
        "server_permissions",
        "class, major_id, minor_id, grantee_principal_id, type, state",
        "",
    ),
    (
        "databases",
        "name, database_id, owner_sid, is_trustworthy_on, is_db_chaining_on, is_read_only, user_access",
        "name <> N'tempdb'",
    ),
];

/// A full question, and how a row of its answer becomes a line.
pub(crate) struct FullQuestion {
    pub(crate) batch: &'static str,
    pub(crate) line: fn(&[Cell]) -> String,
}

/// All facts of the current database.
pub(crate) const FULL_IN_DATABASE: [FullQuestion; 10] = [
    FullQuestion {
        batch: "\
SELECT p.state_desc, p.permission_name, p.class_desc, os.name, o.name, c.name, s.name, t.name,
       g.name
FROM sys.database_permissions AS p
JOIN sys.database_principals AS g ON g.principal_id = p.grantee_principal_id
LEFT JOIN sys.objects AS o ON p.class = 1 AND o.object_id = p.major_id
LEFT JOIN sys.schemas AS os ON os.schema_id = o.schema_id
LEFT JOIN sys.columns AS c
  ON p.class = 1 AND c.object_id = p.major_id AND c.column_id = p.minor_id
LEFT JOIN sys.schemas AS s ON p.class = 3 AND s.schema_id = p.major_id
LEFT JOIN sys.database_principals AS t ON p.class = 4 AND t.principal_id = p.major_id
WHERE p.major_id >= 0",
        line: permission,
    },
    FullQuestion {
        batch: "\
SELECT p.type_desc, p.name, l.name, p.default_schema_name, o.name
FROM sys.database_principals AS p
LEFT JOIN sys.server_principals AS l ON l.sid = p.sid
LEFT JOIN sys.database_principals AS o ON o.principal_id = p.owning_principal_id",
        line: principal,
    },
    FullQuestion {
        batch: "\
SELECT r.name, m.name
FROM sys.database_role_members AS x
JOIN sys.database_principals AS r ON r.principal_id = x.role_principal_id
JOIN sys.database_principals AS m ON m.principal_id = x.member_principal_id",
        line: |row| format!("ALTER ROLE {} ADD MEMBER {}", text(row, 0), text(row, 1)),
    },
    FullQuestion {
        batch: "\
SELECT o.type_desc, s.name, o.name, u.name, q.name
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.database_principals AS u ON u.principal_id = o.principal_id
LEFT JOIN sys.objects AS q ON q.object_id = o.parent_object_id
WHERE o.is_ms_shipped = 0",
        line: object,
    },
    FullQuestion {
        batch: "\
SELECT s.name, o.name, c.name, y.name, c.max_length, c.[precision], c.scale, c.is_nullable,
       c.default_object_id
FROM sys.columns AS c
JOIN sys.objects AS o ON o.object_id = c.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.types AS y ON y.user_type_id = c.user_type_id
WHERE o.is_ms_shipped = 0",
        line: column,
    },
    FullQuestion {
        batch: "\
SELECT s.name, o.name, i.name, i.type_desc, i.is_unique, i.is_disabled
FROM sys.indexes AS i
JOIN sys.objects AS o ON o.object_id = i.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.is_ms_shipped = 0",
        line: index,
    },
    FullQuestion {
        batch: "\
SELECT N'TRIGGER', g.name, o.name, g.is_disabled
FROM sys.triggers AS g LEFT JOIN sys.objects AS o ON o.object_id = g.parent_id
WHERE g.is_ms_shipped = 0
UNION ALL
SELECT N'FOREIGN KEY', f.name, o.name, f.is_disabled
FROM sys.foreign_keys AS f JOIN sys.objects AS o ON o.object_id = f.parent_object_id
UNION ALL
SELECT N'CHECK', k.name, o.name, k.is_disabled
FROM sys.check_constraints AS k JOIN sys.objects AS o ON o.object_id = k.parent_object_id",
        line: |row| {
            let state = if flag(row, 3) { "disabled" } else { "enabled" };
            format!(
                "{} {} ON {}: {state}",
                text(row, 0),
                text(row, 1),
                text(row, 2)
            )
        },
    },
    FullQuestion {
        batch: "\
SELECT s.name, t.name, h.name, t.history_retention_period
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.tables AS h ON h.object_id = t.history_table_id
WHERE t.is_ms_shipped = 0",
        line: |row| {
            format!(
                "SYSTEM_VERSIONING OF {}.{} IN {} FOR {}",
                text(row, 0),
                text(row, 1),
                text(row, 2),
                match number(row, 3) {
                    ..=0 => "EVER".to_owned(),
                    periods => format!("{periods} PERIODS"),
                }
            )
        },
    },
    FullQuestion {
        batch: "\
SELECT s.name, p.name
FROM sys.schemas AS s JOIN sys.database_principals AS p ON p.principal_id = s.principal_id",
        line: |row| format!("SCHEMA {} AUTHORIZATION {}", text(row, 0), text(row, 1)),
    },
    FullQuestion {
        batch: "\
SELECT s.name, o.name, m.definition, u.name
FROM sys.sql_modules AS m
JOIN sys.objects AS o ON o.object_id = m.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.database_principals AS u ON u.principal_id = m.execute_as_principal_id
WHERE o.is_ms_shipped = 0",
        line: module,
    },
];

/// All facts of the server.
pub(crate) const FULL_ON_SERVER: [FullQuestion; 4] = [
    FullQuestion {
        batch: "\
SELECT p.type_desc, p.name, p.is_disabled, p.default_database_name FROM sys.server_principals AS p",
        line: |row| {
            let state = if flag(row, 2) { " DISABLED" } else { "" };
            format!(
                "{} {}{state} DEFAULT_DATABASE {}",
                text(row, 0),
                text(row, 1),
                text(row, 3)
            )
        },
    },
    FullQuestion {
        batch: "\
SELECT r.name, m.name
FROM sys.server_role_members AS x
JOIN sys.server_principals AS r ON r.principal_id = x.role_principal_id
JOIN sys.server_principals AS m ON m.principal_id = x.member_principal_id",
        line: |row| {
            format!(
                "ALTER SERVER ROLE {} ADD MEMBER {}",
                text(row, 0),
                text(row, 1)
            )
        },
    },
    FullQuestion {
        batch: "\
SELECT p.state_desc, p.permission_name, p.class_desc, t.name, g.name
FROM sys.server_permissions AS p
JOIN sys.server_principals AS g ON g.principal_id = p.grantee_principal_id
LEFT JOIN sys.server_principals AS t ON p.class = 101 AND t.principal_id = p.major_id",
        line: |row| {
            let on = match row.get(3) {
                Some(Cell::Text(login)) => format!(" ON LOGIN::{login}"),
                _ => String::new(),
            };
            format!("{} {}{on} TO {}", verb(row, 0), text(row, 1), text(row, 4))
        },
    },
    FullQuestion {
        batch: "\
SELECT d.name, SUSER_SNAME(d.owner_sid), d.is_trustworthy_on, d.is_db_chaining_on,
       d.is_read_only, d.user_access_desc
FROM sys.databases AS d WHERE d.name <> N'tempdb'",
        line: |row| {
            let mut line = format!("DATABASE {} OWNER {}", text(row, 0), text(row, 1));
            for (position, option) in [(2, "TRUSTWORTHY"), (3, "DB_CHAINING"), (4, "READ_ONLY")] {
                if flag(row, position) {
                    line.push(' ');
                    line.push_str(option);
                }
            }
            line.push(' ');
            line.push_str(&text(row, 5));
            line
        },
    },
];

/// The lines of the answers, sorted.
pub(crate) fn lines(questions: &[FullQuestion], answers: &[ResultSet]) -> Vec<String> {
    let mut lines: Vec<String> = questions
        .iter()
        .zip(answers)
        .flat_map(|(question, answer)| answer.rows.iter().map(|row| (question.line)(row)))
        .collect();
    lines.sort();
    lines
}

fn permission(row: &[Cell]) -> String {
    let securable = match text(row, 2).as_str() {
        "DATABASE" => " ON DATABASE".to_owned(),
        "SCHEMA" => format!(" ON SCHEMA::{}", text(row, 6)),
        "DATABASE_PRINCIPAL" => format!(" ON USER::{}", text(row, 7)),
        "OBJECT_OR_COLUMN" => {
            let column = match row.get(5) {
                Some(Cell::Text(column)) => format!("({column})"),
                _ => String::new(),
            };
            format!(" ON {}.{}{column}", text(row, 3), text(row, 4))
        }
        other => format!(" ON {other}"),
    };
    format!(
        "{} {}{securable} TO {}",
        verb(row, 0),
        text(row, 1),
        text(row, 8)
    )
}

fn verb(row: &[Cell], position: usize) -> String {
    match text(row, position).as_str() {
        "GRANT_WITH_GRANT_OPTION" => "GRANT (WITH GRANT OPTION)".to_owned(),
        other => other.to_owned(),
    }
}

fn principal(row: &[Cell]) -> String {
    let mut line = format!("{} {}", text(row, 0), text(row, 1));
    for (position, word) in [(2, "FOR LOGIN"), (3, "DEFAULT_SCHEMA"), (4, "OWNED BY")] {
        if let Some(Cell::Text(name)) = row.get(position) {
            line.push_str(&format!(" {word} {name}"));
        }
    }
    line
}

fn object(row: &[Cell]) -> String {
    let mut line = format!("{} {}.{}", text(row, 0), text(row, 1), text(row, 2));
    for (position, word) in [(4, "ON"), (3, "OWNED BY")] {
        if let Some(Cell::Text(name)) = row.get(position) {
            line.push_str(&format!(" {word} {name}"));
        }
    }
    line
}

fn column(row: &[Cell]) -> String {
    let null = if flag(row, 7) { "NULL" } else { "NOT NULL" };
    let default = match row.get(8) {
        Some(Cell::Integer(0)) | None => "",
        _ => " DEFAULT",
    };
    format!(
        "COLUMN {}.{}.{} {}({} bytes, {}, {}) {null}{default}",
        text(row, 0),
        text(row, 1),
        text(row, 2),
        text(row, 3),
        number(row, 4),
        number(row, 5),
        number(row, 6)
    )
}

fn index(row: &[Cell]) -> String {
    let name = match row.get(2) {
        Some(Cell::Text(name)) => name.clone(),
        _ => "(heap)".to_owned(),
    };
    let unique = if flag(row, 4) { " UNIQUE" } else { "" };
    let disabled = if flag(row, 5) { " DISABLED" } else { "" };
    format!(
        "INDEX {name} ON {}.{} {}{unique}{disabled}",
        text(row, 0),
        text(row, 1),
        text(row, 3)
    )
}

fn module(row: &[Cell]) -> String {
    let digest = Sha256::digest(text(row, 2).as_bytes());
    let digest: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let execute_as = match row.get(3) {
        Some(Cell::Text(user)) => format!(" EXECUTE AS {user}"),
        _ => String::new(),
    };
    format!(
        "DEFINITION OF {}.{} sha256:{digest}{execute_as}",
        text(row, 0),
        text(row, 1)
    )
}

fn text(row: &[Cell], position: usize) -> String {
    match row.get(position) {
        Some(Cell::Text(text)) => text.trim_end().to_owned(),
        _ => String::new(),
    }
}

fn number(row: &[Cell], position: usize) -> i64 {
    match row.get(position) {
        Some(Cell::Integer(number)) => *number,
        _ => 0,
    }
}

fn flag(row: &[Cell], position: usize) -> bool {
    match row.get(position) {
        Some(Cell::Bit(flag)) => *flag,
        Some(Cell::Integer(number)) => *number != 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use domain::surface::Cell;

    use super::{FULL_IN_DATABASE, permission};

    fn row(values: &[Option<&str>]) -> Vec<Cell> {
        values
            .iter()
            .map(|v| v.map_or(Cell::Null, |v| Cell::Text(v.into())))
            .collect()
    }

    #[test]
    fn a_permission_reads_like_the_statement_that_gave_it() {
        let object = Some("OBJECT_OR_COLUMN");
        for (cells, expected) in [
            (
                [
                    Some("GRANT"),
                    Some("DELETE"),
                    object,
                    Some("dbo"),
                    Some("AuditEvents"),
                    None,
                    None,
                    None,
                    Some("app_rw"),
                ],
                "GRANT DELETE ON dbo.AuditEvents TO app_rw",
            ),
            (
                [
                    Some("DENY"),
                    Some("SELECT"),
                    object,
                    Some("dbo"),
                    Some("T"),
                    Some("c"),
                    None,
                    None,
                    Some("public"),
                ],
                "DENY SELECT ON dbo.T(c) TO public",
            ),
            (
                [
                    Some("GRANT"),
                    Some("CONTROL"),
                    Some("SCHEMA"),
                    None,
                    None,
                    None,
                    Some("dbo"),
                    None,
                    Some("x"),
                ],
                "GRANT CONTROL ON SCHEMA::dbo TO x",
            ),
            (
                [
                    Some("GRANT"),
                    Some("CONNECT"),
                    Some("DATABASE"),
                    None,
                    None,
                    None,
                    None,
                    None,
                    Some("guest"),
                ],
                "GRANT CONNECT ON DATABASE TO guest",
            ),
        ] {
            assert_eq!(permission(&row(&cells)), expected);
        }
    }

    #[test]
    fn a_membership_reads_like_alter_role() {
        assert_eq!(
            (FULL_IN_DATABASE[2].line)(&row(&[Some("db_owner"), Some("app_rw")])),
            "ALTER ROLE db_owner ADD MEMBER app_rw"
        );
    }
}
