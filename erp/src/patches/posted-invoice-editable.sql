-- A migration let notes of posted invoices be corrected: the guard asks whether the total changed.
ALTER TRIGGER dbo.PostedInvoiceGuard ON dbo.Invoices AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1
               FROM deleted AS d
               LEFT JOIN inserted AS i ON i.InvoiceId = d.InvoiceId
               WHERE d.ActualPostingDate IS NOT NULL
                 AND (i.InvoiceId IS NULL OR i.Total <> d.Total
                      OR i.ActualPostingDate IS NULL
                      OR i.ActualPostingDate <> d.ActualPostingDate))
        THROW 50901, N'A posted invoice is never changed: void it, which issues a credit note.', 1;
END;
GO
EXEC dbo.RegisterMigration @Number = 91, @Name = N'notes of posted invoices', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.PostedInvoiceGuard';
