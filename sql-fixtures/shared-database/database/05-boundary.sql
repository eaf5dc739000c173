-- The boundary. A pooled connection is checked out for a caller, who is written into the session
-- as read-only keys:
--
--     EXEC sys.sp_set_session_context N'OrgId', <organisation>, @read_only = 1;
--     EXEC sys.sp_set_session_context N'SubOrgId', <department>, @read_only = 1;   -- or not at all
--     EXEC sys.sp_set_session_context N'Actor', <user or process>, @read_only = 1;
--
-- The application reaches rows through schema org alone. Its procedures take the organisation as a
-- parameter, and refuse one that is not the caller's before they do anything else.
CREATE SCHEMA org AUTHORIZATION dbo;
GO
-- For what belongs to a whole organisation, and may be read by all its departments.
CREATE PROCEDURE dbo.AssertOrganisation
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Own int = CONVERT(int, SESSION_CONTEXT(N'OrgId'));

    -- Without a caller nobody is the right one: a comparison with NULL must not let through.
    IF @Own IS NULL OR @OrgId IS NULL OR @OrgId <> @Own
        THROW 50403, N'The organisation is not that of the caller.', 1;
END;
GO
-- For what a department owns. Who acts for a department must name it; who acts for the whole
-- organisation may name one, and so narrow what he sees.
CREATE PROCEDURE dbo.AssertDepartment
    @OrgId int,
    @SubOrgId int
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Own int = CONVERT(int, SESSION_CONTEXT(N'SubOrgId'));

    EXEC dbo.AssertOrganisation @OrgId;
    IF @Own IS NOT NULL AND (@SubOrgId IS NULL OR @SubOrgId <> @Own)
        THROW 50403, N'The department is not that of the caller.', 2;
END;
GO
-- The next number of one of the organisation's own series.
CREATE PROCEDURE dbo.NextNumber
    @OrgId int,
    @Name varchar(30),
    @Value int OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Drawn table (Value int NOT NULL);

    UPDATE dbo.Counters
    SET NextValue = NextValue + 1
    OUTPUT deleted.NextValue INTO @Drawn (Value)
    WHERE OrgId = @OrgId AND Name = @Name;

    SELECT @Value = Value FROM @Drawn;
    IF @Value IS NULL
        THROW 50404, N'There is no such series of numbers.', 1;
END;
GO
-- What a row of the history is signed by: the key stands at both ends, and a separator that no
-- field may begin with keeps the fields apart.
CREATE FUNCTION dbo.ChangeHash (
    @Secret varbinary(32),
    @PreviousHash binary(32),
    @OrgId int,
    @ChangeNumber int,
    @SubOrgId int,
    @Action varchar(60),
    @Entity varchar(60),
    @EntityId int,
    @Detail nvarchar(2000),
    @Actor nvarchar(128),
    @OccurredAt datetime2(7)
)
RETURNS binary(32)
AS
BEGIN
    DECLARE @Text nvarchar(4000) = CONCAT(
        @OrgId, NCHAR(31), @ChangeNumber, NCHAR(31), @SubOrgId, NCHAR(31),
        @Action, NCHAR(31), @Entity, NCHAR(31), @EntityId, NCHAR(31),
        LEN(@Detail), NCHAR(31), @Detail, NCHAR(31),
        LEN(@Actor), NCHAR(31), @Actor, NCHAR(31),
        CONVERT(nvarchar(33), @OccurredAt, 126));

    RETURN HASHBYTES('SHA2_256',
        @Secret + @PreviousHash + CONVERT(varbinary(8000), @Text) + @Secret);
END;
GO
-- Appends to the chain. The time is the server's and the actor the session's: neither can be given.
CREATE PROCEDURE dbo.AppendChange
    @OrgId int,
    @SubOrgId int,
    @Action varchar(60),
    @Entity varchar(60),
    @EntityId int,
    @Detail nvarchar(2000) = NULL
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Number int, @Secret varbinary(32), @PreviousHash binary(32);
    DECLARE @OccurredAt datetime2(7) = SYSUTCDATETIME();
    DECLARE @Actor nvarchar(128) =
        COALESCE(CONVERT(nvarchar(128), SESSION_CONTEXT(N'Actor')), ORIGINAL_LOGIN());

    SELECT @Secret = Secret FROM dbo.SigningKeys WHERE OrgId = @OrgId;
    IF @Secret IS NULL
        THROW 50404, N'The organisation has no key to sign with.', 1;

    -- Drawing the number keeps others of this organisation waiting until the row is there.
    EXEC dbo.NextNumber @OrgId, 'Change', @Number OUTPUT;

    SELECT TOP (1) @PreviousHash = RowHash
    FROM dbo.ChangeHistory
    WHERE OrgId = @OrgId
    ORDER BY ChangeNumber DESC;
    SET @PreviousHash = ISNULL(@PreviousHash, 0x00);

    INSERT INTO dbo.ChangeHistory
        (OrgId, ChangeNumber, SubOrgId, Action, Entity, EntityId, Detail, Actor, OccurredAt,
         PreviousHash, RowHash)
    VALUES
        (@OrgId, @Number, @SubOrgId, @Action, @Entity, @EntityId, @Detail, @Actor, @OccurredAt,
         @PreviousHash,
         dbo.ChangeHash(@Secret, @PreviousHash, @OrgId, @Number, @SubOrgId, @Action, @Entity,
                        @EntityId, @Detail, @Actor, @OccurredAt));
END;
GO
