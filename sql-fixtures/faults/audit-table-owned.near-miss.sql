-- A user that nobody can log in as owns the audit table.
CREATE USER custodian WITHOUT LOGIN;
GO
ALTER AUTHORIZATION ON OBJECT::dbo.AuditEvents TO custodian;
GO
GRANT SELECT, INSERT ON dbo.AuditEvents TO app_rw;
DENY UPDATE, DELETE ON dbo.AuditEvents TO app_rw;
GRANT SELECT, DELETE ON dbo.AuditEvents TO audit_admin;
GRANT SELECT ON dbo.AuditEvents TO readonly_investigator;
