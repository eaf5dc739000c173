-- One tenant's login meets another tenant's database.
-- session: sa@master
CREATE LOGIN l_a WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
CREATE DATABASE t_b;
GO
USE t_b;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY);
INSERT dbo.t VALUES (1);
GO
--> database t_b
--> (Insert: 1 row)
USE t_a;
CREATE USER app FOR LOGIN l_a;
GO
--> database t_a
-- session: l_a@t_a
USE t_b;
SELECT 'not reached' AS x;
GO
--> Msg 916, Level 14, State 2, Line 1: The server principal "l_a" is not able to access the database "t_b" under the current security context.
SELECT DB_NAME() AS still;
GO
--> [still]
-->  t_a
SELECT id FROM t_b.dbo.t;
GO
--> Msg 916, Level 14, State 2, Line 1: The server principal "l_a" is not able to access the database "t_b" under the current security context.
SELECT name FROM t_b.sys.tables;
GO
--> Msg 916, Level 14, State 2, Line 1: The server principal "l_a" is not able to access the database "t_b" under the current security context.
USE nowhere;
GO
--> Msg 911, Level 16, State 1, Line 1: Database 'nowhere' does not exist. Make sure that the name is entered correctly.
SELECT id FROM nowhere.dbo.t;
GO
--> Msg 208, Level 16, State 1, Line 1: Invalid object name 'nowhere.dbo.t'.
-- session: l_a@t_b
--> Msg 4060, Level 11, State 1: Cannot open database "t_b" requested by the login. The login failed.
--> Msg 18456, Level 14, State 1: Login failed for user 'l_a'.
-- session: sa@t_b
CREATE USER other FOR LOGIN l_a;
GO
-- session: l_a@t_a
USE t_b;
SELECT USER_NAME() AS me;
SELECT id FROM dbo.t;
GO
--> database t_b
--> [me]
-->  other
--> Msg 229, Level 14, State 5, Line 3: The SELECT permission was denied on the object 't', database 't_b', schema 'dbo'.
-- session: sa@t_b
GRANT SELECT ON dbo.t TO other;
GO
-- session: l_a@t_a
SELECT id FROM t_b.dbo.t;
USE t_a;
SELECT USER_NAME() AS me;
GO
--> [id]
-->  1
--> database t_a
--> [me]
-->  app
