-- IF, WHILE, GOTO, variables.
-- session: sa@master
DECLARE @i int = 0;
WHILE @i < 5
BEGIN
    SET @i += 1;
    IF @i = 2 CONTINUE;
    IF @i = 4 BREAK;
    PRINT @i;
END;
SELECT @i AS i;
GO
--> Info 0, Line 8: 1
--> Info 0, Line 8: 3
--> [i]
-->  4
DECLARE @n int = 0;
again:
SET @n = @n + 1;
IF @n < 3 GOTO again;
SELECT @n AS n;
GO
--> [n]
-->  3
IF EXISTS (SELECT 1 WHERE 1 = 0) SELECT 'yes' AS x ELSE SELECT 'no' AS x;
IF NULL = NULL SELECT 'yes' AS x ELSE SELECT 'no' AS x;
GO
--> [x]
-->  no
--> [x]
-->  no
SELECT @undeclared AS x;
GO
--> Msg 137, Level 15, State 2, Line 1: Must declare the scalar variable "@undeclared".
SET @undeclared = 1;
GO
--> Msg 137, Level 15, State 1, Line 1: Must declare the scalar variable "@undeclared".
DECLARE @a int, @b nvarchar(5) = N'too long';
SELECT @a AS a, @b AS b;
SELECT @a = 5, @b = N'five';
SELECT @a AS a, @b AS b;
GO
--> [a | b]
-->  NULL | too l
--> [a | b]
-->  5 | five
SELECT @a AS gone;
GO
--> Msg 137, Level 15, State 2, Line 1: Must declare the scalar variable "@a".
RETURN;
SELECT 'not reached' AS x;
GO
WAITFOR DELAY '00:00:05';
SELECT 'time has passed' AS x;
GO
--> [x]
-->  time has passed
PRINT N'hello';
PRINT NULL;
GO
--> Info 0, Line 1: hello
--> Info 0, Line 2:  
SELECT 1
SELECT 2
GO
--> [(no name)]
-->  1
--> [(no name)]
-->  2
SELECT @@ROWCOUNT AS n FROM (VALUES (1), (2), (3)) AS v (x);
SELECT @@ROWCOUNT AS n;
GO
--> [n]
-->  1
-->  1
-->  1
--> [n]
-->  3
SET NOCOUNT ON;
CREATE TABLE dbo.quiet (id int);
INSERT dbo.quiet VALUES (1);
SELECT id FROM dbo.quiet;
GO
--> [id]
-->  1
SET SHOWPLAN_ALL ON;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support SET SHOWPLAN_ALL ON.
