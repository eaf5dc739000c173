-- A user that nobody can log in as may take ownership of the audit table.
CREATE USER custodian WITHOUT LOGIN;
GO
GRANT TAKE OWNERSHIP ON dbo.AuditEvents TO custodian;
