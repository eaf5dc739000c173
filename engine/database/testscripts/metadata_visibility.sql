-- What a user learns of the catalog: what it owns or holds some permission on, and public names.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER u1 WITHOUT LOGIN;
CREATE USER u2 WITHOUT LOGIN;
CREATE ROLE crew;
CREATE TABLE dbo.secret (id int NOT NULL CONSTRAINT pk_secret PRIMARY KEY, pay int NULL CONSTRAINT ck_pay CHECK (pay < 100000));
CREATE TABLE dbo.open_table (id int NOT NULL);
INSERT dbo.secret VALUES (1, 10), (2, 20);
GO
--> database t_a
--> (Insert: 2 rows)
CREATE SCHEMA hidden;
GO
CREATE PROCEDURE dbo.p AS SELECT 1 AS the_source;
GO
CREATE VIEW dbo.v AS SELECT pay FROM dbo.secret;
GO
CREATE TRIGGER dbo.tr ON dbo.secret AFTER DELETE AS SELECT 1 AS x;
GO
CREATE SEQUENCE dbo.sq AS int;
GO
GRANT SELECT ON dbo.open_table TO u1;
GRANT EXECUTE ON dbo.p TO u1;
GO
EXECUTE AS USER = N'u1';
SELECT name, type FROM sys.objects ORDER BY name;
SELECT name FROM sys.tables;
SELECT name FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.secret');
SELECT OBJECT_ID(N'dbo.secret') AS id, OBJECT_NAME(OBJECT_ID(N'dbo.open_table')) AS name;
SELECT OBJECT_DEFINITION(OBJECT_ID(N'dbo.p')) AS definition;
SELECT COUNT(*) AS modules, COUNT(definition) AS definitions FROM sys.sql_modules;
SELECT COUNT(*) AS n FROM sys.check_constraints;
SELECT COUNT(*) AS n FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id WHERE o.name = N'secret';
SELECT COUNT(*) AS n FROM sys.triggers;
SELECT name FROM sys.schemas WHERE name IN (N'dbo', N'hidden') ORDER BY name;
SELECT name FROM sys.database_principals WHERE name IN (N'u1', N'u2', N'crew', N'public') ORDER BY name;
SELECT COUNT(*) AS others FROM sys.database_permissions WHERE grantee_principal_id = USER_ID(N'u2');
SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES;
SELECT HAS_PERMS_BY_NAME(N'dbo.secret', N'OBJECT', N'SELECT') AS secret, HAS_PERMS_BY_NAME(N'dbo.open_table', N'OBJECT', N'SELECT') AS opened;
REVERT;
GO
--> [name | type]
-->  open_table | U 
-->  p | P 
--> [name]
-->  open_table
--> [name]
--> [id | name]
-->  NULL | open_table
--> [definition]
-->  NULL
--> [modules | definitions]
-->  1 | 0
--> [n]
-->  0
--> [n]
-->  0
--> [n]
-->  0
--> [name]
-->  dbo
-->  hidden
--> [name]
-->  public
-->  u1
--> [others]
-->  0
--> [TABLE_NAME]
-->  open_table
--> [secret | opened]
-->  NULL | 1
-- One column is enough for the table to appear.
GRANT SELECT ON dbo.secret(id) TO u1;
EXECUTE AS USER = N'u1';
SELECT name FROM sys.tables ORDER BY name;
SELECT name FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.secret');
SELECT COUNT(*) AS constraints, COUNT(definition) AS definitions FROM sys.check_constraints;
REVERT;
GO
--> [name]
-->  open_table
-->  secret
--> [name]
-->  id
-->  pay
--> [constraints | definitions]
-->  1 | 0
-- VIEW DEFINITION shows the source, a DENY of it hides the whole row.
GRANT VIEW DEFINITION ON dbo.p TO u1;
DENY VIEW DEFINITION ON dbo.open_table TO u1;
EXECUTE AS USER = N'u1';
SELECT OBJECT_DEFINITION(OBJECT_ID(N'dbo.p')) AS definition;
SELECT name FROM sys.tables ORDER BY name;
SELECT id FROM dbo.open_table;
REVERT;
GRANT VIEW DEFINITION TO u1;
EXECUTE AS USER = N'u1';
SELECT name, type FROM sys.objects WHERE is_ms_shipped = 0 ORDER BY name;
SELECT name FROM sys.database_principals WHERE name IN (N'u2', N'crew') ORDER BY name;
REVERT;
GO
--> [definition]
-->  CREATE PROCEDURE dbo.p AS SELECT 1 AS the_source;\n
--> [name]
-->  secret
--> [id]
--> [name | type]
-->  ck_pay | C 
-->  p | P 
-->  pk_secret | PK
-->  secret | U 
-->  sq | SO
-->  tr | TR
-->  v | V 
--> [name]
-->  crew
-->  u2
-- Fixed roles: a reader sees tables but no source, a definer both.
ALTER ROLE db_datareader ADD MEMBER u2;
EXECUTE AS USER = N'u2';
SELECT name, type FROM sys.objects ORDER BY name;
SELECT COUNT(definition) AS definitions FROM sys.sql_modules;
REVERT;
ALTER ROLE db_datareader DROP MEMBER u2;
ALTER ROLE db_ddladmin ADD MEMBER u2;
EXECUTE AS USER = N'u2';
SELECT COUNT(*) AS objects FROM sys.objects;
SELECT COUNT(definition) AS definitions FROM sys.sql_modules;
REVERT;
GO
--> [name | type]
-->  ck_pay | C 
-->  open_table | U 
-->  pk_secret | PK
-->  secret | U 
-->  tr | TR
-->  v | V 
--> [definitions]
-->  0
--> [objects]
-->  8
--> [definitions]
-->  3
