-- Migration 2: chart of accounts, periods and journal of tenant $(Tenant).
--
-- Identities start in the tenant's own band of numbers, so that also the keys of rows that are
-- added later tell whose they are. Every table whose rows change keeps the earlier ones.
CREATE TABLE dbo.Accounts (
    AccountId     int              NOT NULL,
    Code          varchar(30)      NOT NULL,
    Name          nvarchar(100)    NOT NULL,
    Kind          varchar(10)      NOT NULL,
    OpeningAmount decimal(19, 4)   NOT NULL CONSTRAINT DF_Accounts_OpeningAmount DEFAULT (0),
    IsActive      bit              NOT NULL CONSTRAINT DF_Accounts_IsActive DEFAULT (1),
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Accounts PRIMARY KEY (AccountId),
    CONSTRAINT UQ_Accounts_Code UNIQUE (Code),
    CONSTRAINT CK_Accounts_Kind CHECK (Kind IN ('asset', 'liability', 'equity', 'income', 'expense'))
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Accounts));
GO
CREATE TABLE dbo.Periods (
    PeriodId      int              NOT NULL,
    Name          nvarchar(50)     NOT NULL,
    StartsOn      date             NOT NULL,
    EndsOn        date             NOT NULL,
    IsClosed      bit              NOT NULL CONSTRAINT DF_Periods_IsClosed DEFAULT (0),
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Periods PRIMARY KEY (PeriodId),
    CONSTRAINT UQ_Periods_StartsOn UNIQUE (StartsOn),
    CONSTRAINT CK_Periods_Order CHECK (EndsOn >= StartsOn)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Periods));
GO
CREATE TABLE dbo.JournalEntries (
    JournalEntryId int             IDENTITY($(MarkNumber), 1) NOT NULL,
    PeriodId      int              NOT NULL,
    EntryNumber   varchar(40)      NOT NULL,
    PostedOn      date             NOT NULL,
    Description   nvarchar(200)    NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_JournalEntries PRIMARY KEY (JournalEntryId),
    CONSTRAINT UQ_JournalEntries_EntryNumber UNIQUE (EntryNumber),
    CONSTRAINT FK_JournalEntries_Periods FOREIGN KEY (PeriodId) REFERENCES dbo.Periods (PeriodId)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.JournalEntries));
GO
CREATE TABLE dbo.JournalLines (
    JournalEntryId int             NOT NULL,
    LineNumber    int              NOT NULL,
    AccountId     int              NOT NULL,
    Debit         decimal(19, 4)   NOT NULL CONSTRAINT DF_JournalLines_Debit DEFAULT (0),
    Credit        decimal(19, 4)   NOT NULL CONSTRAINT DF_JournalLines_Credit DEFAULT (0),
    Memo          nvarchar(200)    NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_JournalLines PRIMARY KEY (JournalEntryId, LineNumber),
    CONSTRAINT FK_JournalLines_JournalEntries FOREIGN KEY (JournalEntryId)
        REFERENCES dbo.JournalEntries (JournalEntryId),
    CONSTRAINT FK_JournalLines_Accounts FOREIGN KEY (AccountId) REFERENCES dbo.Accounts (AccountId),
    CONSTRAINT CK_JournalLines_Amounts CHECK (Debit >= 0 AND Credit >= 0)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.JournalLines));
GO
EXEC dbo.RegisterMigration @Number = 2, @Name = N'ledger', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 2, @Object = N'dbo.Accounts';
EXEC dbo.RegisterObject @Number = 2, @Object = N'dbo.Periods';
EXEC dbo.RegisterObject @Number = 2, @Object = N'dbo.JournalEntries';
EXEC dbo.RegisterObject @Number = 2, @Object = N'dbo.JournalLines';
GO
