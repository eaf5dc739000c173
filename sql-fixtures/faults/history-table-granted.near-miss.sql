-- Investigation may see how the history table is built.
GRANT VIEW DEFINITION ON dbo.CustomersHistory TO investigation;
