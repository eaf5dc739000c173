-- The lines are joined to the header.
ALTER PROCEDURE org.InvoiceAsOf
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
    JOIN dbo.Invoices FOR SYSTEM_TIME AS OF @Moment AS i
        ON i.OrgId = l.OrgId AND i.InvoiceId = l.InvoiceId
    WHERE i.OrgId = @OrgId
      AND l.InvoiceId = @InvoiceId
      AND (@SubOrgId IS NULL OR l.SubOrgId = @SubOrgId)
    ORDER BY l.LineNumber;
END;
GO
