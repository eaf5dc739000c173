-- It is said in so many words that history is kept for ever.
ALTER TABLE dbo.Customers SET (SYSTEM_VERSIONING = ON (HISTORY_RETENTION_PERIOD = INFINITE));
