-- The purging principal administers a role that may change business rows, and can become its member.
CREATE ROLE bookkeepers;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Customers TO bookkeepers;
GRANT ALTER ON ROLE::bookkeepers TO audit_admin;
