-- The guard of posted invoices covers UPDATE and forgets DELETE.
ALTER TRIGGER dbo.PostedInvoiceGuard ON dbo.Invoices AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1 FROM deleted WHERE ActualPostingDate IS NOT NULL)
        THROW 50901, N'A posted invoice is never changed.', 1;
END;
