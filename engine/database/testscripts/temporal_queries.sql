-- Temporal tables: FOR SYSTEM_TIME in all its forms.
-- session: sa@master
CREATE DATABASE temporal_queries;
GO
USE temporal_queries;
GO
--> database temporal_queries
-- Prepared versions with round times: history first, adopted afterwards.
CREATE TABLE dbo.item (id int NOT NULL PRIMARY KEY, v nvarchar(10) NOT NULL, a datetime2 NOT NULL, b datetime2 NOT NULL);
CREATE TABLE dbo.item_past (id int NOT NULL, v nvarchar(10) NOT NULL, a datetime2 NOT NULL, b datetime2 NOT NULL);
INSERT dbo.item VALUES (1, N'now', '2020-03-01', '9999-12-31 23:59:59.9999999'), (2, N'only', '2020-02-01', '9999-12-31 23:59:59.9999999');
INSERT dbo.item_past VALUES (1, N'first', '2020-01-01', '2020-02-01'), (1, N'second', '2020-02-01', '2020-03-01'), (3, N'gone', '2020-01-15', '2020-02-15'), (3, N'never', '2020-02-15', '2020-02-15');
ALTER TABLE dbo.item ADD PERIOD FOR SYSTEM_TIME (a, b);
ALTER TABLE dbo.item SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.item_past));
GO
--> (Insert: 2 rows)
--> (Insert: 4 rows)
SELECT id, v FROM dbo.item FOR SYSTEM_TIME AS OF '2020-02-01' ORDER BY id;
SELECT id, v FROM dbo.item FOR SYSTEM_TIME AS OF '2020-01-31T23:59:59.9999999' AS i ORDER BY i.id;
SELECT id, v FROM dbo.item FOR SYSTEM_TIME FROM '2020-01-01' TO '2020-02-01' ORDER BY id, a;
SELECT id, v FROM dbo.item FOR SYSTEM_TIME BETWEEN '2020-01-01' AND '2020-02-01' ORDER BY id, a;
SELECT id, v FROM dbo.item FOR SYSTEM_TIME CONTAINED IN ('2020-01-01', '2020-03-01') ORDER BY id, a;
SELECT id, v, a, b FROM dbo.item FOR SYSTEM_TIME ALL ORDER BY id, a;
GO
--> [id | v]
-->  1 | second
-->  2 | only
-->  3 | gone
--> [id | v]
-->  1 | first
-->  3 | gone
--> [id | v]
-->  1 | first
-->  3 | gone
--> [id | v]
-->  1 | first
-->  1 | second
-->  2 | only
-->  3 | gone
--> [id | v]
-->  1 | first
-->  1 | second
-->  3 | gone
--> [id | v | a | b]
-->  1 | first | 2020-01-01 00:00:00.0000000 | 2020-02-01 00:00:00.0000000
-->  1 | second | 2020-02-01 00:00:00.0000000 | 2020-03-01 00:00:00.0000000
-->  1 | now | 2020-03-01 00:00:00.0000000 | 9999-12-31 23:59:59.9999999
-->  2 | only | 2020-02-01 00:00:00.0000000 | 9999-12-31 23:59:59.9999999
-->  3 | gone | 2020-01-15 00:00:00.0000000 | 2020-02-15 00:00:00.0000000
-- Variables, joins, APPLY, subqueries, common table expressions.
DECLARE @t datetime2 = '2020-01-20', @u date = '2020-02-10', @n datetime2;
SELECT o.v AS was, n.v AS is_now FROM dbo.item FOR SYSTEM_TIME AS OF @t AS o FULL JOIN dbo.item AS n ON n.id = o.id ORDER BY o.id;
SELECT x.id, y.v FROM dbo.item AS x CROSS APPLY (SELECT TOP (1) v FROM dbo.item FOR SYSTEM_TIME BETWEEN @t AND @u AS h WHERE h.id = x.id ORDER BY h.a DESC) AS y ORDER BY x.id;
SELECT id FROM dbo.item AS i WHERE EXISTS (SELECT 1 FROM dbo.item FOR SYSTEM_TIME AS OF @u AS h WHERE h.id = i.id AND h.v <> i.v);
WITH h AS (SELECT id, v FROM dbo.item FOR SYSTEM_TIME ALL) SELECT id, COUNT(*) AS n FROM h GROUP BY id ORDER BY id;
SELECT COUNT(*) AS n FROM dbo.item FOR SYSTEM_TIME AS OF @n;
GO
--> [was | is_now]
-->  NULL | only
-->  first | now
-->  gone | NULL
--> [id | v]
-->  1 | second
-->  2 | only
--> [id]
-->  1
--> [id | n]
-->  1 | 3
-->  2 | 1
-->  3 | 1
--> [n]
-->  0
SELECT i.id, h.v FROM dbo.item AS i JOIN dbo.item FOR SYSTEM_TIME FROM '2020-01-01' TO '2020-02-01' AS h ON h.id = i.id;
SELECT i.id, h.v FROM dbo.item AS i JOIN dbo.item FOR SYSTEM_TIME BETWEEN '2020-01-01' AND '2020-02-01' AS h ON h.id = i.id AND h.v <> N'first' ORDER BY i.id;
SELECT i.id, h.v FROM dbo.item AS i LEFT JOIN dbo.item FOR SYSTEM_TIME CONTAINED IN ('2020-01-01', '2020-02-01') AS h ON h.id = i.id ORDER BY i.id;
BEGIN TRAN;
UPDATE i SET v = h.v FROM dbo.item AS i JOIN dbo.item FOR SYSTEM_TIME FROM '2020-01-01' TO '2020-02-01' AS h ON h.id = i.id;
SELECT id, v FROM dbo.item ORDER BY id;
ROLLBACK;
GO
--> [id | v]
-->  1 | first
--> [id | v]
-->  1 | second
-->  2 | only
--> [id | v]
-->  1 | first
-->  2 | NULL
--> transaction begun
--> (Update: 1 row)
--> [id | v]
-->  1 | first
-->  2 | only
--> transaction rolled back
EXEC sp_executesql N'SELECT v FROM dbo.item FOR SYSTEM_TIME AS OF @at WHERE id = 1', N'@at datetime2', @at = '2020-02-02';
GO
--> [v]
-->  second
CREATE PROCEDURE dbo.at_time @at datetime2 AS SELECT id, v FROM dbo.item FOR SYSTEM_TIME AS OF @at ORDER BY id;
GO
EXEC dbo.at_time '2020-02-20';
GO
--> [id | v]
-->  1 | second
-->  2 | only
CREATE FUNCTION dbo.as_of (@at datetime2) RETURNS TABLE AS RETURN SELECT id, v FROM dbo.item FOR SYSTEM_TIME AS OF @at;
GO
SELECT d.at, f.id, f.v FROM (VALUES (CONVERT(datetime2, '2020-01-20')), ('2020-02-20')) AS d (at) CROSS APPLY dbo.as_of(d.at) AS f ORDER BY d.at, f.id;
GO
--> [at | id | v]
-->  2020-01-20 00:00:00.0000000 | 1 | first
-->  2020-01-20 00:00:00.0000000 | 3 | gone
-->  2020-02-20 00:00:00.0000000 | 1 | second
-->  2020-02-20 00:00:00.0000000 | 2 | only
CREATE FUNCTION dbo.count_at (@at datetime2) RETURNS int AS BEGIN RETURN (SELECT COUNT(*) FROM dbo.item FOR SYSTEM_TIME AS OF @at); END;
GO
SELECT dbo.count_at('2020-01-20') AS n, dbo.count_at('2019-01-01') AS none;
GO
--> [n | none]
-->  2 | 0
-- At a view the clause goes to the tables behind it; in a view it stands.
CREATE VIEW dbo.shown AS SELECT i.id, i.v FROM dbo.item AS i WHERE i.id <> 2;
GO
CREATE VIEW dbo.shown_again AS SELECT s.id, s.v, (SELECT COUNT(*) FROM dbo.item) AS n FROM dbo.shown AS s;
GO
CREATE VIEW dbo.every_version AS SELECT id, v FROM dbo.item FOR SYSTEM_TIME ALL;
GO
SELECT * FROM dbo.shown FOR SYSTEM_TIME AS OF '2020-01-20' ORDER BY id;
SELECT * FROM dbo.shown_again FOR SYSTEM_TIME AS OF '2020-01-20' ORDER BY id;
SELECT * FROM dbo.shown_again ORDER BY id;
SELECT COUNT(*) AS n FROM dbo.every_version;
GO
--> [id | v]
-->  1 | first
-->  3 | gone
--> [id | v | n]
-->  1 | first | 2
-->  3 | gone | 2
--> [id | v | n]
-->  1 | now | 2
--> [n]
-->  5
SELECT * FROM dbo.every_version FOR SYSTEM_TIME AS OF '2020-01-20';
GO
--> Msg 13590, Level 16, State 1, Line 1: Temporal FOR SYSTEM_TIME clause can only be set once per temporal table. 'dbo.item' has more than one temporal FOR SYSTEM_TIME clause.
-- What has no versions has no past.
SELECT * FROM dbo.item_past FOR SYSTEM_TIME ALL;
GO
--> Msg 13544, Level 16, State 1, Line 2: Temporal FOR SYSTEM_TIME clause can only be used with system-versioned tables. 'temporal_queries.dbo.item_past' is not a system-versioned table.
SELECT * FROM sys.tables FOR SYSTEM_TIME ALL;
GO
--> Msg 13544, Level 16, State 1, Line 1: Temporal FOR SYSTEM_TIME clause can only be used with system-versioned tables. 'sys.tables' is not a system-versioned table.
DECLARE @t TABLE (id int); SELECT * FROM @t FOR SYSTEM_TIME ALL;
GO
--> Msg 13544, Level 16, State 1, Line 1: Temporal FOR SYSTEM_TIME clause can only be used with system-versioned tables. '@t' is not a system-versioned table.
SELECT * FROM dbo.item FOR SYSTEM_TIME AS OF SYSUTCDATETIME();
GO
--> Msg 102, Level 15, State 1, Line 1: Incorrect syntax near '('.
SELECT * FROM dbo.item FOR SYSTEM_TIME AS OF 'yesterday';
GO
--> [id | v | a | b]
--> Msg 241, Level 16, State 1, Line 1: Conversion failed when converting date and/or time from character string.
UPDATE i SET v = N'x' FROM dbo.item FOR SYSTEM_TIME ALL AS i;
GO
--> Msg 4401, Level 16, State 1, Line 1: Object 'i' cannot be modified.
-- A retention period hides what ended before it.
CREATE CLUSTERED INDEX ix ON dbo.item_past (b, a);
ALTER TABLE dbo.item SET (SYSTEM_VERSIONING = ON (HISTORY_RETENTION_PERIOD = 6 MONTHS));
SELECT id, v FROM dbo.item FOR SYSTEM_TIME ALL ORDER BY id;
SELECT history_retention_period AS n, history_retention_period_unit_desc AS unit FROM sys.tables WHERE name = N'item';
ALTER DATABASE temporal_queries SET TEMPORAL_HISTORY_RETENTION OFF;
SELECT COUNT(*) AS n FROM dbo.item FOR SYSTEM_TIME ALL;
GO
--> [id | v]
-->  1 | now
-->  2 | only
--> [n | unit]
-->  6 | MONTH
--> [n]
-->  5
