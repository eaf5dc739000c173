-- A key was made anew, and says in so many words that nothing follows.
ALTER TABLE dbo.StockLedger DROP CONSTRAINT FK_StockLedger_Products;
ALTER TABLE dbo.StockLedger ADD CONSTRAINT FK_StockLedger_Products FOREIGN KEY (OrgId, ProductId)
    REFERENCES dbo.Products (OrgId, ProductId) ON DELETE NO ACTION ON UPDATE NO ACTION;
