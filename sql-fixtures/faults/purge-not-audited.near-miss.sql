-- The record of a purge tells more than before.
ALTER TRIGGER dbo.AuditPurgeTrail ON dbo.AuditEvents AFTER DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF NOT EXISTS (SELECT 1 FROM deleted)
        RETURN;

    INSERT INTO dbo.AuditEvents (EventName, Entity, EntityId, Detail)
    SELECT 'AuditPurged', 'AuditEvents', CONVERT(nvarchar(60), MAX(d.OccurredAt), 126),
           CONCAT(N'rows: ', COUNT(*), N', first: ', MIN(d.AuditEventId), N', last: ', MAX(d.AuditEventId))
    FROM deleted AS d;
END;
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'purge trail', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.AuditPurgeTrail';
