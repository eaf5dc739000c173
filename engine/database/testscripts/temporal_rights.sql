-- Temporal tables: who may read the past, and who may switch it off.
-- session: sa@master
CREATE DATABASE temporal_rights;
GO
USE temporal_rights;
GO
--> database temporal_rights
CREATE USER reader WITHOUT LOGIN;
CREATE USER writer WITHOUT LOGIN;
CREATE USER changer WITHOUT LOGIN;
CREATE TABLE dbo.t
(
    id int NOT NULL PRIMARY KEY, v int, secret int,
    a datetime2 GENERATED ALWAYS AS ROW START HIDDEN NOT NULL, b datetime2 GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (a, b)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.t_past));
INSERT dbo.t VALUES (1, 1, 1);
UPDATE dbo.t SET v = 2;
GRANT SELECT, UPDATE, DELETE, INSERT ON dbo.t TO writer;
GRANT SELECT ON dbo.t TO reader;
GRANT ALTER ON dbo.t TO changer;
GO
--> (Insert: 1 row)
--> (Update: 1 row)
-- Versions are written without any right on the history table.
EXECUTE AS USER = 'writer';
UPDATE dbo.t SET v = 3;
DELETE dbo.t;
INSERT dbo.t VALUES (1, 4, 4);
GO
--> (Update: 1 row)
--> (Delete: 1 row)
--> (Insert: 1 row)
SELECT v FROM dbo.t_past;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't_past', database 'temporal_rights', schema 'dbo'.
DELETE dbo.t_past;
GO
--> Msg 229, Level 14, State 5, Line 1: The DELETE permission was denied on the object 't_past', database 'temporal_rights', schema 'dbo'.
REVERT;
SELECT COUNT(*) AS n FROM dbo.t_past;
GO
--> [n]
-->  3
-- The past needs SELECT on both tables, column by column.
EXECUTE AS USER = 'reader';
SELECT v FROM dbo.t FOR SYSTEM_TIME ALL;
GO
--> Msg 229, Level 14, State 5, Line 3: The SELECT permission was denied on the object 't_past', database 'temporal_rights', schema 'dbo'.
REVERT;
GRANT SELECT ON dbo.t_past (id, v) TO reader;
EXECUTE AS USER = 'reader';
SELECT v FROM dbo.t FOR SYSTEM_TIME ALL ORDER BY v;
GO
--> [v]
-->  1
-->  2
-->  3
-->  4
SELECT v, secret FROM dbo.t FOR SYSTEM_TIME ALL;
GO
--> Msg 230, Level 14, State 1, Line 1: The SELECT permission was denied on the column 'secret' of the object 't_past', database 'temporal_rights', schema 'dbo'.
SELECT secret FROM dbo.t;
GO
--> [secret]
-->  4
REVERT;
GRANT SELECT ON dbo.t_past TO reader;
DENY SELECT ON dbo.t TO reader;
EXECUTE AS USER = 'reader';
SELECT v FROM dbo.t FOR SYSTEM_TIME ALL;
GO
--> Msg 229, Level 14, State 5, Line 5: The SELECT permission was denied on the object 't', database 'temporal_rights', schema 'dbo'.
-- A DENY on the current table does not protect the past.
SELECT COUNT(*) AS n FROM dbo.t_past;
REVERT;
GO
--> [n]
-->  3
-- Chains of ownership end the questions, as for any table.
CREATE VIEW dbo.every_version AS SELECT id, v FROM dbo.t FOR SYSTEM_TIME ALL;
GO
CREATE PROCEDURE dbo.at_time @at datetime2 AS SELECT COUNT(*) AS n FROM dbo.t FOR SYSTEM_TIME AS OF @at;
GO
CREATE PROCEDURE dbo.dynamically AS EXEC (N'SELECT COUNT(*) AS n FROM dbo.t FOR SYSTEM_TIME ALL');
GO
GRANT SELECT ON dbo.every_version TO writer;
GRANT EXECUTE ON dbo.at_time TO writer;
GRANT EXECUTE ON dbo.dynamically TO writer;
EXECUTE AS USER = 'writer';
SELECT COUNT(*) AS n FROM dbo.every_version;
EXEC dbo.at_time '2020-01-01';
EXEC dbo.dynamically;
GO
--> [n]
-->  4
--> [n]
-->  0
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't_past', database 'temporal_rights', schema 'dbo'.
REVERT;
GO
-- The chain is broken where the history belongs to somebody else.
ALTER AUTHORIZATION ON dbo.t_past TO changer;
EXECUTE AS USER = 'writer';
SELECT COUNT(*) AS n FROM dbo.every_version;
GO
--> Msg 229, Level 14, State 5, Line 4: The SELECT permission was denied on the object 't_past', database 'temporal_rights', schema 'dbo'.
UPDATE dbo.t SET v = 5;
GO
--> (Update: 1 row)
REVERT;
ALTER AUTHORIZATION ON dbo.t_past TO SCHEMA OWNER;
GO
-- Switching needs CONTROL on both, and so does every change of columns.
EXECUTE AS USER = 'writer';
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = OFF);
GO
--> Msg 1088, Level 16, State 13, Line 3: Cannot find the object "dbo.t" because it does not exist or you do not have permissions.
REVERT;
EXECUTE AS USER = 'changer';
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = OFF);
GO
--> Msg 13538, Level 16, State 1, Line 3: You do not have the required permissions to complete the operation.
ALTER TABLE dbo.t ADD c int;
GO
--> Msg 13538, Level 16, State 1, Line 1: You do not have the required permissions to complete the operation.
REVERT;
GRANT CONTROL ON dbo.t TO changer;
EXECUTE AS USER = 'changer';
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = OFF);
GO
--> Msg 13538, Level 16, State 1, Line 4: You do not have the required permissions to complete the operation.
ALTER TABLE dbo.t DROP COLUMN secret;
GO
--> Msg 13538, Level 16, State 1, Line 1: You do not have the required permissions to complete the operation.
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = ON (HISTORY_RETENTION_PERIOD = 1 DAY));
GO
--> Msg 13538, Level 16, State 1, Line 1: You do not have the required permissions to complete the operation.
REVERT;
GRANT CONTROL ON dbo.t_past TO changer;
EXECUTE AS USER = 'changer';
ALTER TABLE dbo.t DROP COLUMN secret;
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = OFF);
DELETE dbo.t_past;
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.t_past));
SELECT COUNT(*) AS n FROM dbo.t FOR SYSTEM_TIME ALL;
GO
--> (Delete: 4 rows)
--> [n]
-->  1
REVERT;
GO
-- Who makes a temporal table needs CREATE TABLE, the schemas of both tables, or CONTROL on the
-- table that becomes the history.
CREATE SCHEMA mine AUTHORIZATION changer;
GO
GRANT CREATE TABLE TO changer;
CREATE TABLE dbo.foreign_past (id int NOT NULL, a datetime2 NOT NULL, b datetime2 NOT NULL);
GRANT ALTER, SELECT, INSERT ON dbo.foreign_past TO changer;
EXECUTE AS USER = 'changer';
CREATE TABLE mine.t (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.new_past));
GO
--> Msg 2760, Level 16, State 1, Line 5: The specified schema name "dbo" either does not exist or you do not have permission to use it.
CREATE TABLE mine.t (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.foreign_past));
GO
--> Msg 13538, Level 16, State 1, Line 1: You do not have the required permissions to complete the operation.
CREATE TABLE mine.t (id int PRIMARY KEY, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = mine.past));
SELECT SCHEMA_NAME(schema_id) AS s, name FROM sys.tables ORDER BY s, name;
REVERT;
GO
--> [s | name]
-->  dbo | foreign_past
-->  dbo | t
-->  dbo | t_past
-->  mine | past
-->  mine | t
