-- Whose rows there are: organisations, their departments, their users, and the numbers that each
-- organisation has given out.
--
-- Every table begins with OrgId, and so does every key and every index in it: nothing is shared,
-- and no organisation's values can collide with another's. Row numbers are drawn per organisation
-- from dbo.Counters: an IDENTITY would tell everybody how much the others are doing.
CREATE TABLE dbo.Organisations (
    OrgId         int              NOT NULL,
    Name          nvarchar(100)    NOT NULL,
    RegistrationNumber varchar(40) NOT NULL,
    ContactEmail  varchar(120)     NOT NULL,
    PublicId      uniqueidentifier NOT NULL,
    ContractFrom  date             NOT NULL,
    IsActive      bit              NOT NULL CONSTRAINT DF_Organisations_IsActive DEFAULT (1),
    CONSTRAINT PK_Organisations PRIMARY KEY (OrgId)
);
GO
CREATE TABLE dbo.SubOrganisations (
    OrgId         int              NOT NULL,
    SubOrgId      int              NOT NULL,
    Name          nvarchar(100)    NOT NULL,
    CostCentre    varchar(40)      NOT NULL,
    CONSTRAINT PK_SubOrganisations PRIMARY KEY (OrgId, SubOrgId),
    CONSTRAINT UQ_SubOrganisations_Name UNIQUE (OrgId, Name),
    CONSTRAINT FK_SubOrganisations_Organisations FOREIGN KEY (OrgId)
        REFERENCES dbo.Organisations (OrgId)
);
GO
-- A user without a department works for the whole organisation.
CREATE TABLE dbo.Users (
    OrgId         int              NOT NULL,
    UserId        int              NOT NULL,
    SubOrgId      int              NULL,
    UserName      nvarchar(100)    NOT NULL,
    Email         varchar(120)     NOT NULL,
    PasswordHash  varbinary(64)    NOT NULL,
    IsActive      bit              NOT NULL CONSTRAINT DF_Users_IsActive DEFAULT (1),
    CONSTRAINT PK_Users PRIMARY KEY (OrgId, UserId),
    CONSTRAINT UQ_Users_UserName UNIQUE (OrgId, UserName),
    CONSTRAINT UQ_Users_Email UNIQUE (OrgId, Email),
    CONSTRAINT FK_Users_SubOrganisations FOREIGN KEY (OrgId, SubOrgId)
        REFERENCES dbo.SubOrganisations (OrgId, SubOrgId)
);
GO
CREATE INDEX IX_Users_SubOrganisation ON dbo.Users (OrgId, SubOrgId);
GO
CREATE TABLE dbo.Counters (
    OrgId         int              NOT NULL,
    Name          varchar(30)      NOT NULL,
    NextValue     int              NOT NULL,
    CONSTRAINT PK_Counters PRIMARY KEY (OrgId, Name),
    CONSTRAINT FK_Counters_Organisations FOREIGN KEY (OrgId)
        REFERENCES dbo.Organisations (OrgId)
);
GO
