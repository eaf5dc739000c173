-- Organisation 0 is refused in words of its own.
ALTER PROCEDURE dbo.AssertOrganisation
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Own int = CONVERT(int, SESSION_CONTEXT(N'OrgId'));

    IF @OrgId = 0
        THROW 50403, N'There is no organisation 0 any more.', 3;
    IF @Own IS NULL OR @OrgId IS NULL OR @OrgId <> @Own
        THROW 50403, N'The organisation is not that of the caller.', 1;
END;
GO
