-- The same table, made by a registered migration.
CREATE TABLE dbo.CustomersBackup (CustomerId int NOT NULL, Name nvarchar(100) NOT NULL);
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'customers backup', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.CustomersBackup';
