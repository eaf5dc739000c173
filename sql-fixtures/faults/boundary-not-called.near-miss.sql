-- The boundary is passed through a procedure in between.
CREATE PROCEDURE dbo.BeginCall
    @OrgId int,
    @SubOrgId int
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
END;
GO
ALTER PROCEDURE org.CreateCustomer
    @OrgId int,
    @SubOrgId int,
    @Name nvarchar(100),
    @TaxNumber varchar(40),
    @Since date,
    @Email varchar(120) = NULL,
    @CreditLimit money = 0,
    @CustomerId int = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.BeginCall @OrgId, @SubOrgId;
    IF @SubOrgId IS NULL
       OR NOT EXISTS (SELECT 1 FROM dbo.SubOrganisations
                      WHERE OrgId = @OrgId AND SubOrgId = @SubOrgId)
        THROW 50404, N'There is no such department.', 1;
    IF EXISTS (SELECT 1 FROM dbo.Customers WHERE OrgId = @OrgId AND TaxNumber = @TaxNumber)
        THROW 50409, N'The tax number is in use.', 1;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'Customer', @CustomerId OUTPUT;

    INSERT INTO dbo.Customers (OrgId, CustomerId, SubOrgId, Name, Email, TaxNumber, CreditLimit, Since)
    OUTPUT inserted.CustomerId, inserted.CustomerKey, inserted.Revision
    VALUES (@OrgId, @CustomerId, @SubOrgId, @Name, @Email, @TaxNumber, @CreditLimit, @Since);

    EXEC dbo.AppendChange @OrgId, @SubOrgId, 'CustomerCreated', 'Customer', @CustomerId, @Name;
    COMMIT;
END;
GO
