-- Who waits for whom, how a wait ends, and who gives way.
-- session: sa@master
CREATE DATABASE shop;
GO
CREATE TABLE shop.dbo.item (id int PRIMARY KEY, name nvarchar(20) UNIQUE, stock int);
CREATE TABLE shop.dbo.sale (id int IDENTITY PRIMARY KEY, item int REFERENCES shop.dbo.item (id));
INSERT INTO shop.dbo.item VALUES (1, N'one', 10), (2, N'two', 20);
GO
--> (Insert: 2 rows)
-- LOCK_TIMEOUT: 1222 ends the statement and nothing else.
-- session: sa@shop#1
BEGIN TRAN;
UPDATE item SET stock = 11 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@shop#2
SET LOCK_TIMEOUT 0;
BEGIN TRAN;
SELECT stock FROM item WHERE id = 1;
SELECT @@TRANCOUNT AS transactions, @@ERROR AS error;
GO
--> transaction begun
--> Msg 1222, Level 16, State 51, Line 3: Lock request time out period exceeded.
--> [transactions | error]
-->  1 | 1222
SELECT stock FROM item WITH (NOWAIT) WHERE id = 1;
GO
--> Msg 1222, Level 16, State 51, Line 1: Lock request time out period exceeded.
SET LOCK_TIMEOUT 300;
SELECT stock FROM item WHERE id = 1;
SELECT @@LOCK_TIMEOUT AS timeout;
GO
--> (waits)
-- wait
--> Msg 1222, Level 16, State 51, Line 2: Lock request time out period exceeded.
--> [timeout]
-->  300
-- In a handler the transaction can still be committed; with XACT_ABORT it cannot.
SET LOCK_TIMEOUT 0;
BEGIN TRY
    SELECT stock FROM item WHERE id = 1;
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS number, XACT_STATE() AS state;
END CATCH;
SET XACT_ABORT ON;
BEGIN TRY
    SELECT stock FROM item WHERE id = 1;
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS number, XACT_STATE() AS state;
    ROLLBACK;
END CATCH;
SET XACT_ABORT OFF;
SET LOCK_TIMEOUT -1;
GO
--> [number | state]
-->  1222 | 1
--> [number | state]
-->  1222 | -1
--> transaction rolled back
-- An attention ends a wait, and so does the end of the connection that is waited for.
SELECT stock FROM item WHERE id = 1;
GO
--> (waits)
-- cancel
SELECT stock FROM item WHERE id = 1;
GO
--> (waits)
-- session: sa@shop#1
-- disconnect
--> <sa@shop#2> [stock]
--> <sa@shop#2>  10
-- A key that somebody has not committed yet is waited for; then it is a duplicate, or not.
-- session: sa@shop#1
BEGIN TRAN;
INSERT INTO item VALUES (3, N'three', 30);
GO
--> transaction begun
--> (Insert: 1 row)
-- session: sa@shop#2
INSERT INTO item VALUES (4, N'three', 40);
GO
--> (waits)
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
--> <sa@shop#2> (Insert: 1 row)
BEGIN TRAN;
INSERT INTO item VALUES (5, N'five', 50);
GO
--> transaction begun
--> (Insert: 1 row)
-- session: sa@shop#2
INSERT INTO item VALUES (5, N'other', 50);
GO
--> (waits)
-- session: sa@shop#1
COMMIT;
GO
--> transaction committed
--> <sa@shop#2> Msg 2627, Level 14, State 1, Line 1: Violation of PRIMARY KEY constraint 'PK__item__EAC47C1F4A33EACD'. Cannot insert duplicate key in object 'dbo.item'. The duplicate key value is (5).
--> <sa@shop#2> Info 3621, Line 1: The statement has been terminated.
-- A deleted key that may come back.
BEGIN TRAN;
DELETE item WHERE id = 5;
GO
--> transaction begun
--> (Delete: 1 row)
-- session: sa@shop#2
INSERT INTO item VALUES (5, N'again', 50);
GO
--> (waits)
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
--> <sa@shop#2> Msg 2627, Level 14, State 1, Line 1: Violation of PRIMARY KEY constraint 'PK__item__EAC47C1F4A33EACD'. Cannot insert duplicate key in object 'dbo.item'. The duplicate key value is (5).
--> <sa@shop#2> Info 3621, Line 1: The statement has been terminated.
-- A foreign key waits for the row that it refers to.
BEGIN TRAN;
INSERT INTO item VALUES (6, N'six', 60);
GO
--> transaction begun
--> (Insert: 1 row)
-- session: sa@shop#2
INSERT INTO sale (item) VALUES (6);
GO
--> (waits)
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
--> <sa@shop#2> Msg 547, Level 16, State 0, Line 1: The INSERT statement conflicted with the FOREIGN KEY constraint "FK__sale__item__3A81B327". The conflict occurred in database "shop", table "dbo.item", column 'id'.
--> <sa@shop#2> Info 3621, Line 1: The statement has been terminated.
-- A deadlock: the circle closes with the one that asks last, and he is the victim.
BEGIN TRAN;
UPDATE item SET stock = 12 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@shop#2
BEGIN TRAN;
UPDATE item SET stock = 22 WHERE id = 2;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@shop#1
UPDATE item SET stock = 23 WHERE id = 2;
GO
--> (waits)
-- session: sa@shop#2
UPDATE item SET stock = 13 WHERE id = 1;
GO
--> Msg 1205, Level 13, State 51, Line 1: Transaction (Process ID 53) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.
--> transaction rolled back
--> <sa@shop#1> (Update: 1 row)
SELECT @@TRANCOUNT AS transactions;
GO
--> [transactions]
-->  0
-- session: sa@shop#1
SELECT id, stock FROM item WHERE id < 3;
ROLLBACK;
GO
--> [id | stock]
-->  1 | 12
-->  2 | 23
--> transaction rolled back
-- The one with the lower priority gives way, wherever he stands.
SET DEADLOCK_PRIORITY LOW;
BEGIN TRAN;
UPDATE item SET stock = 12 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@shop#2
BEGIN TRAN;
UPDATE item SET stock = 22 WHERE id = 2;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@shop#1
BEGIN TRY
    UPDATE item SET stock = 23 WHERE id = 2;
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS number, XACT_STATE() AS state;
    ROLLBACK;
END CATCH;
GO
--> (waits)
-- session: sa@shop#2
UPDATE item SET stock = 13 WHERE id = 1;
GO
--> (Update: 1 row)
--> <sa@shop#1> [number | state]
--> <sa@shop#1>  1205 | -1
--> <sa@shop#1> transaction rolled back
ROLLBACK;
GO
--> transaction rolled back
-- First come, first served: a reader waits behind the writer who came before it.
-- session: sa@shop#1
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
BEGIN TRAN;
SELECT stock FROM item WHERE id = 1;
GO
--> transaction begun
--> [stock]
-->  10
-- session: sa@shop#2
UPDATE item SET stock = 14 WHERE id = 1;
GO
--> (waits)
-- session: sa@shop#3
SELECT stock FROM item WHERE id = 1;
GO
--> (waits)
SELECT 'is not in anybody''s way' AS x;
GO
--> (still waits)
-- session: sa@shop#1
COMMIT;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
GO
--> transaction committed
--> <sa@shop#2> (Update: 1 row)
--> <sa@shop#3> [stock]
--> <sa@shop#3>  14
-- Table hints.
BEGIN TRAN;
SELECT COUNT(*) AS items FROM item WITH (TABLOCKX);
GO
--> transaction begun
--> [items]
-->  4
-- session: sa@shop#2
SELECT stock FROM item WHERE id = 2;
GO
--> (waits)
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
--> <sa@shop#2> [stock]
--> <sa@shop#2>  20
BEGIN TRAN;
SELECT stock FROM item WITH (XLOCK, ROWLOCK) WHERE id = 1;
GO
--> transaction begun
--> [stock]
-->  14
-- session: sa@shop#2
SELECT id FROM item WITH (READPAST) WHERE id < 3;
GO
--> [id]
-->  2
DELETE TOP (1) FROM item WITH (READPAST) OUTPUT deleted.id WHERE id < 3;
GO
--> [id]
-->  2
--> (Delete: 1 row)
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
-- HOLDLOCK on a key that is not there makes two upserts follow each other.
BEGIN TRAN;
SELECT id FROM item WITH (UPDLOCK, HOLDLOCK) WHERE id = 7;
GO
--> transaction begun
--> [id]
-- session: sa@shop#2
MERGE item WITH (HOLDLOCK) AS t USING (SELECT 7 AS id) AS s ON t.id = s.id
WHEN MATCHED THEN UPDATE SET stock += 1
WHEN NOT MATCHED THEN INSERT VALUES (7, N'seven', 1);
GO
--> (waits)
-- session: sa@shop#1
INSERT INTO item VALUES (7, N'first', 70);
COMMIT;
GO
--> (Insert: 1 row)
--> transaction committed
--> <sa@shop#2> (Merge: 1 row)
SELECT id, name, stock FROM item WHERE id = 7;
GO
--> [id | name | stock]
-->  7 | first | 71
-- A definition waits for transactions that used the table, and everybody waits for a definition.
BEGIN TRAN;
UPDATE item SET stock = 15 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@shop#2
ALTER TABLE item ADD note nvarchar(10);
GO
--> (waits)
-- session: sa@shop#1
COMMIT;
GO
--> transaction committed
--> <sa@shop#2> (done)
BEGIN TRAN;
CREATE TABLE made (id int);
GO
--> transaction begun
-- session: sa@shop#2
SELECT COUNT(*) AS rows FROM made WITH (NOLOCK);
GO
--> (waits)
-- session: sa@shop#3
SELECT id FROM sale;
GO
--> [id]
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
--> <sa@shop#2> Msg 208, Level 16, State 1, Line 1: Invalid object name 'made'.
BEGIN TRAN;
TRUNCATE TABLE sale;
GO
--> transaction begun
-- session: sa@shop#3
SELECT id FROM sale;
GO
--> (waits)
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
--> <sa@shop#3> [id]
-- A right that is not committed is neither given nor taken.
CREATE LOGIN l_reader WITH PASSWORD = N'Str0ng_pw_1';
CREATE USER l_reader;
GRANT SELECT ON sale TO l_reader;
BEGIN TRAN;
GRANT SELECT ON item TO l_reader;
GO
--> transaction begun
-- session: l_reader@shop
SELECT COUNT(*) AS items FROM item;
GO
--> (waits)
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
--> <l_reader@shop> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 'item', database 'shop', schema 'dbo'.
BEGIN TRAN;
REVOKE SELECT ON sale TO l_reader;
GO
--> transaction begun
-- session: l_reader@shop
SELECT COUNT(*) AS sales FROM sale;
GO
--> (waits)
-- session: sa@shop#1
ROLLBACK;
GO
--> transaction rolled back
--> <l_reader@shop> [sales]
--> <l_reader@shop>  0
-- A savepoint gives back changes; the end of the transaction gives back locks.
BEGIN TRAN;
SAVE TRAN s;
UPDATE item SET stock = 0 WHERE id = 1;
ROLLBACK TRAN s;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@shop#2
SELECT stock FROM item WHERE id = 1;
GO
--> (waits)
-- session: sa@shop#1
COMMIT;
GO
--> transaction committed
--> <sa@shop#2> [stock]
--> <sa@shop#2>  15
-- Temporary tables are nobody else's, and autocommit leaves nothing behind.
BEGIN TRAN;
CREATE TABLE #t (id int);
INSERT INTO #t VALUES (1);
GO
--> transaction begun
--> (Insert: 1 row)
-- session: sa@shop#2
CREATE TABLE #t (id int);
SELECT COUNT(*) AS rows FROM #t;
GO
--> [rows]
-->  0
-- session: sa@shop#1
COMMIT;
GO
--> transaction committed
-- A pooled connection that is reset lets go.
BEGIN TRAN;
UPDATE item SET stock = 0 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@shop#2
SELECT stock FROM item WHERE id = 1;
GO
--> (waits)
-- session: sa@shop#1
-- reset
--> reset
--> <sa@shop#2> [stock]
--> <sa@shop#2>  15
