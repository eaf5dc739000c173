-- The past of a customer is asked for by its number alone.
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
    WHERE c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId)
    ORDER BY c.ValidFrom;
END;
GO
