-- A row filter hides rows from every way of reading and changing them, and from everybody.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER u1 WITHOUT LOGIN;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, org int NOT NULL, v int NOT NULL);
CREATE TABLE dbo.seen (id int NULL);
CREATE TABLE dbo.counted (n int NULL);
INSERT dbo.t VALUES (1, 10, 100), (2, 20, 200), (3, 10, 300);
GO
--> database t_a
--> (Insert: 3 rows)
CREATE FUNCTION dbo.only_own(@org int) RETURNS TABLE WITH SCHEMABINDING AS
RETURN (SELECT 1 AS ok WHERE @org = CAST(SESSION_CONTEXT(N'org') AS int));
GO
CREATE VIEW dbo.all_t AS SELECT id, org, v FROM dbo.t;
GO
CREATE FUNCTION dbo.inlined() RETURNS TABLE AS RETURN (SELECT id FROM dbo.t);
GO
CREATE FUNCTION dbo.many() RETURNS @r TABLE (id int) AS BEGIN INSERT @r SELECT id FROM dbo.t; RETURN END;
GO
CREATE FUNCTION dbo.total() RETURNS int AS BEGIN RETURN (SELECT SUM(v) FROM dbo.t) END;
GO
CREATE PROCEDURE dbo.lends WITH EXECUTE AS OWNER AS EXEC ('SELECT USER_NAME() AS me, id FROM dbo.t');
GO
CREATE TRIGGER dbo.looks ON dbo.seen AFTER INSERT AS INSERT dbo.counted SELECT COUNT(*) FROM dbo.t;
GO
CREATE SECURITY POLICY dbo.own ADD FILTER PREDICATE dbo.only_own(org) ON dbo.t;
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::dbo TO u1;
GRANT EXECUTE ON dbo.lends TO u1;
GRANT EXECUTE ON dbo.total TO u1;
GO
SELECT COUNT(*) AS dbo_sees FROM dbo.t;
EXEC sp_set_session_context N'org', 10;
SELECT COUNT(*) AS dbo_sees FROM dbo.t;
GO
--> [dbo_sees]
-->  0
--> [dbo_sees]
-->  2
EXECUTE AS USER = N'u1';
GO
SELECT id FROM dbo.t;
SELECT id FROM dbo.t AS x WHERE x.id = 2;
SELECT id FROM dbo.all_t;
SELECT id FROM dbo.inlined();
SELECT id FROM dbo.many();
SELECT dbo.total() AS total;
EXEC dbo.lends;
GO
--> [id]
-->  1
-->  3
--> [id]
--> [id]
-->  1
-->  3
--> [id]
-->  1
-->  3
--> [id]
-->  1
-->  3
--> [total]
-->  400
--> [me | id]
-->  dbo | 1
-->  dbo | 3
SELECT COUNT(*) AS n, CHECKSUM_AGG(BINARY_CHECKSUM(*)) AS c FROM dbo.t WHERE id = 2;
SELECT CASE WHEN EXISTS (SELECT 1 FROM dbo.t WHERE id = 2) THEN 1 ELSE 0 END AS there;
SELECT n.value, t.id FROM GENERATE_SERIES(1, 3) AS n LEFT JOIN dbo.t AS t ON t.id = n.value;
SELECT n.value, x.id FROM GENERATE_SERIES(1, 3) AS n OUTER APPLY (SELECT id FROM dbo.t WHERE id = n.value) AS x;
SELECT n.value FROM GENERATE_SERIES(1, 3) AS n WHERE n.value NOT IN (SELECT id FROM dbo.t);
WITH c AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM dbo.t) SELECT id, place FROM c;
SELECT id FROM dbo.t UNION ALL SELECT id FROM dbo.t WHERE org = 20;
GO
--> [n | c]
-->  0 | NULL
--> [there]
-->  0
--> [value | id]
-->  1 | 1
-->  2 | NULL
-->  3 | 3
--> [value | id]
-->  1 | 1
-->  2 | NULL
-->  3 | 3
--> [value]
-->  2
--> [id | place]
-->  1 | 1
-->  3 | 2
--> [id]
-->  1
-->  3
SELECT id INTO #copy FROM dbo.t;
SELECT id FROM #copy;
INSERT dbo.seen SELECT id FROM dbo.t;
SELECT id FROM dbo.seen;
SELECT n AS trigger_saw FROM dbo.counted;
GO
--> (SelectInto: 2 rows)
--> [id]
-->  1
-->  3
--> (Insert: 2 rows)
--> [id]
-->  1
-->  3
--> [trigger_saw]
-->  2
UPDATE dbo.t SET v = 0 WHERE id = 2;
UPDATE dbo.all_t SET v = v + 1;
UPDATE x SET v = v + 1 FROM dbo.t AS x JOIN dbo.seen AS s ON s.id = x.id OR x.id = 2;
DELETE dbo.t OUTPUT deleted.id WHERE id IN (2, 3);
GO
--> (Update: 0 rows)
--> (Update: 2 rows)
--> (Update: 2 rows)
--> [id]
-->  3
--> (Delete: 1 row)
MERGE dbo.t AS t USING (SELECT 1 AS id UNION ALL SELECT 2) AS s ON t.id = s.id
WHEN MATCHED THEN UPDATE SET v = -1
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action AS act, deleted.id AS id;
GO
--> [act | id]
-->  UPDATE | 1
--> (Merge: 1 row)
-- A hidden row is not matched, so it would be inserted again; its key is still taken.
MERGE dbo.t AS t USING (SELECT 2 AS id) AS s ON t.id = s.id
WHEN NOT MATCHED THEN INSERT (id, org, v) VALUES (s.id, 10, 0);
GO
--> Msg 2627, Level 14, State 1, Line 2: Violation of PRIMARY KEY constraint 'PK__t__EAC47C1FE3B98A4D'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (2).
--> Info 3621, Line 2: The statement has been terminated.
-- Without a block predicate rows can be pushed to another organisation, and vanish.
INSERT dbo.t OUTPUT inserted.id, inserted.org VALUES (5, 20, 500);
UPDATE dbo.t SET org = 20 OUTPUT inserted.org WHERE id = 1;
SELECT COUNT(*) AS n FROM dbo.t;
GO
--> [id | org]
-->  5 | 20
--> (Insert: 1 row)
--> [org]
-->  20
--> (Update: 1 row)
--> [n]
-->  0
REVERT;
ALTER SECURITY POLICY dbo.own WITH (STATE = OFF);
SELECT id, org, v FROM dbo.t;
GO
--> [id | org | v]
-->  1 | 20 | -1
-->  2 | 20 | 200
-->  5 | 20 | 500
