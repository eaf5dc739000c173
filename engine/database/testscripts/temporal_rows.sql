-- Temporal tables: what a change leaves behind. Every look at the clock moves it by a
-- millisecond, so the times below are exact.
-- session: sa@master
CREATE TABLE dbo.price
(
    id int NOT NULL PRIMARY KEY,
    amount int NOT NULL CONSTRAINT ck_amount CHECK (amount > 0),
    twice AS amount * 2,
    since datetime2(3) GENERATED ALWAYS AS ROW START NOT NULL,
    until datetime2(3) GENERATED ALWAYS AS ROW END NOT NULL,
    PERIOD FOR SYSTEM_TIME (since, until)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.price_history));
GO
INSERT dbo.price (id, amount) VALUES (1, 10), (2, 20);
UPDATE dbo.price SET amount = 11 WHERE id = 1;
DELETE dbo.price WHERE id = 2;
GO
--> (Insert: 2 rows)
--> (Update: 1 row)
--> (Delete: 1 row)
SELECT id, amount, twice, since, until FROM dbo.price;
SELECT id, amount, twice, since, until FROM dbo.price_history ORDER BY id;
GO
--> [id | amount | twice | since | until]
-->  1 | 11 | 22 | 2026-01-01 00:00:00.005 | 9999-12-31 23:59:59.999
--> [id | amount | twice | since | until]
-->  1 | 10 | 20 | 2026-01-01 00:00:00.004 | 2026-01-01 00:00:00.005
-->  2 | 20 | 40 | 2026-01-01 00:00:00.004 | 2026-01-01 00:00:00.006
-- A statement that fails leaves no version.
UPDATE dbo.price SET amount = amount - 11;
SELECT COUNT(*) AS n FROM dbo.price_history;
GO
--> Msg 547, Level 16, State 0, Line 2: The UPDATE statement conflicted with the CHECK constraint "ck_amount". The conflict occurred in database "master", table "dbo.price", column 'amount'.
--> Info 3621, Line 2: The statement has been terminated.
--> [n]
-->  2
-- Neither does a rolled back transaction, nor what stands behind a savepoint.
BEGIN TRAN;
UPDATE dbo.price SET amount = 12;
SAVE TRAN here;
UPDATE dbo.price SET amount = 13;
ROLLBACK TRAN here;
SELECT amount FROM dbo.price;
SELECT COUNT(*) AS n FROM dbo.price_history;
ROLLBACK;
SELECT COUNT(*) AS n FROM dbo.price_history;
GO
--> transaction begun
--> (Update: 1 row)
--> (Update: 1 row)
--> [amount]
-->  12
--> [n]
-->  3
--> transaction rolled back
--> [n]
-->  2
-- All changes of a transaction bear the time at which it began; what it made and replaced itself
-- has no duration and is seen in the history table only.
BEGIN TRAN;
WAITFOR DELAY '00:00:01';
UPDATE dbo.price SET amount = 50;
UPDATE dbo.price SET amount = 60;
INSERT dbo.price (id, amount) VALUES (3, 30);
DELETE dbo.price WHERE id = 3;
COMMIT;
SELECT id, amount, since, until FROM dbo.price_history WHERE since = until ORDER BY id;
SELECT id, amount FROM dbo.price FOR SYSTEM_TIME ALL ORDER BY id, since;
GO
--> transaction begun
--> (Update: 1 row)
--> (Update: 1 row)
--> (Insert: 1 row)
--> (Delete: 1 row)
--> transaction committed
--> [id | amount | since | until]
-->  1 | 50 | 2026-01-01 00:00:00.009 | 2026-01-01 00:00:00.009
-->  3 | 30 | 2026-01-01 00:00:00.009 | 2026-01-01 00:00:00.009
--> [id | amount]
-->  1 | 10
-->  1 | 11
-->  1 | 60
-->  2 | 20
-- Period columns are the server's.
INSERT dbo.price (id, amount, since) VALUES (5, 5, '2001-01-01');
GO
--> Msg 13536, Level 16, State 1, Line 2: Cannot insert an explicit value into a GENERATED ALWAYS column in table 'master.dbo.price'. Use INSERT with a column list to exclude the GENERATED ALWAYS column, or insert a DEFAULT into GENERATED ALWAYS column.
INSERT dbo.price (id, amount, since, until) SELECT 5, 5, '2001-01-01', '2002-01-01';
GO
--> Msg 13536, Level 16, State 1, Line 1: Cannot insert an explicit value into a GENERATED ALWAYS column in table 'master.dbo.price'. Use INSERT with a column list to exclude the GENERATED ALWAYS column, or insert a DEFAULT into GENERATED ALWAYS column.
UPDATE dbo.price SET until = '2001-01-01';
GO
--> Msg 13537, Level 16, State 1, Line 1: Cannot update GENERATED ALWAYS columns in table 'master.dbo.price'.
UPDATE dbo.price SET since = DEFAULT;
GO
--> Msg 13537, Level 16, State 1, Line 1: Cannot update GENERATED ALWAYS columns in table 'master.dbo.price'.
INSERT dbo.price (id, amount, since, until) VALUES (5, 5, DEFAULT, DEFAULT);
SELECT DATEDIFF(year, since, until) AS years FROM dbo.price WHERE id = 5;
GO
--> (Insert: 1 row)
--> [years]
-->  7973
MERGE dbo.price AS t USING (VALUES (1, 61), (6, 6)) AS s (id, amount) ON t.id = s.id
WHEN MATCHED THEN UPDATE SET amount = s.amount
WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (s.id, s.amount)
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action, inserted.id, deleted.id;
GO
--> [$action | id | id]
-->  UPDATE | 1 | 1
-->  INSERT | 6 | NULL
-->  DELETE | NULL | 5
--> (Merge: 3 rows)
SELECT id, amount FROM dbo.price ORDER BY id;
SELECT id, amount FROM dbo.price_history WHERE since <> until ORDER BY until, id;
GO
--> [id | amount]
-->  1 | 61
-->  6 | 6
--> [id | amount]
-->  1 | 10
-->  2 | 20
-->  1 | 11
-->  1 | 60
-->  5 | 5
MERGE dbo.price AS t USING (VALUES (7)) AS s (id) ON t.id = s.id
WHEN NOT MATCHED THEN INSERT (id, amount, since, until) VALUES (s.id, 7, '2001-01-01', DEFAULT);
GO
--> Msg 13536, Level 16, State 1, Line 1: Cannot insert an explicit value into a GENERATED ALWAYS column in table 'master.dbo.price'. Use INSERT with a column list to exclude the GENERATED ALWAYS column, or insert a DEFAULT into GENERATED ALWAYS column.
MERGE dbo.price AS t USING (VALUES (1)) AS s (id) ON t.id = s.id
WHEN MATCHED THEN UPDATE SET since = '2001-01-01';
GO
--> Msg 13537, Level 16, State 1, Line 1: Cannot update GENERATED ALWAYS columns in table 'master.dbo.price'.
-- The history is written by the server alone.
INSERT dbo.price_history (id, amount, since, until) VALUES (1, 1, '2001-01-01', '2002-01-01');
GO
--> Msg 13559, Level 16, State 1, Line 2: Cannot insert rows in a temporal history table 'master.dbo.price_history'.
UPDATE dbo.price_history SET amount = 1;
GO
--> Msg 13561, Level 16, State 1, Line 1: Cannot update rows in a temporal history table 'master.dbo.price_history'.
DELETE dbo.price_history WHERE 1 = 0;
GO
--> Msg 13560, Level 16, State 1, Line 1: Cannot delete rows from a temporal history table 'master.dbo.price_history'.
MERGE dbo.price_history AS t USING (VALUES (1)) AS s (id) ON t.id = s.id WHEN MATCHED THEN DELETE;
GO
--> Msg 13562, Level 16, State 1, Line 1: Cannot perform MERGE operation on temporal history table 'master.dbo.price_history'.
UPDATE dbo.price SET amount = 5 OUTPUT deleted.id, deleted.amount, deleted.twice, deleted.since, deleted.until INTO dbo.price_history;
GO
--> Msg 13559, Level 16, State 1, Line 1: Cannot insert rows in a temporal history table 'master.dbo.price_history'.
CREATE VIEW dbo.past AS SELECT id, amount FROM dbo.price_history;
GO
DELETE dbo.past;
GO
--> Msg 13560, Level 16, State 1, Line 1: Cannot delete rows from a temporal history table 'master.dbo.price_history'.
