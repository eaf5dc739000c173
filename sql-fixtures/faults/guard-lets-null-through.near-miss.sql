-- The boundary says who may pass instead of who may not.
ALTER PROCEDURE dbo.AssertOrganisation
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Own int = CONVERT(int, SESSION_CONTEXT(N'OrgId'));

    -- Without a caller nobody is the right one: a comparison with NULL must not let through.
    IF @OrgId = @Own
        RETURN;
    ELSE
        THROW 50403, N'The organisation is not that of the caller.', 1;
END;
GO
