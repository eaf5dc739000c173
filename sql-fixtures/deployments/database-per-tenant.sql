-- What is deployed after the first day: tables, a change, a removal and a rollback, each registered.
CREATE TABLE dbo.ExchangeRates (
    RateId  int           NOT NULL CONSTRAINT PK_ExchangeRates PRIMARY KEY,
    Rate    decimal(9, 4) NOT NULL
);
CREATE TABLE dbo.ExchangeImports (ImportedAt datetime2(7) NOT NULL, Source nvarchar(100) NOT NULL);
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'exchange rates', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.ExchangeRates';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.ExchangeImports';
GO
ALTER TABLE dbo.ExchangeRates ADD Currency char(3) NULL;
GO
EXEC dbo.RegisterMigration @Number = 91, @Name = N'currencies', @ScriptChecksum = '$(ScriptChecksum)';
-- Once for the column, and once for what was built on it: the register keeps one line.
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.ExchangeRates';
EXEC dbo.RegisterObject @Number = 91, @Object = N'dbo.ExchangeRates';
GO
DROP TABLE dbo.ExchangeImports;
GO
EXEC dbo.RegisterMigration @Number = 92, @Name = N'no imports', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 92, @Object = N'dbo.ExchangeImports';
GO
ALTER TABLE dbo.ExchangeRates DROP COLUMN Currency;
GO
EXEC dbo.RegisterRollback @Number = 91, @Reason = N'Currencies came with the rates after all';
EXEC dbo.RegisterMigration @Number = 93, @Name = N'no currencies', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 93, @Object = N'dbo.ExchangeRates';
