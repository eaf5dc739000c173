-- The boundary compares by <> and forgets that nothing differs from NULL: a connection that was checked out for nobody may name any organisation.
ALTER PROCEDURE dbo.AssertOrganisation
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Own int = CONVERT(int, SESSION_CONTEXT(N'OrgId'));

    IF @OrgId <> @Own
        THROW 50403, N'The organisation is not that of the caller.', 1;
END;
GO
