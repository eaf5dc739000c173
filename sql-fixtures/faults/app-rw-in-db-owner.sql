-- The application is a member of db_owner, "until the migration is through".
REVOKE UPDATE, DELETE ON dbo.AuditEvents FROM app_rw;
ALTER ROLE db_owner ADD MEMBER app_rw;
