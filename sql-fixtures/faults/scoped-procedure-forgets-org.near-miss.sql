-- The predicate stands at the other table of the join.
ALTER PROCEDURE org.GetCustomer
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT c.CustomerId, c.SubOrgId, s.Name AS Department, c.CustomerKey, c.Name, c.Email,
           c.TaxNumber, c.CreditLimit, c.Since, c.IsActive, c.Revision
    FROM dbo.Customers AS c
    JOIN dbo.SubOrganisations AS s ON c.OrgId = s.OrgId AND s.SubOrgId = c.SubOrgId
    WHERE @OrgId = s.OrgId
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId);
END;
GO
