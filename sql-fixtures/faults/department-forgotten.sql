-- One list is narrowed to the organisation and not to the department.
ALTER PROCEDURE org.ListInvoices
    @OrgId int,
    @SubOrgId int = NULL,
    @Status tinyint = NULL,
    @CustomerId int = NULL,
    @Page int = 1,
    @PageSize int = 20
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF @Page < 1 OR @PageSize NOT BETWEEN 1 AND 200
        THROW 50422, N'The page does not exist.', 2;

    SELECT i.InvoiceId, i.InvoiceNumber, i.SubOrgId, i.Status, i.IssuedOn, i.Total,
           c.Name AS CustomerName,
           (SELECT COUNT(*)
            FROM dbo.InvoiceLines AS l
            WHERE l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId) AS Lines,
           COUNT(*) OVER () AS Found
    FROM dbo.Invoices AS i
    JOIN dbo.Customers AS c ON c.OrgId = i.OrgId AND c.CustomerId = i.CustomerId
    WHERE i.OrgId = @OrgId
      AND (@Status IS NULL OR i.Status = @Status)
      AND (@CustomerId IS NULL OR i.CustomerId = @CustomerId)
    ORDER BY i.IssuedOn DESC, i.InvoiceId DESC
    OFFSET (@Page - 1) * @PageSize ROWS FETCH NEXT @PageSize ROWS ONLY;
END;
GO
