-- The anomalies of the public "hermitage" catalogue, under the levels that lock. Each begins anew
-- with the rows (1, 10) and (2, 20).
-- session: sa@master
CREATE DATABASE iso;
GO
CREATE TABLE iso.dbo.test (id int PRIMARY KEY, value int);
GO
CREATE PROCEDURE dbo.anew AS DELETE iso.dbo.test; INSERT INTO iso.dbo.test VALUES (1, 10), (2, 20);
GO
-- G0, write cycles: prevented by every level, READ UNCOMMITTED included.
EXEC dbo.anew;
GO
--> (Delete: 0 rows)
--> (Insert: 2 rows)
-- session: sa@iso#1
SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; BEGIN TRAN;
UPDATE test SET value = 11 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@iso#2
SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; BEGIN TRAN;
UPDATE test SET value = 12 WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#1
UPDATE test SET value = 21 WHERE id = 2;
GO
--> (Update: 1 row)
COMMIT;
GO
--> transaction committed
--> <sa@iso#2> transaction begun
--> <sa@iso#2> (Update: 1 row)
-- session: sa@iso#2
UPDATE test SET value = 22 WHERE id = 2;
COMMIT;
SELECT * FROM test;
GO
--> (Update: 1 row)
--> transaction committed
--> [id | value]
-->  1 | 12
-->  2 | 22
-- G1a, aborted read: READ UNCOMMITTED sees what is rolled back.
-- session: sa@master
EXEC dbo.anew;
GO
--> (Delete: 2 rows)
--> (Insert: 2 rows)
-- session: sa@iso#1
SET TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN TRAN;
UPDATE test SET value = 101 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@iso#2
SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;
SELECT * FROM test;
GO
--> [id | value]
-->  1 | 101
-->  2 | 20
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
SELECT * FROM test WITH (NOLOCK);
GO
--> [id | value]
-->  1 | 101
-->  2 | 20
SELECT * FROM test WITH (READPAST);
GO
--> [id | value]
-->  2 | 20
-- READ COMMITTED waits, and then sees what was.
SELECT * FROM test;
GO
--> (waits)
-- session: sa@iso#1
ROLLBACK;
GO
--> transaction rolled back
--> <sa@iso#2> [id | value]
--> <sa@iso#2>  1 | 10
--> <sa@iso#2>  2 | 20
-- G1b, intermediate read: READ COMMITTED sees the last value only.
BEGIN TRAN;
UPDATE test SET value = 101 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@iso#2
SELECT value FROM test WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#1
UPDATE test SET value = 11 WHERE id = 1;
COMMIT;
GO
--> (Update: 1 row)
--> transaction committed
--> <sa@iso#2> [value]
--> <sa@iso#2>  11
-- Another row is in nobody's way when it is found by its key; a scan meets every row.
BEGIN TRAN;
UPDATE test SET value = 12 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@iso#2
SELECT value FROM test WHERE id = 2;
GO
--> [value]
-->  20
SELECT COUNT(*) AS rows FROM test;
GO
--> (waits)
-- session: sa@iso#1
COMMIT;
GO
--> transaction committed
--> <sa@iso#2> [rows]
--> <sa@iso#2>  2
-- P4, lost update: READ COMMITTED lets it happen.
-- session: sa@master
EXEC dbo.anew;
GO
--> (Delete: 2 rows)
--> (Insert: 2 rows)
-- session: sa@iso#1
BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  10
-- session: sa@iso#2
BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  10
-- session: sa@iso#1
UPDATE test SET value = 11 WHERE id = 1;
GO
--> (Update: 1 row)
-- session: sa@iso#2
UPDATE test SET value = 12 WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#1
COMMIT;
GO
--> transaction committed
--> <sa@iso#2> (Update: 1 row)
-- session: sa@iso#2
COMMIT;
SELECT * FROM test;
GO
--> transaction committed
--> [id | value]
-->  1 | 12
-->  2 | 20
-- REPEATABLE READ ends it with a deadlock: the one that asked last gives way.
-- session: sa@master
EXEC dbo.anew;
GO
--> (Delete: 2 rows)
--> (Insert: 2 rows)
-- session: sa@iso#1
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  10
-- session: sa@iso#2
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  10
-- session: sa@iso#1
UPDATE test SET value = 11 WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#2
UPDATE test SET value = 12 WHERE id = 1;
GO
--> Msg 1205, Level 13, State 51, Line 1: Transaction (Process ID 53) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.
--> transaction rolled back
--> <sa@iso#1> (Update: 1 row)
SELECT @@TRANCOUNT AS transactions;
GO
--> [transactions]
-->  0
-- session: sa@iso#1
COMMIT;
GO
--> transaction committed
-- UPDLOCK avoids both.
BEGIN TRAN; SELECT value FROM test WITH (UPDLOCK) WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  11
-- session: sa@iso#2
BEGIN TRAN; SELECT value FROM test WITH (UPDLOCK) WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#1
UPDATE test SET value = 111 WHERE id = 1;
COMMIT;
GO
--> (Update: 1 row)
--> transaction committed
--> <sa@iso#2> transaction begun
--> <sa@iso#2> [value]
--> <sa@iso#2>  111
-- session: sa@iso#2
COMMIT;
GO
--> transaction committed
-- P2, a read that does not repeat: READ COMMITTED lets it happen, REPEATABLE READ does not.
-- session: sa@iso#1
SET TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN TRAN; SELECT value FROM test WHERE id = 2;
GO
--> transaction begun
--> [value]
-->  20
-- session: sa@iso#2
SET TRANSACTION ISOLATION LEVEL READ COMMITTED; UPDATE test SET value = 21 WHERE id = 2;
GO
--> (Update: 1 row)
-- session: sa@iso#1
SELECT value FROM test WHERE id = 2;
COMMIT;
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; BEGIN TRAN; SELECT value FROM test WHERE id = 2;
GO
--> [value]
-->  21
--> transaction committed
--> transaction begun
--> [value]
-->  21
-- session: sa@iso#2
UPDATE test SET value = 22 WHERE id = 2;
GO
--> (waits)
-- session: sa@iso#1
SELECT value FROM test WHERE id = 2;
COMMIT;
GO
--> [value]
-->  21
--> transaction committed
--> <sa@iso#2> (Update: 1 row)
-- PMP, a phantom: REPEATABLE READ lets it in, SERIALIZABLE does not.
-- session: sa@master
EXEC dbo.anew;
GO
--> (Delete: 2 rows)
--> (Insert: 2 rows)
-- session: sa@iso#1
BEGIN TRAN; SELECT * FROM test WHERE value = 30;
GO
--> transaction begun
--> [id | value]
-- session: sa@iso#2
INSERT INTO test VALUES (3, 30);
GO
--> (Insert: 1 row)
-- session: sa@iso#1
SELECT * FROM test WHERE value % 3 = 0;
COMMIT;
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN TRAN; SELECT * FROM test WHERE value = 30;
GO
--> [id | value]
-->  3 | 30
--> transaction committed
--> transaction begun
--> [id | value]
-->  3 | 30
-- session: sa@iso#2
INSERT INTO test VALUES (4, 30);
GO
--> (waits)
-- session: sa@iso#1
SELECT * FROM test WHERE value = 30;
COMMIT;
GO
--> [id | value]
-->  3 | 30
--> transaction committed
--> <sa@iso#2> (Insert: 1 row)
-- A key that is not there is locked, too, and only that key.
BEGIN TRAN; SELECT * FROM test WHERE id = 100;
GO
--> transaction begun
--> [id | value]
-- session: sa@iso#2
INSERT INTO test VALUES (101, 0);
GO
--> (Insert: 1 row)
INSERT INTO test VALUES (100, 0);
GO
--> (waits)
-- session: sa@iso#1
SELECT * FROM test WHERE id = 100;
COMMIT;
GO
--> [id | value]
--> transaction committed
--> <sa@iso#2> (Insert: 1 row)
-- G2-item, write skew: SERIALIZABLE and REPEATABLE READ end it with a deadlock.
-- session: sa@master
EXEC dbo.anew;
GO
--> (Delete: 6 rows)
--> (Insert: 2 rows)
-- session: sa@iso#1
BEGIN TRAN; SELECT * FROM test WHERE id IN (1, 2);
GO
--> transaction begun
--> [id | value]
-->  1 | 10
-->  2 | 20
-- session: sa@iso#2
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN TRAN; SELECT * FROM test WHERE id IN (1, 2);
GO
--> transaction begun
--> [id | value]
-->  1 | 10
-->  2 | 20
-- session: sa@iso#1
UPDATE test SET value = 11 WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#2
UPDATE test SET value = 21 WHERE id = 2;
GO
--> Msg 1205, Level 13, State 51, Line 1: Transaction (Process ID 53) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.
--> transaction rolled back
--> <sa@iso#1> (Update: 1 row)
-- session: sa@iso#1
COMMIT;
SELECT * FROM test;
GO
--> transaction committed
--> [id | value]
-->  1 | 11
-->  2 | 20
