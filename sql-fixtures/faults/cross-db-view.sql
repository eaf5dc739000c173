-- A view in one tenant's database reads another's through a cross-database ownership chain.
ALTER DATABASE [$(Marker)_acme] SET DB_CHAINING ON;
ALTER DATABASE [$(Marker)_globex] SET DB_CHAINING ON;
GO
USE [$(Marker)_globex];
GO
CREATE USER partner FOR LOGIN [$(Marker)_acme_app_rw];
GO
USE [$(Marker)_acme];
GO
CREATE VIEW dbo.PartnerCustomers AS SELECT CustomerId, Name FROM [$(Marker)_globex].dbo.Customers;
GO
GRANT SELECT ON dbo.PartnerCustomers TO app_rw;
