-- The lines' guard was off for a while and is on again.
DISABLE TRIGGER dbo.PostedInvoiceLineGuard ON dbo.InvoiceLines;
GO
ENABLE TRIGGER dbo.PostedInvoiceLineGuard ON dbo.InvoiceLines;
