-- Functions of the user's.
-- session: sa@master
CREATE TABLE dbo.t (id int NOT NULL, v int);
INSERT dbo.t VALUES (1, 10), (2, 20);
GO
--> (Insert: 2 rows)
CREATE FUNCTION dbo.double_of (@x int) RETURNS int AS
BEGIN
    DECLARE @r int = @x * 2;
    IF @r > 30 SET @r = 30;
    RETURN @r;
END;
GO
SELECT id, dbo.double_of(v) AS d FROM dbo.t;
GO
--> [id | d]
-->  1 | 20
-->  2 | 30
CREATE FUNCTION dbo.counted () RETURNS int AS BEGIN RETURN (SELECT COUNT(*) FROM dbo.t); END;
GO
SELECT dbo.counted() AS n;
GO
--> [n]
-->  2
CREATE FUNCTION dbo.below (@x int) RETURNS TABLE AS RETURN (SELECT id, v FROM dbo.t WHERE v < @x);
GO
SELECT id FROM dbo.below(15);
GO
--> [id]
-->  1
CREATE FUNCTION dbo.numbers (@n int) RETURNS @r TABLE (i int) AS
BEGIN
    DECLARE @i int = 0;
    WHILE @i < @n BEGIN SET @i += 1; INSERT @r VALUES (@i); END;
    RETURN;
END;
GO
SELECT i FROM dbo.numbers(3);
GO
--> [i]
-->  1
-->  2
-->  3
CREATE FUNCTION dbo.divides (@x int) RETURNS int AS BEGIN RETURN 1 / @x; END;
GO
SELECT dbo.divides(0) AS x;
SELECT 'the batch goes on' AS x;
GO
--> [x]
--> Msg 8134, Level 16, State 1, Procedure divides, Line 1: Divide by zero error encountered.
--> [x]
-->  the batch goes on
DECLARE @v int;
SET @v = dbo.double_of(4);
SELECT @v AS v;
GO
--> [v]
-->  8
CREATE FUNCTION dbo.with_default(@x int, @y int = 5) RETURNS int AS BEGIN RETURN @x + @y; END;
GO
SELECT dbo.with_default(1, DEFAULT) AS a, dbo.with_default(1, 2) AS b;
GO
--> [a | b]
-->  6 | 3
SELECT JSON_MODIFY(N'{"a":1,"b":[1]}', 'append $.b', 2) AS appended,
       JSON_MODIFY(N'{}', '$.q', JSON_QUERY(N'{"x":[1]}', '$.x')) AS nested,
       JSON_PATH_EXISTS(N'{"a":{"b":null}}', '$.a.b') AS there, JSON_PATH_EXISTS(N'no', '$.a') AS none;
GO
--> [appended | nested | there | none]
-->  {"a":1,"b":[1,2]} | {"q":[1]} | 1 | 0
SELECT PWDENCRYPT('x') AS absent;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support PWDENCRYPT.
SELECT NO_SUCH_THING('x') AS unknown;
GO
--> Msg 195, Level 15, State 10, Line 1: 'NO_SUCH_THING' is not a recognized built-in function name.
-- An inline table function is a view with parameters: rows are changed through it, too.
CREATE TABLE dbo.stock (id int PRIMARY KEY, org int, n int);
INSERT dbo.stock VALUES (1, 1, 10), (2, 1, 20), (3, 2, 30);
GO
--> (Insert: 3 rows)
CREATE FUNCTION dbo.stock_of (@org int) RETURNS TABLE AS RETURN SELECT id, n FROM dbo.stock WHERE org = @org;
GO
UPDATE s SET n = n + 1 FROM dbo.stock_of(1) AS s WHERE s.id <> 1;
DELETE s FROM dbo.stock_of(2) AS s;
SELECT id, org, n FROM dbo.stock ORDER BY id;
GO
--> (Update: 1 row)
--> (Delete: 1 row)
--> [id | org | n]
-->  1 | 1 | 10
-->  2 | 1 | 21
UPDATE dbo.stock_of(1) SET n = 0;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support UPDATE of a table function outside of FROM.
CREATE FUNCTION dbo.stock_counts (@org int) RETURNS TABLE AS RETURN SELECT org, COUNT(*) AS n FROM dbo.stock WHERE org = @org GROUP BY org;
GO
UPDATE c SET n = 0 FROM dbo.stock_counts(1) AS c;
GO
--> Msg 4403, Level 16, State 1, Line 1: Cannot update the view or function 'c' because it contains aggregates, or a DISTINCT or GROUP BY clause, or PIVOT or UNPIVOT operator.
CREATE USER changes_through WITHOUT LOGIN;
GRANT SELECT, UPDATE ON dbo.stock_of TO changes_through;
EXECUTE AS USER = 'changes_through';
UPDATE s SET n = 5 FROM dbo.stock_of(1) AS s WHERE s.id = 1;
GO
--> (Update: 1 row)
DELETE s FROM dbo.stock_of(1) AS s;
GO
--> Msg 229, Level 14, State 5, Line 1: The DELETE permission was denied on the object 'stock_of', database 'master', schema 'dbo'.
UPDATE dbo.stock SET n = 6;
GO
--> Msg 229, Level 14, State 5, Line 1: The UPDATE permission was denied on the object 'stock', database 'master', schema 'dbo'.
REVERT;
SELECT id, n FROM dbo.stock ORDER BY id;
GO
--> [id | n]
-->  1 | 5
-->  2 | 21
