-- Strings that run.
-- session: sa@master
CREATE DATABASE t_a;
GO
DECLARE @a int = 5;
EXEC ('SELECT @a AS a');
GO
--> Msg 137, Level 15, State 2, Line 1: Must declare the scalar variable "@a".
DECLARE @text nvarchar(200) = N'SELECT @x + @y AS total', @out int;
EXEC sp_executesql @text, N'@x int, @y int', @x = 1, @y = 2;
EXEC sp_executesql N'SET @r = @x * 10', N'@x int, @r int OUTPUT', 4, @out OUTPUT;
SELECT @out AS out_value;
GO
--> [total]
-->  3
--> [out_value]
-->  40
EXEC sp_executesql N'SELECT @x AS x', N'@x int';
GO
--> Msg 8178, Level 16, State 1, Line 1: The parameterized query '(@x int)' expects the parameter '@x', which was not supplied.
EXEC sp_executesql 'SELECT 1';
GO
--> Msg 214, Level 16, State 2, Procedure sp_executesql, Line 1: Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'.
EXEC ('USE t_a; SELECT DB_NAME() AS inside');
SELECT DB_NAME() AS outside;
GO
--> database t_a
--> [inside]
-->  t_a
--> database master
--> [outside]
-->  master
EXEC ('SELECT 1 AS one; EXEC (''SELECT 2 AS two'')');
GO
--> [one]
-->  1
--> [two]
-->  2
EXEC ('CREATE TABLE #inner (id int); INSERT #inner VALUES (1); SELECT id FROM #inner');
SELECT id FROM #inner;
GO
--> (Insert: 1 row)
--> [id]
-->  1
--> Msg 208, Level 16, State 0, Line 2: Invalid object name '#inner'.
EXEC ('SELECT 1 AS x
SELEC 2');
SELECT 'the batch goes on' AS x;
GO
--> Msg 102, Level 15, State 1, Line 2: Incorrect syntax near 'SELEC'.
--> [x]
-->  the batch goes on
EXEC ('');
EXEC (NULL);
GO
