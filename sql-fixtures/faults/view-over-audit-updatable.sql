-- An updatable view of dbo's over the audit table, and rights on the view: the chain skips the DENY.
CREATE VIEW dbo.RecentEvents AS SELECT * FROM dbo.AuditEvents;
GO
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.RecentEvents TO app_rw;
