-- Tables of a session, of a procedure, of everybody.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE TABLE #t (id int PRIMARY KEY, name nvarchar(10));
INSERT #t VALUES (1, N'a');
SELECT id, name FROM #t;
CREATE TABLE ##everybody (id int);
INSERT ##everybody VALUES (7);
GO
--> (Insert: 1 row)
--> [id | name]
-->  1 | a
--> (Insert: 1 row)
CREATE PROCEDURE dbo.makes AS BEGIN CREATE TABLE #mine (id int); SELECT COUNT(*) AS mine FROM #mine; SELECT id FROM #t; END;
GO
EXEC dbo.makes;
SELECT id FROM #mine;
GO
--> [mine]
-->  0
--> [id]
-->  1
--> Msg 208, Level 16, State 0, Line 2: Invalid object name '#mine'.
-- session: l_app@master
SELECT id FROM #t;
GO
--> Msg 208, Level 16, State 0, Line 1: Invalid object name '#t'.
SELECT id FROM ##everybody;
CREATE TABLE #t (other int);
INSERT #t VALUES (2);
SELECT other FROM #t;
GO
--> [id]
-->  7
--> (Insert: 1 row)
--> [other]
-->  2
-- session: sa@master
BEGIN TRANSACTION;
CREATE TABLE #later (id int);
DROP TABLE #t;
ROLLBACK;
SELECT id FROM #t;
SELECT id FROM #later;
GO
--> transaction begun
--> transaction rolled back
--> [id]
-->  1
--> Msg 208, Level 16, State 0, Line 6: Invalid object name '#later'.
DECLARE @v TABLE (id int IDENTITY, name nvarchar(10));
BEGIN TRANSACTION;
INSERT @v (name) VALUES (N'kept');
ROLLBACK;
SELECT id, name FROM @v;
GO
--> transaction begun
--> (Insert: 1 row)
--> transaction rolled back
--> [id | name]
-->  1 | kept
SELECT * INTO #copy FROM #t;
SELECT * FROM #copy;
GO
--> (SelectInto: 1 row)
--> [id | name]
-->  1 | a
-- reset
--> reset
SELECT id FROM #t;
GO
--> Msg 208, Level 16, State 0, Line 1: Invalid object name '#t'.
