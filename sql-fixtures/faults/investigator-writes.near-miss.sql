-- The investigator may read the text of a procedure that writes, and not run it.
GRANT VIEW DEFINITION ON dbo.VoidInvoice TO readonly_investigator;
