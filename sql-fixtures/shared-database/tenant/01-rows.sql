-- Rows of organisation $(Tenant). Every value that belongs to it carries its mark, so that it is
-- recognised wherever it surfaces: text contains $(MarkText), numbers lie in the band that begins at
-- $(MarkNumber), dates in the year of $(MarkDate), GUIDs begin with $(MarkGuid). Flags, kinds, line numbers
-- and revisions do not; nor do the few keys that every organisation has alike, because two must be
-- able to use the same one: 'STANDARD', 'INV-0001', 'INV-0002', 'first-of-month'.
--
-- The organisation's number is $(MarkNumber) itself; its departments are $(MarkNumber) + 11 and + 12. In each
-- table the last rows are referred to by nothing.
INSERT INTO dbo.Organisations
    (OrgId, Name, RegistrationNumber, ContactEmail, PublicId, ContractFrom)
VALUES
    ($(MarkNumber), N'$(Tenant) $(MarkText)', 'REG-$(MarkText)', 'post@$(Tenant)-$(MarkText)', '$(MarkGuid)-0001-4000-8000-000000000001', DATEADD(day, 1, '$(MarkDate)'));
GO
INSERT INTO dbo.SubOrganisations
    (OrgId, SubOrgId, Name, CostCentre)
VALUES
    ($(MarkNumber), $(MarkNumber) + 11, N'North $(MarkText)', 'CC11-$(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 12, N'South $(MarkText)', 'CC12-$(MarkText)');
GO
INSERT INTO dbo.Users
    (OrgId, UserId, SubOrgId, UserName, Email, PasswordHash, IsActive)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, NULL, N'Ada $(MarkText)', 'ada@example-$(MarkText)', CAST('hash 1 $(MarkText)' AS varbinary(64)), 1),
    ($(MarkNumber), $(MarkNumber) + 2, $(MarkNumber) + 11, N'Bram $(MarkText)', 'bram@example-$(MarkText)', CAST('hash 2 $(MarkText)' AS varbinary(64)), 1),
    ($(MarkNumber), $(MarkNumber) + 3, $(MarkNumber) + 12, N'Cleo $(MarkText)', 'cleo@example-$(MarkText)', CAST('hash 3 $(MarkText)' AS varbinary(64)), 1),
    ($(MarkNumber), $(MarkNumber) + 4, NULL, N'Dirk $(MarkText)', 'dirk@example-$(MarkText)', CAST('hash 4 $(MarkText)' AS varbinary(64)), 1),
    ($(MarkNumber), $(MarkNumber) + 5, $(MarkNumber) + 11, N'Elin $(MarkText)', 'elin@example-$(MarkText)', CAST('hash 5 $(MarkText)' AS varbinary(64)), 0),
    ($(MarkNumber), $(MarkNumber) + 6, $(MarkNumber) + 12, N'Finn $(MarkText)', 'finn@example-$(MarkText)', CAST('hash 6 $(MarkText)' AS varbinary(64)), 1);
GO
INSERT INTO dbo.Counters
    (OrgId, Name, NextValue)
VALUES
    ($(MarkNumber), 'Customer', $(MarkNumber) + 1000),
    ($(MarkNumber), 'Invoice', $(MarkNumber) + 2000),
    ($(MarkNumber), 'Period', $(MarkNumber) + 3000),
    ($(MarkNumber), 'Product', $(MarkNumber) + 4000),
    ($(MarkNumber), 'StockLedger', $(MarkNumber) + 5000),
    ($(MarkNumber), 'Callback', $(MarkNumber) + 6000),
    ($(MarkNumber), 'Change', $(MarkNumber) + 7000);
GO
INSERT INTO dbo.SigningKeys
    (OrgId, Secret)
VALUES
    ($(MarkNumber), CAST('key $(MarkText)' AS varbinary(32)));
GO
INSERT INTO dbo.Periods
    (OrgId, PeriodId, Name, StartsOn, EndsOn, IsClosed)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, N'Month 1 $(MarkText)', DATEADD(day, 0, '$(MarkDate)'), DATEADD(day, 30, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 2, N'Month 2 $(MarkText)', DATEADD(day, 31, '$(MarkDate)'), DATEADD(day, 61, '$(MarkDate)'), 0),
    ($(MarkNumber), $(MarkNumber) + 3, N'Month 3 $(MarkText)', DATEADD(day, 62, '$(MarkDate)'), DATEADD(day, 92, '$(MarkDate)'), 0),
    ($(MarkNumber), $(MarkNumber) + 4, N'Month 4 $(MarkText)', DATEADD(day, 93, '$(MarkDate)'), DATEADD(day, 123, '$(MarkDate)'), 0),
    ($(MarkNumber), $(MarkNumber) + 5, N'Month 5 $(MarkText)', DATEADD(day, 124, '$(MarkDate)'), DATEADD(day, 154, '$(MarkDate)'), 0),
    ($(MarkNumber), $(MarkNumber) + 6, N'Month 6 $(MarkText)', DATEADD(day, 155, '$(MarkDate)'), DATEADD(day, 185, '$(MarkDate)'), 0);
GO
INSERT INTO dbo.Customers
    (OrgId, CustomerId, SubOrgId, CustomerKey, Name, Email, TaxNumber, CreditLimit, Since, IsActive)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, $(MarkNumber) + 11, '$(MarkGuid)-0001-4000-8000-000000000001', N'Aurora Foods $(MarkText)', 'post@aurora-$(MarkText)', 'TAX1-$(MarkText)', $(MarkNumber) + 301, DATEADD(day, 11, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 2, $(MarkNumber) + 12, '$(MarkGuid)-0002-4000-8000-000000000002', N'Bergen Timber $(MarkText)', 'post@bergen-$(MarkText)', 'TAX2-$(MarkText)', $(MarkNumber) + 302, DATEADD(day, 12, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 3, $(MarkNumber) + 11, '$(MarkGuid)-0003-4000-8000-000000000003', N'Cobalt Tools $(MarkText)', 'post@cobalt-$(MarkText)', 'TAX3-$(MarkText)', $(MarkNumber) + 303, DATEADD(day, 13, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 4, $(MarkNumber) + 12, '$(MarkGuid)-0004-4000-8000-000000000004', N'Delta Optics $(MarkText)', 'post@delta-$(MarkText)', 'TAX4-$(MarkText)', $(MarkNumber) + 304, DATEADD(day, 14, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 5, $(MarkNumber) + 11, '$(MarkGuid)-0005-4000-8000-000000000005', N'Ember Glass $(MarkText)', 'post@ember-$(MarkText)', 'TAX5-$(MarkText)', $(MarkNumber) + 305, DATEADD(day, 15, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 6, $(MarkNumber) + 12, '$(MarkGuid)-0006-4000-8000-000000000006', N'Fjord Nets $(MarkText)', 'post@fjord-$(MarkText)', 'TAX6-$(MarkText)', $(MarkNumber) + 306, DATEADD(day, 16, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 7, $(MarkNumber) + 11, '$(MarkGuid)-0007-4000-8000-000000000007', N'Granite Works $(MarkText)', 'post@granite-$(MarkText)', 'TAX7-$(MarkText)', $(MarkNumber) + 307, DATEADD(day, 17, '$(MarkDate)'), 0),
    ($(MarkNumber), $(MarkNumber) + 8, $(MarkNumber) + 12, '$(MarkGuid)-0008-4000-8000-000000000008', N'Harbour Rope $(MarkText)', 'post@harbour-$(MarkText)', 'TAX8-$(MarkText)', $(MarkNumber) + 308, DATEADD(day, 18, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 9, $(MarkNumber) + 11, '$(MarkGuid)-0009-4000-8000-000000000009', N'Indigo Print $(MarkText)', 'post@indigo-$(MarkText)', 'TAX9-$(MarkText)', $(MarkNumber) + 309, DATEADD(day, 19, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 10, $(MarkNumber) + 12, '$(MarkGuid)-0010-4000-8000-000000000010', N'Juniper Mills $(MarkText)', 'post@juniper-$(MarkText)', 'TAX10-$(MarkText)', $(MarkNumber) + 310, DATEADD(day, 20, '$(MarkDate)'), 1),
    ($(MarkNumber), $(MarkNumber) + 11, $(MarkNumber) + 11, '$(MarkGuid)-0011-4000-8000-000000000011', N'Kestrel Cycles $(MarkText)', 'post@kestrel-$(MarkText)', 'TAX11-$(MarkText)', $(MarkNumber) + 311, DATEADD(day, 21, '$(MarkDate)'), 1);
GO
INSERT INTO dbo.Products
    (OrgId, ProductId, Sku, Name, UnitPrice, WeightGrams)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, 'STANDARD', N'Anvil $(MarkText)', $(MarkNumber) + 401 + 0.25, $(MarkNumber) + 501),
    ($(MarkNumber), $(MarkNumber) + 2, 'SKU2-$(MarkText)', N'Bolt $(MarkText)', $(MarkNumber) + 402, $(MarkNumber) + 502),
    ($(MarkNumber), $(MarkNumber) + 3, 'SKU3-$(MarkText)', N'Crate $(MarkText)', $(MarkNumber) + 403 + 0.25, $(MarkNumber) + 503),
    ($(MarkNumber), $(MarkNumber) + 4, 'SKU4-$(MarkText)', N'Drill $(MarkText)', $(MarkNumber) + 404, $(MarkNumber) + 504),
    ($(MarkNumber), $(MarkNumber) + 5, 'SKU5-$(MarkText)', N'Easel $(MarkText)', $(MarkNumber) + 405 + 0.25, NULL),
    ($(MarkNumber), $(MarkNumber) + 6, 'SKU6-$(MarkText)', N'Funnel $(MarkText)', $(MarkNumber) + 406, $(MarkNumber) + 506),
    ($(MarkNumber), $(MarkNumber) + 7, 'SKU7-$(MarkText)', N'Gasket $(MarkText)', $(MarkNumber) + 407 + 0.25, $(MarkNumber) + 507);
GO
INSERT INTO dbo.PriceLists
    (OrgId, PriceListId, Name, Currency, StartsOn)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, N'List 1 $(MarkText)', 'EUR', DATEADD(day, 30, '$(MarkDate)')),
    ($(MarkNumber), $(MarkNumber) + 2, N'List 2 $(MarkText)', 'EUR', DATEADD(day, 60, '$(MarkDate)')),
    ($(MarkNumber), $(MarkNumber) + 3, N'List 3 $(MarkText)', 'EUR', DATEADD(day, 90, '$(MarkDate)'));
GO
INSERT INTO dbo.PriceListItems
    (OrgId, PriceListId, ProductId, UnitPrice)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, $(MarkNumber) + 1, $(MarkNumber) + 431),
    ($(MarkNumber), $(MarkNumber) + 1, $(MarkNumber) + 2, $(MarkNumber) + 432),
    ($(MarkNumber), $(MarkNumber) + 1, $(MarkNumber) + 3, $(MarkNumber) + 433),
    ($(MarkNumber), $(MarkNumber) + 2, $(MarkNumber) + 1, $(MarkNumber) + 441),
    ($(MarkNumber), $(MarkNumber) + 2, $(MarkNumber) + 4, $(MarkNumber) + 444);
GO
INSERT INTO dbo.Invoices
    (OrgId, InvoiceId, SubOrgId, InvoiceKey, InvoiceNumber, CustomerId, PeriodId, Status, IssuedOn, PostedAt,
     VoidedAt, VoidReason, CreditsInvoiceId, Total, Note)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, $(MarkNumber) + 11, '$(MarkGuid)-0101-4000-8000-000000000101', 'INV-0001', $(MarkNumber) + 1, $(MarkNumber) + 1, 2, DATEADD(day, 21, '$(MarkDate)'), DATEADD(hour, 1, CAST(DATEADD(day, 22, '$(MarkDate)') AS datetime2(3))), NULL, NULL, NULL, $(MarkNumber) + 601, NULL),
    ($(MarkNumber), $(MarkNumber) + 2, $(MarkNumber) + 12, '$(MarkGuid)-0102-4000-8000-000000000102', 'INV-0002', $(MarkNumber) + 2, $(MarkNumber) + 1, 2, DATEADD(day, 22, '$(MarkDate)'), DATEADD(hour, 2, CAST(DATEADD(day, 23, '$(MarkDate)') AS datetime2(3))), NULL, NULL, NULL, $(MarkNumber) + 602, N'Note 2 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 3, $(MarkNumber) + 11, '$(MarkGuid)-0103-4000-8000-000000000103', 'INV3-$(MarkText)', $(MarkNumber) + 3, $(MarkNumber) + 2, 3, DATEADD(day, 23, '$(MarkDate)'), DATEADD(hour, 3, CAST(DATEADD(day, 24, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 3, CAST(DATEADD(day, 26, '$(MarkDate)') AS datetime2(3))), N'Because of an agreement with the customer $(MarkText)', NULL, $(MarkNumber) + 603, NULL),
    ($(MarkNumber), $(MarkNumber) + 4, $(MarkNumber) + 12, '$(MarkGuid)-0104-4000-8000-000000000104', 'INV4-$(MarkText)', $(MarkNumber) + 4, $(MarkNumber) + 2, 1, DATEADD(day, 24, '$(MarkDate)'), NULL, NULL, NULL, NULL, $(MarkNumber) + 604, N'Note 4 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 5, $(MarkNumber) + 11, '$(MarkGuid)-0105-4000-8000-000000000105', 'INV5-$(MarkText)', $(MarkNumber) + 5, $(MarkNumber) + 2, 1, DATEADD(day, 25, '$(MarkDate)'), NULL, NULL, NULL, NULL, $(MarkNumber) + 605, NULL),
    ($(MarkNumber), $(MarkNumber) + 6, $(MarkNumber) + 12, '$(MarkGuid)-0106-4000-8000-000000000106', 'INV6-$(MarkText)', $(MarkNumber) + 6, $(MarkNumber) + 3, 1, DATEADD(day, 26, '$(MarkDate)'), NULL, NULL, NULL, NULL, $(MarkNumber) + 606, N'Note 6 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 7, $(MarkNumber) + 11, '$(MarkGuid)-0107-4000-8000-000000000107', 'INV7-$(MarkText)', $(MarkNumber) + 1, $(MarkNumber) + 3, 1, DATEADD(day, 27, '$(MarkDate)'), NULL, NULL, NULL, NULL, $(MarkNumber) + 607, NULL),
    ($(MarkNumber), $(MarkNumber) + 8, $(MarkNumber) + 11, '$(MarkGuid)-0108-4000-8000-000000000108', 'INV8-$(MarkText)', $(MarkNumber) + 3, $(MarkNumber) + 2, 2, DATEADD(day, 28, '$(MarkDate)'), DATEADD(hour, 8, CAST(DATEADD(day, 29, '$(MarkDate)') AS datetime2(3))), NULL, NULL, $(MarkNumber) + 3, -($(MarkNumber) + 603), N'Note 8 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 9, $(MarkNumber) + 11, '$(MarkGuid)-0109-4000-8000-000000000109', 'INV9-$(MarkText)', $(MarkNumber) + 3, $(MarkNumber) + 3, 1, DATEADD(day, 29, '$(MarkDate)'), NULL, NULL, NULL, NULL, $(MarkNumber) + 609, NULL),
    ($(MarkNumber), $(MarkNumber) + 10, $(MarkNumber) + 12, '$(MarkGuid)-0110-4000-8000-000000000110', 'INV10-$(MarkText)', $(MarkNumber) + 2, $(MarkNumber) + 3, 1, DATEADD(day, 30, '$(MarkDate)'), NULL, NULL, NULL, NULL, $(MarkNumber) + 610, N'Note 10 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 11, $(MarkNumber) + 11, '$(MarkGuid)-0111-4000-8000-000000000111', 'INV11-$(MarkText)', $(MarkNumber) + 5, $(MarkNumber) + 3, 1, DATEADD(day, 31, '$(MarkDate)'), NULL, NULL, NULL, NULL, $(MarkNumber) + 611, NULL),
    ($(MarkNumber), $(MarkNumber) + 12, $(MarkNumber) + 12, '$(MarkGuid)-0112-4000-8000-000000000112', 'INV12-$(MarkText)', $(MarkNumber) + 6, $(MarkNumber) + 3, 1, DATEADD(day, 32, '$(MarkDate)'), NULL, NULL, NULL, NULL, $(MarkNumber) + 612, N'Note 12 $(MarkText)');
GO
INSERT INTO dbo.InvoiceLines
    (OrgId, InvoiceId, LineNumber, SubOrgId, ProductId, Quantity, UnitPrice, Description)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, 1, $(MarkNumber) + 11, $(MarkNumber) + 1, $(MarkNumber) + 701, $(MarkNumber) + 401, N'Item 1 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 1, 2, $(MarkNumber) + 11, $(MarkNumber) + 2, $(MarkNumber) + 702, $(MarkNumber) + 402, N'Item 2 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 2, 1, $(MarkNumber) + 12, $(MarkNumber) + 3, $(MarkNumber) + 703, $(MarkNumber) + 403, N'Item 3 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 2, 2, $(MarkNumber) + 12, $(MarkNumber) + 4, $(MarkNumber) + 704, $(MarkNumber) + 404, N'Item 4 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 3, 1, $(MarkNumber) + 11, $(MarkNumber) + 1, $(MarkNumber) + 705, $(MarkNumber) + 401, N'Item 5 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 3, 2, $(MarkNumber) + 11, $(MarkNumber) + 2, $(MarkNumber) + 706, $(MarkNumber) + 402, N'Item 6 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 4, 1, $(MarkNumber) + 12, $(MarkNumber) + 3, $(MarkNumber) + 707, $(MarkNumber) + 403, N'Item 7 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 4, 2, $(MarkNumber) + 12, $(MarkNumber) + 4, $(MarkNumber) + 708, $(MarkNumber) + 404, N'Item 8 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 5, 1, $(MarkNumber) + 11, $(MarkNumber) + 1, $(MarkNumber) + 709, $(MarkNumber) + 401, N'Item 9 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 5, 2, $(MarkNumber) + 11, $(MarkNumber) + 2, $(MarkNumber) + 710, $(MarkNumber) + 402, N'Item 10 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 6, 1, $(MarkNumber) + 12, $(MarkNumber) + 3, $(MarkNumber) + 711, $(MarkNumber) + 403, N'Item 11 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 7, 1, $(MarkNumber) + 11, $(MarkNumber) + 4, $(MarkNumber) + 712, $(MarkNumber) + 404, N'Item 12 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 7, 2, $(MarkNumber) + 11, $(MarkNumber) + 1, $(MarkNumber) + 713, $(MarkNumber) + 401, N'Item 13 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 8, 1, $(MarkNumber) + 11, $(MarkNumber) + 2, -($(MarkNumber) + 714), $(MarkNumber) + 402, N'Item 14 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 8, 2, $(MarkNumber) + 11, $(MarkNumber) + 3, -($(MarkNumber) + 715), $(MarkNumber) + 403, N'Item 15 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 9, 1, $(MarkNumber) + 11, $(MarkNumber) + 4, $(MarkNumber) + 716, $(MarkNumber) + 404, N'Item 16 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 10, 1, $(MarkNumber) + 12, $(MarkNumber) + 2, $(MarkNumber) + 718, $(MarkNumber) + 402, N'Item 18 $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 10, 2, $(MarkNumber) + 12, $(MarkNumber) + 3, $(MarkNumber) + 719, $(MarkNumber) + 403, N'Item 19 $(MarkText)');
GO
INSERT INTO dbo.StockLevels
    (OrgId, SubOrgId, ProductId, Location, OnHand, CountedOn)
VALUES
    ($(MarkNumber), $(MarkNumber) + 11, $(MarkNumber) + 1, N'Hall North $(MarkText)', $(MarkNumber) + 801, DATEADD(day, 41, '$(MarkDate)')),
    ($(MarkNumber), $(MarkNumber) + 11, $(MarkNumber) + 2, N'Hall North $(MarkText)', $(MarkNumber) + 802, DATEADD(day, 42, '$(MarkDate)')),
    ($(MarkNumber), $(MarkNumber) + 11, $(MarkNumber) + 3, N'Hall North $(MarkText)', $(MarkNumber) + 803, NULL),
    ($(MarkNumber), $(MarkNumber) + 11, $(MarkNumber) + 4, N'Hall North $(MarkText)', $(MarkNumber) + 804, DATEADD(day, 44, '$(MarkDate)')),
    ($(MarkNumber), $(MarkNumber) + 12, $(MarkNumber) + 1, N'Hall South $(MarkText)', $(MarkNumber) + 805, DATEADD(day, 45, '$(MarkDate)')),
    ($(MarkNumber), $(MarkNumber) + 12, $(MarkNumber) + 2, N'Hall South $(MarkText)', $(MarkNumber) + 806, DATEADD(day, 46, '$(MarkDate)')),
    ($(MarkNumber), $(MarkNumber) + 12, $(MarkNumber) + 3, N'Hall South $(MarkText)', $(MarkNumber) + 807, NULL),
    ($(MarkNumber), $(MarkNumber) + 12, $(MarkNumber) + 4, N'Hall South $(MarkText)', $(MarkNumber) + 808, DATEADD(day, 48, '$(MarkDate)'));
GO
INSERT INTO dbo.StockLedger
    (OrgId, LedgerId, SubOrgId, IdempotencyKey, ProductId, Location, Quantity, Reason, RecordedBy, RecordedAt)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, $(MarkNumber) + 11, 'first-of-month', $(MarkNumber) + 1, N'Hall North $(MarkText)', $(MarkNumber) + 901, N'Receipt 1 $(MarkText)', N'Bram $(MarkText)', DATEADD(minute, 1, CAST(DATEADD(day, 51, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber), $(MarkNumber) + 2, $(MarkNumber) + 12, 'receipt-2-$(MarkText)', $(MarkNumber) + 2, N'Hall South $(MarkText)', $(MarkNumber) + 902, N'Receipt 2 $(MarkText)', N'Cleo $(MarkText)', DATEADD(minute, 2, CAST(DATEADD(day, 52, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber), $(MarkNumber) + 3, $(MarkNumber) + 11, 'receipt-3-$(MarkText)', $(MarkNumber) + 3, N'Hall North $(MarkText)', $(MarkNumber) + 903, N'Receipt 3 $(MarkText)', N'Ada $(MarkText)', DATEADD(minute, 3, CAST(DATEADD(day, 53, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber), $(MarkNumber) + 4, $(MarkNumber) + 12, 'receipt-4-$(MarkText)', $(MarkNumber) + 4, N'Hall South $(MarkText)', $(MarkNumber) + 904, N'Receipt 4 $(MarkText)', N'Bram $(MarkText)', DATEADD(minute, 4, CAST(DATEADD(day, 54, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber), $(MarkNumber) + 5, $(MarkNumber) + 11, 'receipt-5-$(MarkText)', $(MarkNumber) + 1, N'Hall North $(MarkText)', $(MarkNumber) + 905, N'Receipt 5 $(MarkText)', N'Cleo $(MarkText)', DATEADD(minute, 5, CAST(DATEADD(day, 55, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber), $(MarkNumber) + 6, $(MarkNumber) + 12, 'receipt-6-$(MarkText)', $(MarkNumber) + 2, N'Hall South $(MarkText)', $(MarkNumber) + 906, N'Receipt 6 $(MarkText)', N'Ada $(MarkText)', DATEADD(minute, 6, CAST(DATEADD(day, 56, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber), $(MarkNumber) + 7, $(MarkNumber) + 11, 'receipt-7-$(MarkText)', $(MarkNumber) + 3, N'Hall North $(MarkText)', $(MarkNumber) + 907, N'Receipt 7 $(MarkText)', N'Bram $(MarkText)', DATEADD(minute, 7, CAST(DATEADD(day, 57, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber), $(MarkNumber) + 8, $(MarkNumber) + 12, 'receipt-8-$(MarkText)', $(MarkNumber) + 4, N'Hall South $(MarkText)', $(MarkNumber) + 908, N'Receipt 8 $(MarkText)', N'Cleo $(MarkText)', DATEADD(minute, 8, CAST(DATEADD(day, 58, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber), $(MarkNumber) + 9, $(MarkNumber) + 11, 'receipt-9-$(MarkText)', $(MarkNumber) + 1, N'Hall North $(MarkText)', $(MarkNumber) + 909, N'Receipt 9 $(MarkText)', N'Ada $(MarkText)', DATEADD(minute, 9, CAST(DATEADD(day, 59, '$(MarkDate)') AS datetime2(7))));
GO
-- What answered the requests that made these movements; a repeat of one gets the same row.
INSERT INTO dbo.IdempotencyKeys
    (OrgId, IdempotencyKey, Operation, RequestHash, ResultId, SeenAt)
SELECT OrgId, IdempotencyKey, 'RecordStockMovement',
       HASHBYTES('SHA2_256',
                 CONCAT(SubOrgId, N'|', ProductId, N'|', Quantity, N'|', Location, N'|', Reason)),
       LedgerId, RecordedAt
FROM dbo.StockLedger
WHERE OrgId = $(MarkNumber);
GO
INSERT INTO dbo.Callbacks
    (OrgId, CallbackId, SubOrgId, Url, Status, SecretHash, RequestedAt, EndedAt)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, $(MarkNumber) + 11, N'https://hooks.example/1/$(MarkText)', 2, NULL, DATEADD(hour, 1, CAST(DATEADD(day, 71, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 2, CAST(DATEADD(day, 71, '$(MarkDate)') AS datetime2(3)))),
    ($(MarkNumber), $(MarkNumber) + 2, $(MarkNumber) + 12, N'https://hooks.example/2/$(MarkText)', 3, NULL, DATEADD(hour, 2, CAST(DATEADD(day, 72, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 3, CAST(DATEADD(day, 72, '$(MarkDate)') AS datetime2(3)))),
    ($(MarkNumber), $(MarkNumber) + 3, $(MarkNumber) + 11, N'https://hooks.example/3/$(MarkText)', 1, HASHBYTES('SHA2_256', N'secret of callback 3 $(MarkText)'), DATEADD(hour, 3, CAST(DATEADD(day, 73, '$(MarkDate)') AS datetime2(3))), NULL),
    ($(MarkNumber), $(MarkNumber) + 4, $(MarkNumber) + 12, N'https://hooks.example/4/$(MarkText)', 1, HASHBYTES('SHA2_256', N'secret of callback 4 $(MarkText)'), DATEADD(hour, 4, CAST(DATEADD(day, 74, '$(MarkDate)') AS datetime2(3))), NULL),
    ($(MarkNumber), $(MarkNumber) + 5, $(MarkNumber) + 11, N'https://hooks.example/5/$(MarkText)', 1, HASHBYTES('SHA2_256', N'secret of callback 5 $(MarkText)'), DATEADD(hour, 5, CAST(DATEADD(day, 75, '$(MarkDate)') AS datetime2(3))), NULL),
    ($(MarkNumber), $(MarkNumber) + 6, $(MarkNumber) + 12, N'https://hooks.example/6/$(MarkText)', 1, HASHBYTES('SHA2_256', N'secret of callback 6 $(MarkText)'), DATEADD(hour, 6, CAST(DATEADD(day, 76, '$(MarkDate)') AS datetime2(3))), NULL);
GO
-- The signed history, in the words of those who did it.
EXEC sys.sp_set_session_context N'Actor', N'Ada $(MarkText)';
EXEC dbo.AppendChange $(MarkNumber), NULL, 'PeriodClosed', 'Period', $(MarkNumber), N'Month 1 $(MarkText)';
DECLARE @Invoice int = $(MarkNumber) + 1, @North int = $(MarkNumber) + 11, @South int = $(MarkNumber) + 12;
EXEC dbo.AppendChange $(MarkNumber), @North, 'InvoicePosted', 'Invoice', @Invoice, N'Detail 1 $(MarkText)';
SET @Invoice = $(MarkNumber) + 2;
EXEC dbo.AppendChange $(MarkNumber), @South, 'InvoicePosted', 'Invoice', @Invoice, N'Detail 2 $(MarkText)';
EXEC sys.sp_set_session_context N'Actor', N'Bram $(MarkText)';
SET @Invoice = $(MarkNumber) + 3;
EXEC dbo.AppendChange $(MarkNumber), @North, 'InvoicePosted', 'Invoice', @Invoice, N'Detail 3 $(MarkText)';
EXEC dbo.AppendChange $(MarkNumber), @North, 'InvoiceVoided', 'Invoice', @Invoice,
    N'Because of an agreement with the customer $(MarkText)';
SET @Invoice = $(MarkNumber) + 8;
EXEC dbo.AppendChange $(MarkNumber), @North, 'CreditNoteIssued', 'Invoice', @Invoice, N'Detail 8 $(MarkText)';
EXEC sys.sp_set_session_context N'Actor', NULL;
GO
