-- One table may be read by everybody who can connect.
GRANT SELECT ON dbo.Invoices TO public;
