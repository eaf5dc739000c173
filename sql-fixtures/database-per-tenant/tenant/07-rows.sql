-- Rows of tenant $(Tenant); no migration. Every value that belongs to the tenant carries its mark, so that it is
-- recognised wherever it surfaces: text contains $(MarkText), numbers lie in the band that begins
-- at $(MarkNumber), dates in the year of $(MarkDate), GUIDs begin with $(MarkGuid). Only flags,
-- kinds and line numbers do not. In each table the last rows are referred to by nothing.
INSERT INTO dbo.Accounts
    (AccountId, Code, Name, Kind, OpeningAmount, IsActive)
VALUES
    ($(MarkNumber) + 1, '1000-$(MarkText)', N'Bank $(MarkText)', 'asset', $(MarkNumber) + 100, 1),
    ($(MarkNumber) + 2, '1100-$(MarkText)', N'Receivables $(MarkText)', 'asset', $(MarkNumber) + 101, 1),
    ($(MarkNumber) + 3, '1200-$(MarkText)', N'Payables $(MarkText)', 'liability', $(MarkNumber) + 102, 1),
    ($(MarkNumber) + 4, '1300-$(MarkText)', N'Capital $(MarkText)', 'equity', $(MarkNumber) + 103, 1),
    ($(MarkNumber) + 5, '1400-$(MarkText)', N'Sales $(MarkText)', 'income', $(MarkNumber) + 104, 1),
    ($(MarkNumber) + 6, '1500-$(MarkText)', N'Purchases $(MarkText)', 'expense', $(MarkNumber) + 105, 1),
    ($(MarkNumber) + 7, '1600-$(MarkText)', N'Deposits $(MarkText)', 'asset', $(MarkNumber) + 106, 1),
    ($(MarkNumber) + 8, '1700-$(MarkText)', N'Travel $(MarkText)', 'expense', $(MarkNumber) + 107, 0);
GO
INSERT INTO dbo.Periods
    (PeriodId, Name, StartsOn, EndsOn, IsClosed)
VALUES
    ($(MarkNumber) + 1, N'Month 1 $(MarkText)', DATEADD(day, 0, '$(MarkDate)'), DATEADD(day, 30, '$(MarkDate)'), 1),
    ($(MarkNumber) + 2, N'Month 2 $(MarkText)', DATEADD(day, 31, '$(MarkDate)'), DATEADD(day, 61, '$(MarkDate)'), 0),
    ($(MarkNumber) + 3, N'Month 3 $(MarkText)', DATEADD(day, 62, '$(MarkDate)'), DATEADD(day, 92, '$(MarkDate)'), 0),
    ($(MarkNumber) + 4, N'Month 4 $(MarkText)', DATEADD(day, 93, '$(MarkDate)'), DATEADD(day, 123, '$(MarkDate)'), 0),
    ($(MarkNumber) + 5, N'Month 5 $(MarkText)', DATEADD(day, 124, '$(MarkDate)'), DATEADD(day, 154, '$(MarkDate)'), 0),
    ($(MarkNumber) + 6, N'Month 6 $(MarkText)', DATEADD(day, 155, '$(MarkDate)'), DATEADD(day, 185, '$(MarkDate)'), 0);
GO
SET IDENTITY_INSERT dbo.JournalEntries ON;
INSERT INTO dbo.JournalEntries
    (JournalEntryId, PeriodId, EntryNumber, PostedOn, Description)
VALUES
    ($(MarkNumber) + 1, $(MarkNumber) + 1, 'JE1-$(MarkText)', DATEADD(day, 0, '$(MarkDate)'), N'Entry 1 $(MarkText)'),
    ($(MarkNumber) + 2, $(MarkNumber) + 2, 'JE2-$(MarkText)', DATEADD(day, 32, '$(MarkDate)'), N'Entry 2 $(MarkText)'),
    ($(MarkNumber) + 3, $(MarkNumber) + 3, 'JE3-$(MarkText)', DATEADD(day, 64, '$(MarkDate)'), N'Entry 3 $(MarkText)'),
    ($(MarkNumber) + 4, $(MarkNumber) + 1, 'JE4-$(MarkText)', DATEADD(day, 3, '$(MarkDate)'), NULL),
    ($(MarkNumber) + 5, $(MarkNumber) + 2, 'JE5-$(MarkText)', DATEADD(day, 35, '$(MarkDate)'), N'Entry 5 $(MarkText)'),
    ($(MarkNumber) + 6, $(MarkNumber) + 3, 'JE6-$(MarkText)', DATEADD(day, 67, '$(MarkDate)'), N'Entry 6 $(MarkText)'),
    ($(MarkNumber) + 7, $(MarkNumber) + 1, 'JE7-$(MarkText)', DATEADD(day, 6, '$(MarkDate)'), N'Entry 7 $(MarkText)');
SET IDENTITY_INSERT dbo.JournalEntries OFF;
GO
INSERT INTO dbo.JournalLines
    (JournalEntryId, LineNumber, AccountId, Debit, Credit, Memo)
VALUES
    ($(MarkNumber) + 1, 1, $(MarkNumber) + 1, $(MarkNumber) + 200, 0, N'Line 1 $(MarkText)'),
    ($(MarkNumber) + 1, 2, $(MarkNumber) + 2, 0, $(MarkNumber) + 200, N'Line 2 $(MarkText)'),
    ($(MarkNumber) + 2, 1, $(MarkNumber) + 3, $(MarkNumber) + 201, 0, N'Line 3 $(MarkText)'),
    ($(MarkNumber) + 2, 2, $(MarkNumber) + 4, 0, $(MarkNumber) + 201, N'Line 4 $(MarkText)'),
    ($(MarkNumber) + 3, 1, $(MarkNumber) + 1, $(MarkNumber) + 202, 0, N'Line 5 $(MarkText)'),
    ($(MarkNumber) + 3, 2, $(MarkNumber) + 2, 0, $(MarkNumber) + 202, N'Line 6 $(MarkText)'),
    ($(MarkNumber) + 4, 1, $(MarkNumber) + 3, $(MarkNumber) + 203, 0, N'Line 7 $(MarkText)'),
    ($(MarkNumber) + 4, 2, $(MarkNumber) + 4, 0, $(MarkNumber) + 203, N'Line 8 $(MarkText)'),
    ($(MarkNumber) + 5, 1, $(MarkNumber) + 1, $(MarkNumber) + 204, 0, N'Line 9 $(MarkText)'),
    ($(MarkNumber) + 5, 2, $(MarkNumber) + 2, 0, $(MarkNumber) + 204, N'Line 10 $(MarkText)');
GO
SET IDENTITY_INSERT dbo.Customers ON;
INSERT INTO dbo.Customers
    (CustomerId, CustomerKey, Name, Email, TaxNumber, CreditLimit, Since, Logo, IsActive)
VALUES
    ($(MarkNumber) + 1, '$(MarkGuid)-0001-4000-8000-000000000001', N'Aurora Foods $(MarkText)', 'post@aurora-$(MarkText)', 'TAX1-$(MarkText)', $(MarkNumber) + 300, DATEADD(day, 10, '$(MarkDate)'), NULL, 1),
    ($(MarkNumber) + 2, '$(MarkGuid)-0002-4000-8000-000000000002', N'Bergen Timber $(MarkText)', 'post@bergen-$(MarkText)', 'TAX2-$(MarkText)', $(MarkNumber) + 301, DATEADD(day, 11, '$(MarkDate)'), CAST('logo 2 $(MarkText)' AS varbinary(200)), 1),
    ($(MarkNumber) + 3, '$(MarkGuid)-0003-4000-8000-000000000003', N'Cobalt Tools $(MarkText)', 'post@cobalt-$(MarkText)', 'TAX3-$(MarkText)', $(MarkNumber) + 302, DATEADD(day, 12, '$(MarkDate)'), CAST('logo 3 $(MarkText)' AS varbinary(200)), 1),
    ($(MarkNumber) + 4, '$(MarkGuid)-0004-4000-8000-000000000004', N'Delta Optics $(MarkText)', 'post@delta-$(MarkText)', 'TAX4-$(MarkText)', $(MarkNumber) + 303, DATEADD(day, 13, '$(MarkDate)'), NULL, 1),
    ($(MarkNumber) + 5, '$(MarkGuid)-0005-4000-8000-000000000005', N'Ember Glass $(MarkText)', 'post@ember-$(MarkText)', 'TAX5-$(MarkText)', $(MarkNumber) + 304, DATEADD(day, 14, '$(MarkDate)'), CAST('logo 5 $(MarkText)' AS varbinary(200)), 1),
    ($(MarkNumber) + 6, '$(MarkGuid)-0006-4000-8000-000000000006', N'Fjord Nets $(MarkText)', 'post@fjord-$(MarkText)', 'TAX6-$(MarkText)', $(MarkNumber) + 305, DATEADD(day, 15, '$(MarkDate)'), CAST('logo 6 $(MarkText)' AS varbinary(200)), 1),
    ($(MarkNumber) + 7, '$(MarkGuid)-0007-4000-8000-000000000007', N'Granite Works $(MarkText)', 'post@granite-$(MarkText)', 'TAX7-$(MarkText)', $(MarkNumber) + 306, DATEADD(day, 16, '$(MarkDate)'), NULL, 0),
    ($(MarkNumber) + 8, '$(MarkGuid)-0008-4000-8000-000000000008', N'Harbour Rope $(MarkText)', 'post@harbour-$(MarkText)', 'TAX8-$(MarkText)', $(MarkNumber) + 307, DATEADD(day, 17, '$(MarkDate)'), CAST('logo 8 $(MarkText)' AS varbinary(200)), 1);
SET IDENTITY_INSERT dbo.Customers OFF;
GO
INSERT INTO dbo.Products
    (ProductId, Sku, Name, UnitPrice, WeightGrams)
VALUES
    ($(MarkNumber) + 1, 'SKU1-$(MarkText)', N'Anvil $(MarkText)', $(MarkNumber) + 400 + 0.25, $(MarkNumber) + 500),
    ($(MarkNumber) + 2, 'SKU2-$(MarkText)', N'Bolt $(MarkText)', $(MarkNumber) + 401, $(MarkNumber) + 501),
    ($(MarkNumber) + 3, 'SKU3-$(MarkText)', N'Crate $(MarkText)', $(MarkNumber) + 402 + 0.25, $(MarkNumber) + 502),
    ($(MarkNumber) + 4, 'SKU4-$(MarkText)', N'Drill $(MarkText)', $(MarkNumber) + 403, $(MarkNumber) + 503),
    ($(MarkNumber) + 5, 'SKU5-$(MarkText)', N'Easel $(MarkText)', $(MarkNumber) + 404 + 0.25, NULL),
    ($(MarkNumber) + 6, 'SKU6-$(MarkText)', N'Funnel $(MarkText)', $(MarkNumber) + 405, $(MarkNumber) + 505),
    ($(MarkNumber) + 7, 'SKU7-$(MarkText)', N'Gasket $(MarkText)', $(MarkNumber) + 406 + 0.25, $(MarkNumber) + 506);
GO
SET IDENTITY_INSERT dbo.Invoices ON;
INSERT INTO dbo.Invoices
    (InvoiceId, InvoiceKey, InvoiceNumber, CustomerId, PeriodId, Status, IssuedOn, ActualPostingDate, Total, Note)
VALUES
    ($(MarkNumber) + 1, '$(MarkGuid)-0101-4000-8000-000000000101', 'INV1-$(MarkText)', $(MarkNumber) + 1, $(MarkNumber) + 1, 1, DATEADD(day, 20, '$(MarkDate)'), NULL, $(MarkNumber) + 600, NULL),
    ($(MarkNumber) + 2, '$(MarkGuid)-0102-4000-8000-000000000102', 'INV2-$(MarkText)', $(MarkNumber) + 2, $(MarkNumber) + 2, 1, DATEADD(day, 21, '$(MarkDate)'), NULL, $(MarkNumber) + 601, N'Note 2 $(MarkText)'),
    ($(MarkNumber) + 3, '$(MarkGuid)-0103-4000-8000-000000000103', 'INV3-$(MarkText)', $(MarkNumber) + 3, $(MarkNumber) + 3, 1, DATEADD(day, 22, '$(MarkDate)'), NULL, $(MarkNumber) + 602, NULL),
    ($(MarkNumber) + 4, '$(MarkGuid)-0104-4000-8000-000000000104', 'INV4-$(MarkText)', $(MarkNumber) + 4, $(MarkNumber) + 1, 1, DATEADD(day, 23, '$(MarkDate)'), NULL, $(MarkNumber) + 603, N'Note 4 $(MarkText)'),
    ($(MarkNumber) + 5, '$(MarkGuid)-0105-4000-8000-000000000105', 'INV5-$(MarkText)', $(MarkNumber) + 5, $(MarkNumber) + 2, 3, DATEADD(day, 24, '$(MarkDate)'), NULL, $(MarkNumber) + 604, NULL),
    ($(MarkNumber) + 6, '$(MarkGuid)-0106-4000-8000-000000000106', 'INV6-$(MarkText)', $(MarkNumber) + 1, $(MarkNumber) + 3, 1, DATEADD(day, 25, '$(MarkDate)'), NULL, $(MarkNumber) + 605, N'Note 6 $(MarkText)'),
    ($(MarkNumber) + 7, '$(MarkGuid)-0107-4000-8000-000000000107', 'INV7-$(MarkText)', $(MarkNumber) + 2, $(MarkNumber) + 1, 1, DATEADD(day, 26, '$(MarkDate)'), NULL, $(MarkNumber) + 606, NULL),
    ($(MarkNumber) + 8, '$(MarkGuid)-0108-4000-8000-000000000108', 'INV8-$(MarkText)', $(MarkNumber) + 3, $(MarkNumber) + 2, 1, DATEADD(day, 27, '$(MarkDate)'), NULL, $(MarkNumber) + 607, N'Note 8 $(MarkText)');
SET IDENTITY_INSERT dbo.Invoices OFF;
GO
INSERT INTO dbo.InvoiceLines
    (InvoiceId, LineNumber, ProductId, Quantity, UnitPrice, Description)
VALUES
    ($(MarkNumber) + 1, 1, $(MarkNumber) + 1, $(MarkNumber) + 700, $(MarkNumber) + 400, N'Item 1 $(MarkText)'),
    ($(MarkNumber) + 1, 2, $(MarkNumber) + 2, $(MarkNumber) + 701, $(MarkNumber) + 401, N'Item 2 $(MarkText)'),
    ($(MarkNumber) + 2, 1, $(MarkNumber) + 3, $(MarkNumber) + 702, $(MarkNumber) + 402, N'Item 3 $(MarkText)'),
    ($(MarkNumber) + 2, 2, $(MarkNumber) + 4, $(MarkNumber) + 703, $(MarkNumber) + 403, N'Item 4 $(MarkText)'),
    ($(MarkNumber) + 3, 1, $(MarkNumber) + 1, $(MarkNumber) + 704, $(MarkNumber) + 400, N'Item 5 $(MarkText)'),
    ($(MarkNumber) + 3, 2, $(MarkNumber) + 2, $(MarkNumber) + 705, $(MarkNumber) + 401, N'Item 6 $(MarkText)'),
    ($(MarkNumber) + 4, 1, $(MarkNumber) + 3, $(MarkNumber) + 706, $(MarkNumber) + 402, N'Item 7 $(MarkText)'),
    ($(MarkNumber) + 4, 2, $(MarkNumber) + 4, $(MarkNumber) + 707, $(MarkNumber) + 403, N'Item 8 $(MarkText)'),
    ($(MarkNumber) + 5, 1, $(MarkNumber) + 1, $(MarkNumber) + 708, $(MarkNumber) + 400, N'Item 9 $(MarkText)'),
    ($(MarkNumber) + 5, 2, $(MarkNumber) + 2, $(MarkNumber) + 709, $(MarkNumber) + 401, N'Item 10 $(MarkText)'),
    ($(MarkNumber) + 6, 1, $(MarkNumber) + 3, $(MarkNumber) + 710, $(MarkNumber) + 402, N'Item 11 $(MarkText)'),
    ($(MarkNumber) + 6, 2, $(MarkNumber) + 4, $(MarkNumber) + 711, $(MarkNumber) + 403, N'Item 12 $(MarkText)');
GO
-- Some are posted, with their lines and without; from now on the database keeps them as they are.
UPDATE dbo.Invoices
SET Status = 2,
    ActualPostingDate = DATEADD(hour, InvoiceId - $(MarkNumber), CAST(DATEADD(day, 21, '$(MarkDate)') AS datetime2(3)))
WHERE InvoiceId IN ($(MarkNumber) + 1, $(MarkNumber) + 4, $(MarkNumber) + 7);
GO
SET IDENTITY_INSERT dbo.CreditNotes ON;
INSERT INTO dbo.CreditNotes
    (CreditNoteId, InvoiceId, IssuedAt, Total, Reason)
VALUES
    ($(MarkNumber) + 1, $(MarkNumber) + 4, DATEADD(hour, 5, CAST(DATEADD(day, 25, '$(MarkDate)') AS datetime2(3))), $(MarkNumber) + 603, N'Because of an agreement with the customer $(MarkText)');
SET IDENTITY_INSERT dbo.CreditNotes OFF;
GO
INSERT INTO dbo.StockLevels
    (ProductId, Location, OnHand, CountedOn)
VALUES
    ($(MarkNumber) + 1, N'Hall North $(MarkText)', $(MarkNumber) + 800, DATEADD(day, 40, '$(MarkDate)')),
    ($(MarkNumber) + 2, N'Hall North $(MarkText)', $(MarkNumber) + 801, DATEADD(day, 41, '$(MarkDate)')),
    ($(MarkNumber) + 3, N'Hall North $(MarkText)', $(MarkNumber) + 802, NULL),
    ($(MarkNumber) + 4, N'Hall North $(MarkText)', $(MarkNumber) + 803, DATEADD(day, 43, '$(MarkDate)')),
    ($(MarkNumber) + 1, N'Hall South $(MarkText)', $(MarkNumber) + 804, DATEADD(day, 44, '$(MarkDate)')),
    ($(MarkNumber) + 2, N'Hall South $(MarkText)', $(MarkNumber) + 805, DATEADD(day, 45, '$(MarkDate)')),
    ($(MarkNumber) + 3, N'Hall South $(MarkText)', $(MarkNumber) + 806, DATEADD(day, 46, '$(MarkDate)')),
    ($(MarkNumber) + 4, N'Hall South $(MarkText)', $(MarkNumber) + 807, DATEADD(day, 47, '$(MarkDate)'));
GO
SET IDENTITY_INSERT dbo.StockMovements ON;
INSERT INTO dbo.StockMovements
    (StockMovementId, ProductId, MovementKey, Quantity, Reason, MovedAt)
VALUES
    ($(MarkNumber) + 1, $(MarkNumber) + 1, '$(MarkGuid)-0201-4000-8000-000000000201', $(MarkNumber) + 900, N'Receipt 1 $(MarkText)', DATEADD(minute, 0, CAST(DATEADD(day, 50, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber) + 2, $(MarkNumber) + 2, '$(MarkGuid)-0202-4000-8000-000000000202', $(MarkNumber) + 901, N'Receipt 2 $(MarkText)', DATEADD(minute, 1, CAST(DATEADD(day, 51, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber) + 3, $(MarkNumber) + 3, '$(MarkGuid)-0203-4000-8000-000000000203', $(MarkNumber) + 902, N'Receipt 3 $(MarkText)', DATEADD(minute, 2, CAST(DATEADD(day, 52, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber) + 4, $(MarkNumber) + 4, '$(MarkGuid)-0204-4000-8000-000000000204', $(MarkNumber) + 903, N'Receipt 4 $(MarkText)', DATEADD(minute, 3, CAST(DATEADD(day, 53, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber) + 5, $(MarkNumber) + 5, '$(MarkGuid)-0205-4000-8000-000000000205', $(MarkNumber) + 904, N'Receipt 5 $(MarkText)', DATEADD(minute, 4, CAST(DATEADD(day, 54, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber) + 6, $(MarkNumber) + 1, '$(MarkGuid)-0206-4000-8000-000000000206', $(MarkNumber) + 905, N'Receipt 6 $(MarkText)', DATEADD(minute, 5, CAST(DATEADD(day, 55, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber) + 7, $(MarkNumber) + 2, '$(MarkGuid)-0207-4000-8000-000000000207', $(MarkNumber) + 906, N'Receipt 7 $(MarkText)', DATEADD(minute, 6, CAST(DATEADD(day, 56, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber) + 8, $(MarkNumber) + 3, '$(MarkGuid)-0208-4000-8000-000000000208', $(MarkNumber) + 907, N'Receipt 8 $(MarkText)', DATEADD(minute, 7, CAST(DATEADD(day, 57, '$(MarkDate)') AS datetime2(7)))),
    ($(MarkNumber) + 9, $(MarkNumber) + 4, '$(MarkGuid)-0209-4000-8000-000000000209', $(MarkNumber) + 908, N'Receipt 9 $(MarkText)', DATEADD(minute, 8, CAST(DATEADD(day, 58, '$(MarkDate)') AS datetime2(7))));
SET IDENTITY_INSERT dbo.StockMovements OFF;
GO
INSERT INTO dbo.Users
    (UserId, UserName, Email, PasswordHash, LastLoginAt, IsActive)
VALUES
    ($(MarkNumber) + 1, N'Ada $(MarkText)', 'ada@example-$(MarkText)', CAST('hash 1 $(MarkText)' AS varbinary(200)), CAST(DATEADD(day, 60, '$(MarkDate)') AS datetime2(0)), 1),
    ($(MarkNumber) + 2, N'Bram $(MarkText)', 'bram@example-$(MarkText)', CAST('hash 2 $(MarkText)' AS varbinary(200)), CAST(DATEADD(day, 61, '$(MarkDate)') AS datetime2(0)), 1),
    ($(MarkNumber) + 3, N'Cleo $(MarkText)', 'cleo@example-$(MarkText)', CAST('hash 3 $(MarkText)' AS varbinary(200)), CAST(DATEADD(day, 62, '$(MarkDate)') AS datetime2(0)), 1),
    ($(MarkNumber) + 4, N'Dirk $(MarkText)', 'dirk@example-$(MarkText)', CAST('hash 4 $(MarkText)' AS varbinary(200)), CAST(DATEADD(day, 63, '$(MarkDate)') AS datetime2(0)), 1),
    ($(MarkNumber) + 5, N'Elin $(MarkText)', 'elin@example-$(MarkText)', CAST('hash 5 $(MarkText)' AS varbinary(200)), NULL, 1),
    ($(MarkNumber) + 6, N'Finn $(MarkText)', 'finn@example-$(MarkText)', CAST('hash 6 $(MarkText)' AS varbinary(200)), CAST(DATEADD(day, 65, '$(MarkDate)') AS datetime2(0)), 1);
GO
INSERT INTO dbo.Permissions
    (PermissionId, Name, Description)
VALUES
    ($(MarkNumber) + 1, 'invoice.post', N'May invoice.post $(MarkText)'),
    ($(MarkNumber) + 2, 'invoice.void', N'May invoice.void $(MarkText)'),
    ($(MarkNumber) + 3, 'period.close', N'May period.close $(MarkText)'),
    ($(MarkNumber) + 4, 'stock.move', N'May stock.move $(MarkText)'),
    ($(MarkNumber) + 5, 'user.manage', N'May user.manage $(MarkText)'),
    ($(MarkNumber) + 6, 'report.read', N'May report.read $(MarkText)');
GO
INSERT INTO dbo.Roles
    (RoleId, Name, Description)
VALUES
    ($(MarkNumber) + 1, N'Bookkeeper $(MarkText)', N'Role Bookkeeper $(MarkText)'),
    ($(MarkNumber) + 2, N'Storekeeper $(MarkText)', N'Role Storekeeper $(MarkText)'),
    ($(MarkNumber) + 3, N'Administrator $(MarkText)', N'Role Administrator $(MarkText)'),
    ($(MarkNumber) + 4, N'Auditor $(MarkText)', N'Role Auditor $(MarkText)'),
    ($(MarkNumber) + 5, N'Guest $(MarkText)', N'Role Guest $(MarkText)'),
    ($(MarkNumber) + 6, N'Trainee $(MarkText)', N'Role Trainee $(MarkText)');
GO
INSERT INTO dbo.RolePermissions
    (RoleId, PermissionId, GrantedOn, GrantedBy)
VALUES
    ($(MarkNumber) + 1, $(MarkNumber) + 1, DATEADD(day, 70, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 1, $(MarkNumber) + 2, DATEADD(day, 71, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 1, $(MarkNumber) + 3, DATEADD(day, 72, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 2, $(MarkNumber) + 4, DATEADD(day, 73, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 3, $(MarkNumber) + 3, DATEADD(day, 74, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 3, $(MarkNumber) + 4, DATEADD(day, 75, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 4, $(MarkNumber) + 2, DATEADD(day, 76, '$(MarkDate)'), N'Ada $(MarkText)');
GO
INSERT INTO dbo.UserRoles
    (UserId, RoleId, GrantedOn, GrantedBy)
VALUES
    ($(MarkNumber) + 1, $(MarkNumber) + 1, DATEADD(day, 77, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 2, $(MarkNumber) + 1, DATEADD(day, 78, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 3, $(MarkNumber) + 2, DATEADD(day, 79, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 4, $(MarkNumber) + 2, DATEADD(day, 80, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 1, $(MarkNumber) + 3, DATEADD(day, 81, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 2, $(MarkNumber) + 4, DATEADD(day, 82, '$(MarkDate)'), N'Ada $(MarkText)');
GO
SET IDENTITY_INSERT dbo.AuditEvents ON;
INSERT INTO dbo.AuditEvents
    (AuditEventId, OccurredAt, Actor, EventName, Entity, EntityId, Reason, Detail)
VALUES
    ($(MarkNumber) + 101, DATEADD(second, 0, CAST(DATEADD(day, 80, '$(MarkDate)') AS datetime2(7))), N'Ada $(MarkText)', 'InvoiceDrafted', 'Invoice', CONCAT(N'', $(MarkNumber) + 1), NULL, N'Detail 1 $(MarkText)'),
    ($(MarkNumber) + 102, DATEADD(second, 1, CAST(DATEADD(day, 81, '$(MarkDate)') AS datetime2(7))), N'Bram $(MarkText)', 'InvoicePosted', 'Invoice', CONCAT(N'', $(MarkNumber) + 2), NULL, N'Detail 2 $(MarkText)'),
    ($(MarkNumber) + 103, DATEADD(second, 2, CAST(DATEADD(day, 82, '$(MarkDate)') AS datetime2(7))), N'Cleo $(MarkText)', 'PeriodClosed', 'Period', CONCAT(N'', $(MarkNumber) + 3), NULL, N'Detail 3 $(MarkText)'),
    ($(MarkNumber) + 104, DATEADD(second, 3, CAST(DATEADD(day, 83, '$(MarkDate)') AS datetime2(7))), N'Ada $(MarkText)', 'PermissionGranted', 'Permission', CONCAT(N'', $(MarkNumber) + 4), NULL, N'Detail 4 $(MarkText)'),
    ($(MarkNumber) + 105, DATEADD(second, 4, CAST(DATEADD(day, 84, '$(MarkDate)') AS datetime2(7))), N'Bram $(MarkText)', 'StockReceived', 'Stock', CONCAT(N'', $(MarkNumber) + 5), NULL, N'Detail 5 $(MarkText)'),
    ($(MarkNumber) + 106, DATEADD(second, 5, CAST(DATEADD(day, 85, '$(MarkDate)') AS datetime2(7))), N'Cleo $(MarkText)', 'InvoicePosted', 'Invoice', CONCAT(N'', $(MarkNumber) + 6), NULL, N'Detail 6 $(MarkText)'),
    ($(MarkNumber) + 107, DATEADD(second, 6, CAST(DATEADD(day, 86, '$(MarkDate)') AS datetime2(7))), N'Ada $(MarkText)', 'UserInvited', 'User', CONCAT(N'', $(MarkNumber) + 7), NULL, N'Detail 7 $(MarkText)'),
    ($(MarkNumber) + 108, DATEADD(second, 7, CAST(DATEADD(day, 87, '$(MarkDate)') AS datetime2(7))), N'Bram $(MarkText)', 'ReportRead', 'Report', CONCAT(N'', $(MarkNumber) + 8), NULL, N'Detail 8 $(MarkText)'),
    ($(MarkNumber) + 109, DATEADD(second, 8, CAST(DATEADD(day, 88, '$(MarkDate)') AS datetime2(7))), N'Cleo $(MarkText)', 'InvoiceVoided', 'Invoice', CONCAT(N'', $(MarkNumber) + 9), N'Because of an agreement with the customer $(MarkText)', N'Detail 9 $(MarkText)'),
    ($(MarkNumber) + 110, DATEADD(second, 9, CAST(DATEADD(day, 89, '$(MarkDate)') AS datetime2(7))), N'Ada $(MarkText)', 'StockReceived', 'Stock', CONCAT(N'', $(MarkNumber) + 10), NULL, N'Detail 10 $(MarkText)');
SET IDENTITY_INSERT dbo.AuditEvents OFF;
GO
-- Everything has changed once, so that every table has earlier versions of rows. That a value stays
-- the same makes no difference to the history: each UPDATE leaves a row.
UPDATE dbo.Accounts SET Name = Name WHERE AccountId = $(MarkNumber) + 1;
UPDATE dbo.Periods SET Name = Name WHERE PeriodId = $(MarkNumber) + 2;
UPDATE dbo.JournalEntries SET Description = Description WHERE JournalEntryId = $(MarkNumber) + 2;
UPDATE dbo.JournalLines SET Memo = Memo WHERE JournalEntryId = $(MarkNumber) + 2 AND LineNumber = 1;
UPDATE dbo.Customers SET CreditLimit = CreditLimit WHERE CustomerId = $(MarkNumber) + 2;
UPDATE dbo.Products SET UnitPrice = UnitPrice WHERE ProductId = $(MarkNumber) + 2;
UPDATE dbo.Invoices SET Note = Note WHERE InvoiceId = $(MarkNumber) + 2;
UPDATE dbo.InvoiceLines SET Quantity = Quantity WHERE InvoiceId = $(MarkNumber) + 2;
UPDATE dbo.StockLevels SET OnHand = OnHand WHERE ProductId = $(MarkNumber) + 2;
UPDATE dbo.StockMovements SET Reason = Reason WHERE StockMovementId = $(MarkNumber) + 2;
UPDATE dbo.Users SET LastLoginAt = LastLoginAt WHERE UserId = $(MarkNumber) + 2;
UPDATE dbo.Permissions SET Description = Description WHERE PermissionId = $(MarkNumber) + 2;
UPDATE dbo.Roles SET Description = Description WHERE RoleId = $(MarkNumber) + 2;
UPDATE dbo.RolePermissions SET GrantedBy = GrantedBy WHERE RoleId = $(MarkNumber) + 2;
UPDATE dbo.UserRoles SET GrantedBy = GrantedBy WHERE UserId = $(MarkNumber) + 2;
GO
