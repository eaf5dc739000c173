-- Parameters, results, nesting.
-- session: sa@master
CREATE PROCEDURE dbo.p @a int, @b nvarchar(20) = N'none', @c int = NULL OUTPUT AS
BEGIN
    SELECT @a AS a, @b AS b;
    SET @c = @a * 2;
    RETURN 7;
END;
GO
EXEC dbo.p 1;
GO
--> [a | b]
-->  1 | none
--> return 7
EXEC dbo.p @b = N'x', @a = 2;
GO
--> [a | b]
-->  2 | x
--> return 7
DECLARE @rc int, @out int;
EXEC @rc = dbo.p 3, DEFAULT, @out OUTPUT;
SELECT @rc AS rc, @out AS out_value;
GO
--> [a | b]
-->  3 | none
--> return 7
--> [rc | out_value]
-->  7 | 6
EXEC dbo.p;
GO
--> Msg 201, Level 16, State 4, Procedure p, Line 0: Procedure or function 'p' expects parameter '@a', which was not supplied.
EXEC dbo.p 1, 2, 3, 4;
GO
--> Msg 8144, Level 16, State 2, Procedure p, Line 0: Procedure or function p has too many arguments specified.
EXEC dbo.p @z = 1;
GO
--> Msg 8145, Level 16, State 2, Procedure p, Line 0: @z is not a parameter for procedure p.
EXEC dbo.p 'abc';
SELECT 'the batch goes on' AS x;
GO
--> Msg 8114, Level 16, State 1, Procedure p, Line 0: Error converting data type varchar to int.
--> [x]
-->  the batch goes on
EXEC dbo.missing;
SELECT 'the batch goes on' AS x;
GO
--> Msg 2812, Level 16, State 62, Line 1: Could not find stored procedure 'dbo.missing'.
--> [x]
-->  the batch goes on
CREATE PROCEDURE dbo.deeper @n int AS
BEGIN
    IF @n = 0 SELECT @@NESTLEVEL AS level;
    ELSE BEGIN SET @n = @n - 1; EXEC dbo.deeper @n; END;
END;
GO
EXEC dbo.deeper 5;
GO
--> [level]
-->  6
EXEC dbo.deeper 40;
GO
--> Msg 217, Level 16, State 1, Procedure deeper, Line 4: Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).
CREATE PROCEDURE dbo.settings AS SET NOCOUNT ON;
GO
CREATE TABLE dbo.t (id int);
EXEC dbo.settings;
INSERT dbo.t VALUES (1);
GO
--> (Insert: 1 row)
DECLARE @name sysname = N'dbo.p';
EXEC @name 9;
GO
--> [a | b]
-->  9 | none
--> return 7
ALTER PROCEDURE dbo.p AS SELECT 'altered' AS x;
GO
EXEC dbo.p;
GO
--> [x]
-->  altered
DROP PROCEDURE dbo.p;
EXEC dbo.p;
GO
--> Msg 2812, Level 16, State 62, Line 2: Could not find stored procedure 'dbo.p'.
EXEC dbo.t;
GO
--> Msg 2809, Level 18, State 1, Line 1: The request for procedure 't' failed because 't' is a table object.
