-- What is kept and what is undone.
-- session: sa@master
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY);
GO
BEGIN TRANSACTION;
INSERT dbo.t VALUES (1);
SELECT @@TRANCOUNT AS n;
ROLLBACK;
SELECT COUNT(*) AS n, @@TRANCOUNT AS t FROM dbo.t;
GO
--> transaction begun
--> (Insert: 1 row)
--> [n]
-->  1
--> transaction rolled back
--> [n | t]
-->  0 | 0
BEGIN TRANSACTION outer_one;
INSERT dbo.t VALUES (1);
BEGIN TRANSACTION;
SELECT @@TRANCOUNT AS n;
COMMIT;
SAVE TRANSACTION s;
INSERT dbo.t VALUES (2);
ROLLBACK TRANSACTION s;
SELECT @@TRANCOUNT AS n;
COMMIT;
SELECT id FROM dbo.t;
GO
--> transaction begun
--> (Insert: 1 row)
--> [n]
-->  2
--> (Insert: 1 row)
--> [n]
-->  1
--> transaction committed
--> [id]
-->  1
COMMIT;
GO
--> Msg 3902, Level 16, State 1, Line 1: The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.
ROLLBACK;
GO
--> Msg 3903, Level 16, State 1, Line 1: The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.
SAVE TRANSACTION s;
GO
--> Msg 628, Level 16, State 0, Line 1: Cannot issue SAVE TRANSACTION when there is no active transaction.
BEGIN TRANSACTION;
ROLLBACK TRANSACTION nowhere;
ROLLBACK;
GO
--> transaction begun
--> Msg 6401, Level 16, State 1, Line 2: Cannot roll back nowhere. No transaction or savepoint of that name was found.
--> transaction rolled back
-- A statement is undone as a whole, the transaction stays.
BEGIN TRANSACTION;
INSERT dbo.t VALUES (5), (1);
INSERT dbo.t VALUES (6);
COMMIT;
SELECT id FROM dbo.t;
GO
--> transaction begun
--> Msg 2627, Level 14, State 1, Line 3: Violation of PRIMARY KEY constraint 'PK__t__3DF626FDE3B98A4D'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).
--> Info 3621, Line 3: The statement has been terminated.
--> (Insert: 1 row)
--> transaction committed
--> [id]
-->  1
-->  6
SET XACT_ABORT ON;
BEGIN TRANSACTION;
INSERT dbo.t VALUES (7);
INSERT dbo.t VALUES (1);
SELECT 'not reached' AS x;
GO
--> transaction begun
--> (Insert: 1 row)
--> Msg 2627, Level 14, State 1, Line 4: Violation of PRIMARY KEY constraint 'PK__t__3DF626FDE3B98A4D'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).
--> transaction rolled back
SELECT @@TRANCOUNT AS n;
SELECT id FROM dbo.t;
SET XACT_ABORT OFF;
GO
--> [n]
-->  0
--> [id]
-->  1
-->  6
-- Definitions are transactional.
BEGIN TRANSACTION;
CREATE TABLE dbo.u (id int);
INSERT dbo.u VALUES (1);
DROP TABLE dbo.t;
ROLLBACK;
SELECT OBJECT_ID('dbo.u') AS u;
SELECT COUNT(*) AS n FROM dbo.t;
GO
--> transaction begun
--> (Insert: 1 row)
--> transaction rolled back
--> [u]
-->  NULL
--> [n]
-->  2
CREATE PROCEDURE dbo.opens AS BEGIN TRANSACTION;
GO
EXEC dbo.opens;
SELECT @@TRANCOUNT AS n;
ROLLBACK;
GO
--> transaction begun
--> Msg 266, Level 16, State 2, Procedure opens, Line 0: Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = 0, current count = 1.
--> [n]
-->  1
--> transaction rolled back
SET IMPLICIT_TRANSACTIONS ON;
INSERT dbo.t VALUES (8);
SELECT @@TRANCOUNT AS n;
ROLLBACK;
SET IMPLICIT_TRANSACTIONS OFF;
SELECT id FROM dbo.t;
GO
--> transaction begun
--> (Insert: 1 row)
--> [n]
-->  1
--> transaction rolled back
--> [id]
-->  1
-->  6
-- A conversion error ends the batch and the transaction.
BEGIN TRANSACTION;
INSERT dbo.t VALUES (9);
SELECT CAST('x' AS int) AS x;
SELECT 'not reached' AS x;
GO
--> transaction begun
--> (Insert: 1 row)
--> [x]
--> Msg 245, Level 16, State 1, Line 4: Conversion failed when converting the varchar value 'x' to data type int.
--> transaction rolled back
SELECT @@TRANCOUNT AS n, COUNT(*) AS nines FROM dbo.t WHERE id = 9;
GO
--> [n | nines]
-->  0 | 0
