-- Temporal tables: what may change about a pair of tables, and what must not.
-- session: sa@master
CREATE DATABASE temporal_changes;
GO
USE temporal_changes;
GO
--> database temporal_changes
CREATE TABLE dbo.t
(
    id int NOT NULL CONSTRAINT pk_t PRIMARY KEY,
    v varchar(5) NULL,
    a datetime2 GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    b datetime2 GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (a, b)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.t_past));
INSERT dbo.t VALUES (1, 'one'), (2, 'two');
UPDATE dbo.t SET v = 'uno' WHERE id = 1;
GO
--> (Insert: 2 rows)
--> (Update: 1 row)
-- Columns come, change and go in both tables at once.
ALTER TABLE dbo.t ADD note nvarchar(20) NULL;
ALTER TABLE dbo.t ADD kind int NOT NULL CONSTRAINT df_kind DEFAULT 7;
ALTER TABLE dbo.t ALTER COLUMN v varchar(20) NULL;
EXEC sp_rename 'dbo.t.note', 'remark', 'COLUMN';
SELECT * FROM dbo.t ORDER BY id;
SELECT id, v, remark, kind FROM dbo.t_past;
GO
--> Info 15477, Line 5: Caution: Changing any part of an object name could break scripts and stored procedures.
--> [id | v | remark | kind]
-->  1 | uno | NULL | 7
-->  2 | two | NULL | 7
--> [id | v | remark | kind]
-->  1 | one | NULL | 7
UPDATE dbo.t SET v = 'longer than five', remark = N'r' WHERE id = 2;
SELECT id, v, remark, kind FROM dbo.t FOR SYSTEM_TIME ALL ORDER BY id, a;
GO
--> (Update: 1 row)
--> [id | v | remark | kind]
-->  1 | one | NULL | 7
-->  1 | uno | NULL | 7
-->  2 | two | NULL | 7
-->  2 | longer than five | r | 7
ALTER TABLE dbo.t DROP CONSTRAINT df_kind;
ALTER TABLE dbo.t DROP COLUMN kind, remark;
SELECT t.name, c.name AS c, TYPE_NAME(c.system_type_id) AS type, c.max_length AS n FROM sys.columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id ORDER BY t.name, c.column_id;
GO
--> [name | c | type | n]
-->  t | id | int | 4
-->  t | v | varchar | 20
-->  t | a | datetime2 | 8
-->  t | b | datetime2 | 8
-->  t_past | id | int | 4
-->  t_past | v | varchar | 20
-->  t_past | a | datetime2 | 8
-->  t_past | b | datetime2 | 8
ALTER TABLE dbo.t ALTER COLUMN a DROP HIDDEN;
SELECT COUNT(a) AS n FROM (SELECT * FROM dbo.t) AS x;
ALTER TABLE dbo.t ALTER COLUMN a ADD HIDDEN;
GO
--> [n]
-->  2
ALTER TABLE dbo.t ALTER COLUMN v ADD HIDDEN;
GO
--> Msg 13735, Level 16, State 1, Line 1: Cannot alter HIDDEN attribute on column 'v' in table 'temporal_changes.dbo.t' because this column is not a generated always column.
-- A column that cannot be NULL must not be NULL in the past either.
ALTER TABLE dbo.t ALTER COLUMN v varchar(20) NOT NULL;
UPDATE dbo.t SET v = 'x' WHERE id = 1;
GO
--> (Update: 1 row)
-- What is refused on the current table.
ALTER TABLE dbo.t ADD c AS id + 1;
GO
--> Msg 13724, Level 16, State 1, Line 2: System-versioned table schema modification failed because adding computed column while system-versioning is ON is not supported.
ALTER TABLE dbo.t ADD i int IDENTITY;
GO
--> Msg 13704, Level 16, State 1, Line 1: System-versioned table schema modification failed because history table 'temporal_changes.dbo.t_past' has IDENTITY column specification. Consider dropping all IDENTITY column specifications and trying again.
ALTER TABLE dbo.t ADD g uniqueidentifier ROWGUIDCOL;
GO
--> Msg 13723, Level 16, State 1, Line 1: System-versioned table schema modification failed because history table 'temporal_changes.dbo.t_past' has ROWGUID column specification. Consider dropping all ROWGUID column specifications and trying again.
ALTER TABLE dbo.t ALTER COLUMN a datetime2(3) NOT NULL;
GO
--> Msg 13599, Level 16, State 1, Line 1: Period column 'a' in a system-versioned temporal table cannot be altered.
ALTER TABLE dbo.t DROP COLUMN b;
GO
--> Msg 13588, Level 16, State 1, Line 1: Column 'b' in table 'temporal_changes.dbo.t' cannot be dropped because it is a part of period definition.
ALTER TABLE dbo.t DROP PERIOD FOR SYSTEM_TIME;
GO
--> Msg 13592, Level 16, State 1, Line 1: Cannot drop SYSTEM_TIME period from table 'temporal_changes.dbo.t' when SYSTEM_VERSIONING is ON.
ALTER TABLE dbo.t ADD PERIOD FOR SYSTEM_TIME (a, b);
GO
--> Msg 13597, Level 16, State 1, Line 1: Temporal SYSTEM_TIME period is already defined on table 'temporal_changes.dbo.t'.
ALTER TABLE dbo.t DROP CONSTRAINT pk_t;
GO
--> Msg 13557, Level 16, State 1, Line 1: Cannot drop PRIMARY KEY constraint from a system-versioned temporal table 'temporal_changes.dbo.t'.
TRUNCATE TABLE dbo.t;
GO
--> Msg 13545, Level 16, State 1, Line 1: Truncate failed on table 'temporal_changes.dbo.t' because it is not a supported operation on system-versioned tables.
DROP TABLE dbo.t;
GO
--> Msg 13552, Level 16, State 1, Line 1: Drop table operation failed on table 'temporal_changes.dbo.t' because it is not a supported operation on system-versioned temporal tables.
CREATE TABLE dbo.sink (id int NOT NULL PRIMARY KEY, v varchar(20) NOT NULL, a datetime2 NOT NULL, b datetime2 NOT NULL);
GO
ALTER TABLE dbo.t SWITCH TO dbo.sink;
GO
--> Msg 13546, Level 16, State 1, Line 1: Switching out partition failed on table 'temporal_changes.dbo.t' because it is not a supported operation on system-versioned tables. Consider setting SYSTEM_VERSIONING to OFF and trying again.
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = ON);
GO
--> Msg 13596, Level 16, State 1, Line 1: SYSTEM_VERSIONING is already turned ON for table 'temporal_changes.dbo.t'.
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.another));
GO
--> Msg 13757, Level 16, State 1, Line 1: Temporal table 'temporal_changes.dbo.t' already has history table defined. Consider dropping system_versioning first if you want to use different history table.
-- What is refused on the history table.
DROP TABLE dbo.t_past;
GO
--> Msg 13552, Level 16, State 1, Line 2: Drop table operation failed on table 'temporal_changes.dbo.t_past' because it is not a supported operation on system-versioned temporal tables.
TRUNCATE TABLE dbo.t_past;
GO
--> Msg 13545, Level 16, State 1, Line 1: Truncate failed on table 'temporal_changes.dbo.t_past' because it is not a supported operation on system-versioned tables.
ALTER TABLE dbo.t_past ADD c int;
GO
--> Msg 13550, Level 16, State 1, Line 1: Add column operation failed on table 'temporal_changes.dbo.t_past' because it is not a supported operation on system-versioned temporal tables.
ALTER TABLE dbo.t_past ALTER COLUMN v varchar(30);
GO
--> Msg 13548, Level 16, State 1, Line 1: Cannot alter column 'v' on table 'temporal_changes.dbo.t_past' because it is not a supported operation on system-versioned temporal tables.
ALTER TABLE dbo.t_past DROP COLUMN v;
GO
--> Msg 13551, Level 16, State 1, Line 1: Drop column operation failed on table 'temporal_changes.dbo.t_past' because it is not a supported operation on system-versioned temporal tables.
ALTER TABLE dbo.t_past ADD CONSTRAINT pk_past PRIMARY KEY NONCLUSTERED (id, b);
GO
--> Msg 13558, Level 16, State 1, Line 1: Cannot add PRIMARY KEY constraint to a temporal history table 'temporal_changes.dbo.t_past'.
ALTER TABLE dbo.t_past ADD CONSTRAINT uq_past UNIQUE (id, b);
GO
--> Msg 13583, Level 16, State 1, Line 1: Cannot add UNIQUE KEY constraint to a temporal history table 'temporal_changes.dbo.t_past'.
ALTER TABLE dbo.t_past ADD CONSTRAINT ck_past CHECK (id > 0);
GO
--> Msg 13564, Level 16, State 1, Line 1: Adding CHECK constraint to a temporal history table 'temporal_changes.dbo.t_past' is not allowed.
ALTER TABLE dbo.t_past ADD CONSTRAINT fk_past FOREIGN KEY (id) REFERENCES dbo.t (id);
GO
--> Msg 13565, Level 16, State 0, Line 1: Foreign key 'fk_past' is not valid. A temporal history table cannot be used in a foreign key definition.
--> Msg 1750, Level 16, State 0, Line 1: Could not create constraint or index. See previous errors.
ALTER TABLE dbo.t_past ADD PERIOD FOR SYSTEM_TIME (a, b);
GO
--> Msg 13598, Level 16, State 1, Line 1: Temporal SYSTEM_TIME period cannot be defined on history table 'temporal_changes.dbo.t_past'.
CREATE UNIQUE INDEX ux ON dbo.t_past (id, b);
GO
--> Msg 13741, Level 16, State 1, Line 1: Cannot create UNIQUE index on temporal history table 'temporal_changes.dbo.t_past'.
EXEC sp_rename 'dbo.t_past.v', 'w', 'COLUMN';
GO
--> Msg 13759, Level 16, State 1, Procedure sp_rename, Line 1: Renaming a column failed on history table 'temporal_changes.dbo.t_past' because it is not a supported operation on system-versioned tables. Consider setting SYSTEM_VERSIONING to OFF and trying again.
ALTER TABLE dbo.sink SWITCH TO dbo.t_past;
GO
--> Msg 13547, Level 16, State 1, Line 1: Switching in partition failed on history table 'temporal_changes.dbo.t_past' because it is not a supported operation on system-versioned tables. Consider setting SYSTEM_VERSIONING to OFF and trying again.
ALTER TABLE dbo.t_past SET (SYSTEM_VERSIONING = OFF);
GO
--> Msg 13591, Level 16, State 1, Line 1: SYSTEM_VERSIONING is not turned ON for table 'temporal_changes.dbo.t_past'.
ALTER TABLE dbo.t_past SET (SYSTEM_VERSIONING = ON);
GO
--> Msg 13510, Level 16, State 1, Line 1: Cannot set SYSTEM_VERSIONING to ON when SYSTEM_TIME period is not defined.
-- What is allowed: indexes on either, names, schemas, and the past may leave through SWITCH.
CREATE INDEX ix_v ON dbo.t_past (v);
CREATE INDEX ix_v ON dbo.t (v);
EXEC sp_rename 'dbo.t_past', 't_old';
EXEC sp_rename 'dbo.t', 't_new';
GO
--> Info 15477, Line 4: Caution: Changing any part of an object name could break scripts and stored procedures.
--> Info 15477, Line 5: Caution: Changing any part of an object name could break scripts and stored procedures.
CREATE SCHEMA past;
GO
ALTER SCHEMA past TRANSFER dbo.t_old;
UPDATE dbo.t_new SET v = 'y' WHERE id = 1;
SELECT COUNT(*) AS n FROM past.t_old;
CREATE TABLE dbo.archive (id int NOT NULL, v varchar(20) NOT NULL, a datetime2 NOT NULL, b datetime2 NOT NULL);
CREATE CLUSTERED INDEX ix_archive ON dbo.archive (b, a);
ALTER TABLE past.t_old SWITCH TO dbo.archive;
SELECT COUNT(*) AS n FROM past.t_old;
SELECT COUNT(*) AS n FROM dbo.t_new FOR SYSTEM_TIME ALL;
GO
--> (Update: 1 row)
--> [n]
-->  4
--> [n]
-->  0
--> [n]
-->  2
-- OFF: two ordinary tables. The period goes on for the current one, but what is deleted is gone.
ALTER TABLE dbo.t_new SET (SYSTEM_VERSIONING = OFF);
INSERT past.t_old (id, v, a, b) VALUES (9, 'forged', '2001-01-01', '2002-01-01');
DECLARE @before datetime2 = (SELECT a FROM dbo.t_new WHERE id = 1);
UPDATE dbo.t_new SET v = 'z' WHERE id = 1;
SELECT COUNT(*) AS n FROM past.t_old;
SELECT CASE WHEN a > @before THEN 'moved' ELSE 'stayed' END AS period FROM dbo.t_new WHERE id = 1;
SELECT name, temporal_type_desc, history_table_id FROM sys.tables WHERE name LIKE N't[_]%' ORDER BY name;
GO
--> (Insert: 1 row)
--> (Update: 1 row)
--> [n]
-->  1
--> [period]
-->  moved
--> [name | temporal_type_desc | history_table_id]
-->  t_new | NON_TEMPORAL_TABLE | NULL
-->  t_old | NON_TEMPORAL_TABLE | NULL
INSERT dbo.t_new (id, v, a) VALUES (3, 'x', '2001-01-01');
GO
--> Msg 13536, Level 16, State 1, Line 1: Cannot insert an explicit value into a GENERATED ALWAYS column in table 'temporal_changes.dbo.t_new'. Use INSERT with a column list to exclude the GENERATED ALWAYS column, or insert a DEFAULT into GENERATED ALWAYS column.
ALTER TABLE dbo.t_new SET (SYSTEM_VERSIONING = OFF);
GO
--> Msg 13591, Level 16, State 1, Line 1: SYSTEM_VERSIONING is not turned ON for table 'temporal_changes.dbo.t_new'.
SELECT * FROM dbo.t_new FOR SYSTEM_TIME ALL;
GO
--> Msg 13544, Level 16, State 1, Line 1: Temporal FOR SYSTEM_TIME clause can only be used with system-versioned tables. 'temporal_changes.dbo.t_new' is not a system-versioned table.
ALTER TABLE dbo.t_new DROP COLUMN a;
GO
--> Msg 13588, Level 16, State 1, Line 1: Column 'a' in table 'temporal_changes.dbo.t_new' cannot be dropped because it is a part of period definition.
ALTER TABLE dbo.t_new SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = past.t_old));
SELECT id, v FROM dbo.t_new FOR SYSTEM_TIME AS OF '2001-06-01';
GO
--> [id | v]
-->  9 | forged
-- Without a period its columns are anybody's.
ALTER TABLE dbo.t_new SET (SYSTEM_VERSIONING = OFF);
ALTER TABLE dbo.t_new DROP PERIOD FOR SYSTEM_TIME;
UPDATE dbo.t_new SET a = '2001-01-01', b = '9999-12-31 23:59:59.9999999';
GO
--> (Update: 2 rows)
ALTER TABLE dbo.t_new DROP PERIOD FOR SYSTEM_TIME;
GO
--> Msg 13593, Level 16, State 1, Line 1: SYSTEM_TIME period cannot be dropped from table 'temporal_changes.dbo.t_new', because SYSTEM_TIME period does not exist.
ALTER TABLE dbo.t_new SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = past.t_old));
GO
--> Msg 13510, Level 16, State 1, Line 1: Cannot set SYSTEM_VERSIONING to ON when SYSTEM_TIME period is not defined.
UPDATE dbo.t_new SET b = '2002-01-01' WHERE id = 1;
GO
--> (Update: 1 row)
ALTER TABLE dbo.t_new ADD PERIOD FOR SYSTEM_TIME (a, b);
GO
--> Msg 13575, Level 16, State 1, Line 1: ADD PERIOD FOR SYSTEM_TIME failed because table 'temporal_changes.dbo.t_new' contains records where end of period is not equal to MAX datetime.
UPDATE dbo.t_new SET b = '9999-12-31 23:59:59.9999999', a = '2090-01-01' WHERE id = 1;
GO
--> (Update: 1 row)
ALTER TABLE dbo.t_new ADD PERIOD FOR SYSTEM_TIME (a, b);
GO
--> Msg 13542, Level 16, State 1, Line 1: ADD PERIOD FOR SYSTEM_TIME on table 'temporal_changes.dbo.t_new' failed because there are open records with start of period set to a value in the future.
ALTER TABLE dbo.t_new ADD PERIOD FOR SYSTEM_TIME (a, missing);
GO
--> Msg 13750, Level 16, State 1, Line 1: Temporal period column 'missing' does not exist.
UPDATE dbo.t_new SET a = '2001-06-01';
ALTER TABLE dbo.t_new ADD PERIOD FOR SYSTEM_TIME (a, b);
DROP TABLE past.t_old;
DROP TABLE dbo.sink;
GO
--> (Update: 2 rows)
-- An ordinary table becomes a temporal one in two steps, rows and all.
CREATE TABLE dbo.plain (id int NOT NULL PRIMARY KEY);
INSERT dbo.plain VALUES (1);
GO
--> (Insert: 1 row)
ALTER TABLE dbo.plain ADD a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b);
GO
--> Msg 4901, Level 16, State 1, Line 1: ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column 'a' cannot be added to non-empty table 'plain' because it does not satisfy these conditions.
ALTER TABLE dbo.plain ADD
    a datetime2 GENERATED ALWAYS AS ROW START HIDDEN CONSTRAINT df_a DEFAULT '2020-01-01',
    b datetime2 GENERATED ALWAYS AS ROW END HIDDEN CONSTRAINT df_b DEFAULT '9999-12-31 23:59:59.99',
    PERIOD FOR SYSTEM_TIME (a, b);
GO
--> Msg 13575, Level 16, State 1, Line 1: ADD PERIOD FOR SYSTEM_TIME failed because table 'temporal_changes.dbo.plain' contains records where end of period is not equal to MAX datetime.
ALTER TABLE dbo.plain ADD
    a datetime2 GENERATED ALWAYS AS ROW START HIDDEN CONSTRAINT df_a DEFAULT '2020-01-01',
    b datetime2 GENERATED ALWAYS AS ROW END HIDDEN CONSTRAINT df_b DEFAULT '9999-12-31 23:59:59.9999999',
    PERIOD FOR SYSTEM_TIME (a, b);
ALTER TABLE dbo.plain SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.plain_past));
INSERT dbo.plain VALUES (2);
DELETE dbo.plain WHERE id = 1;
SELECT id FROM dbo.plain FOR SYSTEM_TIME AS OF '2025-01-01';
GO
--> (Insert: 1 row)
--> (Delete: 1 row)
--> [id]
-->  1
