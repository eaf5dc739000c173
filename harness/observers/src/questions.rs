//! What each topic of an inspection asks of a database, in plain catalog queries.

use domain::inspection::Topic;

/// The statements of a topic; the answer has one result set for each, in this order.
pub(crate) fn statements(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::Versioning => &[VERSIONING],
        Topic::Schema => &[
            SCHEMA_COLUMNS,
            SCHEMA_MODULES,
            SCHEMA_INDEXES,
            SCHEMA_SYNONYMS,
        ],
        // The configuration has its words; a restore is tried.
        Topic::Register | Topic::Restore | Topic::Transport => &[],
        Topic::Rights => &[PRINCIPALS, MEMBERS, OWNERS, PERMISSIONS],
        Topic::Keys => &[COLUMNS, INDEXES, REFERENCES],
        Topic::Guards => &[GUARDS],
        Topic::Modules => &[MODULES, SYNONYMS],
        Topic::Statements => &[STATEMENTS, DROPPED],
    }
}

/// The same of a server that does not know a column (error 207), where there is another way to
/// ask.
pub(crate) fn plainer(topic: Topic) -> Option<&'static [&'static str]> {
    match topic {
        Topic::Statements => Some(&[STATEMENTS_OF_ANYBODY, DROPPED]),
        _ => None,
    }
}

/// Tables: schema, name, temporal_type (0 none, 1 history, 2 system-versioned), schema and name of
/// the history table, columns of the period, retention (-1 is for ever).
const VERSIONING: &str = "\
SELECT s.name AS [schema], t.name AS [table], t.temporal_type, hs.name AS history_schema,
       h.name AS history_table, a.name AS period_start, z.name AS period_end,
       t.history_retention_period
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
LEFT JOIN sys.tables AS h ON h.object_id = t.history_table_id
LEFT JOIN sys.schemas AS hs ON hs.schema_id = h.schema_id
LEFT JOIN sys.periods AS p ON p.object_id = t.object_id
LEFT JOIN sys.columns AS a ON a.object_id = t.object_id AND a.column_id = p.start_column_id
LEFT JOIN sys.columns AS z ON z.object_id = t.object_id AND z.column_id = p.end_column_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name";

/// Columns: schema, table, name, type, bytes, precision, scale, whether NULL is allowed.
const SCHEMA_COLUMNS: &str = "\
SELECT s.name AS [schema], t.name AS [table], c.name AS [column], y.name AS [type], c.max_length,
       c.[precision], c.scale, c.is_nullable
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.columns AS c ON c.object_id = t.object_id
JOIN sys.types AS y ON y.user_type_id = c.user_type_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name, c.column_id";

/// Modules: type, schema, name, SHA-256 of the text.
const SCHEMA_MODULES: &str = "\
SELECT o.type, s.name AS [schema], o.name, CONVERT(varchar(64), HASHBYTES('SHA2_256', m.definition), 2)
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.sql_modules AS m ON m.object_id = o.object_id
WHERE o.is_ms_shipped = 0
ORDER BY s.name, o.name";

/// Indexes: schema, table, name, type, whether unique.
const SCHEMA_INDEXES: &str = "\
SELECT s.name AS [schema], t.name AS [table], i.name, i.type_desc, i.is_unique
FROM sys.indexes AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE i.index_id > 0 AND t.is_ms_shipped = 0
ORDER BY s.name, t.name, i.name";

/// Synonyms: schema, name, what it stands for.
const SCHEMA_SYNONYMS: &str = "\
SELECT s.name AS [schema], n.name, n.base_object_name
FROM sys.synonyms AS n
JOIN sys.schemas AS s ON s.schema_id = n.schema_id
ORDER BY s.name, n.name";

/// Users and roles: name, type.
const PRINCIPALS: &str = "\
SELECT p.name, p.type FROM sys.database_principals AS p ORDER BY p.name";

/// Memberships: role, member.
const MEMBERS: &str = "\
SELECT r.name AS [role], m.name AS member
FROM sys.database_role_members AS x
JOIN sys.database_principals AS r ON r.principal_id = x.role_principal_id
JOIN sys.database_principals AS m ON m.principal_id = x.member_principal_id
ORDER BY r.name, m.name";

/// Tables: schema, name, owner. A table without an owner of its own is its schema's owner's.
const OWNERS: &str = "\
SELECT s.name AS [schema], t.name AS [table], p.name AS [owner]
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.database_principals AS p ON p.principal_id = COALESCE(t.principal_id, s.principal_id)
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name";

/// Rights on the database (class 0), on objects without their columns (1) and on schemas (3):
/// state, permission, class, schema, object, grantee.
const PERMISSIONS: &str = "\
SELECT x.state_desc, x.permission_name, x.class, COALESCE(os.name, s.name) AS [schema],
       o.name AS object, g.name AS grantee
FROM sys.database_permissions AS x
JOIN sys.database_principals AS g ON g.principal_id = x.grantee_principal_id
LEFT JOIN sys.objects AS o ON x.class = 1 AND o.object_id = x.major_id
LEFT JOIN sys.schemas AS os ON os.schema_id = o.schema_id
LEFT JOIN sys.schemas AS s ON x.class = 3 AND s.schema_id = x.major_id
WHERE x.major_id >= 0 AND x.minor_id = 0 AND x.class IN (0, 1, 3)
ORDER BY g.name, x.permission_name, x.class, x.major_id";

/// Columns of tables: schema, table, column, temporal_type of the table (1 is history).
const COLUMNS: &str = "\
SELECT s.name AS [schema], t.name AS [table], c.name AS [column],
       CAST(t.temporal_type AS int) AS temporal_type
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.columns AS c ON c.object_id = t.object_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name, c.column_id";

/// Triggers of tables, one row for each event: schema, table, trigger, whether it acts instead of the
/// statement, whether it is off, event. A table without triggers has one row with NULL.
const GUARDS: &str = "\
SELECT s.name AS [schema], t.name AS [table], g.name AS [trigger],
       CAST(g.is_instead_of_trigger AS int) AS is_instead_of, CAST(g.is_disabled AS int) AS is_disabled,
       e.type_desc AS event
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
LEFT JOIN sys.triggers AS g ON g.parent_id = t.object_id
LEFT JOIN sys.trigger_events AS e ON e.object_id = g.object_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name, g.name, e.type_desc";

/// Indexes and keys: schema, table, index, primary key, unique, first column.
const INDEXES: &str = "\
SELECT s.name AS [schema], t.name AS [table], i.name AS [index],
       CAST(i.is_primary_key AS int) AS is_primary_key, CAST(i.is_unique AS int) AS is_unique,
       c.name AS first_column
FROM sys.indexes AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE t.is_ms_shipped = 0 AND k.key_ordinal = 1
ORDER BY s.name, t.name, i.name";

/// Foreign keys: schema, table, key, column, referenced schema, table and column, in order.
const REFERENCES: &str = "\
SELECT s.name AS [schema], t.name AS [table], f.name AS [key], c.name AS [column],
       rs.name AS referenced_schema, r.name AS referenced_table, d.name AS referenced_column
FROM sys.foreign_keys AS f
JOIN sys.tables AS t ON t.object_id = f.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id
JOIN sys.columns AS c
  ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
JOIN sys.tables AS r ON r.object_id = f.referenced_object_id
JOIN sys.schemas AS rs ON rs.schema_id = r.schema_id
JOIN sys.columns AS d
  ON d.object_id = k.referenced_object_id AND d.column_id = k.referenced_column_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name, f.name, k.constraint_column_id";

/// Modules: schema, name, type, definition, 1 when somebody else than the owner may run or use it.
/// A right that was granted at any scope counts, and a DENY undoes none: what somebody may use by
/// mistake is looked at, too.
const MODULES: &str = "\
SELECT s.name AS [schema], o.name, RTRIM(o.type) AS type, m.definition,
       CASE WHEN EXISTS (SELECT 1 FROM sys.database_permissions AS x
                         WHERE x.state IN ('G', 'W')
                           AND x.permission_name IN ('EXECUTE', 'SELECT', 'INSERT', 'UPDATE',
                                                     'DELETE', 'CONTROL', 'TAKE OWNERSHIP')
                           AND ((x.class = 0)
                             OR (x.class = 1 AND x.major_id = o.object_id)
                             OR (x.class = 3 AND x.major_id = o.schema_id)))
              OR EXISTS (SELECT 1 FROM sys.database_role_members AS y
                         JOIN sys.database_principals AS r
                           ON r.principal_id = y.role_principal_id
                         WHERE y.member_principal_id <> 1
                           AND r.name IN ('db_owner', 'db_datareader', 'db_datawriter'))
            THEN 1 ELSE 0 END AS reachable
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.sql_modules AS m ON m.object_id = o.object_id
WHERE o.is_ms_shipped = 0
ORDER BY s.name, o.name";

/// Synonyms: schema, name, what for.
const SYNONYMS: &str = "\
SELECT s.name AS [schema], n.name, n.base_object_name
FROM sys.synonyms AS n
JOIN sys.schemas AS s ON s.schema_id = n.schema_id
ORDER BY s.name, n.name";

/// Texts that ran in this database and are no module's: login, text. Modules are known by their
/// definitions; what the session that asks ran itself is left out.
const STATEMENTS: &str = "\
SELECT DISTINCT q.login_name, t.text
FROM sys.dm_exec_query_stats AS q
CROSS APPLY sys.dm_exec_sql_text(q.sql_handle) AS t
CROSS APPLY sys.dm_exec_plan_attributes(q.plan_handle) AS a
WHERE t.objectid IS NULL AND a.attribute = 'dbid' AND CONVERT(int, a.value) = DB_ID()
  AND (q.login_name IS NULL OR q.login_name <> ORIGINAL_LOGIN())
ORDER BY t.text, q.login_name";

/// The same where the server does not say who ran a text, as a real one does not.
const STATEMENTS_OF_ANYBODY: &str = "\
SELECT DISTINCT CONVERT(nvarchar(128), NULL) AS login_name, t.text
FROM sys.dm_exec_query_stats AS q
CROSS APPLY sys.dm_exec_sql_text(q.sql_handle) AS t
CROSS APPLY sys.dm_exec_plan_attributes(q.plan_handle) AS a
WHERE t.objectid IS NULL AND a.attribute = 'dbid' AND CONVERT(int, a.value) = DB_ID()
ORDER BY t.text";

/// How many statements the embedded server has let go since it started; a real server does not
/// count them, and answers with no row.
const DROPPED: &str = "\
SELECT c.cntr_value FROM sys.dm_os_performance_counters AS c
WHERE c.counter_name = 'Statements Dropped'";
