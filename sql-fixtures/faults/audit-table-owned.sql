-- The application owns the audit table; no DENY binds an owner.
ALTER AUTHORIZATION ON OBJECT::dbo.AuditEvents TO app_rw;
