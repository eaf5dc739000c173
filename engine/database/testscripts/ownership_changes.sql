-- What giving a thing away takes with it: permissions, chains, and the old owner's say.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER owner WITHOUT LOGIN;
CREATE USER taker WITHOUT LOGIN;
CREATE USER reader WITHOUT LOGIN;
CREATE ROLE crew;
ALTER ROLE crew ADD MEMBER taker;
CREATE TABLE dbo.t (id int NOT NULL);
INSERT dbo.t VALUES (1);
GO
--> database t_a
--> (Insert: 1 row)
CREATE SCHEMA s1 AUTHORIZATION owner;
GO
CREATE SCHEMA s2;
GO
CREATE TABLE s1.x (id int NOT NULL);
GO
CREATE PROCEDURE dbo.p AS SELECT id FROM dbo.t;
GO
GRANT SELECT ON dbo.t TO reader;
GRANT EXECUTE ON dbo.p TO reader;
GRANT VIEW DEFINITION TO reader;
GO
-- TAKE OWNERSHIP, and being or impersonating the new owner.
EXECUTE AS USER = N'taker';
ALTER AUTHORIZATION ON OBJECT::dbo.t TO taker;
REVERT;
GRANT TAKE OWNERSHIP ON dbo.t TO taker;
EXECUTE AS USER = N'taker';
ALTER AUTHORIZATION ON OBJECT::dbo.t TO owner;
ALTER AUTHORIZATION ON OBJECT::dbo.t TO crew;
REVERT;
SELECT USER_NAME(OBJECTPROPERTY(OBJECT_ID(N'dbo.t'), 'OwnerId')) AS owner;
SELECT COUNT(*) AS permissions FROM sys.database_permissions WHERE major_id = OBJECT_ID(N'dbo.t');
GO
--> Msg 15151, Level 16, State 1, Line 3: Cannot find the object 't', because it does not exist or you do not have permission.
--> Msg 15151, Level 16, State 1, Line 7: Cannot find the principal 'owner', because it does not exist or you do not have permission.
--> [owner]
-->  crew
--> [permissions]
-->  0
-- The chain from dbo's procedure is broken, and a DENY does not bind the new owner.
DENY SELECT ON dbo.t TO taker;
EXECUTE AS USER = N'reader';
EXEC dbo.p;
REVERT;
EXECUTE AS USER = N'taker';
SELECT id FROM dbo.t;
GRANT SELECT ON dbo.t TO reader;
REVERT;
EXECUTE AS USER = N'reader';
EXEC dbo.p;
REVERT;
GO
--> Msg 229, Level 14, State 5, Procedure p, Line 1: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
--> [id]
-->  1
--> [id]
-->  1
-- Back to the owner of the schema; a change that changes nothing keeps the permissions.
ALTER AUTHORIZATION ON OBJECT::dbo.t TO SCHEMA OWNER;
GRANT SELECT ON dbo.t TO reader;
ALTER AUTHORIZATION ON OBJECT::dbo.t TO dbo;
SELECT COUNT(*) AS permissions FROM sys.database_permissions WHERE major_id = OBJECT_ID(N'dbo.t');
GO
--> [permissions]
-->  1
-- A transfer needs ALTER on the schema that receives and CONTROL on what moves.
GRANT ALTER ON SCHEMA::s2 TO taker;
EXECUTE AS USER = N'taker';
ALTER SCHEMA s2 TRANSFER dbo.t;
ALTER SCHEMA s1 TRANSFER dbo.t;
REVERT;
GRANT CONTROL ON dbo.t TO taker;
EXECUTE AS USER = N'taker';
ALTER SCHEMA s1 TRANSFER dbo.t;
ALTER SCHEMA s2 TRANSFER dbo.t;
REVERT;
SELECT SCHEMA_NAME(schema_id) AS s FROM sys.tables WHERE name = N't';
SELECT COUNT(*) AS permissions FROM sys.database_permissions WHERE major_id = OBJECT_ID(N's2.t');
EXECUTE AS USER = N'reader';
SELECT id FROM s2.t;
EXEC dbo.p;
REVERT;
ALTER SCHEMA dbo TRANSFER s2.t;
CREATE TABLE s2.t (id int);
ALTER SCHEMA s2 TRANSFER dbo.t;
ALTER SCHEMA nowhere TRANSFER dbo.t;
GO
--> Msg 15151, Level 16, State 1, Line 4: Cannot find the object 't', because it does not exist or you do not have permission.
--> Msg 15151, Level 16, State 1, Line 5: Cannot alter the schema 's1', because it does not exist or you do not have permission.
--> Msg 15151, Level 16, State 1, Line 9: Cannot alter the schema 's1', because it does not exist or you do not have permission.
--> [s]
-->  s2
--> [permissions]
-->  0
--> Msg 229, Level 14, State 5, Line 15: The SELECT permission was denied on the object 't', database 't_a', schema 's2'.
--> Msg 208, Level 16, State 1, Procedure p, Line 1: Invalid object name 'dbo.t'.
--> return -6
--> Msg 15530, Level 16, State 1, Line 20: The object with name "t" already exists.
--> Msg 15151, Level 16, State 1, Line 21: Cannot alter the schema 'nowhere', because it does not exist or you do not have permission.
-- A schema's owner owns what is in it.
EXECUTE AS USER = N'owner';
INSERT s1.x VALUES (1);
REVERT;
ALTER AUTHORIZATION ON SCHEMA::s1 TO reader;
EXECUTE AS USER = N'owner';
INSERT s1.x VALUES (2);
REVERT;
EXECUTE AS USER = N'reader';
INSERT s1.x VALUES (3);
REVERT;
DROP USER reader;
ALTER AUTHORIZATION ON SCHEMA::sys TO owner;
ALTER AUTHORIZATION ON ROLE::crew TO owner;
EXECUTE AS USER = N'owner';
ALTER ROLE crew ADD MEMBER reader;
REVERT;
SELECT COUNT(*) AS members FROM sys.database_role_members WHERE role_principal_id = USER_ID(N'crew');
GO
--> (Insert: 1 row)
--> Msg 229, Level 14, State 5, Line 7: The INSERT permission was denied on the object 'x', database 't_a', schema 's1'.
--> (Insert: 1 row)
--> Msg 15138, Level 16, State 1, Line 12: The database principal owns a schema in the database, and cannot be dropped.
--> Msg 15150, Level 16, State 2, Line 13: Cannot alter the schema 'sys'.
--> [members]
-->  2
