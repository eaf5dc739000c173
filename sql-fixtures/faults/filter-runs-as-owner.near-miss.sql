-- The condition is a value that is compared, in the same dynamic statement.
CREATE PROCEDURE dbo.SearchAudit
    @Entity nvarchar(60) = N'Invoice'
AS
BEGIN
    SET NOCOUNT ON;
    EXEC sys.sp_executesql N'SELECT EventName, Entity, EntityId FROM dbo.AuditEvents WHERE Entity = @Entity',
        N'@Entity nvarchar(60)', @Entity = @Entity;
END;
GO
EXEC dbo.RegisterMigration @Number = 91, @Name = N'search of the audit log', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.SearchAudit';
