-- The DENY of DELETE on the audit table was forgotten, and a later migration grants DELETE on the whole schema.
REVOKE DELETE ON dbo.AuditEvents FROM app_rw;
GRANT DELETE ON SCHEMA::dbo TO app_rw;
