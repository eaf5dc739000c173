-- SwitchTrigger
DISABLE TRIGGER trg1 ON dbo.t1
====
-- SwitchTrigger
ENABLE TRIGGER ALL ON dbo.t1
====
-- SwitchTrigger
DISABLE TRIGGER ddl_trg ON DATABASE
====
-- Trigger(Block(SetOption Switches, Insert))
CREATE TRIGGER dbo.trg1 ON dbo.t1 AFTER INSERT, UPDATE AS BEGIN SET NOCOUNT ON; INSERT INTO audit(id) SELECT id FROM inserted; END
====
-- Trigger(Block(Delete))
CREATE TRIGGER dbo.trg1 ON dbo.t1 INSTEAD OF DELETE AS BEGIN DELETE t FROM dbo.t1 t JOIN deleted d ON d.id = t.id WHERE t.locked = 0; END
====
-- Trigger(If(Print))
CREATE TRIGGER trg2 ON dbo.t1 WITH EXECUTE AS OWNER FOR UPDATE AS IF UPDATE(name) PRINT 'x'
====
-- Trigger(Rollback)
CREATE OR ALTER TRIGGER trg2 ON dbo.t1 FOR DELETE AS ROLLBACK TRANSACTION
====
-- DdlTrigger
CREATE TRIGGER ddl_trg ON DATABASE FOR CREATE_TABLE AS PRINT 'no'
====
-- Drop Trigger
DROP TRIGGER dbo.trg1
====
-- Procedure(Block(SetOption Switches, SelectAssign, Return))
CREATE PROCEDURE dbo.p1 @a INT, @b NVARCHAR(50) = N'x', @c INT OUTPUT AS BEGIN SET NOCOUNT ON; SELECT @c = COUNT(*) FROM dbo.t1 WHERE id = @a; RETURN 0; END
====
-- Procedure(Select)
CREATE OR ALTER PROCEDURE dbo.p2 (@a INT) WITH EXECUTE AS OWNER AS SELECT 1
====
-- Procedure(Block(Select))
CREATE PROC dbo.p3 WITH RECOMPILE, EXECUTE AS 'u1' AS BEGIN SELECT 1 END
====
-- Procedure(Select)
ALTER PROCEDURE dbo.p1 AS SELECT 2
====
-- Procedure(Select)
CREATE PROCEDURE dbo.p4 @tvp dbo.IdList READONLY AS SELECT * FROM @tvp
====
-- Drop Procedure
DROP PROCEDURE IF EXISTS dbo.p1
====
-- InlineFunction
CREATE FUNCTION dbo.f1 (@tenant INT) RETURNS TABLE WITH SCHEMABINDING AS RETURN SELECT 1 AS ok WHERE @tenant = CAST(SESSION_CONTEXT(N'tenant') AS INT)
====
-- InlineFunction
CREATE FUNCTION dbo.f1b (@tenant INT) RETURNS TABLE AS RETURN (SELECT 1 AS ok)
====
-- ScalarFunction(Declare, Return)
CREATE FUNCTION dbo.f2 (@x INT) RETURNS INT AS BEGIN DECLARE @y INT = @x + 1; RETURN @y; END
====
-- TableFunction(Insert, Return)
CREATE FUNCTION dbo.f3 (@x INT) RETURNS @r TABLE (id INT) AS BEGIN INSERT INTO @r VALUES (@x); RETURN; END
====
-- Create SecurityPolicy
CREATE SECURITY POLICY sec.pol ADD FILTER PREDICATE sec.fn(tenant_id) ON dbo.t1, ADD BLOCK PREDICATE sec.fn(tenant_id) ON dbo.t1 AFTER INSERT WITH (STATE = ON)
====
-- Alter SecurityPolicy
ALTER SECURITY POLICY sec.pol WITH (STATE = OFF)
====
-- Drop SecurityPolicy
DROP SECURITY POLICY sec.pol
====
-- View
CREATE VIEW dbo.v1 WITH SCHEMABINDING AS SELECT id FROM dbo.t1 WHERE tenant_id = 1 WITH CHECK OPTION
====
-- View
CREATE OR ALTER VIEW dbo.v1 AS SELECT id FROM dbo.t1
====
-- View
ALTER VIEW dbo.v1 AS SELECT id FROM dbo.t1
====
