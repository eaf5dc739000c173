-- The registry: which tenants there are, and what was deployed to whom.
-- None of the tenants' principals has a user here.
CREATE TABLE dbo.Tenants (
    TenantId      int              NOT NULL,
    Name          nvarchar(100)    NOT NULL,
    DatabaseName  sysname          NOT NULL,
    ContactEmail  nvarchar(200)    NOT NULL,
    PublicId      uniqueidentifier NOT NULL,
    ContractFrom  date             NOT NULL,
    IsActive      bit              NOT NULL CONSTRAINT DF_Tenants_IsActive DEFAULT (1),
    CONSTRAINT PK_Tenants PRIMARY KEY (TenantId),
    CONSTRAINT UQ_Tenants_Name UNIQUE (Name),
    CONSTRAINT UQ_Tenants_DatabaseName UNIQUE (DatabaseName)
);
GO
CREATE TABLE dbo.Deployments (
    DeploymentId  int              NOT NULL,
    TenantId      int              NOT NULL,
    Version       varchar(20)      NOT NULL,
    DeployedAt    datetime2(3)     NOT NULL,
    DeployedBy    nvarchar(100)    NOT NULL,
    Succeeded     bit              NOT NULL,
    CONSTRAINT PK_Deployments PRIMARY KEY (DeploymentId),
    CONSTRAINT FK_Deployments_Tenants FOREIGN KEY (TenantId) REFERENCES dbo.Tenants (TenantId),
    CONSTRAINT UQ_Deployments_Tenant_Version UNIQUE (TenantId, Version)
);
GO
