-- The purging principal may read business data.
GRANT SELECT ON dbo.Customers TO audit_admin;
