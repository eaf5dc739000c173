-- Everybody may refer to the table, and nobody reads it thereby.
GRANT REFERENCES ON dbo.Invoices TO public;
