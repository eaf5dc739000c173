-- Three principals, each one login for all organisations: the application's pool, operations, and
-- investigation. Rights are given object by object: a right on a schema would silently cover
-- whatever is added to it later. None has a right on a table; the views and procedures of schema org
-- reach the tables because dbo owns both.
CREATE LOGIN [$(Login_service)] WITH PASSWORD = N'$(Password_service)', CHECK_POLICY = OFF;
CREATE LOGIN [$(Login_operations)] WITH PASSWORD = N'$(Password_operations)', CHECK_POLICY = OFF;
CREATE LOGIN [$(Login_investigation)] WITH PASSWORD = N'$(Password_investigation)', CHECK_POLICY = OFF;
GO
CREATE USER service FOR LOGIN [$(Login_service)] WITH DEFAULT_SCHEMA = org;
CREATE USER operations FOR LOGIN [$(Login_operations)] WITH DEFAULT_SCHEMA = ops;
CREATE USER investigation FOR LOGIN [$(Login_investigation)] WITH DEFAULT_SCHEMA = org;
GO
-- service reads through the views. It changes what is neither a key nor an owner: with OrgId or a key
-- in reach, a collision with another organisation's row would tell that the row exists, for the server
-- looks at keys before it looks at the check option. Rows are added by procedures alone, for the
-- same reason.
GRANT SELECT ON org.Organisation TO service;
GRANT SELECT ON org.SubOrganisations TO service;
GRANT SELECT ON org.Users TO service;
GRANT SELECT ON org.Periods TO service;
GRANT SELECT ON org.Customers TO service;
GRANT SELECT ON org.Products TO service;
GRANT SELECT ON org.PriceLists TO service;
GRANT SELECT ON org.PriceListItems TO service;
GRANT SELECT ON org.Invoices TO service;
GRANT SELECT ON org.DraftInvoices TO service;
GRANT SELECT ON org.InvoiceLines TO service;
GRANT SELECT ON org.DraftInvoiceLines TO service;
GRANT SELECT ON org.StockLevels TO service;
GRANT SELECT ON org.StockLedger TO service;
GRANT SELECT ON org.Callbacks TO service;
GRANT SELECT ON org.ChangeHistory TO service;
GRANT SELECT ON org.CustomerBalances TO service;
GRANT UPDATE (Name, Email, CreditLimit, IsActive) ON org.Customers TO service;
GRANT UPDATE (Name, UnitPrice, WeightGrams) ON org.Products TO service;
GRANT UPDATE (Currency, StartsOn) ON org.PriceLists TO service;
GRANT UPDATE (UnitPrice) ON org.PriceListItems TO service;
GRANT UPDATE (IssuedOn, Note, Status) ON org.DraftInvoices TO service;
GRANT UPDATE (Quantity, UnitPrice, Description) ON org.DraftInvoiceLines TO service;
GRANT UPDATE (CountedOn) ON org.StockLevels TO service;
GRANT DELETE ON org.Customers TO service;
GRANT DELETE ON org.Products TO service;
GRANT DELETE ON org.PriceLists TO service;
GRANT DELETE ON org.PriceListItems TO service;
GRANT DELETE ON org.DraftInvoices TO service;
GRANT DELETE ON org.DraftInvoiceLines TO service;
GO
GRANT EXECUTE ON org.GetCustomer TO service;
GRANT EXECUTE ON org.SearchCustomers TO service;
GRANT EXECUTE ON org.CreateCustomer TO service;
GRANT EXECUTE ON org.UpdateCustomer TO service;
GRANT EXECUTE ON org.DeleteCustomer TO service;
GRANT EXECUTE ON org.RankDebtors TO service;
GRANT EXECUTE ON org.GetInvoice TO service;
GRANT EXECUTE ON org.ListInvoices TO service;
GRANT EXECUTE ON org.CreateInvoice TO service;
GRANT EXECUTE ON org.AddInvoiceLine TO service;
GRANT EXECUTE ON org.RemoveInvoiceLine TO service;
GRANT EXECUTE ON org.DiscardDraft TO service;
GRANT EXECUTE ON org.PostInvoice TO service;
GRANT EXECUTE ON org.VoidInvoice TO service;
GRANT EXECUTE ON org.PeriodTotals TO service;
GRANT EXECUTE ON org.OpenPeriod TO service;
GRANT EXECUTE ON org.ClosePeriod TO service;
GRANT EXECUTE ON org.ReopenPeriod TO service;
GRANT EXECUTE ON org.ListProducts TO service;
GRANT EXECUTE ON org.ProductPrices TO service;
GRANT EXECUTE ON org.CreateProduct TO service;
GRANT EXECUTE ON org.SetPrice TO service;
GRANT EXECUTE ON org.ReplacePriceList TO service;
GRANT EXECUTE ON org.RecordStockMovement TO service;
GRANT EXECUTE ON org.StockCard TO service;
GRANT EXECUTE ON org.StockOnHand TO service;
GRANT EXECUTE ON org.ReconcileStock TO service;
GRANT EXECUTE ON org.RegisterCallback TO service;
GRANT EXECUTE ON org.CompleteCallback TO service;
GRANT EXECUTE ON org.ListCallbacks TO service;
GRANT EXECUTE ON org.ListUsers TO service;
GRANT EXECUTE ON org.ExportOrganisation TO service;
GRANT EXECUTE ON org.ListChanges TO service;
GRANT EXECUTE ON org.VerifyChanges TO service;
GO
-- investigation reads through the same views, and writes nothing.
GRANT SELECT ON org.Organisation TO investigation;
GRANT SELECT ON org.SubOrganisations TO investigation;
GRANT SELECT ON org.Users TO investigation;
GRANT SELECT ON org.Periods TO investigation;
GRANT SELECT ON org.Customers TO investigation;
GRANT SELECT ON org.Products TO investigation;
GRANT SELECT ON org.PriceLists TO investigation;
GRANT SELECT ON org.PriceListItems TO investigation;
GRANT SELECT ON org.Invoices TO investigation;
GRANT SELECT ON org.DraftInvoices TO investigation;
GRANT SELECT ON org.InvoiceLines TO investigation;
GRANT SELECT ON org.DraftInvoiceLines TO investigation;
GRANT SELECT ON org.StockLevels TO investigation;
GRANT SELECT ON org.StockLedger TO investigation;
GRANT SELECT ON org.Callbacks TO investigation;
GRANT SELECT ON org.ChangeHistory TO investigation;
GRANT SELECT ON org.CustomerBalances TO investigation;
GRANT EXECUTE ON org.GetCustomer TO investigation;
GRANT EXECUTE ON org.SearchCustomers TO investigation;
GRANT EXECUTE ON org.GetInvoice TO investigation;
GRANT EXECUTE ON org.ListInvoices TO investigation;
GRANT EXECUTE ON org.StockCard TO investigation;
GRANT EXECUTE ON org.StockOnHand TO investigation;
GRANT EXECUTE ON org.ListChanges TO investigation;
GRANT EXECUTE ON org.VerifyChanges TO investigation;
GO
-- operations deploys and backs up. It sees how things are built, registers what it deployed, and reads
-- no organisation's rows.
GRANT VIEW DEFINITION TO operations;
GRANT BACKUP DATABASE, BACKUP LOG TO operations;
GRANT SELECT ON ops.Migrations TO operations;
GRANT EXECUTE ON ops.RegisterMigration TO operations;
GO
-- The ledger and the history of changes: nothing that anybody is given later may reach them. The
-- triggers stand behind these denials for whoever is not bound by them.
REVOKE ALL ON dbo.StockLedger FROM public;
REVOKE ALL ON dbo.ChangeHistory FROM public;
DENY INSERT, UPDATE, DELETE, ALTER, TAKE OWNERSHIP, CONTROL ON dbo.StockLedger TO service, operations, investigation;
DENY INSERT, UPDATE, DELETE, ALTER, TAKE OWNERSHIP, CONTROL ON dbo.ChangeHistory TO service, operations, investigation;
DENY UPDATE, DELETE ON org.StockLedger TO service, operations, investigation;
DENY UPDATE, DELETE ON org.ChangeHistory TO service, operations, investigation;
DENY SELECT ON dbo.SigningKeys TO service, operations, investigation;
GO
