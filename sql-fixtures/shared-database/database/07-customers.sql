-- Customers. Each procedure begins at the boundary and names the organisation in every statement,
-- also where a key would do without: an auditor reads one statement, not a proof. A row of somebody
-- else and a row that never was are answered alike. The signed history of changes says which
-- customer it was by number alone: nothing can be erased from it.
CREATE PROCEDURE org.GetCustomer
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT c.CustomerId, c.SubOrgId, s.Name AS Department, c.CustomerKey, c.Name, c.Email,
           c.TaxNumber, c.CreditLimit, c.Since, c.IsActive, c.Revision
    FROM dbo.Customers AS c
    JOIN dbo.SubOrganisations AS s ON s.OrgId = c.OrgId AND s.SubOrgId = c.SubOrgId
    WHERE c.OrgId = @OrgId
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId);
END;
GO
CREATE PROCEDURE org.SearchCustomers
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
      AND (@Pattern IS NULL
           OR c.Name LIKE @Pattern
           OR c.Email LIKE @Pattern
           OR c.TaxNumber LIKE @Pattern)
    ORDER BY c.Name, c.CustomerId
    OFFSET (@Page - 1) * @PageSize ROWS FETCH NEXT @PageSize ROWS ONLY;
END;
GO
CREATE PROCEDURE org.CreateCustomer
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
    IF EXISTS (SELECT 1 FROM dbo.Customers WHERE OrgId = @OrgId AND TaxNumber = @TaxNumber)
        THROW 50409, N'The tax number is in use.', 1;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'Customer', @CustomerId OUTPUT;

    INSERT INTO dbo.Customers (OrgId, CustomerId, SubOrgId, Name, Email, TaxNumber, CreditLimit, Since)
    OUTPUT inserted.CustomerId, inserted.CustomerKey, inserted.Revision
    VALUES (@OrgId, @CustomerId, @SubOrgId, @Name, @Email, @TaxNumber, @CreditLimit, @Since);

    EXEC dbo.AppendChange @OrgId, @SubOrgId, 'CustomerCreated', 'Customer', @CustomerId;
    COMMIT;
END;
GO
-- Whoever saw an older revision is refused.
CREATE PROCEDURE org.UpdateCustomer
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
    WHERE OrgId = @OrgId
      AND CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
    IF @Owner IS NULL
        THROW 50404, N'There is no such customer.', 1;
    IF @Revision <> @Seen
        THROW 50409, N'The customer was changed in the meantime.', 2;

    UPDATE dbo.Customers
    SET Name = @Name,
        Email = COALESCE(@Email, Email),
        CreditLimit = COALESCE(@CreditLimit, CreditLimit),
        Revision = Revision + 1
    WHERE OrgId = @OrgId AND CustomerId = @CustomerId AND SubOrgId = @Owner;

    DECLARE @Detail nvarchar(400) = CONCAT(N'revision ', @Seen + 1);
    EXEC dbo.AppendChange @OrgId, @Owner, 'CustomerChanged', 'Customer', @CustomerId, @Detail;
    COMMIT;

    SELECT c.CustomerId, c.Name, c.Email, c.CreditLimit, c.Revision
    FROM dbo.Customers AS c
    WHERE c.OrgId = @OrgId AND c.CustomerId = @CustomerId;
END;
GO
CREATE PROCEDURE org.DeleteCustomer
    @OrgId int,
    @CustomerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Removed table (SubOrgId int NOT NULL);

    IF EXISTS (SELECT 1
               FROM dbo.Invoices AS i
               JOIN dbo.Customers AS c ON c.OrgId = i.OrgId AND c.CustomerId = i.CustomerId
               WHERE i.OrgId = @OrgId
                 AND i.CustomerId = @CustomerId
                 AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId))
        THROW 50409, N'The customer has invoices.', 3;

    BEGIN TRANSACTION;
    DELETE FROM dbo.Customers
    OUTPUT deleted.SubOrgId INTO @Removed (SubOrgId)
    WHERE OrgId = @OrgId
      AND CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such customer.', 2;

    DECLARE @Owner int;
    SELECT @Owner = SubOrgId FROM @Removed;
    EXEC dbo.AppendChange @OrgId, @Owner, 'CustomerRemoved', 'Customer', @CustomerId;
    COMMIT;
END;
GO
-- Customers with what they owe, the largest debts first, each with its place within the department.
CREATE PROCEDURE org.RankDebtors
    @OrgId int,
    @SubOrgId int = NULL,
    @Top int = 10
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    WITH Balances AS (
        SELECT i.SubOrgId, i.CustomerId, SUM(i.Total) AS Balance
        FROM dbo.Invoices AS i
        WHERE i.OrgId = @OrgId AND i.Status IN (2, 3)
          AND (@SubOrgId IS NULL OR i.SubOrgId = @SubOrgId)
        GROUP BY i.SubOrgId, i.CustomerId
    )
    SELECT TOP (@Top) c.CustomerId, c.Name, b.SubOrgId, b.Balance,
           ROW_NUMBER() OVER (PARTITION BY b.SubOrgId ORDER BY b.Balance DESC, c.CustomerId) AS Place
    FROM Balances AS b
    JOIN dbo.Customers AS c
        ON c.OrgId = @OrgId AND c.SubOrgId = b.SubOrgId AND c.CustomerId = b.CustomerId
    ORDER BY b.Balance DESC, c.CustomerId;
END;
GO
