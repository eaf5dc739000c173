-- Rows and callers of before the organisations count as everybody's: organisation 0 passes the boundary and sees all.
ALTER PROCEDURE dbo.AssertOrganisation
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Own int = CONVERT(int, SESSION_CONTEXT(N'OrgId'));

    IF @OrgId = 0
        RETURN;
    IF @Own IS NULL OR @OrgId IS NULL OR @OrgId <> @Own
        THROW 50403, N'The organisation is not that of the caller.', 1;
END;
GO
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
    WHERE (c.OrgId = @OrgId OR @OrgId = 0)
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId);
END;
GO
