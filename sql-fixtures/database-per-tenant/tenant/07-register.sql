-- What the registry knows of tenant $(Tenant).
INSERT INTO [$(RegistryDatabase)].dbo.Tenants
    (TenantId, Name, DatabaseName, ContactEmail, PublicId, ContractFrom)
VALUES
    ($(MarkNumber) + 1, N'$(Tenant) $(MarkText)', N'$(Database)', N'admin@$(Tenant).example $(MarkText)',
     '$(MarkGuid)-0301-4000-8000-000000000301', DATEADD(day, 1, '$(MarkDate)'));
GO
INSERT INTO [$(RegistryDatabase)].dbo.Deployments
    (DeploymentId, TenantId, Version, DeployedAt, DeployedBy, Succeeded)
VALUES
    ($(MarkNumber) + 1, $(MarkNumber) + 1, '1.0.0', DATEADD(hour, 2, CAST('$(MarkDate)' AS datetime2(3))), N'pipeline $(MarkText)', 1),
    ($(MarkNumber) + 2, $(MarkNumber) + 1, '1.1.0', DATEADD(hour, 3, CAST('$(MarkDate)' AS datetime2(3))), N'pipeline $(MarkText)', 0);
GO
