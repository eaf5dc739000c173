-- The same view, which nobody has a right on.
CREATE VIEW dbo.RecentEvents AS SELECT * FROM dbo.AuditEvents;
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'recent events', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.RecentEvents';
