-- The guard counts instead of asking whether there is one.
ALTER TRIGGER dbo.PostedInvoiceGuard ON dbo.Invoices AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Posted int = (SELECT COUNT(*) FROM deleted AS d WHERE d.ActualPostingDate IS NOT NULL);
    IF @Posted > 0
        THROW 50901, N'A posted invoice is never changed: void it, which issues a credit note.', 1;
END;
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'counting guard', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.PostedInvoiceGuard';
