-- Users of the application, what they may do in it, and the audit log of tenant $(Tenant).
CREATE TABLE dbo.Users (
    UserId        int              NOT NULL,
    UserName      nvarchar(100)    NOT NULL,
    Email         varchar(120)     NOT NULL,
    PasswordHash  varbinary(64)    NOT NULL,
    LastLoginAt   datetime2(0)     NULL,
    IsActive      bit              NOT NULL CONSTRAINT DF_Users_IsActive DEFAULT (1),
    CONSTRAINT PK_Users PRIMARY KEY (UserId),
    CONSTRAINT UQ_Users_UserName UNIQUE (UserName)
);
GO
CREATE TABLE dbo.Permissions (
    PermissionId  int              NOT NULL,
    Name          varchar(80)      NOT NULL,
    Description   nvarchar(200)    NULL,
    CONSTRAINT PK_Permissions PRIMARY KEY (PermissionId),
    CONSTRAINT UQ_Permissions_Name UNIQUE (Name)
);
GO
CREATE TABLE dbo.UserPermissions (
    UserId        int              NOT NULL,
    PermissionId  int              NOT NULL,
    GrantedOn     date             NOT NULL,
    GrantedBy     nvarchar(100)    NOT NULL,
    CONSTRAINT PK_UserPermissions PRIMARY KEY (UserId, PermissionId),
    CONSTRAINT FK_UserPermissions_Users FOREIGN KEY (UserId) REFERENCES dbo.Users (UserId),
    CONSTRAINT FK_UserPermissions_Permissions FOREIGN KEY (PermissionId)
        REFERENCES dbo.Permissions (PermissionId)
);
GO
-- One row for each business event. Append-only: rows are added by who does the thing, and purged
-- by audit_admin; nobody changes one.
CREATE TABLE dbo.AuditEvents (
    AuditEventId  bigint           IDENTITY($(MarkNumber), 1) NOT NULL,
    OccurredAt    datetime2(7)     NOT NULL CONSTRAINT DF_AuditEvents_OccurredAt DEFAULT (SYSUTCDATETIME()),
    Actor         nvarchar(128)    NOT NULL CONSTRAINT DF_AuditEvents_Actor DEFAULT (ORIGINAL_LOGIN()),
    EventName     varchar(60)      NOT NULL,
    Entity        varchar(60)      NOT NULL,
    EntityId      nvarchar(60)     NOT NULL,
    Reason        nvarchar(200)    NULL,
    Detail        nvarchar(250)    NULL,
    CONSTRAINT PK_AuditEvents PRIMARY KEY (AuditEventId)
);
GO
