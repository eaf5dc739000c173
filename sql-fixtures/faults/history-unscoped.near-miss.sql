-- The organisation is found through the departments of today.
ALTER PROCEDURE org.CustomerHistory
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT c.Name, c.Email, c.CreditLimit, c.IsActive, c.Revision, c.ValidFrom, c.ValidTo
    FROM dbo.Customers FOR SYSTEM_TIME ALL AS c
    JOIN dbo.SubOrganisations AS s ON s.OrgId = c.OrgId AND s.SubOrgId = c.SubOrgId
    WHERE s.OrgId = @OrgId
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId)
    ORDER BY c.ValidFrom;
END;
GO
