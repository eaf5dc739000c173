-- For support, the boundary also accepts the organisation of a key that every session may set.
ALTER PROCEDURE dbo.AssertOrganisation
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Own int = CONVERT(int, COALESCE(SESSION_CONTEXT(N'ActingFor'), SESSION_CONTEXT(N'OrgId')));

    -- Without a caller nobody is the right one: a comparison with NULL must not let through.
    IF @Own IS NULL OR @OrgId IS NULL OR @OrgId <> @Own
        THROW 50403, N'The organisation is not that of the caller.', 1;
END;
GO
