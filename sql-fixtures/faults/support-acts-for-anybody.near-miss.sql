-- The boundary also asks that the organisation is an active one.
ALTER PROCEDURE dbo.AssertOrganisation
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Own int = CONVERT(int, SESSION_CONTEXT(N'OrgId'));

    -- Without a caller nobody is the right one: a comparison with NULL must not let through.
    IF @Own IS NULL OR @OrgId IS NULL OR @OrgId <> @Own
        THROW 50403, N'The organisation is not that of the caller.', 1;
    IF NOT EXISTS (SELECT 1 FROM dbo.Organisations WHERE OrgId = @OrgId AND IsActive = 1)
        THROW 50403, N'The organisation is not active.', 3;
END;
GO
