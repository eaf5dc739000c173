-- How things were. A row of the past belongs to whom it belonged then.
CREATE PROCEDURE org.CustomerAsOf
    @OrgId int,
    @CustomerId int,
    @AsOf datetime2(7) = NULL,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Moment datetime2(7) = COALESCE(@AsOf, SYSUTCDATETIME());

    SELECT c.CustomerId, c.SubOrgId, c.Name, c.Email, c.TaxNumber, c.CreditLimit, c.IsActive,
           c.Revision, c.ValidFrom, c.ValidTo
    FROM dbo.Customers FOR SYSTEM_TIME AS OF @Moment AS c
    WHERE c.OrgId = @OrgId
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId);
END;
GO
CREATE PROCEDURE org.CustomerHistory
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT c.Name, c.Email, c.CreditLimit, c.IsActive, c.Revision, c.ValidFrom, c.ValidTo
    FROM dbo.Customers FOR SYSTEM_TIME ALL AS c
    WHERE c.OrgId = @OrgId
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId)
    ORDER BY c.ValidFrom;
END;
GO
CREATE PROCEDURE org.InvoiceAsOf
    @OrgId int,
    @InvoiceId int,
    @AsOf datetime2(7) = NULL,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Moment datetime2(7) = COALESCE(@AsOf, SYSUTCDATETIME());

    SELECT i.InvoiceId, i.InvoiceNumber, i.Status, i.Total, i.Note, c.Name AS CustomerName,
           i.ValidFrom, i.ValidTo
    FROM dbo.Invoices FOR SYSTEM_TIME AS OF @Moment AS i
    JOIN dbo.Customers FOR SYSTEM_TIME AS OF @Moment AS c
        ON c.OrgId = i.OrgId AND c.CustomerId = i.CustomerId
    WHERE i.OrgId = @OrgId
      AND i.InvoiceId = @InvoiceId
      AND (@SubOrgId IS NULL OR i.SubOrgId = @SubOrgId);

    SELECT l.LineNumber, l.ProductId, l.Quantity, l.UnitPrice, l.Description
    FROM dbo.InvoiceLines FOR SYSTEM_TIME AS OF @Moment AS l
    WHERE l.OrgId = @OrgId
      AND l.InvoiceId = @InvoiceId
      AND (@SubOrgId IS NULL OR l.SubOrgId = @SubOrgId)
    ORDER BY l.LineNumber;
END;
GO
-- Prices that held at any time within a span.
CREATE PROCEDURE org.PricesBetween
    @OrgId int,
    @ProductId int,
    @From datetime2(7),
    @To datetime2(7)
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertOrganisation @OrgId;

    SELECT q.ProductId, q.Sku, q.Name, q.UnitPrice, q.ValidFrom, q.ValidTo
    FROM dbo.Products FOR SYSTEM_TIME BETWEEN @From AND @To AS q
    WHERE q.OrgId = @OrgId AND q.ProductId = @ProductId
    ORDER BY q.ValidFrom;
END;
GO
-- What the levels of stock were, at the beginning of a stocktaking, say.
CREATE PROCEDURE org.StockAsOf
    @OrgId int,
    @AsOf datetime2(7),
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT v.SubOrgId, v.ProductId, q.Name, v.Location, v.OnHand
    FROM dbo.StockLevels FOR SYSTEM_TIME AS OF @AsOf AS v
    JOIN dbo.Products FOR SYSTEM_TIME AS OF @AsOf AS q
        ON q.OrgId = v.OrgId AND q.ProductId = v.ProductId
    WHERE v.OrgId = @OrgId
      AND (@SubOrgId IS NULL OR v.SubOrgId = @SubOrgId)
    ORDER BY v.SubOrgId, v.ProductId, v.Location;
END;
GO
GRANT EXECUTE ON org.CustomerAsOf TO service, investigation;
GRANT EXECUTE ON org.CustomerHistory TO service, investigation;
GRANT EXECUTE ON org.InvoiceAsOf TO service, investigation;
GRANT EXECUTE ON org.PricesBetween TO service, investigation;
GRANT EXECUTE ON org.StockAsOf TO service, investigation;
GO
