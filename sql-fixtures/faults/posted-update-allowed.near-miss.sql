-- The guard is two triggers instead of one.
DROP TRIGGER dbo.PostedInvoiceGuard;
GO
CREATE TRIGGER dbo.PostedInvoiceUpdateGuard ON dbo.Invoices AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1 FROM deleted WHERE ActualPostingDate IS NOT NULL)
        THROW 50901, N'A posted invoice is never changed.', 1;
END;
GO
CREATE TRIGGER dbo.PostedInvoiceDeleteGuard ON dbo.Invoices AFTER DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1 FROM deleted WHERE ActualPostingDate IS NOT NULL)
        THROW 50901, N'A posted invoice is never removed.', 1;
END;
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'two guards', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.PostedInvoiceGuard';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.PostedInvoiceUpdateGuard';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.PostedInvoiceDeleteGuard';
