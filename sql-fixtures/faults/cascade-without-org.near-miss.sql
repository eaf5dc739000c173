-- Items follow their own organisation's price list.
ALTER TABLE dbo.PriceListItems DROP CONSTRAINT FK_PriceListItems_PriceLists;
ALTER TABLE dbo.PriceListItems ADD CONSTRAINT FK_PriceListItems_PriceLists
    FOREIGN KEY (OrgId, PriceListId) REFERENCES dbo.PriceLists (OrgId, PriceListId) ON DELETE CASCADE;
