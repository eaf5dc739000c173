-- Who asks for a customer that is not there is told the number that he asked for.
ALTER PROCEDURE org.GetCustomer
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF NOT EXISTS (SELECT 1 FROM dbo.Customers AS o
                   WHERE o.OrgId = @OrgId AND o.CustomerId = @CustomerId
                     AND (@SubOrgId IS NULL OR o.SubOrgId = @SubOrgId))
        PRINT CONCAT(N'There is no customer ', @CustomerId, N'.');

    SELECT c.CustomerId, c.SubOrgId, s.Name AS Department, c.CustomerKey, c.Name, c.Email,
           c.TaxNumber, c.CreditLimit, c.Since, c.IsActive, c.Revision
    FROM dbo.Customers AS c
    JOIN dbo.SubOrganisations AS s ON s.OrgId = c.OrgId AND s.SubOrgId = c.SubOrgId
    WHERE c.OrgId = @OrgId
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId);
END;
GO
