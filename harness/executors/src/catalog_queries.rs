//! The catalog questions that introspection asks, in words that SQL Server 2017 and later and the
//! embedded server answer alike.

/// User tables: id, schema, name, history table's id, start and end column of the period.
pub(crate) const TABLES: &str = "\
SELECT t.object_id, s.name, t.name, t.history_table_id, a.name, z.name
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
LEFT JOIN sys.periods AS p ON p.object_id = t.object_id
LEFT JOIN sys.columns AS a ON a.object_id = t.object_id AND a.column_id = p.start_column_id
LEFT JOIN sys.columns AS z ON z.object_id = t.object_id AND z.column_id = p.end_column_id
WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name";

/// Their columns: table id, name, base type, bytes, nullable, identity, computed, default's id, and
/// whether the server keeps a period in them.
pub(crate) const COLUMNS: &str = "\
SELECT c.object_id, c.name, y.name, c.max_length, c.is_nullable, c.is_identity, c.is_computed,
       c.default_object_id, c.generated_always_type
FROM sys.columns AS c
JOIN sys.tables AS t ON t.object_id = c.object_id
JOIN sys.types AS y ON y.user_type_id = c.system_type_id
ORDER BY c.object_id, c.column_id";

/// Unique indexes: table id, index id, primary key, column.
pub(crate) const KEYS: &str = "\
SELECT i.object_id, i.index_id, i.is_primary_key, c.name
FROM sys.indexes AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE i.is_unique = 1 AND k.is_included_column = 0
ORDER BY i.object_id, i.index_id, k.key_ordinal";

/// Foreign keys: table id, key id, column, referenced schema, table and column.
pub(crate) const FOREIGN_KEYS: &str = "\
SELECT f.parent_object_id, f.constraint_object_id, c.name, s.name, r.name, d.name
FROM sys.foreign_key_columns AS f
JOIN sys.columns AS c
  ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
JOIN sys.tables AS r ON r.object_id = f.referenced_object_id
JOIN sys.schemas AS s ON s.schema_id = r.schema_id
JOIN sys.columns AS d
  ON d.object_id = f.referenced_object_id AND d.column_id = f.referenced_column_id
ORDER BY f.parent_object_id, f.constraint_object_id, f.constraint_column_id";

/// Triggers on tables: table id, name.
pub(crate) const TRIGGERS: &str = "\
SELECT g.parent_id, g.name FROM sys.triggers AS g
WHERE g.parent_class = 1 ORDER BY g.parent_id, g.name";

/// Views, procedures and functions: id, schema, name, type.
pub(crate) const MODULES: &str = "\
SELECT o.object_id, s.name, o.name, o.type
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('V', 'P', 'FN', 'IF', 'TF') AND o.is_ms_shipped = 0
ORDER BY s.name, o.name";

/// The texts of what asks the session for something.
pub(crate) const SESSION_KEYS: &str = "\
SELECT m.definition FROM sys.sql_modules AS m
WHERE m.definition LIKE N'%SESSION[_]CONTEXT%' ORDER BY m.object_id";

/// Their parameters: module id, name, type, gives something back.
pub(crate) const PARAMETERS: &str = "\
SELECT p.object_id, p.name, y.name, p.is_output
FROM sys.parameters AS p JOIN sys.types AS y ON y.user_type_id = p.user_type_id
WHERE p.parameter_id > 0 ORDER BY p.object_id, p.parameter_id";

/// Columns of views and table functions: module id, name, base type, bytes, nullable.
pub(crate) const MODULE_COLUMNS: &str = "\
SELECT c.object_id, c.name, y.name, c.max_length, c.is_nullable
FROM sys.columns AS c
JOIN sys.objects AS o ON o.object_id = c.object_id
JOIN sys.types AS y ON y.user_type_id = c.system_type_id
WHERE o.type IN ('V', 'IF', 'TF') AND o.is_ms_shipped = 0
ORDER BY c.object_id, c.column_id";

/// Columns that were granted one by one to be updated: object id, name.
pub(crate) const UPDATABLE: &str = "\
SELECT DISTINCT p.major_id, c.name
FROM sys.database_permissions AS p
JOIN sys.columns AS c ON c.object_id = p.major_id AND c.column_id = p.minor_id
WHERE p.class = 1 AND p.minor_id > 0 AND p.permission_name = N'UPDATE' AND p.state IN ('G', 'W')
ORDER BY p.major_id, c.name";

/// Modules that read the past of temporal tables: object id.
pub(crate) const PAST: &str = "\
SELECT m.object_id FROM sys.sql_modules AS m
WHERE UPPER(m.definition) LIKE N'%FOR SYSTEM[_]TIME%' ORDER BY m.object_id";

/// Users and roles that are not built in: name, type.
pub(crate) const PRINCIPALS: &str = "\
SELECT p.name, p.type FROM sys.database_principals AS p
WHERE p.is_fixed_role = 0
  AND p.name NOT IN (N'public', N'dbo', N'guest', N'sys', N'INFORMATION_SCHEMA')
ORDER BY p.name";

/// Memberships: member, role.
pub(crate) const MEMBERS: &str = "\
SELECT m.name, r.name
FROM sys.database_role_members AS x
JOIN sys.database_principals AS m ON m.principal_id = x.member_principal_id
JOIN sys.database_principals AS r ON r.principal_id = x.role_principal_id
ORDER BY m.name, r.name";

/// Schemas that are not built in, and dbo.
pub(crate) const SCHEMAS: &str = "\
SELECT s.name FROM sys.schemas AS s
WHERE s.schema_id < 16384 AND s.name NOT IN (N'guest', N'sys', N'INFORMATION_SCHEMA')
ORDER BY s.name";
