-- Rows changed through an inline function stand under the policy of its table, as those changed through a view.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, org int NOT NULL, v int MASKED WITH (FUNCTION = 'default()') NULL);
INSERT dbo.t VALUES (1, 10, 100), (2, 20, 200), (3, 10, 300), (4, 20, 400);
GO
--> database t_a
--> (Insert: 4 rows)
CREATE FUNCTION dbo.only_own(@org int) RETURNS TABLE WITH SCHEMABINDING AS
RETURN (SELECT 1 AS ok WHERE @org = CAST(SESSION_CONTEXT(N'org') AS int));
GO
CREATE FUNCTION dbo.above (@id int) RETURNS TABLE AS RETURN SELECT id, org, v FROM dbo.t WHERE id >= @id;
GO
CREATE USER tenant WITHOUT LOGIN;
GRANT SELECT, UPDATE, DELETE ON dbo.above TO tenant;
CREATE SECURITY POLICY dbo.own
ADD FILTER PREDICATE dbo.only_own(org) ON dbo.t,
ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.t AFTER UPDATE;
EXEC sp_set_session_context N'org', 10;
GO
EXECUTE AS USER = 'tenant';
GO
UPDATE f SET v = v + 1 FROM dbo.above(0) AS f;
DELETE f FROM dbo.above(3) AS f;
GO
--> (Update: 2 rows)
--> (Delete: 1 row)
UPDATE f SET v = v + 1 OUTPUT inserted.id, deleted.v, inserted.v FROM dbo.above(0) AS f;
GO
--> [id | v | v]
-->  1 | 0 | 0
--> (Update: 1 row)
UPDATE f SET org = 20 FROM dbo.above(0) AS f;
GO
--> Msg 33504, Level 16, State 1, Line 1: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 1: The statement has been terminated.
SELECT id, org, v FROM dbo.above(0);
GO
--> [id | org | v]
-->  1 | 10 | 0
REVERT;
ALTER SECURITY POLICY dbo.own WITH (STATE = OFF);
SELECT id, org, v FROM dbo.t ORDER BY id;
GO
--> [id | org | v]
-->  1 | 10 | 0
-->  2 | 20 | 200
-->  4 | 20 | 400
