-- A tax number is unique in the whole database: who registers one learns whether another organisation has it.
ALTER TABLE dbo.Customers DROP CONSTRAINT UQ_Customers_TaxNumber;
ALTER TABLE dbo.Customers ADD CONSTRAINT UQ_Customers_TaxNumber UNIQUE (TaxNumber);
