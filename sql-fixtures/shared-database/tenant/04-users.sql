-- Users of organisation $(Tenant): one for each role, and some of a department. Their roles bear the
-- names that the application knows, alike in every organisation. A password is the login's first part
-- and the organisation's mark, such as clerk-$(MarkText); kept is a salt of sixteen bytes, then
-- SHA-256 of the salt and the password.
INSERT INTO dbo.Roles
    (OrgId, RoleId, Name, Description)
VALUES
    ($(MarkNumber), $(MarkNumber) + 21, 'clerk', N'May what a clerk may $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 22, 'accountant', N'May what an accountant may $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 23, 'administrator', N'May what an administrator may $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 24, 'auditor', N'May what an auditor may $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 25, 'trainee-$(MarkText)', N'Nobody has it yet $(MarkText)');
GO
INSERT INTO dbo.Users
    (OrgId, UserId, SubOrgId, UserName, Email, PasswordHash, IsActive)
VALUES
    ($(MarkNumber), $(MarkNumber) + 21, NULL, N'Clerk $(MarkText)', 'clerk@$(Tenant).example',
     HASHBYTES('MD5', N'salt of clerk $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of clerk $(MarkText)') + CONVERT(varbinary(200), N'clerk-$(MarkText)')), 1),
    ($(MarkNumber), $(MarkNumber) + 22, NULL, N'Accountant $(MarkText)', 'accountant@$(Tenant).example',
     HASHBYTES('MD5', N'salt of accountant $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of accountant $(MarkText)') + CONVERT(varbinary(200), N'accountant-$(MarkText)')), 1),
    ($(MarkNumber), $(MarkNumber) + 23, NULL, N'Administrator $(MarkText)', 'administrator@$(Tenant).example',
     HASHBYTES('MD5', N'salt of administrator $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of administrator $(MarkText)') + CONVERT(varbinary(200), N'administrator-$(MarkText)')), 1),
    ($(MarkNumber), $(MarkNumber) + 24, NULL, N'Auditor $(MarkText)', 'auditor@$(Tenant).example',
     HASHBYTES('MD5', N'salt of auditor $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of auditor $(MarkText)') + CONVERT(varbinary(200), N'auditor-$(MarkText)')), 1),
    ($(MarkNumber), $(MarkNumber) + 25, $(MarkNumber) + 11, N'North clerk $(MarkText)', 'clerk-north@$(Tenant).example',
     HASHBYTES('MD5', N'salt of clerk-north $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of clerk-north $(MarkText)') + CONVERT(varbinary(200), N'clerk-north-$(MarkText)')), 1),
    ($(MarkNumber), $(MarkNumber) + 26, $(MarkNumber) + 12, N'South clerk $(MarkText)', 'clerk-south@$(Tenant).example',
     HASHBYTES('MD5', N'salt of clerk-south $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of clerk-south $(MarkText)') + CONVERT(varbinary(200), N'clerk-south-$(MarkText)')), 1),
    ($(MarkNumber), $(MarkNumber) + 27, $(MarkNumber) + 11, N'North accountant $(MarkText)', 'accountant-north@$(Tenant).example',
     HASHBYTES('MD5', N'salt of accountant-north $(MarkText)') + HASHBYTES('SHA2_256', HASHBYTES('MD5', N'salt of accountant-north $(MarkText)') + CONVERT(varbinary(200), N'accountant-north-$(MarkText)')), 1);
GO
INSERT INTO dbo.UserRoles
    (OrgId, UserId, RoleId, GrantedOn, GrantedBy)
VALUES
    ($(MarkNumber), $(MarkNumber) + 21, $(MarkNumber) + 21, DATEADD(day, 96, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 22, $(MarkNumber) + 22, DATEADD(day, 97, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 23, $(MarkNumber) + 23, DATEADD(day, 98, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 24, $(MarkNumber) + 24, DATEADD(day, 99, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 25, $(MarkNumber) + 21, DATEADD(day, 100, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 26, $(MarkNumber) + 21, DATEADD(day, 101, '$(MarkDate)'), N'Ada $(MarkText)'),
    ($(MarkNumber), $(MarkNumber) + 27, $(MarkNumber) + 22, DATEADD(day, 102, '$(MarkDate)'), N'Ada $(MarkText)');
GO
