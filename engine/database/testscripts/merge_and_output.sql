-- MERGE, OUTPUT, INSERT … EXEC.
-- session: sa@master
CREATE TABLE dbo.target (id int NOT NULL PRIMARY KEY, v nvarchar(10));
CREATE TABLE dbo.source (id int NOT NULL PRIMARY KEY, v nvarchar(10));
INSERT dbo.target VALUES (1, N'old'), (2, N'gone');
INSERT dbo.source VALUES (1, N'new'), (3, N'added');
GO
--> (Insert: 2 rows)
--> (Insert: 2 rows)
MERGE dbo.target AS t USING dbo.source AS s ON t.id = s.id
WHEN MATCHED THEN UPDATE SET v = s.v
WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action AS act, inserted.id AS i, deleted.id AS d;
SELECT id, v FROM dbo.target ORDER BY id;
GO
--> [act | i | d]
-->  UPDATE | 1 | 1
-->  INSERT | 3 | NULL
-->  DELETE | NULL | 2
--> (Merge: 3 rows)
--> [id | v]
-->  1 | new
-->  3 | added
DECLARE @log TABLE (id int, v nvarchar(10));
DELETE dbo.target OUTPUT deleted.id, deleted.v INTO @log WHERE id = 3;
SELECT id, v FROM @log;
UPDATE dbo.target SET v = N'again' OUTPUT inserted.v, deleted.v AS old;
SELECT @@ROWCOUNT AS n;
GO
--> (Delete: 1 row)
--> [id | v]
-->  3 | added
--> [v | old]
-->  again | new
--> (Update: 1 row)
--> [n]
-->  1
CREATE PROCEDURE dbo.two AS BEGIN SELECT 10, N'x'; SELECT 11, N'y'; END;
GO
INSERT dbo.target EXEC dbo.two;
INSERT dbo.target (id, v) EXEC ('SELECT 12, N''z''');
SELECT id, v FROM dbo.target ORDER BY id;
GO
--> (Insert: 2 rows)
--> (Insert: 1 row)
--> [id | v]
-->  1 | again
-->  10 | x
-->  11 | y
-->  12 | z
CREATE PROCEDURE dbo.nests AS BEGIN DECLARE @t TABLE (a int, b nvarchar(10)); INSERT @t EXEC dbo.two; SELECT a, b FROM @t; END;
GO
EXEC dbo.nests;
GO
--> (Insert: 2 rows)
--> [a | b]
-->  10 | x
-->  11 | y
INSERT dbo.target EXEC dbo.nests;
GO
--> Msg 8164, Level 16, State 1, Procedure nests, Line 1: An INSERT EXEC statement cannot be nested.
--> (Insert: 0 rows)
INSERT dbo.target EXEC ('SELECT 1');
GO
--> Msg 213, Level 16, State 1, Line 1: Column name or number of supplied values does not match table definition.
SELECT COUNT(*) AS n FROM dbo.target;
GO
--> [n]
-->  4
CREATE TRIGGER dbo.tr_instead ON dbo.target INSTEAD OF DELETE AS PRINT 'kept';
GO
MERGE dbo.target AS t USING dbo.source AS s ON t.id = s.id WHEN MATCHED THEN DELETE;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support MERGE into a target with INSTEAD OF triggers.
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE USER u_app FOR LOGIN l_app;
GO
-- session: l_app@master
MERGE dbo.target AS t USING (SELECT 1 AS one) AS s ON s.one = 1 WHEN MATCHED THEN DELETE;
GO
--> Msg 229, Level 14, State 5, Line 1: The DELETE permission was denied on the object 'target', database 'master', schema 'dbo'.
