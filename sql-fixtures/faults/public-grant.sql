-- A right to everybody, on a second table, and guest may enter.
GRANT CONNECT TO guest;
GRANT SELECT ON dbo.Invoices TO public;
