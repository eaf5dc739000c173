-- Declare
DECLARE @a INT = 1, @b NVARCHAR(10)
====
-- Declare
DECLARE @t TABLE (id INT PRIMARY KEY, v NVARCHAR(10))
====
-- SetVariable
SET @a = @a + 1
====
-- SetVariable
SET @a += 1
====
-- SelectAssign
SELECT @a = id, @b = name FROM dbo.t1
====
-- If(Select else Select)
IF EXISTS (SELECT 1 FROM dbo.t1) SELECT 1 ELSE SELECT 2
====
-- If(Block(Select) else If(Block(Select) else Select))
IF @a = 1 BEGIN SELECT 1; END ELSE IF @a = 2 BEGIN SELECT 2; END ELSE SELECT 3
====
-- While(Block(SetVariable, If(Break), Continue))
WHILE @i < 10 BEGIN SET @i = @i + 1; IF @i = 5 BREAK; CONTINUE; END
====
-- TryCatch(Select)(Select, Throw)
BEGIN TRY SELECT 1/0; END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_MESSAGE(); THROW; END CATCH
====
-- Throw
THROW 50001, N'bad', 1
====
-- Throw
THROW
====
-- RaiseError
RAISERROR (N'msg %d', 16, 1, @a) WITH NOWAIT
====
-- RaiseError
RAISERROR ('x', 16, 1)
====
-- Print
PRINT N'hello'
====
-- Return
RETURN
====
-- Goto
GOTO done
====
-- WaitForDelay
WAITFOR DELAY '00:00:05'
====
-- Unsupported <DECLARE CURSOR>
DECLARE c CURSOR LOCAL FAST_FORWARD FOR SELECT id FROM dbo.t1
====
-- Unsupported <OPEN cursor>
OPEN c
====
-- Unsupported <FETCH cursor>
FETCH NEXT FROM c INTO @id
====
-- Block(Select, Select)
BEGIN SELECT 1; SELECT 2 END
====
-- Declare, SetVariable, Select
DECLARE @a INT; SET @a = 1; SELECT @a
====
-- Declare, SetVariable, Select
DECLARE @a INT = 1 SET @a = 2 SELECT @a
====
-- Select, Select
SELECT 1 SELECT 2
====
-- Insert, Select
INSERT INTO t1 (a) VALUES (1) SELECT SCOPE_IDENTITY()
====
-- Update, If(Throw)
UPDATE t1 SET a = 1 WHERE id = 2 IF @@ROWCOUNT = 0 THROW 50001, 'x', 1
====
-- Select | Select
SELECT 1
GO
SELECT 2
GO 5
====
