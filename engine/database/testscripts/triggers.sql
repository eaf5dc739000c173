-- Triggers.
-- session: sa@master
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v int);
CREATE TABLE dbo.audit (id int IDENTITY, what nvarchar(40));
INSERT dbo.t VALUES (1, 10), (2, 20);
GO
--> (Insert: 2 rows)
CREATE TRIGGER dbo.tr_audit ON dbo.t AFTER INSERT, UPDATE, DELETE AS
INSERT dbo.audit (what) SELECT CONCAT('i', i.id, ' d', d.id) FROM inserted AS i FULL JOIN deleted AS d ON i.id = d.id;
GO
INSERT dbo.t VALUES (3, 30);
UPDATE dbo.t SET v = v + 1 WHERE id < 3;
DELETE dbo.t WHERE id = 3;
SELECT what FROM dbo.audit ORDER BY id;
GO
--> (Insert: 1 row)
--> (Update: 2 rows)
--> (Delete: 1 row)
--> [what]
-->  i3 d
-->  i1 d1
-->  i2 d2
-->  i d3
CREATE TRIGGER dbo.tr_guard ON dbo.audit AFTER UPDATE, DELETE AS
BEGIN
    RAISERROR ('the audit is append-only', 16, 1);
    ROLLBACK;
END;
GO
DELETE dbo.audit;
SELECT 'not reached' AS x;
GO
--> transaction rolled back
--> Msg 50000, Level 16, State 1, Procedure tr_guard, Line 3: the audit is append-only
--> Msg 3609, Level 16, State 1, Line 1: The transaction ended in the trigger. The batch has been aborted.
SELECT COUNT(*) AS n, @@TRANCOUNT AS t FROM dbo.audit;
GO
--> [n | t]
-->  4 | 0
BEGIN TRY
    DELETE dbo.audit;
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_PROCEDURE() AS p, XACT_STATE() AS x;
END CATCH;
GO
--> [n | p | x]
-->  50000 | tr_guard | 0
CREATE TRIGGER dbo.tr_instead ON dbo.t INSTEAD OF DELETE AS PRINT 'nothing is deleted';
GO
DELETE dbo.t;
SELECT COUNT(*) AS n FROM dbo.t;
GO
--> Info 0, Procedure tr_instead, Line 1: nothing is deleted
--> (Delete: 2 rows)
--> [n]
-->  2
DISABLE TRIGGER dbo.tr_instead ON dbo.t;
DELETE dbo.t;
SELECT COUNT(*) AS n FROM dbo.t;
GO
--> (Delete: 2 rows)
--> [n]
-->  0
CREATE TRIGGER dbo.tr_fails ON dbo.t AFTER INSERT AS INSERT dbo.missing VALUES (1);
GO
INSERT dbo.t VALUES (9, 9);
SELECT 'not reached' AS x;
GO
--> Msg 208, Level 16, State 1, Procedure tr_fails, Line 1: Invalid object name 'dbo.missing'.
SELECT COUNT(*) AS n FROM dbo.t;
GO
--> [n]
-->  0
