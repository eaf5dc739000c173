-- History is kept for a day only.
ALTER TABLE dbo.Customers SET (SYSTEM_VERSIONING = ON (HISTORY_RETENTION_PERIOD = 1 DAY));
