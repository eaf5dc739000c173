-- A right on one column of the audit table was granted after the DENY on the table, and is not bound by it.
GRANT UPDATE (Detail) ON dbo.AuditEvents TO app_rw;
