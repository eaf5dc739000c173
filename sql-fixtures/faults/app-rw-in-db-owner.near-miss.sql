-- The application is a member of a role of its own that owns nothing.
CREATE ROLE erp_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Customers TO erp_owner;
ALTER ROLE erp_owner ADD MEMBER app_rw;
