-- Temporal tables: which definitions are accepted, and what the server makes of them.
-- session: sa@master
CREATE DATABASE temporal_shapes;
GO
USE temporal_shapes;
GO
--> database temporal_shapes
-- A history table without a name gets one, in the schema of its table, with an index on the
-- period. HIDDEN columns are there for those who name them.
CREATE SCHEMA s;
GO
CREATE TABLE s.t
(
    id int IDENTITY NOT NULL CONSTRAINT pk_t PRIMARY KEY,
    v nvarchar(10) COLLATE Latin1_General_BIN2 NULL CONSTRAINT df_v DEFAULT N'x',
    a datetime2 GENERATED ALWAYS AS ROW START HIDDEN,
    b datetime2 GENERATED ALWAYS AS ROW END HIDDEN,
    PERIOD FOR SYSTEM_TIME (a, b)
) WITH (SYSTEM_VERSIONING = ON);
GO
INSERT s.t DEFAULT VALUES;
INSERT s.t VALUES (N'y');
UPDATE s.t SET v = N'z' WHERE id = 2;
SELECT * FROM s.t;
SELECT id, v, b FROM s.t WHERE a > '2026-01-01';
GO
--> (Insert: 1 row)
--> (Insert: 1 row)
--> (Update: 1 row)
--> [id | v]
-->  1 | x
-->  2 | z
--> [id | v | b]
-->  1 | x | 9999-12-31 23:59:59.9999999
-->  2 | z | 9999-12-31 23:59:59.9999999
SELECT REPLACE(h.name, CONVERT(nvarchar(20), t.object_id), N'#') AS history, h.temporal_type_desc AS h,
    t.temporal_type_desc AS t, i.type_desc AS kind, t.history_retention_period_unit_desc AS kept
FROM sys.tables AS t JOIN sys.tables AS h ON h.object_id = t.history_table_id
JOIN sys.indexes AS i ON i.object_id = h.object_id WHERE i.name = N'ix_' + h.name;
SELECT c.name, TYPE_NAME(c.system_type_id) AS type, c.is_nullable AS n, c.is_identity AS i, c.is_hidden AS h,
    c.generated_always_type_desc AS g, c.collation_name
FROM sys.columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id ORDER BY t.temporal_type, c.column_id;
SELECT name, period_type_desc, OBJECT_NAME(object_id) AS t, start_column_id AS s, end_column_id AS e FROM sys.periods;
GO
--> [history | h | t | kind | kept]
-->  MSSQL_TemporalHistoryFor_# | HISTORY_TABLE | SYSTEM_VERSIONED_TEMPORAL_TABLE | CLUSTERED | INFINITE
--> [name | type | n | i | h | g | collation_name]
-->  id | int | 0 | 0 | 0 | NOT_APPLICABLE | NULL
-->  v | nvarchar | 1 | 0 | 0 | NOT_APPLICABLE | Latin1_General_BIN2
-->  a | datetime2 | 0 | 0 | 0 | NOT_APPLICABLE | NULL
-->  b | datetime2 | 0 | 0 | 0 | NOT_APPLICABLE | NULL
-->  id | int | 0 | 1 | 0 | NOT_APPLICABLE | NULL
-->  v | nvarchar | 1 | 0 | 0 | NOT_APPLICABLE | Latin1_General_BIN2
-->  a | datetime2 | 0 | 0 | 1 | AS_ROW_START | NULL
-->  b | datetime2 | 0 | 0 | 1 | AS_ROW_END | NULL
--> [name | period_type_desc | t | s | e]
-->  SYSTEM_TIME | SYSTEM_TIME_PERIOD | t | 3 | 4
SELECT OBJECTPROPERTY(OBJECT_ID(N's.t'), 'TableTemporalType') AS t,
    COLUMNPROPERTY(OBJECT_ID(N's.t'), 'a', 'GeneratedAlwaysType') AS g, COLUMNPROPERTY(OBJECT_ID(N's.t'), 'a', 'IsHidden') AS h;
GO
--> [t | g | h]
-->  2 | 1 | 1
-- What is refused.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END);
GO
--> Msg 13509, Level 16, State 1, Line 2: Cannot create generated always column when SYSTEM_TIME period is not defined.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b));
GO
--> Msg 13501, Level 16, State 1, Line 1: Temporal generated always column 'a' has invalid data type.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START NULL, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b));
GO
--> Msg 13587, Level 16, State 1, Line 1: Period column 'a' in a system-versioned temporal table cannot be nullable.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2, PERIOD FOR SYSTEM_TIME (a, b));
GO
--> Msg 13505, Level 16, State 1, Line 1: Temporal 'GENERATED ALWAYS AS ROW END' column definition missing.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (b, a));
GO
--> Msg 13506, Level 16, State 1, Line 1: System-versioned table SYSTEM_TIME period definition start column name not matching 'GENERATED ALWAYS AS ROW START' column name.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2(3) GENERATED ALWAYS AS ROW START, b datetime2(4) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b));
GO
--> Msg 13513, Level 16, State 1, Line 1: SYSTEM_TIME period columns cannot have different datatype precision.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW START, PERIOD FOR SYSTEM_TIME (a, b));
GO
--> Msg 13502, Level 16, State 1, Line 1: System-versioned table cannot have more than one 'GENERATED ALWAYS AS ROW START' column.
CREATE TABLE dbo.x (id int PRIMARY KEY, v int) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.h));
GO
--> Msg 13510, Level 16, State 1, Line 1: Cannot set SYSTEM_VERSIONING to ON when SYSTEM_TIME period is not defined.
CREATE TABLE dbo.x (id int, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON);
GO
--> Msg 13553, Level 16, State 1, Line 1: System versioned temporal table 'temporal_shapes.dbo.x' must have primary key defined.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = h));
GO
--> Msg 13539, Level 16, State 1, Line 1: Setting SYSTEM_VERSIONING to ON failed because history table 'h' is not specified in two-part name format.
CREATE TABLE #x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON);
GO
--> Msg 13568, Level 16, State 1, Line 1: System-versioned temporal table 'tempdb.dbo.#x' cannot be created in a 'tempdb' database.
DECLARE @x TABLE (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b));
GO
--> Msg 13572, Level 16, State 1, Line 1: Creating table variables containing PERIOD is not allowed.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b))
WITH (SYSTEM_VERSIONING = ON (HISTORY_RETENTION_PERIOD = 3 MOONS));
GO
--> Msg 13744, Level 16, State 1, Line 1: 'MOONS' is not a valid history retention period unit for system versioning.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b))
WITH (MEMORY_OPTIMIZED = ON, SYSTEM_VERSIONING = ON);
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support the table option MEMORY_OPTIMIZED.
CREATE TABLE dbo.x (id int PRIMARY KEY, v int HIDDEN);
GO
--> Msg 102, Level 15, State 1, Line 1: Incorrect syntax near 'HIDDEN'.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b), PERIOD FOR SYSTEM_TIME (a, b));
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support a second PERIOD FOR SYSTEM_TIME.
CREATE TABLE dbo.x (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON, SYSTEM_VERSIONING = ON);
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support a second SYSTEM_VERSIONING clause.
ALTER TABLE s.t ALTER COLUMN v nvarchar(10) GENERATED ALWAYS AS ROW START;
GO
--> Msg 13589, Level 16, State 1, Line 1: Column 'v' in table 'temporal_shapes.s.t' cannot be specified as 'GENERATED ALWAYS' in ALTER COLUMN statement.
SELECT name FROM sys.tables WHERE name = N'x';
GO
--> [name]
-- Any precision: the end is the last moment that it knows, and the clock is rounded to it.
CREATE TABLE dbo.seconds (id int PRIMARY KEY, a datetime2(0) GENERATED ALWAYS AS ROW START, b datetime2(0) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON);
INSERT dbo.seconds (id) VALUES (1);
SELECT a, b FROM dbo.seconds;
GO
--> (Insert: 1 row)
--> [a | b]
-->  2026-01-01 00:00:00 | 9999-12-31 23:59:59
