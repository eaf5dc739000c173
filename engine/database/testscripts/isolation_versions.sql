-- The same anomalies under row versions: SNAPSHOT, and READ COMMITTED with READ_COMMITTED_SNAPSHOT.
-- session: sa@master
CREATE DATABASE iso;
GO
CREATE TABLE iso.dbo.test (id int PRIMARY KEY, value int);
GO
CREATE PROCEDURE dbo.anew AS DELETE iso.dbo.test; INSERT INTO iso.dbo.test VALUES (1, 10), (2, 20);
GO
EXEC dbo.anew;
GO
--> (Delete: 0 rows)
--> (Insert: 2 rows)
-- It has to be allowed.
-- session: sa@iso#1
SET TRANSACTION ISOLATION LEVEL SNAPSHOT;
SELECT * FROM test;
GO
--> Msg 3952, Level 16, State 1, Line 3: Snapshot isolation transaction failed accessing database 'iso' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.
BEGIN TRAN;
UPDATE test SET value = 11 WHERE id = 1;
GO
--> transaction begun
--> Msg 3952, Level 16, State 1, Line 2: Snapshot isolation transaction failed accessing database 'iso' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.
--> transaction rolled back
SELECT @@TRANCOUNT AS transactions;
GO
--> [transactions]
-->  0
ALTER DATABASE iso SET ALLOW_SNAPSHOT_ISOLATION ON;
GO
SELECT name, snapshot_isolation_state_desc, is_read_committed_snapshot_on FROM sys.databases WHERE name = 'iso';
GO
--> [name | snapshot_isolation_state_desc | is_read_committed_snapshot_on]
-->  iso | ON | 0
-- A snapshot begins with the first access, sees itself, and nobody else.
BEGIN TRAN;
SELECT * FROM test;
GO
--> transaction begun
--> [id | value]
-->  1 | 10
-->  2 | 20
-- session: sa@iso#2
UPDATE test SET value = 21 WHERE id = 2;
INSERT INTO test VALUES (3, 30);
DELETE test WHERE id = 1;
GO
--> (Update: 1 row)
--> (Insert: 1 row)
--> (Delete: 1 row)
-- session: sa@iso#1
SELECT * FROM test;
SELECT COUNT(*) AS rows FROM test;
SELECT value FROM test WHERE id = 2;
INSERT INTO test VALUES (4, 40);
SELECT * FROM test;
GO
--> [id | value]
-->  1 | 10
-->  2 | 20
--> [rows]
-->  2
--> [value]
-->  20
--> (Insert: 1 row)
--> [id | value]
-->  1 | 10
-->  2 | 20
-->  4 | 40
-- session: sa@iso#2
SELECT * FROM test WITH (READPAST);
GO
--> [id | value]
-->  2 | 21
-->  3 | 30
-- session: sa@iso#1
COMMIT;
SELECT * FROM test;
GO
--> transaction committed
--> [id | value]
-->  2 | 21
-->  3 | 30
-->  4 | 40
-- G1a, G1b: a reader neither waits for a writer nor sees him.
-- session: sa@master
EXEC dbo.anew;
GO
--> (Delete: 3 rows)
--> (Insert: 2 rows)
-- session: sa@iso#2
BEGIN TRAN;
UPDATE test SET value = 101 WHERE id = 1;
DELETE test WHERE id = 2;
GO
--> transaction begun
--> (Update: 1 row)
--> (Delete: 1 row)
-- session: sa@iso#1
SELECT * FROM test;
GO
--> [id | value]
-->  1 | 10
-->  2 | 20
-- session: sa@iso#2
ROLLBACK;
GO
--> transaction rolled back
-- P4, lost update: 3960.
-- session: sa@iso#1
BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  10
-- session: sa@iso#2
UPDATE test SET value = 12 WHERE id = 1;
GO
--> (Update: 1 row)
-- session: sa@iso#1
UPDATE test SET value = 11 WHERE id = 1;
GO
--> Msg 3960, Level 16, State 2, Line 1: Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table 'dbo.test' directly or indirectly in database 'iso' to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.
--> transaction rolled back
SELECT @@TRANCOUNT AS transactions;
GO
--> [transactions]
-->  0
-- The same when the other has not committed yet: the loser waits first.
BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  12
-- session: sa@iso#2
BEGIN TRAN;
UPDATE test SET value = 13 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@iso#1
UPDATE test SET value = 11 WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#2
COMMIT;
GO
--> transaction committed
--> <sa@iso#1> Msg 3960, Level 16, State 2, Line 1: Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table 'dbo.test' directly or indirectly in database 'iso' to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.
--> <sa@iso#1> transaction rolled back
-- When the other rolls back, there is no conflict.
-- session: sa@iso#1
BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  13
-- session: sa@iso#2
BEGIN TRAN;
UPDATE test SET value = 14 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@iso#1
UPDATE test SET value = 11 WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#2
ROLLBACK;
GO
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
-- A row that somebody deleted meanwhile.
BEGIN TRAN; SELECT value FROM test WHERE id = 2;
GO
--> transaction begun
--> [value]
-->  20
-- session: sa@iso#2
DELETE test WHERE id = 2;
GO
--> (Delete: 1 row)
-- session: sa@iso#1
DELETE test WHERE id = 2;
GO
--> Msg 3960, Level 16, State 2, Line 1: Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table 'dbo.test' directly or indirectly in database 'iso' to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.
--> transaction rolled back
-- In a handler the transaction is doomed.
-- session: sa@master
EXEC dbo.anew;
GO
--> (Delete: 1 row)
--> (Insert: 2 rows)
-- session: sa@iso#1
BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  10
-- session: sa@iso#2
UPDATE test SET value = 12 WHERE id = 1;
GO
--> (Update: 1 row)
-- session: sa@iso#1
BEGIN TRY
    UPDATE test SET value = 11 WHERE id = 1;
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS number, XACT_STATE() AS state;
    ROLLBACK;
END CATCH;
GO
--> [number | state]
-->  3960 | -1
--> transaction rolled back
-- G2-item, write skew: SNAPSHOT lets it happen.
-- session: sa@master
EXEC dbo.anew;
GO
--> (Delete: 2 rows)
--> (Insert: 2 rows)
-- session: sa@iso#1
BEGIN TRAN; SELECT * FROM test WHERE id IN (1, 2);
GO
--> transaction begun
--> [id | value]
-->  1 | 10
-->  2 | 20
-- session: sa@iso#2
SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT * FROM test WHERE id IN (1, 2);
GO
--> transaction begun
--> [id | value]
-->  1 | 10
-->  2 | 20
-- session: sa@iso#1
UPDATE test SET value = 11 WHERE id = 1;
GO
--> (Update: 1 row)
-- session: sa@iso#2
UPDATE test SET value = 21 WHERE id = 2;
COMMIT;
GO
--> (Update: 1 row)
--> transaction committed
-- session: sa@iso#1
COMMIT;
SELECT * FROM test;
GO
--> transaction committed
--> [id | value]
-->  1 | 11
-->  2 | 21
-- Definitions have no versions: what was changed since cannot be used.
BEGIN TRAN; SELECT value FROM test WHERE id = 1;
GO
--> transaction begun
--> [value]
-->  11
-- session: sa@iso#2
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
ALTER TABLE test ADD note int;
GO
-- session: sa@iso#1
SELECT id FROM test;
GO
--> Msg 3961, Level 16, State 1, Line 1: Snapshot isolation transaction failed in database 'iso' because the object accessed by the statement has been modified by a DDL statement in another concurrent transaction since the start of this transaction.  It is disallowed because the metadata is not versioned. A concurrent update to metadata can lead to inconsistency if mixed with snapshot isolation.
--> transaction rolled back
-- A transaction that began without a snapshot cannot get one.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
BEGIN TRAN; SELECT COUNT(*) AS rows FROM test;
SET TRANSACTION ISOLATION LEVEL SNAPSHOT;
SELECT COUNT(*) AS rows FROM test;
GO
--> transaction begun
--> [rows]
-->  2
--> Msg 3951, Level 16, State 1, Line 5: Transaction failed in database 'iso' because the statement was run under snapshot isolation but the transaction did not start in snapshot isolation. You cannot change the isolation level of the transaction to snapshot after the transaction has started unless the transaction was originally started under snapshot isolation level.
--> transaction rolled back
-- Permissions have no versions either: what was taken away is gone at once.
-- session: sa@iso#2
CREATE LOGIN l_reader WITH PASSWORD = N'Str0ng_pw_1';
CREATE USER l_reader;
GRANT SELECT ON test TO l_reader;
GO
-- session: l_reader@iso
SET TRANSACTION ISOLATION LEVEL SNAPSHOT;
BEGIN TRAN; SELECT id, value FROM test;
GO
--> transaction begun
--> [id | value]
-->  1 | 11
-->  2 | 21
-- session: sa@iso#2
REVOKE SELECT ON test TO l_reader;
GO
-- session: l_reader@iso
SELECT id, value FROM test;
ROLLBACK;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 'test', database 'iso', schema 'dbo'.
--> transaction rolled back
-- READ_COMMITTED_SNAPSHOT: each statement sees what was committed when it began.
-- session: sa@iso#1
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
USE master;
GO
--> database master
-- session: sa@iso#2
ALTER DATABASE iso SET READ_COMMITTED_SNAPSHOT ON;
BEGIN TRAN;
UPDATE test SET value = 99 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@iso#1
USE iso;
BEGIN TRAN;
SELECT id, value FROM test;
GO
--> database iso
--> transaction begun
--> [id | value]
-->  1 | 11
-->  2 | 21
SELECT id, value FROM test WITH (READCOMMITTEDLOCK);
GO
--> (waits)
-- session: sa@iso#2
COMMIT;
GO
--> transaction committed
--> <sa@iso#1> [id | value]
--> <sa@iso#1>  1 | 99
--> <sa@iso#1>  2 | 21
-- session: sa@iso#1
SELECT id, value FROM test;
COMMIT;
GO
--> [id | value]
-->  1 | 99
-->  2 | 21
--> transaction committed
-- Writers still wait for writers.
BEGIN TRAN;
UPDATE test SET value = 1 WHERE id = 1;
GO
--> transaction begun
--> (Update: 1 row)
-- session: sa@iso#2
UPDATE test SET value += 1 WHERE id = 1;
GO
--> (waits)
-- session: sa@iso#1
COMMIT;
GO
--> transaction committed
--> <sa@iso#2> (Update: 1 row)
-- session: sa@iso#2
SELECT id, value FROM test;
GO
--> [id | value]
-->  1 | 2
-->  2 | 21
