-- What the two corpora speak of. The service may run what is in schema `org`, and what is marked
-- callable below; @OrgId of a batch is the application's own parameter, 7 the caller's tenant.
CREATE TABLE dbo.Invoices (OrgId int NOT NULL, InvoiceId int NOT NULL, SubOrgId int NULL, CustomerId int NOT NULL, Number nvarchar(20) NOT NULL, Amount decimal(12, 2) NOT NULL, Note nvarchar(100) NULL);
CREATE TABLE dbo.InvoiceLines (OrgId int NOT NULL, InvoiceId int NOT NULL, LineId int NOT NULL, ProductId int NOT NULL, Quantity int NOT NULL);
CREATE TABLE dbo.Products (OrgId int NOT NULL, ProductId int NOT NULL, ParentId int NULL, Name nvarchar(50) NOT NULL);
CREATE TABLE dbo.Customers (OrgId int NOT NULL, CustomerId int NOT NULL, Name nvarchar(50) NOT NULL);
CREATE TABLE dbo.Ratings (OrgId real NOT NULL, Stars int NOT NULL);
CREATE TABLE dbo.Weights (Factor real NOT NULL, Id int NOT NULL);
CREATE TABLE dbo.Currencies (Code char(3) NOT NULL, Name nvarchar(50) NOT NULL);
CREATE TABLE dbo.Settings (Name nvarchar(50) NOT NULL, Number int NOT NULL);
GO
CREATE VIEW org.Invoices AS SELECT OrgId, InvoiceId, SubOrgId, CustomerId, Number, Amount, Note FROM dbo.Invoices WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId')) WITH CHECK OPTION;
GO
CREATE VIEW org.OpenProducts AS SELECT OrgId, ProductId, ParentId, Name FROM dbo.Products WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'));
GO
CREATE VIEW dbo.AllInvoices AS SELECT OrgId, InvoiceId, Amount FROM dbo.Invoices;
GO
CREATE VIEW dbo.InvoiceTotals (OrgId, InvoiceId, Lines) AS SELECT OrgId, InvoiceId, COUNT(*) FROM dbo.InvoiceLines GROUP BY OrgId, InvoiceId;
GO
CREATE VIEW dbo.Newest AS SELECT TOP (10) OrgId, InvoiceId FROM dbo.Invoices ORDER BY InvoiceId DESC;
GO
CREATE FUNCTION dbo.LinesOf (@OrgId int, @InvoiceId int) RETURNS TABLE AS RETURN SELECT OrgId, LineId, Quantity FROM dbo.InvoiceLines WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId;
GO
CREATE FUNCTION dbo.AnyLinesOf (@InvoiceId int) RETURNS TABLE AS RETURN SELECT OrgId, LineId, Quantity FROM dbo.InvoiceLines WHERE InvoiceId = @InvoiceId;
GO
CREATE FUNCTION dbo.CountOf (@OrgId int) RETURNS int AS BEGIN RETURN (SELECT COUNT(*) FROM dbo.Invoices WHERE OrgId = @OrgId); END;
GO
CREATE FUNCTION dbo.CountAll () RETURNS int AS BEGIN RETURN (SELECT COUNT(*) FROM dbo.Invoices); END;
GO
CREATE FUNCTION dbo.LinesTable (@OrgId int) RETURNS @rows TABLE (OrgId int, LineId int) AS BEGIN INSERT @rows SELECT OrgId, LineId FROM dbo.InvoiceLines WHERE OrgId = @OrgId; RETURN; END;
GO
CREATE PROCEDURE org.RequireOrg @OrgId int AS
IF @OrgId IS NULL OR SESSION_CONTEXT(N'OrgId') IS NULL OR @OrgId <> CONVERT(int, SESSION_CONTEXT(N'OrgId'))
    THROW 50403, N'not yours', 1;
GO
CREATE PROCEDURE org.RequireSomething @OrgId int AS
IF @OrgId IS NULL THROW 50403, N'not yours', 1;
GO
CREATE PROCEDURE dbo.PurgeOf @OrgId int AS DELETE FROM dbo.InvoiceLines WHERE OrgId = @OrgId;
GO
CREATE PROCEDURE dbo.PurgeAll AS DELETE FROM dbo.InvoiceLines;
GO
CREATE PROCEDURE dbo.LeaveContext AS EXEC sys.sp_set_session_context N'OrgId', 8;
