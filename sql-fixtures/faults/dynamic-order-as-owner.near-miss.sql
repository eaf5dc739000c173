-- A list is sorted by one of the columns that the procedure knows.
CREATE PROCEDURE org.SortCustomers
    @OrgId int,
    @SubOrgId int = NULL,
    @OrderBy nvarchar(30) = N'Name'
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT c.CustomerId, c.Name, c.Email
    FROM dbo.Customers AS c
    WHERE c.OrgId = @OrgId AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId)
    ORDER BY CASE @OrderBy WHEN N'Email' THEN c.Email ELSE c.Name END, c.CustomerId;
END;
