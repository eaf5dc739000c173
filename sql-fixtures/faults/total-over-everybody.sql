-- A number that is shown beside the caller's own is counted over all organisations.
CREATE PROCEDURE org.CustomerShare
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertOrganisation @OrgId;

    SELECT COUNT(*) AS Own, (SELECT COUNT(*) FROM dbo.Customers AS o) AS Everybodys
    FROM dbo.Customers AS c
    WHERE c.OrgId = @OrgId;
END;
GO
GRANT EXECUTE ON org.CustomerShare TO service;
