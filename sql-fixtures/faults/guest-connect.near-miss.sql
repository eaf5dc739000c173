-- guest may read a business table, and may not enter.
GRANT SELECT ON dbo.Customers TO guest;
