-- A trigger ON DATABASE runs inside the definition's statement and can take it back.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER u1 WITHOUT LOGIN;
CREATE TABLE dbo.t (id int NOT NULL);
CREATE TABLE dbo.log (what nvarchar(50) NULL, who sysname NOT NULL DEFAULT USER_NAME());
INSERT dbo.t VALUES (1);
GO
--> database t_a
--> (Insert: 1 row)
CREATE TRIGGER keeps ON DATABASE FOR DROP_TABLE AS ROLLBACK;
GO
DROP TABLE dbo.t;
SELECT 1 AS not_reached;
GO
--> transaction rolled back
--> Msg 3609, Level 16, State 2, Line 1: The transaction ended in the trigger. The batch has been aborted.
SELECT id FROM dbo.t;
SELECT name, parent_class_desc, is_disabled FROM sys.triggers;
SELECT COUNT(*) AS n FROM sys.objects WHERE name = N'keeps';
GO
--> [id]
-->  1
--> [name | parent_class_desc | is_disabled]
-->  keeps | DATABASE | 0
--> [n]
-->  0
-- An error in a trigger takes the definition back, too; a caught one says so.
CREATE TRIGGER refuses ON DATABASE FOR ALTER_TABLE, DDL_VIEW_EVENTS AS THROW 50001, N'not today', 1;
GO
ALTER TABLE dbo.t ADD x int NULL;
GO
--> Msg 50001, Level 16, State 1, Procedure refuses, Line 2: not today
CREATE VIEW dbo.v AS SELECT id FROM dbo.t;
GO
--> Msg 50001, Level 16, State 1, Procedure refuses, Line 2: not today
BEGIN TRY
    ALTER TABLE dbo.t ADD x int NULL;
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_MESSAGE() AS m, XACT_STATE() AS x;
END CATCH;
SELECT COUNT(*) AS columns FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.t');
GO
--> [n | m | x]
-->  50001 | not today | 0
--> [columns]
-->  1
DISABLE TRIGGER refuses ON DATABASE;
ALTER TABLE dbo.t ADD x int NULL;
ENABLE TRIGGER ALL ON DATABASE;
ALTER TABLE dbo.t ADD y int NULL;
GO
--> Msg 50001, Level 16, State 1, Procedure refuses, Line 2: not today
DROP TRIGGER refuses ON DATABASE;
GO
-- One that only writes down what it saw; no event for TRUNCATE and for temporary tables.
CREATE TRIGGER notes ON DATABASE FOR DDL_DATABASE_LEVEL_EVENTS AS
INSERT dbo.log (what) SELECT N'event ' + CAST(COUNT(*) + 1 AS nvarchar(9)) FROM dbo.log;
GO
TRUNCATE TABLE dbo.t;
CREATE TABLE #t (id int);
DROP TABLE #t;
SELECT COUNT(*) AS events FROM dbo.log;
CREATE TABLE dbo.made (id int);
SELECT id INTO dbo.copied FROM dbo.t;
SELECT id INTO #copied FROM dbo.t;
GRANT SELECT ON dbo.t TO u1;
EXEC sp_rename 'dbo.made', 'renamed';
CREATE INDEX ix ON dbo.t (id);
SELECT what, who FROM dbo.log;
GO
--> [events]
-->  0
--> (SelectInto: 0 rows)
--> (SelectInto: 0 rows)
--> Info 15477, Line 9: Caution: Changing any part of an object name could break scripts and stored procedures.
--> [what | who]
-->  event 1 | dbo
-->  event 2 | dbo
-->  event 3 | dbo
-->  event 4 | dbo
-->  event 5 | dbo
BEGIN TRANSACTION;
CREATE TABLE dbo.undone (id int);
ROLLBACK;
SELECT COUNT(*) AS events FROM dbo.log;
GO
--> transaction begun
--> transaction rolled back
--> [events]
-->  5
-- Who may make, switch and drop one.
EXECUTE AS USER = N'u1';
GO
CREATE TRIGGER mine ON DATABASE FOR CREATE_TABLE AS ROLLBACK;
GO
--> Msg 2104, Level 14, State 1, Line 1: Cannot create the trigger 'mine', because you do not have permission.
ALTER TRIGGER keeps ON DATABASE FOR CREATE_TABLE AS ROLLBACK;
GO
--> Msg 3701, Level 14, State 20, Line 1: Cannot alter the trigger 'keeps', because it does not exist or you do not have permission.
DISABLE TRIGGER keeps ON DATABASE;
DROP TRIGGER keeps ON DATABASE;
REVERT;
GO
--> Msg 1088, Level 16, State 120, Line 1: Cannot find the object "keeps" because it does not exist or you do not have permissions.
--> Msg 3701, Level 14, State 20, Line 2: Cannot drop the trigger 'keeps', because it does not exist or you do not have permission.
DISABLE TRIGGER nothing ON DATABASE;
DROP TRIGGER nothing ON DATABASE;
DROP TRIGGER IF EXISTS nothing ON DATABASE;
GO
--> Msg 1088, Level 16, State 121, Line 1: Cannot find the object "nothing" because it does not exist or you do not have permissions.
--> Msg 3701, Level 11, State 5, Line 2: Cannot drop the trigger 'nothing', because it does not exist or you do not have permission.
CREATE TRIGGER keeps ON DATABASE FOR CREATE_TABLE AS ROLLBACK;
GO
--> Msg 2714, Level 16, State 2, Line 1: There is already an object named 'keeps' in the database.
CREATE TRIGGER odd ON DATABASE FOR CREATE_XML_INDEX AS ROLLBACK;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support the DDL event CREATE_XML_INDEX.
CREATE TRIGGER of_server ON ALL SERVER FOR CREATE_DATABASE AS ROLLBACK;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support triggers ON ALL SERVER.
CREATE TRIGGER asks ON DATABASE FOR CREATE_SYNONYM AS SELECT EVENTDATA();
GO
CREATE SYNONYM dbo.s FOR dbo.t;
GO
--> Msg 2000000001, Level 16, State 1, Procedure asks, Line 1: The embedded server does not support EVENTDATA.
SELECT COUNT(*) AS synonyms FROM sys.synonyms;
GO
--> [synonyms]
-->  0
