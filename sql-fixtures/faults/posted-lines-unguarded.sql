-- Posted invoices are guarded, and their lines are not.
DISABLE TRIGGER dbo.PostedInvoiceLineGuard ON dbo.InvoiceLines;
