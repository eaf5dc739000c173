-- What leads from one database into another: ownership chains, trust, and nothing else.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE LOGIN l_owner WITH PASSWORD = N'Str0ng_pw_1';
CREATE LOGIN l_other WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
CREATE DATABASE t_b;
GO
ALTER AUTHORIZATION ON DATABASE::t_a TO l_owner;
ALTER AUTHORIZATION ON DATABASE::t_b TO l_owner;
GO
USE t_b;
CREATE TABLE dbo.t (id int NOT NULL);
INSERT dbo.t VALUES (1);
GO
--> database t_b
--> (Insert: 1 row)
USE t_a;
CREATE USER app FOR LOGIN l_app;
CREATE USER loner WITHOUT LOGIN;
ALTER ROLE db_owner ADD MEMBER app;
GO
--> database t_a
CREATE PROCEDURE dbo.reads AS SELECT id FROM t_b.dbo.t;
GO
CREATE PROCEDURE dbo.string AS EXEC (N'SELECT id FROM t_b.dbo.t');
GO
CREATE PROCEDURE dbo.lends WITH EXECUTE AS OWNER AS SELECT USER_NAME() AS me, id FROM t_b.dbo.t;
GO
CREATE VIEW dbo.v AS SELECT id FROM t_b.dbo.t;
GO
-- No user in the other database: not even a chain leads there.
-- session: l_app@t_a
EXEC dbo.reads;
GO
--> Msg 916, Level 14, State 2, Procedure reads, Line 1: The server principal "l_app" is not able to access the database "t_b" under the current security context.
-- session: sa@t_b
CREATE USER app FOR LOGIN l_app;
GO
-- session: l_app@t_a
EXEC dbo.reads;
SELECT id FROM dbo.v;
GO
--> Msg 229, Level 14, State 5, Procedure reads, Line 1: The SELECT permission was denied on the object 't', database 't_b', schema 'dbo'.
--> Msg 229, Level 14, State 5, Line 2: The SELECT permission was denied on the object 't', database 't_b', schema 'dbo'.
-- Both databases have to allow it; a member of db_owner cannot say so.
ALTER DATABASE t_a SET DB_CHAINING ON;
GO
--> Msg 15247, Level 16, State 1, Line 2: User does not have permission to perform this action.
--> Msg 5069, Level 16, State 1, Line 2: ALTER DATABASE statement failed.
ALTER DATABASE t_a SET TRUSTWORTHY ON;
GO
--> Msg 15247, Level 16, State 1, Line 1: User does not have permission to perform this action.
--> Msg 5069, Level 16, State 1, Line 1: ALTER DATABASE statement failed.
-- session: sa@master
ALTER DATABASE t_a SET DB_CHAINING ON;
GO
-- session: l_app@t_a
EXEC dbo.reads;
GO
--> Msg 229, Level 14, State 5, Procedure reads, Line 1: The SELECT permission was denied on the object 't', database 't_b', schema 'dbo'.
-- session: sa@master
ALTER DATABASE t_b SET DB_CHAINING ON;
SELECT name, is_db_chaining_on, is_trustworthy_on FROM sys.databases WHERE name IN (N't_a', N't_b');
GO
--> [name | is_db_chaining_on | is_trustworthy_on]
-->  t_a | 1 | 0
-->  t_b | 1 | 0
-- session: l_app@t_a
EXEC dbo.reads;
SELECT id FROM dbo.v;
EXEC dbo.string;
GO
--> [id]
-->  1
--> [id]
-->  1
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't', database 't_b', schema 'dbo'.
-- Owners who are not the same login break it.
-- session: sa@master
ALTER AUTHORIZATION ON DATABASE::t_b TO l_other;
GO
-- session: l_app@t_a
EXEC dbo.reads;
GO
--> Msg 229, Level 14, State 5, Procedure reads, Line 1: The SELECT permission was denied on the object 't', database 't_b', schema 'dbo'.
-- session: sa@master
ALTER AUTHORIZATION ON DATABASE::t_b TO l_owner;
ALTER DATABASE t_a SET DB_CHAINING OFF;
ALTER DATABASE t_b SET DB_CHAINING OFF;
GO
-- A frame of the database stays in it.
-- session: l_app@t_a
EXEC dbo.lends;
EXECUTE AS USER = N'dbo';
SELECT id FROM t_b.dbo.t;
REVERT;
GO
--> Msg 916, Level 14, State 2, Procedure lends, Line 1: The server principal "l_owner" is not able to access the database "t_b" under the current security context.
--> Msg 916, Level 14, State 2, Line 4: The server principal "l_owner" is not able to access the database "t_b" under the current security context.
-- The flag of the target does not matter, that of the home does.
-- session: sa@master
ALTER DATABASE t_b SET TRUSTWORTHY ON;
GO
-- session: l_app@t_a
EXEC dbo.lends;
GO
--> Msg 916, Level 14, State 2, Procedure lends, Line 1: The server principal "l_owner" is not able to access the database "t_b" under the current security context.
-- session: sa@master
ALTER DATABASE t_b SET TRUSTWORTHY OFF;
ALTER DATABASE t_a SET TRUSTWORTHY ON;
GO
-- session: l_app@t_a
EXEC dbo.lends;
EXECUTE AS USER = N'loner';
SELECT id FROM t_b.dbo.t;
REVERT;
GO
--> [me | id]
-->  dbo | 1
--> Msg 916, Level 14, State 2, Line 3: The server principal "S-1-9-3-1562581780-465302591-2123991451-1080911372" is not able to access the database "t_b" under the current security context.
-- The home's owner has to be somebody in the target.
-- session: sa@master
ALTER AUTHORIZATION ON DATABASE::t_b TO l_other;
GO
-- session: l_app@t_a
EXEC dbo.lends;
GO
--> Msg 916, Level 14, State 2, Procedure lends, Line 1: The server principal "l_owner" is not able to access the database "t_b" under the current security context.
-- session: sa@t_b
CREATE USER vouches FOR LOGIN l_owner;
GRANT AUTHENTICATE TO vouches;
GRANT SELECT ON dbo.t TO vouches;
GO
-- session: l_app@t_a
EXEC dbo.lends;
GO
--> [me | id]
-->  dbo | 1
