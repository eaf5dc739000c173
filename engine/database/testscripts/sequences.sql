-- Sequences: who gets which value.
-- session: sa@master
CREATE SEQUENCE dbo.s AS int START WITH 10 INCREMENT BY 5 MINVALUE 1 MAXVALUE 30 CYCLE;
CREATE TABLE dbo.t (id int NOT NULL CONSTRAINT df_t DEFAULT NEXT VALUE FOR dbo.s PRIMARY KEY, v int);
INSERT dbo.t (v) VALUES (1), (2);
SELECT id, v FROM dbo.t ORDER BY id;
GO
--> (Insert: 2 rows)
--> [id | v]
-->  10 | 1
-->  15 | 2
-- Every mention in one row is the same value; the next row has the next.
SELECT NEXT VALUE FOR dbo.s AS a, NEXT VALUE FOR dbo.s AS b FROM (VALUES (1), (2)) AS x (n);
GO
--> [a | b]
-->  20 | 20
-->  25 | 25
-- OVER gives them out in an order of its own, and the sequence begins again after its last.
SELECT v, NEXT VALUE FOR dbo.s OVER (ORDER BY v DESC) AS n FROM (VALUES (1), (2), (3)) AS x (v) ORDER BY v;
GO
--> [v | n]
-->  1 | 6
-->  2 | 1
-->  3 | 30
SELECT NEXT VALUE FOR dbo.s OVER (PARTITION BY v ORDER BY v) AS n FROM dbo.t;
GO
--> Msg 11716, Level 15, State 1, Line 1: NEXT VALUE FOR function does not support the PARTITION BY clause.
-- A rollback gives nothing back.
BEGIN TRAN;
SELECT NEXT VALUE FOR dbo.s AS n;
ROLLBACK;
SELECT NEXT VALUE FOR dbo.s AS n;
ALTER SEQUENCE dbo.s RESTART WITH 20;
UPDATE dbo.t SET v = NEXT VALUE FOR dbo.s;
SELECT v FROM dbo.t ORDER BY id;
GO
--> transaction begun
--> [n]
-->  11
--> transaction rolled back
--> [n]
-->  16
--> (Update: 2 rows)
--> [v]
-->  20
-->  25
