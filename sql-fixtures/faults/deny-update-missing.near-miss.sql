-- The DENY of UPDATE is gone, and nothing grants UPDATE.
REVOKE UPDATE ON dbo.AuditEvents FROM app_rw;
