-- The purging principal may also change audit rows.
GRANT UPDATE ON dbo.AuditEvents TO audit_admin;
