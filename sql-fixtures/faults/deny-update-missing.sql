-- The DENY of UPDATE on the audit table was forgotten, and a later migration grants UPDATE on the whole schema.
REVOKE UPDATE ON dbo.AuditEvents FROM app_rw;
GRANT UPDATE ON SCHEMA::dbo TO app_rw;
