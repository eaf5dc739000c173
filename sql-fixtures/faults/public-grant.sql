-- A right on a business table to everybody, and guest may enter.
GRANT CONNECT TO guest;
GRANT SELECT ON dbo.Invoices TO public;
