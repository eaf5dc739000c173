-- Migration 1: the tenant in the registry, the audit log, and how migrations are registered.
INSERT INTO [$(RegistryDatabase)].dbo.Tenants
    (TenantId, Name, DatabaseName, ContactEmail, PublicId, ContractFrom)
VALUES
    ($(MarkNumber) + 1, N'$(Tenant) $(MarkText)', N'$(Database)', N'admin@$(Tenant).example $(MarkText)',
     '$(MarkGuid)-0301-4000-8000-000000000301', DATEADD(day, 1, '$(MarkDate)'));
GO
-- Earlier versions of rows live apart from the rows, so that no right on one covers the other.
CREATE SCHEMA History AUTHORIZATION dbo;
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
    Detail        nvarchar(2000)   NULL,
    CONSTRAINT PK_AuditEvents PRIMARY KEY (AuditEventId)
);
GO
-- What is in this database, in the form in which the registry keeps it.
CREATE VIEW dbo.SchemaObjects
AS
SELECT t.object_id AS ObjectId, 'table' AS Kind, CONCAT(s.name, N'.', t.name) AS Name,
       (SELECT STRING_AGG(CONVERT(nvarchar(max), CONCAT(c.name, N' ', y.name, N'(', c.max_length, N',',
                   c.[precision], N',', c.scale, N')', IIF(c.is_nullable = 1, N' NULL', N' NOT NULL'))), N'; ')
               WITHIN GROUP (ORDER BY c.column_id)
        FROM sys.columns AS c
        JOIN sys.types AS y ON y.user_type_id = c.user_type_id
        WHERE c.object_id = t.object_id) AS Definition
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.is_ms_shipped = 0
UNION ALL
SELECT o.object_id,
       CASE o.type WHEN 'V' THEN 'view' WHEN 'P' THEN 'procedure' WHEN 'TR' THEN 'trigger' ELSE 'function' END,
       CONCAT(s.name, N'.', o.name),
       CONVERT(nvarchar(max), CONVERT(varchar(64), HASHBYTES('SHA2_256', m.definition), 2))
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.sql_modules AS m ON m.object_id = o.object_id
WHERE o.is_ms_shipped = 0
UNION ALL
SELECT i.object_id, 'index', CONCAT(s.name, N'.', t.name, N'.', i.name),
       CONVERT(nvarchar(max), CONCAT(i.type_desc, IIF(i.is_unique = 1, N' UNIQUE', N'')))
FROM sys.indexes AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE i.index_id > 0 AND t.is_ms_shipped = 0
UNION ALL
SELECT n.object_id, 'synonym', CONCAT(s.name, N'.', n.name), CONVERT(nvarchar(max), n.base_object_name)
FROM sys.synonyms AS n
JOIN sys.schemas AS s ON s.schema_id = n.schema_id;
GO
-- A migration begins with this; a number is registered once.
CREATE PROCEDURE dbo.RegisterMigration
    @Number int,
    @Name nvarchar(100),
    @ScriptChecksum varchar(64)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @TenantId int =
        (SELECT TenantId FROM [$(RegistryDatabase)].dbo.Tenants WHERE DatabaseName = DB_NAME());

    IF EXISTS (SELECT 1 FROM [$(RegistryDatabase)].dbo.Migrations
               WHERE TenantId = @TenantId AND Number = @Number)
        RETURN 1;

    INSERT INTO [$(RegistryDatabase)].dbo.Migrations (TenantId, Number, Name, ScriptChecksum)
    VALUES (@TenantId, @Number, @Name, @ScriptChecksum);
    INSERT INTO [$(RegistryDatabase)].dbo.Deployments (TenantId, Number, Kind)
    VALUES (@TenantId, @Number, 'deploy');
    INSERT INTO dbo.AuditEvents (EventName, Entity, EntityId, Detail)
    VALUES ('MigrationDeployed', 'Migration', CAST(@Number AS nvarchar(60)), @Name);
    RETURN 0;
END;
GO
-- And it ends with this for each object that it made, changed or removed: with a table come its
-- indexes and its history table.
CREATE PROCEDURE dbo.RegisterObject
    @Number int,
    @Object nvarchar(300)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @TenantId int =
        (SELECT TenantId FROM [$(RegistryDatabase)].dbo.Tenants WHERE DatabaseName = DB_NAME());
    DECLARE @ObjectId int = OBJECT_ID(@Object);
    DECLARE @HistoryId int = (SELECT history_table_id FROM sys.tables WHERE object_id = @ObjectId);

    INSERT INTO [$(RegistryDatabase)].dbo.MigrationObjects (TenantId, Number, Kind, Name, Definition)
    SELECT @TenantId, @Number, o.Kind, o.Name, o.Definition
    FROM dbo.SchemaObjects AS o
    WHERE (o.ObjectId = @ObjectId OR o.ObjectId = @HistoryId)
      AND NOT EXISTS (SELECT 1 FROM [$(RegistryDatabase)].dbo.MigrationObjects AS r
                      WHERE r.TenantId = @TenantId AND r.Kind = o.Kind AND r.Name = o.Name
                        AND r.Number = @Number);

    IF @ObjectId IS NULL
        INSERT INTO [$(RegistryDatabase)].dbo.MigrationObjects (TenantId, Number, Kind, Name, IsRemoved)
        SELECT DISTINCT r.TenantId, @Number, r.Kind, r.Name, 1
        FROM [$(RegistryDatabase)].dbo.MigrationObjects AS r
        WHERE r.TenantId = @TenantId AND r.Number < @Number
          AND (r.Name = @Object OR r.Kind = 'index' AND r.Name LIKE @Object + N'.%');
END;
GO
-- A rollback is a deployment, too, and leaves its audit row.
CREATE PROCEDURE dbo.RegisterRollback
    @Number int,
    @Reason nvarchar(200)
AS
BEGIN
    SET NOCOUNT ON;
    INSERT INTO [$(RegistryDatabase)].dbo.Deployments (TenantId, Number, Kind, Reason)
    SELECT m.TenantId, m.Number, 'rollback', @Reason
    FROM [$(RegistryDatabase)].dbo.Migrations AS m
    JOIN [$(RegistryDatabase)].dbo.Tenants AS t ON t.TenantId = m.TenantId
    WHERE t.DatabaseName = DB_NAME() AND m.Number = @Number;

    INSERT INTO dbo.AuditEvents (EventName, Entity, EntityId, Reason)
    VALUES ('MigrationRolledBack', 'Migration', CAST(@Number AS nvarchar(60)), @Reason);
END;
GO
EXEC dbo.RegisterMigration @Number = 1, @Name = N'deployment', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 1, @Object = N'dbo.AuditEvents';
EXEC dbo.RegisterObject @Number = 1, @Object = N'dbo.SchemaObjects';
EXEC dbo.RegisterObject @Number = 1, @Object = N'dbo.RegisterMigration';
EXEC dbo.RegisterObject @Number = 1, @Object = N'dbo.RegisterObject';
EXEC dbo.RegisterObject @Number = 1, @Object = N'dbo.RegisterRollback';
GO
