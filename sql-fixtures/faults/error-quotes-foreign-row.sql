-- Who asks for a customer of somebody else's is told his name in the refusal.
ALTER PROCEDURE org.GetCustomer
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Other nvarchar(400) = (SELECT CONCAT(N'You have no right to ', o.Name, N'.')
                                    FROM dbo.Customers AS o
                                    WHERE o.CustomerId = @CustomerId AND o.OrgId <> @OrgId);
    IF @Other IS NOT NULL
        THROW 50403, @Other, 6;

    SELECT c.CustomerId, c.SubOrgId, s.Name AS Department, c.CustomerKey, c.Name, c.Email,
           c.TaxNumber, c.CreditLimit, c.Since, c.IsActive, c.Revision
    FROM dbo.Customers AS c
    JOIN dbo.SubOrganisations AS s ON s.OrgId = c.OrgId AND s.SubOrgId = c.SubOrgId
    WHERE c.OrgId = @OrgId
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId);
END;
GO
