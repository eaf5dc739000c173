-- Whether a tax number is in use is asked of the own organisation, blanks or not.
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
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF @SubOrgId IS NULL
       OR NOT EXISTS (SELECT 1 FROM dbo.SubOrganisations
                      WHERE OrgId = @OrgId AND SubOrgId = @SubOrgId)
        THROW 50404, N'There is no such department.', 1;
    IF EXISTS (SELECT 1 FROM dbo.Customers
               WHERE OrgId = @OrgId AND REPLACE(TaxNumber, ' ', '') = REPLACE(@TaxNumber, ' ', ''))
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
