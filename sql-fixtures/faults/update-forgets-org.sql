-- The row is looked for in its organisation and then written by its number alone.
ALTER PROCEDURE org.UpdateCustomer
    @OrgId int,
    @CustomerId int,
    @Name nvarchar(100),
    @Revision int = NULL,
    @SubOrgId int = NULL,
    @Email varchar(120) = NULL,
    @CreditLimit money = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Owner int, @Seen int;

    BEGIN TRANSACTION;
    SELECT @Owner = SubOrgId, @Seen = Revision
    FROM dbo.Customers WITH (UPDLOCK)
    WHERE CustomerId = @CustomerId;
    IF @Owner IS NULL
        THROW 50404, N'There is no such customer.', 1;
    IF @Revision <> @Seen
        THROW 50409, N'The customer was changed in the meantime.', 2;

    UPDATE dbo.Customers
    SET Name = @Name,
        Email = COALESCE(@Email, Email),
        CreditLimit = COALESCE(@CreditLimit, CreditLimit),
        Revision = Revision + 1
    WHERE CustomerId = @CustomerId;

    DECLARE @Detail nvarchar(400) = CONCAT(N'revision ', @Seen + 1);
    EXEC dbo.AppendChange @OrgId, @Owner, 'CustomerChanged', 'Customer', @CustomerId, @Detail;
    COMMIT;

    SELECT c.CustomerId, c.Name, c.Email, c.CreditLimit, c.Revision
    FROM dbo.Customers AS c
    WHERE c.OrgId = @OrgId AND c.CustomerId = @CustomerId;
END;
GO
