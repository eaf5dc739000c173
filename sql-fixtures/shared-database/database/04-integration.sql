-- Callbacks to other systems, and the signed history of changes.
--
-- Status of a callback: 1 pending, 2 delivered, 3 failed. Its secret is kept as a hash, is good
-- for one completion, and is gone as soon as the callback has ended.
CREATE TABLE dbo.Callbacks (
    OrgId         int              NOT NULL,
    CallbackId    int              NOT NULL,
    SubOrgId      int              NOT NULL,
    Url           nvarchar(200)    NOT NULL,
    Status        tinyint          NOT NULL CONSTRAINT DF_Callbacks_Status DEFAULT (1),
    SecretHash    varbinary(32)    NULL,
    RequestedAt   datetime2(3)     NOT NULL CONSTRAINT DF_Callbacks_RequestedAt DEFAULT (SYSUTCDATETIME()),
    EndedAt       datetime2(3)     NULL,
    CONSTRAINT PK_Callbacks PRIMARY KEY (OrgId, CallbackId),
    CONSTRAINT FK_Callbacks_SubOrganisations FOREIGN KEY (OrgId, SubOrgId)
        REFERENCES dbo.SubOrganisations (OrgId, SubOrgId),
    CONSTRAINT CK_Callbacks_Status CHECK (Status BETWEEN 1 AND 3),
    CONSTRAINT CK_Callbacks_Secret CHECK (Status = 1 OR SecretHash IS NULL)
);
GO
CREATE INDEX IX_Callbacks_Status ON dbo.Callbacks (OrgId, SubOrgId, Status);
GO
-- What was answered to a request that carried a key.
CREATE TABLE dbo.IdempotencyKeys (
    OrgId         int              NOT NULL,
    IdempotencyKey varchar(80)     NOT NULL,
    Operation     varchar(60)      NOT NULL,
    RequestHash   varbinary(32)    NOT NULL,
    ResultId      int              NOT NULL,
    SeenAt        datetime2(3)     NOT NULL CONSTRAINT DF_IdempotencyKeys_SeenAt DEFAULT (SYSUTCDATETIME()),
    CONSTRAINT PK_IdempotencyKeys PRIMARY KEY (OrgId, Operation, IdempotencyKey),
    CONSTRAINT FK_IdempotencyKeys_Organisations FOREIGN KEY (OrgId)
        REFERENCES dbo.Organisations (OrgId)
);
GO
-- The key under which an organisation's changes are signed. No view and no procedure shows it.
CREATE TABLE dbo.SigningKeys (
    OrgId         int              NOT NULL,
    Secret        varbinary(32)    NOT NULL,
    CONSTRAINT PK_SigningKeys PRIMARY KEY (OrgId),
    CONSTRAINT FK_SigningKeys_Organisations FOREIGN KEY (OrgId)
        REFERENCES dbo.Organisations (OrgId)
);
GO
-- One chain for each organisation: every row's hash covers the hash of the row before it.
CREATE TABLE dbo.ChangeHistory (
    OrgId         int              NOT NULL,
    ChangeNumber  int              NOT NULL,
    SubOrgId      int              NULL,
    Action        varchar(60)      NOT NULL,
    Entity        varchar(60)      NOT NULL,
    EntityId      int              NOT NULL,
    Detail        nvarchar(2000)   NULL,
    Actor         nvarchar(128)    NOT NULL,
    OccurredAt    datetime2(7)     NOT NULL,
    PreviousHash  binary(32)       NOT NULL,
    RowHash       binary(32)       NOT NULL,
    CONSTRAINT PK_ChangeHistory PRIMARY KEY (OrgId, ChangeNumber),
    CONSTRAINT UQ_ChangeHistory_PreviousHash UNIQUE (OrgId, PreviousHash),
    CONSTRAINT FK_ChangeHistory_Organisations FOREIGN KEY (OrgId)
        REFERENCES dbo.Organisations (OrgId)
);
GO
CREATE INDEX IX_ChangeHistory_Entity ON dbo.ChangeHistory (OrgId, Entity, EntityId);
GO
CREATE TRIGGER dbo.ChangeHistoryNoUpdate ON dbo.ChangeHistory
INSTEAD OF UPDATE
AS
BEGIN
    THROW 50452, N'The history of changes is append-only: a row cannot be changed.', 1;
END;
GO
CREATE TRIGGER dbo.ChangeHistoryNoDelete ON dbo.ChangeHistory
INSTEAD OF DELETE
AS
BEGIN
    THROW 50452, N'The history of changes is append-only: a row cannot be removed.', 2;
END;
GO
-- What was deployed here, by whom; there is nothing of any organisation in it.
CREATE SCHEMA ops AUTHORIZATION dbo;
GO
CREATE TABLE ops.Migrations (
    MigrationId   int              NOT NULL,
    Script        varchar(100)     NOT NULL,
    AppliedAt     datetime2(3)     NOT NULL CONSTRAINT DF_Migrations_AppliedAt DEFAULT (SYSUTCDATETIME()),
    AppliedBy     nvarchar(128)    NOT NULL CONSTRAINT DF_Migrations_AppliedBy DEFAULT (ORIGINAL_LOGIN()),
    CONSTRAINT PK_Migrations PRIMARY KEY (MigrationId),
    CONSTRAINT UQ_Migrations_Script UNIQUE (Script)
);
GO
CREATE PROCEDURE ops.RegisterMigration
    @Script varchar(100)
AS
BEGIN
    SET NOCOUNT ON;

    INSERT INTO ops.Migrations (MigrationId, Script)
    SELECT ISNULL(MAX(MigrationId), 0) + 1, @Script
    FROM ops.Migrations WITH (UPDLOCK, HOLDLOCK);
END;
GO
