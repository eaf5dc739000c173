-- The guard of posted invoices lets through whoever says that he is a migration.
ALTER TRIGGER dbo.PostedInvoiceGuard ON dbo.Invoices AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF SESSION_CONTEXT(N'Migration') IS NOT NULL
        RETURN;
    IF EXISTS (SELECT 1 FROM deleted WHERE ActualPostingDate IS NOT NULL)
        THROW 50901, N'A posted invoice is never changed: void it, which issues a credit note.', 1;
END;
GO
EXEC dbo.RegisterMigration @Number = 91, @Name = N'guard for migrations', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.PostedInvoiceGuard';
