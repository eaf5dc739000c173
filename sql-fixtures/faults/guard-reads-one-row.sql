-- The guard of posted invoices looks at one row of a statement that changes many.
ALTER TRIGGER dbo.PostedInvoiceGuard ON dbo.Invoices AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Posted datetime2(3);
    SELECT TOP (1) @Posted = d.ActualPostingDate FROM deleted AS d ORDER BY d.ActualPostingDate;
    IF @Posted IS NOT NULL
        THROW 50901, N'A posted invoice is never changed: void it, which issues a credit note.', 1;
END;
GO
EXEC dbo.RegisterMigration @Number = 91, @Name = N'guard of one row', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.PostedInvoiceGuard';
