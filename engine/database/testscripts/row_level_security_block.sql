-- A block predicate refuses the change of a row, one operation at a time, and everybody is bound.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, org int NULL, v int NULL);
CREATE TABLE dbo.log (id int NOT NULL PRIMARY KEY, org int NULL);
INSERT dbo.t VALUES (1, 10, 100), (2, 20, 200);
GO
--> database t_a
--> (Insert: 2 rows)
CREATE FUNCTION dbo.only_own(@org int) RETURNS TABLE WITH SCHEMABINDING AS
RETURN (SELECT 1 AS ok WHERE @org = CAST(SESSION_CONTEXT(N'org') AS int));
GO
CREATE VIEW dbo.all_t AS SELECT id, org, v FROM dbo.t;
GO
EXEC sp_set_session_context N'org', 10;
CREATE SECURITY POLICY dbo.own
ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.t AFTER INSERT,
ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.log AFTER INSERT;
GO
INSERT dbo.t VALUES (3, 20, 300);
INSERT dbo.all_t VALUES (3, 20, 300);
INSERT dbo.t VALUES (3, 10, 300), (4, NULL, 400);
INSERT dbo.t VALUES (3, 10, 300);
UPDATE dbo.t SET org = 20 WHERE id = 3;
UPDATE dbo.t SET v = 0 OUTPUT inserted.id, inserted.org INTO dbo.log;
DELETE dbo.t WHERE id = 2;
SELECT id, org, v FROM dbo.t;
SELECT COUNT(*) AS logged FROM dbo.log;
GO
--> Msg 33504, Level 16, State 1, Line 1: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 1: The statement has been terminated.
--> Msg 33504, Level 16, State 1, Line 2: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 2: The statement has been terminated.
--> Msg 33504, Level 16, State 1, Line 3: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 3: The statement has been terminated.
--> (Insert: 1 row)
--> (Update: 1 row)
--> Msg 33504, Level 16, State 1, Line 6: The attempted operation failed because the target object 't_a.dbo.log' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 6: The statement has been terminated.
--> (Delete: 1 row)
--> [id | org | v]
-->  1 | 10 | 100
-->  3 | 20 | 300
--> [logged]
-->  0
BEGIN TRY
    INSERT dbo.t VALUES (9, 20, 900);
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, XACT_STATE() AS x;
END CATCH;
GO
--> [n | x]
-->  33504 | 0
-- After an update the new row counts, whether or not its column was assigned; before it, the old one.
ALTER SECURITY POLICY dbo.own
DROP BLOCK PREDICATE ON dbo.t AFTER INSERT,
ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.t AFTER UPDATE;
GO
UPDATE dbo.t SET org = 10 WHERE id = 3;
UPDATE dbo.t SET org = 20 WHERE id = 1;
INSERT dbo.t VALUES (5, 20, 500);
UPDATE dbo.t SET v = 1 WHERE id = 5;
GO
--> (Update: 1 row)
--> Msg 33504, Level 16, State 1, Line 2: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 2: The statement has been terminated.
--> (Insert: 1 row)
--> Msg 33504, Level 16, State 1, Line 4: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 4: The statement has been terminated.
ALTER SECURITY POLICY dbo.own
DROP BLOCK PREDICATE ON dbo.t AFTER UPDATE,
ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.t BEFORE UPDATE,
ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.t BEFORE DELETE;
GO
UPDATE dbo.t SET org = 10 WHERE id = 5;
UPDATE dbo.t SET org = 30 WHERE id = 1;
DELETE dbo.t WHERE id = 5;
DELETE dbo.t;
SELECT id, org FROM dbo.t;
GO
--> Msg 33504, Level 16, State 1, Line 1: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 1: The statement has been terminated.
--> (Update: 1 row)
--> Msg 33504, Level 16, State 1, Line 3: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 3: The statement has been terminated.
--> Msg 33504, Level 16, State 1, Line 4: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 4: The statement has been terminated.
--> [id | org]
-->  1 | 30
-->  3 | 10
-->  5 | 20
-- Without an operation it guards all of them; MERGE is judged by what it does to a row.
ALTER SECURITY POLICY dbo.own
DROP BLOCK PREDICATE ON dbo.t BEFORE UPDATE,
DROP BLOCK PREDICATE ON dbo.t BEFORE DELETE,
ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.t;
GO
MERGE dbo.t AS t USING (SELECT 3 AS id) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET org = 20;
MERGE dbo.t AS t USING (SELECT 5 AS id) AS s ON t.id = s.id WHEN MATCHED THEN DELETE;
MERGE dbo.t AS t USING (SELECT 6 AS id) AS s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, org) VALUES (s.id, 20);
MERGE dbo.t AS t USING (SELECT 6 AS id) AS s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, org) VALUES (s.id, 10);
SELECT id, org FROM dbo.t;
GO
--> Msg 33504, Level 16, State 1, Line 1: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 1: The statement has been terminated.
--> Msg 33504, Level 16, State 1, Line 2: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 2: The statement has been terminated.
--> Msg 33504, Level 16, State 1, Line 3: The attempted operation failed because the target object 't_a.dbo.t' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
--> Info 3621, Line 3: The statement has been terminated.
--> (Merge: 1 row)
--> [id | org]
-->  1 | 30
-->  3 | 10
-->  5 | 20
-->  6 | 10
-- A cascade passes; a trigger's own writes do not.
CREATE TABLE dbo.parent (id int NOT NULL PRIMARY KEY);
CREATE TABLE dbo.child (id int NULL REFERENCES dbo.parent ON DELETE CASCADE, org int NULL);
INSERT dbo.parent VALUES (1);
INSERT dbo.child VALUES (1, 20);
GO
--> (Insert: 1 row)
--> (Insert: 1 row)
CREATE TRIGGER dbo.copies ON dbo.parent AFTER DELETE AS INSERT dbo.child VALUES (NULL, 20);
GO
ALTER SECURITY POLICY dbo.own ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.child BEFORE DELETE;
GO
DELETE dbo.parent;
SELECT id, org FROM dbo.child;
GO
--> (Delete: 1 row)
--> [id | org]
-->  NULL | 20
ALTER SECURITY POLICY dbo.own ADD BLOCK PREDICATE dbo.only_own(org) ON dbo.child AFTER INSERT;
INSERT dbo.parent VALUES (2);
GO
--> (Insert: 1 row)
DELETE dbo.parent;
GO
--> Msg 33504, Level 16, State 1, Procedure copies, Line 1: The attempted operation failed because the target object 't_a.dbo.child' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate.
SELECT COUNT(*) AS parents FROM dbo.parent;
TRUNCATE TABLE dbo.t;
SELECT COUNT(*) AS n FROM dbo.t;
GO
--> [parents]
-->  1
--> [n]
-->  0
