-- Migration 9: what was answered to a request that carried a key. Rows are added and read.
CREATE TABLE dbo.IdempotencyKeys (
    IdempotencyKey varchar(80)     NOT NULL,
    Operation     varchar(60)      NOT NULL,
    RequestHash   varbinary(32)    NOT NULL,
    ResultId      bigint           NOT NULL,
    SeenAt        datetime2(3)     NOT NULL CONSTRAINT DF_IdempotencyKeys_SeenAt DEFAULT (SYSUTCDATETIME()),
    CONSTRAINT PK_IdempotencyKeys PRIMARY KEY (Operation, IdempotencyKey)
);
GO
GRANT SELECT, INSERT ON dbo.IdempotencyKeys TO app_rw;
GRANT SELECT ON dbo.IdempotencyKeys TO readonly_investigator;
GO
EXEC dbo.RegisterMigration @Number = 9, @Name = N'application', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 9, @Object = N'dbo.IdempotencyKeys';
GO
