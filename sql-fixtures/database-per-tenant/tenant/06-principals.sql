-- Migration 7: the three principals with separate duties. Rights are given table by table: a right on the
-- schema would silently cover whatever is added to it later.
CREATE LOGIN [$(Login_app_rw)] WITH PASSWORD = N'$(Password_app_rw)', CHECK_POLICY = OFF;
CREATE LOGIN [$(Login_audit_admin)] WITH PASSWORD = N'$(Password_audit_admin)', CHECK_POLICY = OFF;
CREATE LOGIN [$(Login_readonly_investigator)]
    WITH PASSWORD = N'$(Password_readonly_investigator)', CHECK_POLICY = OFF;
GO
CREATE USER app_rw FOR LOGIN [$(Login_app_rw)] WITH DEFAULT_SCHEMA = dbo;
CREATE USER audit_admin FOR LOGIN [$(Login_audit_admin)] WITH DEFAULT_SCHEMA = dbo;
CREATE USER readonly_investigator FOR LOGIN [$(Login_readonly_investigator)] WITH DEFAULT_SCHEMA = dbo;
GO
-- app_rw: the application's normal reads and writes; audit rows are added and read, never changed,
-- and earlier versions of rows are read only.
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Accounts TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Periods TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.JournalEntries TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.JournalLines TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Customers TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Products TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Invoices TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.InvoiceLines TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.StockLevels TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.StockMovements TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Users TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Permissions TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Roles TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.RolePermissions TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.UserRoles TO app_rw;
GRANT SELECT, INSERT ON dbo.CreditNotes TO app_rw;
GRANT SELECT ON dbo.InvoiceTotals TO app_rw;
GRANT SELECT ON dbo.OpenInvoices TO app_rw;
GRANT SELECT ON dbo.InvoiceStates TO app_rw;
GRANT EXECUTE ON dbo.PostInvoice TO app_rw;
GRANT EXECUTE ON dbo.VoidInvoice TO app_rw;
GRANT SELECT, INSERT ON dbo.AuditEvents TO app_rw;
DENY UPDATE, DELETE ON dbo.AuditEvents TO app_rw;
GRANT SELECT ON History.Accounts TO app_rw;
GRANT SELECT ON History.Periods TO app_rw;
GRANT SELECT ON History.JournalEntries TO app_rw;
GRANT SELECT ON History.JournalLines TO app_rw;
GRANT SELECT ON History.Customers TO app_rw;
GRANT SELECT ON History.Products TO app_rw;
GRANT SELECT ON History.Invoices TO app_rw;
GRANT SELECT ON History.InvoiceLines TO app_rw;
GRANT SELECT ON History.StockLevels TO app_rw;
GRANT SELECT ON History.StockMovements TO app_rw;
GRANT SELECT ON History.Users TO app_rw;
GRANT SELECT ON History.Permissions TO app_rw;
GRANT SELECT ON History.Roles TO app_rw;
GRANT SELECT ON History.RolePermissions TO app_rw;
GRANT SELECT ON History.UserRoles TO app_rw;
GO
-- audit_admin: retention, and nothing else.
GRANT SELECT, DELETE ON dbo.AuditEvents TO audit_admin;
GRANT EXECUTE ON dbo.PurgeAuditEvents TO audit_admin;
GO
-- readonly_investigator, for the investigation console: reads everything of the tenant as it is and
-- as it was, executes nothing, writes nothing.
GRANT SELECT ON dbo.Accounts TO readonly_investigator;
GRANT SELECT ON dbo.Periods TO readonly_investigator;
GRANT SELECT ON dbo.JournalEntries TO readonly_investigator;
GRANT SELECT ON dbo.JournalLines TO readonly_investigator;
GRANT SELECT ON dbo.Customers TO readonly_investigator;
GRANT SELECT ON dbo.Products TO readonly_investigator;
GRANT SELECT ON dbo.Invoices TO readonly_investigator;
GRANT SELECT ON dbo.InvoiceLines TO readonly_investigator;
GRANT SELECT ON dbo.StockLevels TO readonly_investigator;
GRANT SELECT ON dbo.StockMovements TO readonly_investigator;
GRANT SELECT ON dbo.Users TO readonly_investigator;
GRANT SELECT ON dbo.Permissions TO readonly_investigator;
GRANT SELECT ON dbo.Roles TO readonly_investigator;
GRANT SELECT ON dbo.RolePermissions TO readonly_investigator;
GRANT SELECT ON dbo.UserRoles TO readonly_investigator;
GRANT SELECT ON dbo.CreditNotes TO readonly_investigator;
GRANT SELECT ON dbo.InvoiceTotals TO readonly_investigator;
GRANT SELECT ON dbo.OpenInvoices TO readonly_investigator;
GRANT SELECT ON dbo.InvoiceStates TO readonly_investigator;
GRANT SELECT ON dbo.AuditEvents TO readonly_investigator;
GRANT SELECT ON History.Accounts TO readonly_investigator;
GRANT SELECT ON History.Periods TO readonly_investigator;
GRANT SELECT ON History.JournalEntries TO readonly_investigator;
GRANT SELECT ON History.JournalLines TO readonly_investigator;
GRANT SELECT ON History.Customers TO readonly_investigator;
GRANT SELECT ON History.Products TO readonly_investigator;
GRANT SELECT ON History.Invoices TO readonly_investigator;
GRANT SELECT ON History.InvoiceLines TO readonly_investigator;
GRANT SELECT ON History.StockLevels TO readonly_investigator;
GRANT SELECT ON History.StockMovements TO readonly_investigator;
GRANT SELECT ON History.Users TO readonly_investigator;
GRANT SELECT ON History.Permissions TO readonly_investigator;
GRANT SELECT ON History.Roles TO readonly_investigator;
GRANT SELECT ON History.RolePermissions TO readonly_investigator;
GRANT SELECT ON History.UserRoles TO readonly_investigator;
GO
EXEC dbo.RegisterMigration @Number = 7, @Name = N'principals', @ScriptChecksum = '$(ScriptChecksum)';
GO
