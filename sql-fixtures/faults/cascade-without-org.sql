-- A foreign key names the price list alone and cascades: what is deleted is not asked whose it is.
ALTER TABLE dbo.PriceLists ADD CONSTRAINT UQ_PriceLists_PriceListId UNIQUE (PriceListId);
ALTER TABLE dbo.PriceListItems DROP CONSTRAINT FK_PriceListItems_PriceLists;
ALTER TABLE dbo.PriceListItems ADD CONSTRAINT FK_PriceListItems_PriceLists FOREIGN KEY (PriceListId)
    REFERENCES dbo.PriceLists (PriceListId) ON DELETE CASCADE;
