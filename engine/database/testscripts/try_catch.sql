-- Which errors a handler sees, and what it can find out.
-- session: sa@master
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY);
INSERT dbo.t VALUES (1);
GO
--> (Insert: 1 row)
BEGIN TRY
    SELECT 1 / 0 AS x;
    SELECT 'not reached' AS x;
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_SEVERITY() AS s, ERROR_STATE() AS st, ERROR_LINE() AS l, ERROR_PROCEDURE() AS p, ERROR_MESSAGE() AS m;
END CATCH;
SELECT ERROR_NUMBER() AS n;
GO
--> [x]
--> [n | s | st | l | p | m]
-->  8134 | 16 | 1 | 2 | NULL | Divide by zero error encountered.
--> [n]
-->  NULL
BEGIN TRY
    INSERT dbo.t VALUES (1);
END TRY
BEGIN CATCH
    PRINT ERROR_MESSAGE();
    THROW;
END CATCH;
SELECT 'not reached' AS x;
GO
--> Info 0, Line 5: Violation of PRIMARY KEY constraint 'PK__t__3DF626FDE3B98A4D'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).
--> Msg 2627, Level 14, State 1, Line 2: Violation of PRIMARY KEY constraint 'PK__t__3DF626FDE3B98A4D'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).
-- Late compilation is not seen in its own scope.
BEGIN TRY
    SELECT * FROM dbo.missing;
END TRY
BEGIN CATCH
    SELECT 'not reached' AS x;
END CATCH;
GO
--> Msg 208, Level 16, State 1, Line 3: Invalid object name 'dbo.missing'.
-- But it is in the scope outside.
BEGIN TRY
    EXEC ('SELECT * FROM dbo.missing');
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_MESSAGE() AS m;
END CATCH;
GO
--> [n | m]
-->  208 | Invalid object name 'dbo.missing'.
BEGIN TRY
    EXEC ('SELECT FROM');
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n;
END CATCH;
GO
--> [n]
-->  156
-- Severity 10 and below is only a message.
BEGIN TRY
    RAISERROR ('just so', 10, 1);
    RAISERROR ('really %s %d', 16, 3, 'bad', 7);
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_STATE() AS s, ERROR_MESSAGE() AS m;
END CATCH;
GO
--> Info 50000, Line 3: just so
--> [n | s | m]
-->  50000 | 3 | really bad 7
THROW 50001, 'thrown', 7;
GO
--> Msg 50001, Level 16, State 7, Line 1: thrown
THROW 49999, 'too small', 1;
GO
--> Msg 35100, Level 16, State 10, Line 1: Error number 49999 in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.
-- A conversion error dooms the transaction.
BEGIN TRANSACTION;
BEGIN TRY
    SELECT CAST('x' AS int);
END TRY
BEGIN CATCH
    SELECT XACT_STATE() AS x, @@TRANCOUNT AS n;
    INSERT dbo.t VALUES (2);
END CATCH;
SELECT 'not reached' AS x;
GO
--> transaction begun
--> [(no name)]
--> [x | n]
-->  -1 | 1
--> Msg 3930, Level 16, State 1, Line 8: The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.
--> transaction rolled back
BEGIN TRANSACTION;
BEGIN TRY
    SELECT CAST('x' AS int);
END TRY
BEGIN CATCH
    SELECT XACT_STATE() AS x;
END CATCH;
GO
--> transaction begun
--> [(no name)]
--> [x]
-->  -1
--> transaction rolled back
--> Msg 3998, Level 16, State 1, Line 1: Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.
SELECT @@TRANCOUNT AS n;
GO
--> [n]
-->  0
-- A duplicate does not.
BEGIN TRANSACTION;
BEGIN TRY
    INSERT dbo.t VALUES (1);
END TRY
BEGIN CATCH
    SELECT XACT_STATE() AS x;
END CATCH;
COMMIT;
GO
--> transaction begun
--> [x]
-->  1
--> transaction committed
CREATE PROCEDURE dbo.fails AS
BEGIN
    SELECT 'before' AS x;
    RAISERROR ('inside', 16, 1);
    SELECT 'after' AS x;
END;
GO
EXEC dbo.fails;
GO
--> [x]
-->  before
--> Msg 50000, Level 16, State 1, Procedure fails, Line 4: inside
--> [x]
-->  after
BEGIN TRY
    EXEC dbo.fails;
END TRY
BEGIN CATCH
    SELECT ERROR_PROCEDURE() AS p, ERROR_LINE() AS l;
END CATCH;
GO
--> [x]
-->  before
--> [p | l]
-->  fails | 4
SELECT @@ERROR AS e;
SELECT 1 / 0 AS x;
SELECT @@ERROR AS e;
SELECT @@ERROR AS e;
GO
--> [e]
-->  0
--> [x]
--> Msg 8134, Level 16, State 1, Line 2: Divide by zero error encountered.
--> [e]
-->  8134
--> [e]
-->  0
