-- The trigger that guards posted invoices is missing.
DROP TRIGGER dbo.PostedInvoiceGuard;
