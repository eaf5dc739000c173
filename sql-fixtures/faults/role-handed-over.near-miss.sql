-- The purging principal may see how such a role is made.
CREATE ROLE bookkeepers;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Customers TO bookkeepers;
GRANT VIEW DEFINITION ON ROLE::bookkeepers TO audit_admin;
