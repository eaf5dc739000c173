-- A procedure reaches what its owner owns; a string in it does not.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER app FOR LOGIN l_app;
CREATE USER u2 WITHOUT LOGIN;
CREATE TABLE dbo.t (id int NOT NULL);
INSERT dbo.t VALUES (1), (2);
GO
--> database t_a
--> (Insert: 2 rows)
CREATE SCHEMA s_own AUTHORIZATION u2;
GO
CREATE TABLE s_own.x (id int);
GO
CREATE PROCEDURE dbo.reads AS SELECT id FROM dbo.t;
GO
CREATE PROCEDURE dbo.deletes AS DELETE FROM dbo.t WHERE id = 2;
GO
CREATE PROCEDURE dbo.string AS EXEC ('SELECT id FROM dbo.t');
GO
CREATE PROCEDURE dbo.executesql AS EXEC sp_executesql N'SELECT id FROM dbo.t';
GO
CREATE PROCEDURE dbo.lends WITH EXECUTE AS OWNER AS EXEC ('SELECT USER_NAME() AS me, id FROM dbo.t');
GO
CREATE PROCEDURE dbo.foreign_owner AS SELECT id FROM s_own.x;
GO
CREATE PROCEDURE dbo.truncates AS TRUNCATE TABLE dbo.t;
GO
CREATE VIEW dbo.v AS SELECT id FROM dbo.t;
GO
GRANT EXECUTE ON SCHEMA::dbo TO app;
GRANT SELECT ON dbo.v TO app;
DENY SELECT, DELETE ON dbo.t TO app;
GO
-- session: l_app@t_a
EXEC dbo.reads;
GO
--> [id]
-->  1
-->  2
EXEC dbo.deletes;
GO
--> (Delete: 1 row)
EXEC dbo.string;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
EXEC dbo.executesql;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
EXEC dbo.lends;
GO
--> [me | id]
-->  dbo | 1
EXEC dbo.foreign_owner;
GO
--> Msg 229, Level 14, State 5, Procedure foreign_owner, Line 1: The SELECT permission was denied on the object 'x', database 't_a', schema 's_own'.
EXEC dbo.truncates;
GO
--> Msg 1088, Level 16, State 7, Procedure truncates, Line 1: Cannot find the object "dbo.t" because it does not exist or you do not have permissions.
SELECT id FROM dbo.v;
SELECT USER_NAME() AS me;
GO
--> [id]
-->  1
--> [me]
-->  app
