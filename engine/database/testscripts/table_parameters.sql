-- Table-valued parameters: read only, and empty when nobody gives them.
-- session: sa@master
CREATE TYPE dbo.ids AS TABLE (id int NOT NULL PRIMARY KEY, n nvarchar(10) DEFAULT N'd', CHECK (id > 0));
GO
CREATE PROCEDURE dbo.takes @ids dbo.ids READONLY, @x int = 1 AS SELECT i.id, i.n, @x AS x FROM @ids AS i ORDER BY i.id;
GO
DECLARE @t dbo.ids;
INSERT @t (id) VALUES (2), (1);
EXEC dbo.takes @t;
EXEC dbo.takes @ids = @t, @x = 2;
EXEC dbo.takes;
EXEC dbo.takes @ids = DEFAULT;
GO
--> (Insert: 2 rows)
--> [id | n | x]
-->  1 | d | 1
-->  2 | d | 1
--> [id | n | x]
-->  1 | d | 2
-->  2 | d | 2
--> [id | n | x]
--> [id | n | x]
DECLARE @t dbo.ids; INSERT @t (id) VALUES (0);
GO
--> Msg 547, Level 16, State 0, Line 1: The INSERT statement conflicted with the CHECK constraint "CK__ids__FFFFFFFD". The conflict occurred in database "master", table "@t".
--> Info 3621, Line 1: The statement has been terminated.
CREATE PROCEDURE dbo.changes @ids dbo.ids READONLY AS DELETE @ids;
GO
--> Msg 10700, Level 15, State 1, Line 1: The table-valued parameter "@ids" is READONLY and cannot be modified.
CREATE PROCEDURE dbo.changes @ids dbo.ids READONLY AS IF 1 = 1 INSERT @ids (id) VALUES (1);
GO
--> Msg 10700, Level 15, State 1, Line 1: The table-valued parameter "@ids" is READONLY and cannot be modified.
CREATE PROCEDURE dbo.changes @ids dbo.ids AS SELECT 1 AS x;
GO
--> Msg 352, Level 15, State 1, Line 1: The table-valued parameter "@ids" must be declared with the READONLY option.
-- A function that yields NULL for NULL is not even called.
CREATE FUNCTION dbo.never (@n int) RETURNS int WITH RETURNS NULL ON NULL INPUT AS BEGIN RETURN dbo.never(@n); END;
GO
SELECT dbo.never(NULL) AS n;
GO
--> [n]
-->  NULL
