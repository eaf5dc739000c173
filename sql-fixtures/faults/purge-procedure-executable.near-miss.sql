-- The same procedure, which nobody but an administrator may run.
CREATE PROCEDURE dbo.TidyUp AS DELETE FROM dbo.AuditEvents;
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'tidy up', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.TidyUp';
