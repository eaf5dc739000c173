-- Investigation reads the history table itself, and with it the past of all organisations.
GRANT SELECT ON dbo.CustomersHistory TO investigation;
