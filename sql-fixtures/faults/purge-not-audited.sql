-- A purge leaves no audit row of its own.
DROP TRIGGER dbo.AuditPurgeTrail;
