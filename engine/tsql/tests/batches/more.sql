-- Select, Revert
SELECT * FROM t1
REVERT
====
-- Select, Execute
SELECT 1
EXEC p
====
-- Return, Select
RETURN
SELECT 1
====
-- Return, Select
RETURN 1 SELECT 1
====
-- If(Return else Select)
IF 1 = 1 RETURN ELSE SELECT 2
====
-- Rollback, Throw
ROLLBACK
THROW
====
-- Rollback
ROLLBACK TRAN THROW
====
-- TryCatch(Insert)()
BEGIN TRY INSERT t VALUES (1) END TRY BEGIN CATCH END CATCH
====
-- TryCatch(BeginTransaction, Delete, Commit)(If(Rollback), Throw)
BEGIN TRY BEGIN TRAN; DELETE FROM t; COMMIT END TRY BEGIN CATCH IF XACT_STATE() <> 0 ROLLBACK; THROW; END CATCH
====
-- If(Select else Select)
IF @a = 1 SELECT 1; ELSE SELECT 2
====
-- Unsupported <static method call with ::>
IF x.nodes::f() = 1 DELETE FROM t ELSE DELETE FROM u
====
-- Unsupported <static method call with ::>
WHILE geography::Parse('x').STIsEmpty() = 1 DROP TABLE t
====
-- Unsupported <OPENROWSET(BULK)>, Delete
INSERT INTO t SELECT * FROM OPENROWSET(BULK 'x', SINGLE_CLOB) a
DELETE FROM t
====
-- Unsupported <.WRITE and other mutator methods>, Delete
UPDATE t SET a.WRITE('x', 0, 1) WHERE b = 1
DELETE FROM t
====
-- Unsupported <UPDATE OPENQUERY>
UPDATE OPENQUERY(l, 'SELECT 1') SET a = 1
====
-- Unsupported <WHERE CURRENT OF>
DELETE FROM t WHERE CURRENT OF c
====
-- Delete
WITH c AS (SELECT 1 AS a), d (x) AS (SELECT a FROM c) DELETE FROM t WHERE a IN (SELECT x FROM d)
====
-- Update
;WITH c AS (SELECT TOP (1) * FROM t) UPDATE c SET a = 1
====
-- Merge
WITH c AS (SELECT 1 AS a) MERGE t USING c ON t.a = c.a WHEN NOT MATCHED THEN INSERT DEFAULT VALUES;
====
-- Merge, Select
MERGE t USING s JOIN u ON u.a = s.a ON t.a = s.a WHEN MATCHED AND t.b = 1 THEN UPDATE SET b += 1, c = DEFAULT WHEN MATCHED THEN DELETE OUTPUT inserted.a INTO @o (a) OPTION (LOOP JOIN);
SELECT 1
====
-- Label, Select, Goto
lbl: SELECT 1 GOTO lbl
====
-- Select, Label, Select
SELECT 1
lbl:
SELECT 2
====
-- Unsupported <DECLARE CURSOR>, Unsupported <OPEN cursor>, Unsupported <FETCH cursor>, Unsupported <CLOSE cursor>, Unsupported <DEALLOCATE cursor>
DECLARE c CURSOR FOR SELECT a FROM t FOR UPDATE OF a, b
OPEN c
FETCH NEXT FROM c
CLOSE c
DEALLOCATE c
====
-- Unsupported <DECLARE CURSOR>, Select
DECLARE c CURSOR FOR SELECT a FROM t FOR READ ONLY SELECT 1
====
-- Select, Unsupported <FETCH cursor>
SELECT a FROM t ORDER BY a OFFSET 5 ROWS
FETCH NEXT FROM c INTO @a
====
-- Select, Unsupported <FETCH cursor>
SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY
FETCH NEXT FROM c INTO @a
====
-- Select, Select
SELECT CASE WHEN a = 1 THEN 2 ELSE 3 END FROM t
SELECT 2
====
-- Block(Select)
BEGIN SELECT CASE WHEN a = 1 THEN 2 END END
====
-- Select, Select
SELECT * FROM t1 UNION ALL SELECT * FROM t2 EXCEPT (SELECT * FROM t3) SELECT 4
====
-- Select
(SELECT 1) UNION (SELECT 2)
====
-- Select
SELECT a FROM t GROUP BY GROUPING SETS ((a), ()) HAVING COUNT(*) > 1 ORDER BY a DESC
====
-- Select
SELECT a, GROUPING(a) FROM t GROUP BY ROLLUP (a, b)
====
-- Select
SELECT a FROM t GROUP BY a, b WITH ROLLUP
====
-- Select
SELECT * FROM t TABLESAMPLE (10 PERCENT)
====
-- Select
SELECT IIF(a = 1, 'x', 'y'), CHOOSE(1, 2, 3), COALESCE(a, b), NULLIF(a, b), LEFT(a, 1), RIGHT(a, 1), ISNULL(a, 0), TRIM(a), TRIM('.' FROM a), SUBSTRING(a, 1, 2), FLOOR(a), LEN(a) FROM t
====
-- Select
SELECT FIRST_VALUE(a) IGNORE NULLS OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), LAG(a, 1, 0) OVER (PARTITION BY b ORDER BY c) FROM t
====
-- Select
SELECT IDENTITY(INT, 1, 1) AS id, a INTO #x FROM t
====
-- Select
SELECT * FROM t WHERE a > ALL (SELECT b FROM u) AND c = ANY (SELECT d FROM v) AND e = SOME (SELECT f FROM w)
====
-- Select
SELECT * FROM t WHERE a IS DISTINCT FROM b
====
-- Select
SELECT name AS 'string alias', name 'another', [name] "quoted" FROM t AS [x y]
====
-- Select
SELECT c.value('(a)[1]', 'int') FROM @x.nodes('/r/a') AS t(c)
====
-- Select
SELECT JSON_OBJECT('a':1, 'b':NULL), JSON_VALUE(j, '$.a') FROM t
====
-- Select
SELECT a FROM t WHERE CONTAINS(a, 'x') OR FREETEXT(b, 'y')
====
-- Unsupported <static method call with ::>
SELECT geography::Point(1, 2, 4326)
====
-- Select
SELECT * FROM t FOR XML AUTO, TYPE, ELEMENTS
====
-- Select
SELECT * FROM t FOR BROWSE
====
-- Unsupported <WITH XMLNAMESPACES>
WITH XMLNAMESPACES ('u' AS p) SELECT 1
====
-- Create Database
CREATE DATABASE d CONTAINMENT = PARTIAL ON PRIMARY (NAME = a, FILENAME = 'f') LOG ON (NAME = b, FILENAME = 'g') COLLATE Latin1_General_CI_AS WITH TRUSTWORTHY ON, DB_CHAINING OFF
====
-- Unsupported <database option QUERY_STORE with suboptions>, Select
ALTER DATABASE d SET QUERY_STORE = ON (OPERATION_MODE = READ_WRITE)
SELECT 1
====
-- Alter DatabaseSet, Unsupported <ALTER DATABASE … MODIFY NAME>, Unsupported <ALTER DATABASE SCOPED CONFIGURATION>
ALTER DATABASE d SET SINGLE_USER WITH ROLLBACK IMMEDIATE
ALTER DATABASE d MODIFY NAME = e
ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP = 1
====
-- Create Schema
CREATE SCHEMA s AUTHORIZATION u CREATE TABLE t (a INT) GRANT SELECT ON t TO u
====
-- Create Schema, Select
CREATE SCHEMA AUTHORIZATION u;
SELECT 1
====
-- Create Login, Alter Login, Alter Login
CREATE LOGIN l WITH PASSWORD = 'p' MUST_CHANGE, SID = 0xAB, CHECK_EXPIRATION = ON
ALTER LOGIN l WITH PASSWORD = 'q' OLD_PASSWORD = 'p'
ALTER LOGIN l WITH NAME = m, DEFAULT_DATABASE = master
====
-- Create Login
CREATE LOGIN l WITH PASSWORD = 0x0200AB HASHED
====
-- Create User, Create User, Create User, Create User, Alter User
CREATE USER u
CREATE USER v FROM LOGIN v
CREATE USER w FOR CERTIFICATE c
CREATE USER x FROM EXTERNAL PROVIDER
ALTER USER u WITH NAME = y, LOGIN = z, DEFAULT_SCHEMA = NULL
====
-- Create ServerRole, Alter Role, Drop ServerRole, Alter ApplicationRole, Drop ApplicationRole
CREATE SERVER ROLE r AUTHORIZATION sa ALTER ROLE r WITH NAME = q DROP SERVER ROLE r ALTER APPLICATION ROLE a WITH NAME = b, PASSWORD = 'x' DROP APPLICATION ROLE b
====
-- AlterAuthorization
ALTER AUTHORIZATION ON dbo.t TO SCHEMA OWNER
====
-- Alter SchemaTransfer
ALTER SCHEMA s TRANSFER TYPE::dbo.x
====
-- AlterTable Add, AlterTable Add, AlterTable Add, AlterTable CheckConstraints, AlterTable DropColumns, AlterTable DropConstraints, AlterTable DropConstraints, AlterTable DropPeriod, AlterTable AlterColumnOption, AlterTable AlterColumnMask, AlterTable AlterColumnMask, AlterTable Maintenance, AlterTable Maintenance, Unsupported <ALTER TABLE … ENABLE CHANGE_TRACKING>, Update
ALTER TABLE t ADD a INT NULL, b INT NOT NULL CONSTRAINT df DEFAULT 0 WITH VALUES, CONSTRAINT ck CHECK (a > 0)
ALTER TABLE t WITH NOCHECK ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES u ON DELETE CASCADE
ALTER TABLE t ADD CONSTRAINT df2 DEFAULT 1 FOR a
ALTER TABLE t WITH CHECK CHECK CONSTRAINT ALL
ALTER TABLE t DROP COLUMN IF EXISTS a, b
ALTER TABLE t DROP CONSTRAINT IF EXISTS ck, df
ALTER TABLE t DROP ck
ALTER TABLE t DROP PERIOD FOR SYSTEM_TIME
ALTER TABLE t ALTER COLUMN a ADD HIDDEN
ALTER TABLE t ALTER COLUMN a ADD MASKED WITH (FUNCTION = 'default()')
ALTER TABLE t ALTER COLUMN a DROP MASKED
ALTER TABLE t REBUILD WITH (DATA_COMPRESSION = PAGE)
ALTER TABLE t SET (LOCK_ESCALATION = TABLE)
ALTER TABLE t ENABLE CHANGE_TRACKING
UPDATE t SET a = 1
====
-- Create Sequence, Alter Sequence
CREATE SEQUENCE s START WITH -5 INCREMENT BY -1 NO MINVALUE MAXVALUE 10 CYCLE NO CACHE ALTER SEQUENCE s RESTART WITH 1
====
-- Alter Index, Alter Index, Drop Index, Drop Index
ALTER INDEX ALL ON t REBUILD WITH (ONLINE = ON) ALTER INDEX ix ON t DISABLE DROP INDEX IF EXISTS a ON t, b ON t DROP INDEX t.ix
====
-- Alter SecurityPolicy
ALTER SECURITY POLICY p DROP FILTER PREDICATE ON t, ALTER BLOCK PREDICATE f(a) ON t BEFORE DELETE, ADD PREDICATE f(a, b) ON u NOT FOR REPLICATION
====
-- Drop DdlTrigger, Drop Trigger, Drop Type, Drop Sequence, Unsupported <DROP STATISTICS>
DROP TRIGGER a, b ON DATABASE DROP TRIGGER c DROP TYPE IF EXISTS dbo.x DROP SEQUENCE s DROP STATISTICS t.s
====
-- DdlTrigger
CREATE TRIGGER t ON ALL SERVER FOR LOGON AS PRINT 1
====
-- TableFunction(If(Insert), Return)
CREATE FUNCTION f () RETURNS @r TABLE (a INT) WITH EXECUTE AS CALLER AS BEGIN IF 1 = 1 INSERT @r VALUES (1) RETURN END
====
-- ScalarFunction(Return)
CREATE FUNCTION f (@a INT) RETURNS INT WITH SCHEMABINDING, RETURNS NULL ON NULL INPUT BEGIN RETURN @a END
====
-- InlineFunction
CREATE FUNCTION f (@a INT) RETURNS TABLE AS RETURN (SELECT 1 AS a UNION ALL SELECT 2) ;
====
-- View
CREATE VIEW v (a, b) WITH SCHEMABINDING, VIEW_METADATA AS WITH c AS (SELECT 1 AS a) SELECT a, 2 FROM c
====
-- Unsupported <typed XML>
CREATE PROCEDURE p @x XML(c) AS DELETE FROM t DELETE FROM u
====
-- Procedure(TryCatch(Select)(Select), Select)
CREATE PROCEDURE p AS BEGIN TRY SELECT 1 END TRY BEGIN CATCH SELECT 2 END CATCH SELECT 3
====
-- Unsupported <CLR modules>
CREATE PROCEDURE p WITH EXECUTE AS OWNER AS EXTERNAL NAME a.b.c
====
-- SetOption Switches, SetOption Value, SetOption Value, SetOption Value, SetOption Value, SetOption Switches
SET STATISTICS IO, TIME ON SET ROWCOUNT 5 SET ROWCOUNT @n SET DEADLOCK_PRIORITY LOW SET LOCK_TIMEOUT -1 SET FMTONLY OFF
====
-- Unsupported <methods of a variable in SET>, Select
SET @x.modify('delete /a') SELECT 1
====
-- Unsupported <EXECUTE … AT>, Select
EXEC ('SELECT 1') AT linked SELECT 1
====
-- Unsupported <EXECUTE … WITH RESULT SETS>, Select
EXEC p WITH RESULT SETS NONE
SELECT 1
====
-- ExecuteString
EXEC ('a' + @b + N'c');
====
-- Unsupported <WAITFOR TIME>, Unsupported <WAITFOR (…)>, Select
WAITFOR TIME '10:00' WAITFOR (RECEIVE * FROM q), TIMEOUT 5 SELECT 1
====
-- Unsupported <BEGIN DISTRIBUTED TRANSACTION>, Select, Unsupported <BEGIN DIALOG>, Unsupported <END CONVERSATION>
BEGIN DISTRIBUTED TRAN SELECT 1 BEGIN DIALOG @h FROM SERVICE a TO SERVICE 'b' END CONVERSATION @h
====
-- Block(Print, Unsupported <END CONVERSATION>)
BEGIN PRINT 1 END CONVERSATION @h WITH CLEANUP END
====
-- Unsupported <CREATE STATISTICS>, Unsupported <UPDATE STATISTICS>, Select
CREATE STATISTICS s ON t (a) WITH FULLSCAN UPDATE STATISTICS t s WITH FULLSCAN SELECT 1
====
-- Backup, Unsupported <CHECKPOINT>, Unsupported <LINENO>, Select
BACKUP LOG d TO DISK = 'x' CHECKPOINT LINENO 5 SELECT 1
====
-- Unsupported <CREATE EVENT SESSION>, Select
CREATE EVENT SESSION s ON SERVER ADD EVENT a.b (ACTION (c.d) WHERE e = 1) ADD TARGET f.g SELECT 1
====
-- Unsupported <CREATE DATABASE AUDIT SPECIFICATION>, Select
CREATE DATABASE AUDIT SPECIFICATION a FOR SERVER AUDIT b ADD (SELECT, DELETE ON dbo.t BY public) WITH (STATE = ON) SELECT 1
====
-- Unsupported <DISABLE TRIGGER … ON ALL SERVER>, SwitchTrigger
DISABLE TRIGGER ALL ON ALL SERVER
ENABLE TRIGGER a, s.b ON t
====
-- Select, Select
SELECT 1 /* comment /* nested */ still */ -- line
SELECT 2 -- end
====
-- Select
SELECT * FROM [dbo].[a]]b] WHERE "c d" = N'x''y' AND e LIKE '%[%]%' ESCAPE '\'
====
-- Unsupported <TRUNCATE TABLE … WITH (PARTITIONS)>
TRUNCATE TABLE t WITH (PARTITIONS (1))
====
-- Unsupported <CHANGETABLE>
SELECT * FROM CHANGETABLE(CHANGES t, 0) AS c
====
-- Execute | Execute | Execute, Select
sp_who
GO
[sp_who] 'x'
go 3
dbo.p @a = 1 SELECT 2
====
-- Unsupported <OPENXML>, Select
SELECT * FROM OPENXML(@h, '/a', 1) WITH (b INT '@b') SELECT 1
====
-- If(Drop Table), If(ExecuteString)
IF OBJECT_ID(N'dbo.t', N'U') IS NOT NULL DROP TABLE dbo.t
IF NOT EXISTS (SELECT * FROM sys.schemas WHERE name = N's') EXEC (N'CREATE SCHEMA s')
====
-- Select
SELECT o.name, p.permission_name COLLATE DATABASE_DEFAULT AS permission FROM sys.database_permissions AS p JOIN sys.objects o ON o.object_id = p.major_id AND p.class = 1 CROSS JOIN sys.schemas WHERE p.state IN ('G', 'W') ORDER BY o.name ASC, 2 DESC
====
