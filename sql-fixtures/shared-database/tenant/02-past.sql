-- The past of organisation $(Tenant): what was changed and what is gone, so that there is something
-- in each history table that nobody else may see.
UPDATE dbo.Organisations SET Name = N'$(Tenant) group $(MarkText)' WHERE OrgId = $(MarkNumber);
UPDATE dbo.SubOrganisations SET CostCentre = 'CC13-$(MarkText)' WHERE OrgId = $(MarkNumber) AND SubOrgId = $(MarkNumber) + 11;
UPDATE dbo.SubOrganisations SET CostCentre = 'CC14-$(MarkText)' WHERE OrgId = $(MarkNumber) AND SubOrgId = $(MarkNumber) + 12;
UPDATE dbo.Users SET Email = 'cleo.maria@example-$(MarkText)' WHERE OrgId = $(MarkNumber) AND UserId = $(MarkNumber) + 3;
UPDATE dbo.Periods SET Name = N'January $(MarkText)' WHERE OrgId = $(MarkNumber) AND PeriodId = $(MarkNumber) + 1;
GO
UPDATE dbo.Customers
SET Name = N'Aurora Fine Foods $(MarkText)', Revision = Revision + 1
WHERE OrgId = $(MarkNumber) AND CustomerId = $(MarkNumber) + 1;
UPDATE dbo.Customers
SET CreditLimit = $(MarkNumber) + 350, Revision = Revision + 1
WHERE OrgId = $(MarkNumber) AND CustomerId IN ($(MarkNumber) + 1, $(MarkNumber) + 2);
INSERT INTO dbo.Customers
    (OrgId, CustomerId, SubOrgId, CustomerKey, Name, Email, TaxNumber, CreditLimit, Since)
VALUES
    ($(MarkNumber), $(MarkNumber) + 90, $(MarkNumber) + 12, '$(MarkGuid)-0090-4000-8000-000000000090', N'Lost Harbour $(MarkText)',
     'post@lost-$(MarkText)', 'TAX90-$(MarkText)', $(MarkNumber) + 390, DATEADD(day, 90, '$(MarkDate)'));
DELETE FROM dbo.Customers WHERE OrgId = $(MarkNumber) AND CustomerId = $(MarkNumber) + 90;
GO
UPDATE dbo.Products SET UnitPrice = $(MarkNumber) + 450 WHERE OrgId = $(MarkNumber) AND ProductId IN ($(MarkNumber) + 1, $(MarkNumber) + 2);
UPDATE dbo.PriceLists SET Name = N'List 1, spring $(MarkText)' WHERE OrgId = $(MarkNumber) AND PriceListId = $(MarkNumber) + 1;
UPDATE dbo.PriceListItems SET UnitPrice = $(MarkNumber) + 460 WHERE OrgId = $(MarkNumber) AND PriceListId = $(MarkNumber) + 1;
UPDATE dbo.Invoices SET Note = N'Corrected note 4 $(MarkText)' WHERE OrgId = $(MarkNumber) AND InvoiceId = $(MarkNumber) + 4;
UPDATE dbo.Invoices SET Note = N'Corrected note 5 $(MarkText)' WHERE OrgId = $(MarkNumber) AND InvoiceId = $(MarkNumber) + 5;
UPDATE dbo.InvoiceLines
SET Description = N'Corrected item $(MarkText)'
WHERE OrgId = $(MarkNumber) AND InvoiceId IN ($(MarkNumber) + 4, $(MarkNumber) + 5) AND LineNumber = 2;
UPDATE dbo.StockLevels
SET CountedOn = DATEADD(day, 60, '$(MarkDate)')
WHERE OrgId = $(MarkNumber) AND ProductId = $(MarkNumber) + 1;
UPDATE dbo.Callbacks SET Url = N'https://hooks.example/new/$(MarkText)' WHERE OrgId = $(MarkNumber) AND CallbackId = $(MarkNumber) + 3;
GO
