-- The ledger follows its product: whoever may delete a product deletes its movements, asked or not.
DROP TRIGGER dbo.StockLedgerNoDelete;
ALTER TABLE dbo.StockLedger DROP CONSTRAINT FK_StockLedger_Products;
ALTER TABLE dbo.StockLedger ADD CONSTRAINT FK_StockLedger_Products FOREIGN KEY (OrgId, ProductId)
    REFERENCES dbo.Products (OrgId, ProductId) ON DELETE CASCADE;
ALTER TABLE dbo.StockLevels DROP CONSTRAINT FK_StockLevels_Products;
ALTER TABLE dbo.PriceListItems DROP CONSTRAINT FK_PriceListItems_Products;
ALTER TABLE dbo.InvoiceLines DROP CONSTRAINT FK_InvoiceLines_Products;
