-- What is deployed after the first day: tables, a change, a removal and a rollback, each registered.
CREATE TABLE dbo.ExchangeRates (
    RateId  int           NOT NULL CONSTRAINT PK_ExchangeRates PRIMARY KEY,
    Rate    decimal(9, 4) NOT NULL
);
CREATE TABLE dbo.ExchangeSources (Name nvarchar(100) NOT NULL);
CREATE TABLE dbo.ExchangeImports (ImportedAt datetime2(7) NOT NULL);
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'exchange rates', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.ExchangeRates';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.ExchangeSources';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.ExchangeImports';
GO
ALTER TABLE dbo.ExchangeRates ADD Currency char(3) NULL;
GO
EXEC dbo.RegisterMigration @Number = 91, @Name = N'currencies', @ScriptChecksum = '$(ScriptChecksum)';
-- However often it is said: the register keeps one line.
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.ExchangeRates';
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.ExchangeRates';
GO
DROP TABLE dbo.ExchangeImports;
GO
EXEC dbo.RegisterMigration @Number = 92, @Name = N'no imports', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 92, @Object = N'dbo.ExchangeImports';
GO
ALTER TABLE dbo.ExchangeSources ADD Note nvarchar(100) NULL;
GO
EXEC dbo.RegisterMigration @Number = 93, @Name = N'notes', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 93, @Object = N'dbo.ExchangeSources';
GO
ALTER TABLE dbo.ExchangeSources DROP COLUMN Note;
GO
EXEC dbo.RegisterRollback @Number = 93, @Reason = N'Nobody writes notes on sources';
EXEC dbo.RegisterMigration @Number = 94, @Name = N'no notes', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 94, @Object = N'dbo.ExchangeSources';
