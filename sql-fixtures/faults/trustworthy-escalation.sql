-- A tenant's database is trustworthy and owned by an administrator, and a module runs as its owner in another tenant's.
ALTER DATABASE [$(Database)] SET TRUSTWORTHY ON;
GO
CREATE PROCEDURE dbo.CompareCustomers WITH EXECUTE AS OWNER
AS
SELECT c.CustomerId, c.Name FROM [$(Marker)_globex].dbo.Customers AS c;
GO
GRANT EXECUTE ON dbo.CompareCustomers TO app_rw;
