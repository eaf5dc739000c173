-- Everybody may refer to a business table, and nobody reads it thereby.
GRANT REFERENCES ON dbo.Invoices TO public;
