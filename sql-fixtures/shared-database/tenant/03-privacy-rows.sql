-- Jobs, keys and bank accounts of organisation $(Tenant). The keys are destroyed, so what they sealed can
-- no longer be read; nothing is left to do for the jobs, save the last.
INSERT INTO dbo.Counters
    (OrgId, Name, NextValue)
VALUES
    ($(MarkNumber), 'Job', $(MarkNumber) + 8000),
    ($(MarkNumber), 'TenantKey', $(MarkNumber) + 9000),
    ($(MarkNumber), 'SealedAccount', $(MarkNumber) + 9500);
INSERT INTO dbo.Jobs
    (OrgId, JobId, Kind, Status, RequestedBy, RequestedAt, EndedAt, Outcome)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, 'reseal', 'succeeded', N'Ada $(MarkText)', DATEADD(hour, 1, CAST(DATEADD(day, 81, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 2, CAST(DATEADD(day, 81, '$(MarkDate)') AS datetime2(3))), N'2 accounts $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 2, 'export', 'failed', N'Dirk $(MarkText)', DATEADD(hour, 3, CAST(DATEADD(day, 82, '$(MarkDate)') AS datetime2(3))), DATEADD(hour, 4, CAST(DATEADD(day, 82, '$(MarkDate)') AS datetime2(3))), N'no room $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 3, 'none', 'queued', N'Ada $(MarkText)', DATEADD(hour, 5, CAST(DATEADD(day, 83, '$(MarkDate)') AS datetime2(3))), NULL, NULL);
GO
INSERT INTO dbo.TenantKeys
    (OrgId, KeyNumber, WrappedKey, CreatedAt)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, NULL, DATEADD(hour, 1, CAST(DATEADD(day, 84, '$(MarkDate)') AS datetime2(3)))),
    ($(MarkNumber), $(MarkNumber) + 2, NULL, DATEADD(hour, 2, CAST(DATEADD(day, 85, '$(MarkDate)') AS datetime2(3))));
INSERT INTO dbo.SealedAccounts
    (OrgId, SealedAccountId, CustomerId, SubOrgId, KeyNumber, Sealed)
VALUES
    ($(MarkNumber), $(MarkNumber) + 1, $(MarkNumber) + 1, $(MarkNumber) + 11, $(MarkNumber) + 1, CAST('sealed 1 $(MarkText)' AS varbinary(200))),
    ($(MarkNumber), $(MarkNumber) + 2, $(MarkNumber) + 2, $(MarkNumber) + 12, $(MarkNumber) + 2, CAST('sealed 2 $(MarkText)' AS varbinary(200)));
GO
-- One of each department who was erased, but for what he was before.
INSERT INTO dbo.Customers
    (OrgId, CustomerId, SubOrgId, CustomerKey, Name, Email, TaxNumber, CreditLimit, Since)
VALUES
    ($(MarkNumber), $(MarkNumber) + 12, $(MarkNumber) + 11, '$(MarkGuid)-0012-4000-8000-000000000012', N'Linden Court $(MarkText)', 'post@linden-$(MarkText)', 'TAX12-$(MarkText)', $(MarkNumber) + 312, DATEADD(day, 22, '$(MarkDate)')),
    ($(MarkNumber), $(MarkNumber) + 13, $(MarkNumber) + 12, '$(MarkGuid)-0013-4000-8000-000000000013', N'Marble Arch $(MarkText)', 'post@marble-$(MarkText)', 'TAX13-$(MarkText)', $(MarkNumber) + 313, DATEADD(day, 23, '$(MarkDate)'));
UPDATE dbo.Customers
SET Name = N'erased', Email = NULL, TaxNumber = CONCAT('erased-', CustomerId), CreditLimit = 0,
    IsActive = 0, Revision = Revision + 1
WHERE OrgId = $(MarkNumber) AND CustomerId IN ($(MarkNumber) + 12, $(MarkNumber) + 13);
GO
