-- What a caller learns of hidden rows: nothing through expressions and error texts, something
-- through keys.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER u1 WITHOUT LOGIN;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, org int NULL, v int NULL, s nvarchar(30) NULL);
CREATE TABLE dbo.child (id int NULL REFERENCES dbo.t, note nvarchar(3) NULL);
INSERT dbo.t VALUES (1, 10, 100, N'17'), (2, 20, 200, N'secret'), (3, 10, 300, N'mine');
CREATE INDEX ix ON dbo.t (org);
GO
--> database t_a
--> (Insert: 3 rows)
CREATE FUNCTION dbo.own(@org int) RETURNS TABLE WITH SCHEMABINDING AS
RETURN (SELECT 1 AS ok WHERE @org = CAST(SESSION_CONTEXT(N'org') AS int));
GO
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(org) ON dbo.t;
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::dbo TO u1;
EXEC sp_set_session_context N'org', 10;
EXECUTE AS USER = N'u1';
GO
-- A hidden row divides by zero and does not convert; nothing of it is ever evaluated.
SELECT id FROM dbo.t WHERE 1 / (v - 200) = 0;
SELECT id FROM dbo.t WHERE id = 2 AND CAST(s AS int) = 1;
SELECT id FROM dbo.t WHERE org = 20 AND CAST(s AS int) = 1;
SELECT x.id FROM dbo.t AS x JOIN dbo.t AS y ON x.id = y.id AND 1 / (y.v - 200) = 0;
SELECT id FROM dbo.t ORDER BY 1 / (v - 200), id;
SELECT MAX(1 / (v - 200)) AS m FROM dbo.t;
UPDATE dbo.t SET v = 1 / (v - 200) WHERE id = 2;
GO
--> [id]
-->  1
-->  3
--> [id]
--> [id]
--> [id]
-->  1
-->  3
--> [id]
-->  1
-->  3
--> [m]
-->  0
--> (Update: 0 rows)
-- A visible row fails, and its text is not shown either.
SELECT CAST(s AS int) FROM dbo.t WHERE id = 3;
GO
--> [(no name)]
--> Msg 245, Level 16, State 1, Line 2: Conversion failed when converting the ****** value '******' to data type ******.
SELECT 1 / (v - 300) FROM dbo.t;
GO
--> [(no name)]
-->  0
--> Msg 8134, Level 16, State 1, Line 1: Divide by zero error encountered.
UPDATE dbo.t SET s = REPLICATE(N'x', 31) WHERE id = 1;
INSERT dbo.t VALUES (9, 10, 1, REPLICATE(N'x', 31));
GO
--> Msg 2628, Level 16, State 1, Line 1: String or binary data would be truncated in table '******', column '******'. Truncated value: '******'.
--> Info 3621, Line 1: The statement has been terminated.
--> Msg 2628, Level 16, State 1, Line 2: String or binary data would be truncated in table '******', column '******'. Truncated value: '******'.
--> Info 3621, Line 2: The statement has been terminated.
-- An unguarded table says what it always says.
INSERT dbo.child VALUES (NULL, N'long');
SELECT CAST(N'plain' AS int) AS x;
GO
--> Msg 2628, Level 16, State 1, Line 2: String or binary data would be truncated in table 't_a.dbo.child', column 'note'. Truncated value: 'lon'.
--> Info 3621, Line 2: The statement has been terminated.
--> [x]
--> Msg 245, Level 16, State 1, Line 3: Conversion failed when converting the nvarchar value 'plain' to data type int.
-- Keys look at all rows.
INSERT dbo.t (id, org) VALUES (2, 10);
INSERT dbo.child VALUES (2, NULL);
INSERT dbo.child VALUES (7, NULL);
SELECT SUM(rows) AS n FROM sys.partitions WHERE object_id = OBJECT_ID(N'dbo.t') AND index_id = 1;
GO
--> Msg 2627, Level 14, State 1, Line 2: Violation of PRIMARY KEY constraint 'PK__t__EAC47C1FE3B98A4D'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (2).
--> Info 3621, Line 2: The statement has been terminated.
--> (Insert: 1 row)
--> Msg 547, Level 16, State 0, Line 4: The INSERT statement conflicted with the FOREIGN KEY constraint "FK__child__id__38996AB5". The conflict occurred in database "t_a", table "dbo.t", column 'id'.
--> Info 3621, Line 4: The statement has been terminated.
--> [n]
-->  3
REVERT;
GO
-- A view WITH CHECK OPTION asks its own condition, not the policy.
CREATE VIEW dbo.small AS SELECT id, org, v FROM dbo.t WHERE v < 1000 WITH CHECK OPTION;
GO
UPDATE dbo.small SET org = 20 WHERE id = 1;
UPDATE dbo.small SET v = 1000 WHERE id = 3;
GO
--> (Update: 1 row)
--> Msg 550, Level 16, State 1, Line 2: The attempted insert or update failed because the target view either specifies WITH CHECK OPTION or spans a view that specifies WITH CHECK OPTION and one or more rows resulting from the operation did not qualify under the CHECK OPTION constraint.
--> Info 3621, Line 2: The statement has been terminated.
-- The predicate's own function reads its tables without row filters.
CREATE FUNCTION dbo.sibling(@id int) RETURNS TABLE WITH SCHEMABINDING AS
RETURN (SELECT 1 AS ok FROM dbo.t AS other WHERE other.id = @id + 1);
GO
ALTER SECURITY POLICY dbo.p ALTER FILTER PREDICATE dbo.sibling(id) ON dbo.t;
SELECT id FROM dbo.t;
GO
--> [id]
-->  1
-->  2
