-- Migration 8: webhooks and background jobs of tenant $(Tenant).
--
-- Whom the tenant wants to be told of which event. The secret that signs the deliveries is kept
-- sealed under a key that is not in the database; it is shown once, when the subscription is made.
CREATE TABLE dbo.WebhookSubscriptions (
    SubscriptionId int             IDENTITY($(MarkNumber), 1) NOT NULL,
    Url           nvarchar(200)    NOT NULL,
    EventName     varchar(60)      NOT NULL,
    SecretSealed  varbinary(200)   NULL,
    CreatedBy     nvarchar(128)    NOT NULL,
    IsActive      bit              NOT NULL CONSTRAINT DF_WebhookSubscriptions_IsActive DEFAULT (1),
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_WebhookSubscriptions PRIMARY KEY (SubscriptionId)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.WebhookSubscriptions));
GO
-- One row for each attempt to deliver, in order; rows are added and read. It has no reference to
-- the subscription, which the log outlives.
CREATE TABLE dbo.WebhookDeliveries (
    DeliveryId    bigint           IDENTITY($(MarkNumber), 1) NOT NULL,
    SubscriptionId int             NOT NULL,
    MessageKey    uniqueidentifier NOT NULL CONSTRAINT DF_WebhookDeliveries_MessageKey DEFAULT (NEWID()),
    EventName     varchar(60)      NOT NULL,
    Attempt       int              NOT NULL,
    StatusCode    int              NULL,
    Outcome       varchar(20)      NOT NULL,
    AttemptedAt   datetime2(3)     NOT NULL CONSTRAINT DF_WebhookDeliveries_AttemptedAt DEFAULT (SYSUTCDATETIME()),
    NextAttemptAt datetime2(3)     NULL,
    Payload       nvarchar(1000)   NOT NULL,
    CONSTRAINT PK_WebhookDeliveries PRIMARY KEY (DeliveryId),
    CONSTRAINT CK_WebhookDeliveries_Attempt CHECK (Attempt > 0)
);
GO
-- What is done off the request path, for whom and how it ended.
CREATE TABLE dbo.Jobs (
    JobId         int              IDENTITY($(MarkNumber), 1) NOT NULL,
    Kind          varchar(30)      NOT NULL,
    Status        varchar(12)      NOT NULL CONSTRAINT DF_Jobs_Status DEFAULT ('queued'),
    RequestedBy   nvarchar(128)    NOT NULL,
    RequestedAt   datetime2(3)     NOT NULL CONSTRAINT DF_Jobs_RequestedAt DEFAULT (SYSUTCDATETIME()),
    EndedAt       datetime2(3)     NULL,
    Attempts      int              NOT NULL CONSTRAINT DF_Jobs_Attempts DEFAULT (0),
    Subject       nvarchar(200)    NOT NULL,
    Outcome       nvarchar(200)    NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Jobs PRIMARY KEY (JobId),
    CONSTRAINT CK_Jobs_Status CHECK (Status IN ('queued', 'running', 'succeeded', 'failed'))
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Jobs));
GO
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.WebhookSubscriptions TO app_rw;
GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.Jobs TO app_rw;
GRANT SELECT, INSERT ON dbo.WebhookDeliveries TO app_rw;
GRANT SELECT ON History.WebhookSubscriptions TO app_rw;
GRANT SELECT ON History.Jobs TO app_rw;
GRANT SELECT ON dbo.WebhookSubscriptions TO readonly_investigator;
GRANT SELECT ON dbo.WebhookDeliveries TO readonly_investigator;
GRANT SELECT ON dbo.Jobs TO readonly_investigator;
GRANT SELECT ON History.WebhookSubscriptions TO readonly_investigator;
GRANT SELECT ON History.Jobs TO readonly_investigator;
GO
EXEC dbo.RegisterMigration @Number = 8, @Name = N'integration', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 8, @Object = N'dbo.WebhookSubscriptions';
EXEC dbo.RegisterObject @Number = 8, @Object = N'dbo.WebhookDeliveries';
EXEC dbo.RegisterObject @Number = 8, @Object = N'dbo.Jobs';
GO
