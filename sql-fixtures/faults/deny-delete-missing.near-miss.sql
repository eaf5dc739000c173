-- The DENY is given to a role that the application is a member of.
CREATE ROLE writers;
ALTER ROLE writers ADD MEMBER app_rw;
DENY UPDATE, DELETE ON dbo.AuditEvents TO writers;
REVOKE UPDATE, DELETE ON dbo.AuditEvents FROM app_rw;
