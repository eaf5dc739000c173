-- One user of the application for each role of tenant $(Tenant); no migration. Their roles bear the
-- names that the application knows, alike in every tenant. A password is the login's first part and
-- the tenant's mark, such as clerk-$(MarkText); kept is a salt of sixteen bytes, then SHA-256 of the
-- salt and the password.
INSERT INTO dbo.Roles
    (RoleId, Name, Description)
VALUES
    ($(MarkNumber) + 21, N'clerk', N'May what a clerk may $(MarkText)'),
    ($(MarkNumber) + 22, N'accountant', N'May what an accountant may $(MarkText)'),
    ($(MarkNumber) + 23, N'administrator', N'May what an administrator may $(MarkText)'),
    ($(MarkNumber) + 24, N'auditor', N'May what an auditor may $(MarkText)');
GO
INSERT INTO dbo.Users
    (UserId, UserName, Email, PasswordHash, IsActive)
VALUES
    ($(MarkNumber) + 21, N'Clerk $(MarkText)', 'clerk@$(Tenant).example',
     HASHBYTES('MD5', N'salt of clerk $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of clerk $(MarkText)') + CONVERT(varbinary(200), N'clerk-$(MarkText)')), 1),
    ($(MarkNumber) + 22, N'Accountant $(MarkText)', 'accountant@$(Tenant).example',
     HASHBYTES('MD5', N'salt of accountant $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of accountant $(MarkText)') + CONVERT(varbinary(200), N'accountant-$(MarkText)')), 1),
    ($(MarkNumber) + 23, N'Administrator $(MarkText)', 'administrator@$(Tenant).example',
     HASHBYTES('MD5', N'salt of administrator $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of administrator $(MarkText)') + CONVERT(varbinary(200), N'administrator-$(MarkText)')), 1),
    ($(MarkNumber) + 24, N'Auditor $(MarkText)', 'auditor@$(Tenant).example',
     HASHBYTES('MD5', N'salt of auditor $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of auditor $(MarkText)') + CONVERT(varbinary(200), N'auditor-$(MarkText)')), 1);
GO
INSERT INTO dbo.UserRoles
    (UserId, RoleId, GrantedOn, GrantedBy)
VALUES
    ($(MarkNumber) + 21, $(MarkNumber) + 21, DATEADD(day, 96, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 22, $(MarkNumber) + 22, DATEADD(day, 97, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 23, $(MarkNumber) + 23, DATEADD(day, 98, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber) + 24, $(MarkNumber) + 24, DATEADD(day, 99, '$(MarkDate)'), N'Ada $(MarkText)');
GO
-- A request that was answered: its key is the receipt's.
INSERT INTO dbo.IdempotencyKeys
    (IdempotencyKey, Operation, RequestHash, ResultId, SeenAt)
VALUES
    ('receipt-1-$(MarkText)', 'RecordStockMovement', HASHBYTES('SHA2_256', N'Receipt 1 $(MarkText)'), $(MarkNumber) + 1, DATEADD(hour, 1, CAST(DATEADD(day, 50, '$(MarkDate)') AS datetime2(3)))),
    ('receipt-2-$(MarkText)', 'RecordStockMovement', HASHBYTES('SHA2_256', N'Receipt 2 $(MarkText)'), $(MarkNumber) + 2, DATEADD(hour, 2, CAST(DATEADD(day, 51, '$(MarkDate)') AS datetime2(3))));
GO
