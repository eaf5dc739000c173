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
-- One row for each migration of each tenant. The checksum is that of the script.
CREATE TABLE dbo.Migrations (
    TenantId      int              NOT NULL,
    Number        int              NOT NULL,
    Name          nvarchar(100)    NOT NULL,
    ScriptChecksum varchar(64)     NOT NULL,
    AppliedAt     datetime2(3)     NOT NULL CONSTRAINT DF_Migrations_AppliedAt DEFAULT (SYSUTCDATETIME()),
    AppliedBy     nvarchar(128)    NOT NULL CONSTRAINT DF_Migrations_AppliedBy DEFAULT (ORIGINAL_LOGIN()),
    Succeeded     bit              NOT NULL CONSTRAINT DF_Migrations_Succeeded DEFAULT (1),
    CONSTRAINT PK_Migrations PRIMARY KEY (TenantId, Number),
    CONSTRAINT FK_Migrations_Tenants FOREIGN KEY (TenantId) REFERENCES dbo.Tenants (TenantId)
);
GO
-- What each migration made, so that whatever nobody made is found. The latest row of an object counts.
CREATE TABLE dbo.MigrationObjects (
    TenantId      int              NOT NULL,
    Number        int              NOT NULL,
    Kind          varchar(20)      NOT NULL,
    Name          nvarchar(300)    NOT NULL,
    Definition    nvarchar(max)    NULL,
    IsRemoved     bit              NOT NULL CONSTRAINT DF_MigrationObjects_IsRemoved DEFAULT (0),
    CONSTRAINT PK_MigrationObjects PRIMARY KEY (TenantId, Kind, Name, Number),
    CONSTRAINT FK_MigrationObjects_Migrations FOREIGN KEY (TenantId, Number)
        REFERENCES dbo.Migrations (TenantId, Number)
);
GO
-- Each deploy and each rollback, in order.
CREATE TABLE dbo.Deployments (
    DeploymentId  int              IDENTITY(1, 1) NOT NULL,
    TenantId      int              NOT NULL,
    Number        int              NOT NULL,
    Kind          varchar(10)      NOT NULL,
    Reason        nvarchar(200)    NULL,
    DeployedAt    datetime2(3)     NOT NULL CONSTRAINT DF_Deployments_DeployedAt DEFAULT (SYSUTCDATETIME()),
    DeployedBy    nvarchar(128)    NOT NULL CONSTRAINT DF_Deployments_DeployedBy DEFAULT (ORIGINAL_LOGIN()),
    CONSTRAINT PK_Deployments PRIMARY KEY (DeploymentId),
    CONSTRAINT FK_Deployments_Migrations FOREIGN KEY (TenantId, Number)
        REFERENCES dbo.Migrations (TenantId, Number),
    CONSTRAINT CK_Deployments_Kind CHECK (Kind IN ('deploy', 'rollback'))
);
GO
-- The register only grows, whoever writes it.
CREATE TRIGGER dbo.MigrationsAreKept ON dbo.Migrations AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1 FROM deleted)
        THROW 50917, N'The register of migrations only grows.', 1;
END;
GO
CREATE TRIGGER dbo.MigrationObjectsAreKept ON dbo.MigrationObjects AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1 FROM deleted)
        THROW 50917, N'The register of migrations only grows.', 1;
END;
GO
CREATE TRIGGER dbo.DeploymentsAreKept ON dbo.Deployments AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1 FROM deleted)
        THROW 50917, N'The register of migrations only grows.', 1;
END;
GO
