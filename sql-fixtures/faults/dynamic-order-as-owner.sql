-- A list is sorted by what the caller wrote, concatenated and run as the owner.
CREATE PROCEDURE org.SortCustomers
    @OrgId int,
    @OrderBy nvarchar(400) = N'Name'
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertOrganisation @OrgId;
    DECLARE @Query nvarchar(max) = N'SELECT CustomerId, Name, Email FROM dbo.Customers WHERE OrgId = '
        + CONVERT(nvarchar(20), @OrgId) + N' ORDER BY ' + @OrderBy;
    EXEC (@Query);
END;
GO
GRANT EXECUTE ON org.SortCustomers TO service;
