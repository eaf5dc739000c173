-- Migration 4: users of the application of tenant $(Tenant), and what they may do in it.
CREATE TABLE dbo.Users (
    UserId        int              NOT NULL,
    UserName      nvarchar(100)    NOT NULL,
    Email         varchar(120)     NOT NULL,
    PasswordHash  varbinary(64)    NOT NULL,
    LastLoginAt   datetime2(0)     NULL,
    IsActive      bit              NOT NULL CONSTRAINT DF_Users_IsActive DEFAULT (1),
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Users PRIMARY KEY (UserId),
    CONSTRAINT UQ_Users_UserName UNIQUE (UserName)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Users));
GO
-- Permissions are named constants; the application asks for a name and never for a role.
CREATE TABLE dbo.Permissions (
    PermissionId  int              NOT NULL,
    Name          varchar(80)      NOT NULL,
    Description   nvarchar(200)    NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Permissions PRIMARY KEY (PermissionId),
    CONSTRAINT UQ_Permissions_Name UNIQUE (Name)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Permissions));
GO
CREATE TABLE dbo.Roles (
    RoleId        int              NOT NULL,
    Name          nvarchar(100)    NOT NULL,
    Description   nvarchar(200)    NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Roles PRIMARY KEY (RoleId),
    CONSTRAINT UQ_Roles_Name UNIQUE (Name)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Roles));
GO
CREATE TABLE dbo.RolePermissions (
    RoleId        int              NOT NULL,
    PermissionId  int              NOT NULL,
    GrantedOn     date             NOT NULL,
    GrantedBy     nvarchar(100)    NOT NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_RolePermissions PRIMARY KEY (RoleId, PermissionId),
    CONSTRAINT FK_RolePermissions_Roles FOREIGN KEY (RoleId) REFERENCES dbo.Roles (RoleId),
    CONSTRAINT FK_RolePermissions_Permissions FOREIGN KEY (PermissionId)
        REFERENCES dbo.Permissions (PermissionId)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.RolePermissions));
GO
CREATE TABLE dbo.UserRoles (
    UserId        int              NOT NULL,
    RoleId        int              NOT NULL,
    GrantedOn     date             NOT NULL,
    GrantedBy     nvarchar(100)    NOT NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_UserRoles PRIMARY KEY (UserId, RoleId),
    CONSTRAINT FK_UserRoles_Users FOREIGN KEY (UserId) REFERENCES dbo.Users (UserId),
    CONSTRAINT FK_UserRoles_Roles FOREIGN KEY (RoleId) REFERENCES dbo.Roles (RoleId)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.UserRoles));
GO
EXEC dbo.RegisterMigration @Number = 4, @Name = N'people', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 4, @Object = N'dbo.Users';
EXEC dbo.RegisterObject @Number = 4, @Object = N'dbo.Permissions';
EXEC dbo.RegisterObject @Number = 4, @Object = N'dbo.Roles';
EXEC dbo.RegisterObject @Number = 4, @Object = N'dbo.RolePermissions';
EXEC dbo.RegisterObject @Number = 4, @Object = N'dbo.UserRoles';
GO
