-- There is a table in a tenant's database that no registered migration made.
CREATE TABLE dbo.CustomersBackup (CustomerId int NOT NULL, Name nvarchar(100) NOT NULL);
