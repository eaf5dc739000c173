-- guest may enter, and a business table is readable by everybody who can.
GRANT CONNECT TO guest;
GRANT SELECT ON dbo.Customers TO public;
