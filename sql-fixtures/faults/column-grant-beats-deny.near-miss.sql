-- The right on the column was granted first, and the DENY on the table took it away.
GRANT UPDATE (Detail) ON dbo.AuditEvents TO app_rw;
DENY UPDATE ON dbo.AuditEvents TO app_rw;
