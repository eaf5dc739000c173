-- Whatever calls itself ends at level 32, and the server lives.
-- session: sa@master
CREATE FUNCTION dbo.f (@n int) RETURNS int AS BEGIN IF @n = 0 RETURN 0; RETURN 1 + dbo.f(@n - 1); END;
GO
SELECT dbo.f(20) AS n;
GO
--> [n]
-->  20
SELECT dbo.f(100) AS n;
GO
--> [n]
--> Msg 217, Level 16, State 1, Procedure f, Line 2: Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).
CREATE PROCEDURE dbo.strings @n int AS
BEGIN
    DECLARE @text nvarchar(100) = CONCAT(N'EXEC dbo.strings ', @n + 1);
    EXEC (@text);
END;
GO
EXEC dbo.strings 1;
GO
--> Msg 217, Level 16, State 1, Line 1: Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).
CREATE TABLE dbo.a (id int);
CREATE TABLE dbo.b (id int);
GO
CREATE TRIGGER dbo.tr_a ON dbo.a AFTER INSERT AS INSERT dbo.b SELECT id + 1 FROM inserted;
GO
CREATE TRIGGER dbo.tr_b ON dbo.b AFTER INSERT AS INSERT dbo.a SELECT id + 1 FROM inserted;
GO
INSERT dbo.a VALUES (1);
GO
--> Msg 217, Level 16, State 1, Procedure tr_b, Line 1: Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).
SELECT COUNT(*) AS n, @@NESTLEVEL AS level FROM dbo.a;
GO
--> [n | level]
-->  0 | 0
BEGIN TRY
    INSERT dbo.a VALUES (1);
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, @@TRANCOUNT AS t;
END CATCH;
GO
--> [n | t]
-->  217 | 0
CREATE VIEW dbo.v AS SELECT id FROM dbo.a;
GO
ALTER VIEW dbo.v AS SELECT id FROM dbo.v;
GO
SELECT id FROM dbo.v;
GO
--> Msg 217, Level 16, State 1, Line 1: Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).
