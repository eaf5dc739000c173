-- Which tables keep their past: all that can be changed. The ledger and the history of changes do
-- not need it, for their rows never change; and a system-versioned table may not have the
-- INSTEAD OF triggers that guard them.
--
-- The server gives each history table an index on its period; here it begins with OrgId instead,
-- as every index does.
ALTER TABLE dbo.Organisations ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_Organisations_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_Organisations_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.Organisations SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.OrganisationsHistory));
GO
DROP INDEX ix_OrganisationsHistory ON dbo.OrganisationsHistory;
CREATE CLUSTERED INDEX ix_OrganisationsHistory ON dbo.OrganisationsHistory (OrgId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.SubOrganisations ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_SubOrganisations_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_SubOrganisations_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.SubOrganisations SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.SubOrganisationsHistory));
GO
DROP INDEX ix_SubOrganisationsHistory ON dbo.SubOrganisationsHistory;
CREATE CLUSTERED INDEX ix_SubOrganisationsHistory ON dbo.SubOrganisationsHistory (OrgId, SubOrgId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.Users ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_Users_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_Users_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.Users SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.UsersHistory));
GO
DROP INDEX ix_UsersHistory ON dbo.UsersHistory;
CREATE CLUSTERED INDEX ix_UsersHistory ON dbo.UsersHistory (OrgId, UserId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.Periods ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_Periods_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_Periods_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.Periods SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.PeriodsHistory));
GO
DROP INDEX ix_PeriodsHistory ON dbo.PeriodsHistory;
CREATE CLUSTERED INDEX ix_PeriodsHistory ON dbo.PeriodsHistory (OrgId, PeriodId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.Customers ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_Customers_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_Customers_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.Customers SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.CustomersHistory));
GO
DROP INDEX ix_CustomersHistory ON dbo.CustomersHistory;
CREATE CLUSTERED INDEX ix_CustomersHistory ON dbo.CustomersHistory (OrgId, CustomerId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.Products ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_Products_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_Products_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.Products SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.ProductsHistory));
GO
DROP INDEX ix_ProductsHistory ON dbo.ProductsHistory;
CREATE CLUSTERED INDEX ix_ProductsHistory ON dbo.ProductsHistory (OrgId, ProductId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.PriceLists ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_PriceLists_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_PriceLists_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.PriceLists SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.PriceListsHistory));
GO
DROP INDEX ix_PriceListsHistory ON dbo.PriceListsHistory;
CREATE CLUSTERED INDEX ix_PriceListsHistory ON dbo.PriceListsHistory (OrgId, PriceListId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.PriceListItems ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_PriceListItems_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_PriceListItems_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.PriceListItems SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.PriceListItemsHistory));
GO
DROP INDEX ix_PriceListItemsHistory ON dbo.PriceListItemsHistory;
CREATE CLUSTERED INDEX ix_PriceListItemsHistory ON dbo.PriceListItemsHistory (OrgId, PriceListId, ProductId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.Invoices ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_Invoices_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_Invoices_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.Invoices SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.InvoicesHistory));
GO
DROP INDEX ix_InvoicesHistory ON dbo.InvoicesHistory;
CREATE CLUSTERED INDEX ix_InvoicesHistory ON dbo.InvoicesHistory (OrgId, InvoiceId, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.InvoiceLines ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_InvoiceLines_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_InvoiceLines_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.InvoiceLines SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.InvoiceLinesHistory));
GO
DROP INDEX ix_InvoiceLinesHistory ON dbo.InvoiceLinesHistory;
CREATE CLUSTERED INDEX ix_InvoiceLinesHistory ON dbo.InvoiceLinesHistory (OrgId, InvoiceId, LineNumber, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.StockLevels ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_StockLevels_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_StockLevels_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.StockLevels SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.StockLevelsHistory));
GO
DROP INDEX ix_StockLevelsHistory ON dbo.StockLevelsHistory;
CREATE CLUSTERED INDEX ix_StockLevelsHistory ON dbo.StockLevelsHistory (OrgId, SubOrgId, ProductId, Location, ValidTo, ValidFrom);
GO
ALTER TABLE dbo.Callbacks ADD
    ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL
        CONSTRAINT DF_Callbacks_ValidFrom DEFAULT (SYSUTCDATETIME()),
    ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL
        CONSTRAINT DF_Callbacks_ValidTo DEFAULT ('9999-12-31T23:59:59.9999999'),
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo);
GO
ALTER TABLE dbo.Callbacks SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.CallbacksHistory));
GO
DROP INDEX ix_CallbacksHistory ON dbo.CallbacksHistory;
CREATE CLUSTERED INDEX ix_CallbacksHistory ON dbo.CallbacksHistory (OrgId, CallbackId, ValidTo, ValidFrom);
GO
