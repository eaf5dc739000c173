-- Temporal tables beside triggers, cascades, identities, rowversions and other transactions.
-- session: sa@master
CREATE DATABASE temporal_triggers;
GO
USE temporal_triggers;
GO
--> database temporal_triggers
CREATE TABLE dbo.parent
(
    id int IDENTITY(10, 10) NOT NULL PRIMARY KEY, name nvarchar(10) NOT NULL CONSTRAINT df_name DEFAULT N'new',
    shout AS UPPER(name) PERSISTED, ver rowversion,
    a datetime2(3) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL, b datetime2(3) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (a, b)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.parent_past));
CREATE TABLE dbo.child
(
    id int NOT NULL PRIMARY KEY, owner int NOT NULL CONSTRAINT fk_owner REFERENCES dbo.parent (id) ON DELETE CASCADE,
    a datetime2(3) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL, b datetime2(3) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (a, b)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.child_past));
CREATE TABLE dbo.guest
(
    id int NOT NULL PRIMARY KEY, host int NULL CONSTRAINT fk_host REFERENCES dbo.parent (id) ON DELETE SET NULL,
    a datetime2(3) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL, b datetime2(3) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (a, b)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.guest_past));
INSERT dbo.parent DEFAULT VALUES;
INSERT dbo.parent VALUES (N'second');
INSERT dbo.child VALUES (1, 10), (2, 20);
INSERT dbo.guest VALUES (1, 10), (2, 20);
GO
--> (Insert: 1 row)
--> (Insert: 1 row)
--> (Insert: 2 rows)
--> (Insert: 2 rows)
-- A cascade leaves versions of every row that it takes or changes.
DELETE dbo.parent WHERE id = 10;
SELECT id, name, shout, CASE WHEN ver > 0x00 THEN 'kept' END AS ver FROM dbo.parent_past;
SELECT id, owner FROM dbo.child_past;
SELECT id, host FROM dbo.guest_past;
SELECT id, host FROM dbo.guest ORDER BY id;
SELECT COUNT(DISTINCT b) AS moments FROM (SELECT b FROM dbo.parent_past UNION ALL SELECT b FROM dbo.child_past UNION ALL SELECT b FROM dbo.guest_past) AS x;
GO
--> (Delete: 1 row)
--> [id | name | shout | ver]
-->  10 | new | NEW | kept
--> [id | owner]
-->  1 | 10
--> [id | host]
-->  1 | 10
--> [id | host]
-->  1 | NULL
-->  2 | 20
--> [moments]
-->  1
SELECT TYPE_NAME(system_type_id) AS type, is_computed AS c, is_identity AS i FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.parent_past') ORDER BY column_id;
GO
--> [type | c | i]
-->  int | 0 | 0
-->  nvarchar | 0 | 0
-->  nvarchar | 0 | 0
-->  binary | 0 | 0
-->  datetime2 | 0 | 0
-->  datetime2 | 0 | 0
-- AFTER triggers see the new period; what they change in the same table has no duration.
CREATE TABLE dbo.log (n int IDENTITY, what nvarchar(60));
GO
CREATE TRIGGER dbo.tr ON dbo.parent AFTER UPDATE AS
BEGIN
    IF UPDATE(name)
        INSERT dbo.log (what) SELECT CONCAT(d.name, N' to ', i.name, CASE WHEN i.a > d.a THEN N', later' END) FROM inserted AS i JOIN deleted AS d ON d.id = i.id;
    IF TRIGGER_NESTLEVEL() = 1
        UPDATE dbo.parent SET name = name + N'!' WHERE id IN (SELECT id FROM inserted);
END;
GO
ALTER DATABASE temporal_triggers SET RECURSIVE_TRIGGERS ON;
UPDATE dbo.parent SET name = N'two' WHERE id = 20;
SELECT what FROM dbo.log ORDER BY n;
SELECT name, CASE WHEN a = b THEN 'no time' ELSE 'some time' END AS lived FROM dbo.parent_past WHERE id = 20 ORDER BY a;
GO
--> (Update: 1 row)
--> [what]
-->  second to two, later
-->  two to two!
--> [name | lived]
-->  second | some time
-->  two | no time
CREATE TRIGGER dbo.instead ON dbo.parent INSTEAD OF DELETE AS SET NOCOUNT ON;
GO
--> Msg 13569, Level 16, State 1, Line 1: Cannot create a trigger on a system-versioned temporal table 'temporal_triggers.dbo.parent'.
CREATE TRIGGER dbo.watch ON dbo.parent_past AFTER INSERT AS SET NOCOUNT ON;
GO
--> Msg 13569, Level 16, State 1, Line 1: Cannot create a trigger on a system-versioned temporal table 'temporal_triggers.dbo.parent_past'.
CREATE TABLE dbo.later (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b));
GO
CREATE TRIGGER dbo.instead ON dbo.later INSTEAD OF DELETE AS SET NOCOUNT ON;
GO
ALTER TABLE dbo.later SET (SYSTEM_VERSIONING = ON);
GO
--> Msg 13774, Level 16, State 1, Line 1: Setting SYSTEM_VERSIONING to ON failed because table 'temporal_triggers.dbo.later' has INSTEAD OF triggers defined. Consider dropping INSTEAD OF triggers and trying again.
-- OUTPUT shows the period as it was and as it is.
CREATE TABLE dbo.shown (id int, was datetime2(3), now datetime2(3));
UPDATE dbo.child SET id = 3 OUTPUT inserted.id, deleted.a, inserted.a INTO dbo.shown WHERE id = 2;
SELECT id, CASE WHEN now > was THEN 'later' END AS period FROM dbo.shown;
DELETE dbo.child OUTPUT deleted.id, CASE WHEN deleted.b > '9999-01-01' THEN 'open' END AS period WHERE id = 3;
GO
--> (Update: 1 row)
--> [id | period]
-->  3 | later
--> [id | period]
-->  3 | open
--> (Delete: 1 row)
-- A row that a later transaction changed is out of reach for an earlier one.
BEGIN TRAN;
SELECT name FROM dbo.parent;
GO
--> transaction begun
--> [name]
-->  two!
-- session: sa@temporal_triggers#2
UPDATE dbo.parent SET name = N'three';
GO
--> (Update: 1 row)
-- session: sa@master
UPDATE dbo.parent SET name = N'four';
GO
--> Msg 13535, Level 16, State 1, Line 1: Data modification failed on system-versioned table 'temporal_triggers.dbo.parent' because transaction time was earlier than period start time for affected records.
IF @@TRANCOUNT > 0 ROLLBACK;
UPDATE dbo.parent SET name = N'five';
SELECT name FROM dbo.parent;
GO
--> transaction rolled back
--> (Update: 1 row)
--> [name]
-->  five!
-- Off, edit and on in one transaction that is rolled back leaves everything as it was.
BEGIN TRAN;
ALTER TABLE dbo.parent SET (SYSTEM_VERSIONING = OFF);
DELETE dbo.parent_past;
DROP TABLE dbo.parent_past;
ROLLBACK;
SELECT temporal_type_desc, OBJECT_NAME(history_table_id) AS history FROM sys.tables WHERE name = N'parent';
SELECT CASE WHEN COUNT(*) > 0 THEN 'still there' END AS past FROM dbo.parent_past;
GO
--> transaction begun
--> (Delete: 7 rows)
--> transaction rolled back
--> [temporal_type_desc | history]
-->  SYSTEM_VERSIONED_TEMPORAL_TABLE | parent_past
--> [past]
-->  still there
