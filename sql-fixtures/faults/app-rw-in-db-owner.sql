-- Somebody made the application an owner of the database "until the migration is through".
REVOKE UPDATE, DELETE ON dbo.AuditEvents FROM app_rw;
ALTER ROLE db_owner ADD MEMBER app_rw;
