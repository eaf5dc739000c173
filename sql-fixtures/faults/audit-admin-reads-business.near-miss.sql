-- The purging principal may see how a business table is made, and none of its rows.
GRANT VIEW DEFINITION ON dbo.Customers TO audit_admin;
