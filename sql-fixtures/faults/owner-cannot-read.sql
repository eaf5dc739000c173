-- No breach, but the application is broken: nothing that follows proves anything.
DENY SELECT ON dbo.Invoices TO app_rw;
