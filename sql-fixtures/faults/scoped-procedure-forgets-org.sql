-- One of many procedures passes the boundary and then asks by the number alone.
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
    JOIN dbo.SubOrganisations AS s ON s.OrgId = c.OrgId AND s.SubOrgId = c.SubOrgId
    WHERE c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId);
END;
GO
