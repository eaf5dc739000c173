-- What a user without rights is told, and which right opens what.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER app FOR LOGIN l_app;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, a int NULL, b int NULL);
INSERT dbo.t VALUES (1, 10, 100), (2, 20, 200);
GO
--> database t_a
--> (Insert: 2 rows)
-- session: l_app@t_a
SELECT id FROM dbo.t;
INSERT dbo.t VALUES (3, 30, 300);
UPDATE dbo.t SET a = 1;
DELETE dbo.t;
SELECT 'the batch goes on' AS x;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
--> Msg 229, Level 14, State 5, Line 2: The INSERT permission was denied on the object 't', database 't_a', schema 'dbo'.
--> Msg 229, Level 14, State 5, Line 3: The UPDATE permission was denied on the object 't', database 't_a', schema 'dbo'.
--> Msg 229, Level 14, State 5, Line 4: The DELETE permission was denied on the object 't', database 't_a', schema 'dbo'.
--> [x]
-->  the batch goes on
TRUNCATE TABLE dbo.t;
GO
--> Msg 1088, Level 16, State 7, Line 1: Cannot find the object "dbo.t" because it does not exist or you do not have permissions.
DROP TABLE dbo.t;
GO
--> Msg 3701, Level 14, State 20, Line 1: Cannot drop the table 't', because it does not exist or you do not have permission.
CREATE TABLE dbo.mine (id int);
SELECT 'not reached' AS x;
GO
--> Msg 262, Level 14, State 1, Line 1: CREATE TABLE permission denied in database 't_a'.
GRANT SELECT ON dbo.t TO app;
GO
--> Msg 15151, Level 16, State 1, Line 1: Cannot find the object 't', because it does not exist or you do not have permission.
-- session: sa@master
GRANT SELECT (id, a) ON dbo.t TO app;
GO
-- session: l_app@t_a
SELECT id, a FROM dbo.t;
SELECT * FROM dbo.t;
SELECT COUNT(*) AS n FROM dbo.t;
GO
--> [id | a]
-->  1 | 10
-->  2 | 20
--> Msg 230, Level 14, State 1, Line 2: The SELECT permission was denied on the column 'b' of the object 't', database 't_a', schema 'dbo'.
--> Msg 230, Level 14, State 1, Line 3: The SELECT permission was denied on the column 'b' of the object 't', database 't_a', schema 'dbo'.
-- session: sa@master
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::dbo TO app;
DENY UPDATE, DELETE ON dbo.t TO app;
GO
-- session: l_app@t_a
INSERT dbo.t VALUES (3, 30, 300);
UPDATE dbo.t SET a = 1 WHERE id = 3;
DELETE dbo.t WHERE id = 3;
SELECT * FROM dbo.t;
GO
--> (Insert: 1 row)
--> Msg 229, Level 14, State 5, Line 2: The UPDATE permission was denied on the object 't', database 't_a', schema 'dbo'.
--> Msg 229, Level 14, State 5, Line 3: The DELETE permission was denied on the object 't', database 't_a', schema 'dbo'.
--> [id | a | b]
-->  1 | 10 | 100
-->  2 | 20 | 200
-->  3 | 30 | 300
-- session: sa@master
REVOKE UPDATE, DELETE ON dbo.t FROM app;
GO
-- session: l_app@t_a
DELETE dbo.t WHERE id = 3;
SELECT HAS_PERMS_BY_NAME('dbo.t', 'OBJECT', 'DELETE') AS may_delete, HAS_PERMS_BY_NAME('dbo.t', 'OBJECT', 'ALTER') AS may_alter;
GO
--> (Delete: 1 row)
--> [may_delete | may_alter]
-->  1 | 0
