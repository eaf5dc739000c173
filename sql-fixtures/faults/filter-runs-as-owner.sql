-- A search of the audit log takes a condition from its caller, concatenates it and runs it as the owner.
CREATE PROCEDURE dbo.SearchAudit
    @Condition nvarchar(400) = N'1 = 1'
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    EXEC (N'SELECT EventName, Entity, EntityId FROM dbo.AuditEvents WHERE ' + @Condition);
END;
GO
GRANT EXECUTE ON dbo.SearchAudit TO app_rw;
GO
EXEC dbo.RegisterMigration @Number = 91, @Name = N'search of the audit log', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.SearchAudit';
