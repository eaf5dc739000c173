-- A policy on the current table says nothing of its history; each of them needs its own.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER u1 WITHOUT LOGIN;
CREATE TABLE dbo.t (
    id int NOT NULL PRIMARY KEY,
    org int NOT NULL,
    v int NOT NULL,
    since datetime2 GENERATED ALWAYS AS ROW START NOT NULL,
    until datetime2 GENERATED ALWAYS AS ROW END NOT NULL,
    PERIOD FOR SYSTEM_TIME (since, until)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.t_history));
INSERT dbo.t (id, org, v) VALUES (1, 10, 1), (2, 20, 1);
UPDATE dbo.t SET v = 2;
GO
--> database t_a
--> (Insert: 2 rows)
--> (Update: 2 rows)
CREATE FUNCTION dbo.own(@org int) RETURNS TABLE WITH SCHEMABINDING AS
RETURN (SELECT 1 AS ok WHERE @org = CAST(SESSION_CONTEXT(N'org') AS int));
GO
CREATE SECURITY POLICY dbo.p
ADD FILTER PREDICATE dbo.own(org) ON dbo.t,
ADD BLOCK PREDICATE dbo.own(org) ON dbo.t;
GRANT SELECT, UPDATE ON SCHEMA::dbo TO u1;
EXEC sp_set_session_context N'org', 10;
EXECUTE AS USER = N'u1';
GO
SELECT id, v FROM dbo.t;
SELECT id, v FROM dbo.t_history;
SELECT id, v FROM dbo.t FOR SYSTEM_TIME ALL ORDER BY id, v;
SELECT COUNT(*) AS n FROM dbo.t FOR SYSTEM_TIME ALL WHERE 1 / (CASE WHEN org = 20 AND v = 2 THEN 0 ELSE 1 END) = 1;
UPDATE dbo.t SET v = 3;
SELECT id, v FROM dbo.t FOR SYSTEM_TIME ALL ORDER BY id, v;
GO
--> [id | v]
-->  1 | 2
--> [id | v]
-->  1 | 1
-->  2 | 1
--> [id | v]
-->  1 | 1
-->  1 | 2
-->  2 | 1
--> [n]
-->  3
--> (Update: 1 row)
--> [id | v]
-->  1 | 1
-->  1 | 2
-->  1 | 3
-->  2 | 1
REVERT;
GO
ALTER SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(org) ON dbo.t_history;
EXECUTE AS USER = N'u1';
SELECT id, v FROM dbo.t_history ORDER BY v;
SELECT id, v FROM dbo.t FOR SYSTEM_TIME ALL ORDER BY id, v;
REVERT;
GO
--> [id | v]
-->  1 | 1
-->  1 | 2
--> [id | v]
-->  1 | 1
-->  1 | 2
-->  1 | 3
ALTER SECURITY POLICY dbo.p ADD BLOCK PREDICATE dbo.own(org) ON dbo.t_history AFTER INSERT;
GO
--> Msg 33510, Level 16, State 1, Line 1: BLOCK security predicates cannot reference temporal history tables. Table 'dbo.t_history' is a temporal history table.
