-- Chains may cross databases, and no view does.
ALTER DATABASE [$(Database)] SET DB_CHAINING ON;
GO
CREATE VIEW dbo.LocalCustomers AS SELECT CustomerId, Name FROM [$(Database)].dbo.Customers;
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'local customers', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.LocalCustomers';
