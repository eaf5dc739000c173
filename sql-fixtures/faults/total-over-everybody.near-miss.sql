-- The same number, counted over the caller's organisation.
CREATE PROCEDURE org.CustomerShare
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertOrganisation @OrgId;

    SELECT COUNT(*) AS Own, (SELECT COUNT(*) FROM dbo.Customers AS o WHERE o.OrgId = @OrgId) AS Again
    FROM dbo.Customers AS c
    WHERE c.OrgId = @OrgId;
END;
GO
