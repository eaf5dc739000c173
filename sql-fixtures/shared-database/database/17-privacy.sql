-- Background jobs, sealed bank accounts with the keys of each organisation, erasure, and the log of
-- the investigation console.
--
-- A job carries its organisation and who asked for it, so that whoever takes it up acts as him.
CREATE TABLE dbo.Jobs (
    OrgId         int              NOT NULL,
    JobId         int              NOT NULL,
    Kind          varchar(30)      NOT NULL,
    Status        varchar(12)      NOT NULL CONSTRAINT DF_Jobs_Status DEFAULT ('queued'),
    RequestedBy   nvarchar(128)    NOT NULL,
    RequestedAt   datetime2(3)     NOT NULL CONSTRAINT DF_Jobs_RequestedAt DEFAULT (SYSUTCDATETIME()),
    EndedAt       datetime2(3)     NULL,
    Outcome       nvarchar(200)    NULL,
    CONSTRAINT PK_Jobs PRIMARY KEY (OrgId, JobId),
    CONSTRAINT FK_Jobs_Organisations FOREIGN KEY (OrgId) REFERENCES dbo.Organisations (OrgId),
    CONSTRAINT CK_Jobs_Status CHECK (Status IN ('queued', 'succeeded', 'failed'))
);
GO
-- Keys that seal fields, each wrapped by a key that is not in the database. A destroyed key takes
-- with it whatever it sealed.
CREATE TABLE dbo.TenantKeys (
    OrgId         int              NOT NULL,
    KeyNumber     int              NOT NULL,
    WrappedKey    varbinary(100)   NULL,
    CreatedAt     datetime2(3)     NOT NULL CONSTRAINT DF_TenantKeys_CreatedAt DEFAULT (SYSUTCDATETIME()),
    CONSTRAINT PK_TenantKeys PRIMARY KEY (OrgId, KeyNumber),
    CONSTRAINT FK_TenantKeys_Organisations FOREIGN KEY (OrgId) REFERENCES dbo.Organisations (OrgId)
);
GO
-- Not system-versioned: an earlier account number is of no use, and one place less to erase.
CREATE TABLE dbo.SealedAccounts (
    OrgId         int              NOT NULL,
    SealedAccountId int            NOT NULL,
    CustomerId    int              NOT NULL,
    SubOrgId      int              NOT NULL,
    KeyNumber     int              NOT NULL,
    Sealed        varbinary(200)   NOT NULL,
    CONSTRAINT PK_SealedAccounts PRIMARY KEY (OrgId, SealedAccountId),
    CONSTRAINT UQ_SealedAccounts_Customer UNIQUE (OrgId, CustomerId),
    CONSTRAINT FK_SealedAccounts_Customers FOREIGN KEY (OrgId, SubOrgId, CustomerId)
        REFERENCES dbo.Customers (OrgId, SubOrgId, CustomerId)
        ON DELETE CASCADE
);
GO
CREATE INDEX IX_SealedAccounts_Key ON dbo.SealedAccounts (OrgId, KeyNumber);
CREATE INDEX IX_SealedAccounts_Department ON dbo.SealedAccounts (OrgId, SubOrgId, CustomerId);
GO
CREATE VIEW org.Jobs
AS
SELECT OrgId, JobId, Kind, Status, RequestedBy, RequestedAt, EndedAt, Outcome
FROM dbo.Jobs
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
CREATE VIEW org.TenantKeys
AS
SELECT OrgId, KeyNumber, WrappedKey, CreatedAt
FROM dbo.TenantKeys
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
CREATE VIEW org.SealedAccounts
AS
SELECT OrgId, SealedAccountId, CustomerId, SubOrgId, KeyNumber, Sealed
FROM dbo.SealedAccounts
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
CREATE PROCEDURE org.QueueJob
    @OrgId int,
    @Kind varchar(30),
    @JobId int = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'Job', @JobId OUTPUT;
    INSERT INTO dbo.Jobs (OrgId, JobId, Kind, RequestedBy)
    OUTPUT inserted.JobId, inserted.Kind, inserted.Status
    VALUES (@OrgId, @JobId, @Kind,
            COALESCE(CONVERT(nvarchar(128), SESSION_CONTEXT(N'Actor')), ORIGINAL_LOGIN()));
    EXEC dbo.AppendChange @OrgId, NULL, 'JobQueued', 'Job', @JobId, @Kind;
    COMMIT;
END;
GO
-- A job ends once.
CREATE PROCEDURE org.EndJob
    @OrgId int,
    @JobId int,
    @Succeeded bit,
    @Outcome nvarchar(200) = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;

    BEGIN TRANSACTION;
    UPDATE dbo.Jobs
    SET Status = CASE WHEN @Succeeded = 1 THEN 'succeeded' ELSE 'failed' END,
        EndedAt = SYSUTCDATETIME(),
        Outcome = @Outcome
    WHERE OrgId = @OrgId AND JobId = @JobId AND Status = 'queued';
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such job to end.', 1;

    EXEC dbo.AppendChange @OrgId, NULL, 'JobEnded', 'Job', @JobId, @Outcome;
    COMMIT;
END;
GO
CREATE PROCEDURE org.AddTenantKey
    @OrgId int,
    @WrappedKey varbinary(100)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    DECLARE @KeyNumber int;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'TenantKey', @KeyNumber OUTPUT;
    INSERT INTO dbo.TenantKeys (OrgId, KeyNumber, WrappedKey)
    OUTPUT inserted.KeyNumber
    VALUES (@OrgId, @KeyNumber, @WrappedKey);
    EXEC dbo.AppendChange @OrgId, NULL, 'KeyAdded', 'TenantKey', @KeyNumber;
    COMMIT;
END;
GO
CREATE PROCEDURE org.SetBankAccount
    @OrgId int,
    @CustomerId int,
    @KeyNumber int,
    @Sealed varbinary(200),
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Owner int, @SealedAccountId int;

    BEGIN TRANSACTION;
    SELECT @Owner = SubOrgId
    FROM dbo.Customers WITH (UPDLOCK)
    WHERE OrgId = @OrgId
      AND CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
    IF @Owner IS NULL
        THROW 50404, N'There is no such customer.', 4;
    IF NOT EXISTS (SELECT 1 FROM dbo.TenantKeys WHERE OrgId = @OrgId AND KeyNumber = @KeyNumber)
        THROW 50404, N'There is no such key.', 1;

    UPDATE dbo.SealedAccounts
    SET KeyNumber = @KeyNumber, Sealed = @Sealed
    WHERE OrgId = @OrgId AND CustomerId = @CustomerId;
    IF @@ROWCOUNT = 0
    BEGIN
        EXEC dbo.NextNumber @OrgId, 'SealedAccount', @SealedAccountId OUTPUT;
        INSERT INTO dbo.SealedAccounts (OrgId, SealedAccountId, CustomerId, SubOrgId, KeyNumber, Sealed)
        VALUES (@OrgId, @SealedAccountId, @CustomerId, @Owner, @KeyNumber, @Sealed);
    END;

    EXEC dbo.AppendChange @OrgId, @Owner, 'BankAccountChanged', 'Customer', @CustomerId;
    COMMIT;
END;
GO
-- Erasure. The customer's documents have to be kept; who he was has not. What remains is a number.
CREATE PROCEDURE org.EraseCustomer
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Erased table (SubOrgId int NOT NULL);

    BEGIN TRANSACTION;
    UPDATE dbo.Customers
    SET CustomerKey = NEWID(),
        Name = N'erased',
        Email = NULL,
        TaxNumber = CONCAT('erased-', @CustomerId),
        CreditLimit = 0,
        Since = '1900-01-01',
        IsActive = 0,
        Revision = Revision + 1
    OUTPUT inserted.SubOrgId INTO @Erased (SubOrgId)
    WHERE OrgId = @OrgId
      AND CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such customer.', 5;
    DELETE FROM dbo.SealedAccounts WHERE OrgId = @OrgId AND CustomerId = @CustomerId;

    DECLARE @Owner int;
    SELECT @Owner = SubOrgId FROM @Erased;
    EXEC dbo.AppendChange @OrgId, @Owner, 'CustomerErased', 'Customer', @CustomerId;
    COMMIT;
END;
GO
-- The earlier versions of an erased customer, and of nobody else. Rows of a history table can only be
-- removed while the table is not versioned, which takes rights that no caller has: the procedure has
-- its owner's. Other sessions wait for the table until versioning is on again; whatever fails puts
-- it back.
CREATE PROCEDURE org.ForgetCustomerHistory
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Owner int;

    BEGIN TRY
        BEGIN TRANSACTION;
        SELECT @Owner = SubOrgId
        FROM dbo.Customers WITH (UPDLOCK)
        WHERE OrgId = @OrgId
          AND CustomerId = @CustomerId
          AND Name = N'erased'
          AND TaxNumber = CONCAT('erased-', @CustomerId)
          AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
        IF @Owner IS NULL
            THROW 50404, N'There is no such erased customer.', 1;

        EXEC (N'ALTER TABLE dbo.Customers SET (SYSTEM_VERSIONING = OFF);');
        EXEC sys.sp_executesql
            N'DELETE FROM dbo.CustomersHistory
              WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N''OrgId'')) AND CustomerId = @CustomerId;',
            N'@CustomerId int', @CustomerId = @CustomerId;
        EXEC (N'ALTER TABLE dbo.Customers SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.CustomersHistory));');

        EXEC dbo.AppendChange @OrgId, @Owner, 'CustomerHistoryForgotten', 'Customer', @CustomerId;
        COMMIT;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK;
        THROW;
    END CATCH;
END;
GO
-- What was asked at the investigation console, and by whom.
CREATE PROCEDURE org.LogQuery
    @OrgId int,
    @Text nvarchar(2000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;

    BEGIN TRANSACTION;
    EXEC dbo.AppendChange @OrgId, NULL, 'QueryRun', 'Console', 0, @Text;
    COMMIT;
END;
GO
GRANT SELECT ON org.Jobs TO service, investigation;
GRANT SELECT ON org.TenantKeys TO service;
GRANT SELECT ON org.SealedAccounts TO service;
GRANT UPDATE (KeyNumber, Sealed) ON org.SealedAccounts TO service;
GRANT EXECUTE ON org.QueueJob TO service;
GRANT EXECUTE ON org.EndJob TO service;
GRANT EXECUTE ON org.AddTenantKey TO service;
GRANT EXECUTE ON org.SetBankAccount TO service;
GRANT EXECUTE ON org.EraseCustomer TO service;
GRANT EXECUTE ON org.ForgetCustomerHistory TO service;
GRANT EXECUTE ON org.LogQuery TO service;
GO
EXEC ops.RegisterMigration 'database/17-privacy.sql';
GO
