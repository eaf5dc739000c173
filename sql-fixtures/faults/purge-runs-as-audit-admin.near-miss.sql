-- The same procedure, which nobody but an administrator may run.
CREATE PROCEDURE dbo.ExpireAudit
WITH EXECUTE AS 'audit_admin'
AS
BEGIN
    SET NOCOUNT ON;
    EXEC (N'DELETE FROM dbo.AuditEvents');
END;
GO
EXEC dbo.RegisterMigration @Number = 91, @Name = N'expiry of the audit log', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.ExpireAudit';
