-- What the application asks for beyond the first release: roles of users, sign-in, and changes that
-- name the revision that was seen.
--
-- A role's name is the application's; which permissions it has, the application knows.
CREATE TABLE dbo.Roles (
    OrgId         int              NOT NULL,
    RoleId        int              NOT NULL,
    Name          varchar(40)      NOT NULL,
    Description   nvarchar(200)    NOT NULL,
    CONSTRAINT PK_Roles PRIMARY KEY (OrgId, RoleId),
    CONSTRAINT UQ_Roles_Name UNIQUE (OrgId, Name),
    CONSTRAINT FK_Roles_Organisations FOREIGN KEY (OrgId) REFERENCES dbo.Organisations (OrgId)
);
GO
CREATE TABLE dbo.UserRoles (
    OrgId         int              NOT NULL,
    UserId        int              NOT NULL,
    RoleId        int              NOT NULL,
    GrantedOn     date             NOT NULL,
    GrantedBy     nvarchar(128)    NOT NULL,
    CONSTRAINT PK_UserRoles PRIMARY KEY (OrgId, UserId, RoleId),
    CONSTRAINT FK_UserRoles_Users FOREIGN KEY (OrgId, UserId) REFERENCES dbo.Users (OrgId, UserId),
    CONSTRAINT FK_UserRoles_Roles FOREIGN KEY (OrgId, RoleId) REFERENCES dbo.Roles (OrgId, RoleId)
);
GO
CREATE INDEX IX_UserRoles_Role ON dbo.UserRoles (OrgId, RoleId);
GO
CREATE VIEW org.Roles
AS
SELECT OrgId, RoleId, Name, Description
FROM dbo.Roles
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
CREATE VIEW org.UserRoles
AS
SELECT g.OrgId, g.UserId, g.RoleId, g.GrantedOn, g.GrantedBy
FROM dbo.UserRoles AS g
WHERE g.OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL
       OR EXISTS (SELECT 1
                  FROM dbo.Users AS u
                  WHERE u.OrgId = g.OrgId AND u.UserId = g.UserId
                    AND u.SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId'))))
WITH CHECK OPTION;
GO
-- Credit notes among the invoices.
CREATE VIEW org.CreditNotes
AS
SELECT OrgId, InvoiceId, SubOrgId, CreditsInvoiceId, PostedAt, Total, Note
FROM dbo.Invoices
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
  AND CreditsInvoiceId IS NOT NULL
WITH CHECK OPTION;
GO
-- The user with this password and his roles; nothing when there is none. Hashes stay here.
CREATE PROCEDURE org.Authenticate
    @OrgId int,
    @Email varchar(120),
    @Password nvarchar(100)
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;

    SELECT u.UserId, u.SubOrgId, r.Name AS Role
    FROM dbo.Users AS u
    JOIN dbo.UserRoles AS g ON g.OrgId = u.OrgId AND g.UserId = u.UserId
    JOIN dbo.Roles AS r ON r.OrgId = g.OrgId AND r.RoleId = g.RoleId
    WHERE u.OrgId = @OrgId
      AND u.Email = @Email
      AND u.IsActive = 1
      AND SUBSTRING(u.PasswordHash, 17, 32) = HASHBYTES('SHA2_256',
              SUBSTRING(u.PasswordHash, 1, 16) + CONVERT(varbinary(200), @Password))
    ORDER BY r.RoleId;
END;
GO
-- Who has the role already keeps it as it was granted.
CREATE PROCEDURE org.GrantRole
    @OrgId int,
    @UserId int,
    @RoleId int
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    IF NOT EXISTS (SELECT 1
                   FROM dbo.Users AS u
                   JOIN dbo.Roles AS r ON r.OrgId = u.OrgId
                   WHERE u.OrgId = @OrgId AND u.UserId = @UserId AND r.RoleId = @RoleId)
        THROW 50404, N'There is no such user or role.', 1;
    IF EXISTS (SELECT 1 FROM dbo.UserRoles
               WHERE OrgId = @OrgId AND UserId = @UserId AND RoleId = @RoleId)
        RETURN;

    DECLARE @Detail nvarchar(60) = CONCAT(N'role ', @RoleId);
    BEGIN TRANSACTION;
    INSERT INTO dbo.UserRoles (OrgId, UserId, RoleId, GrantedOn, GrantedBy)
    VALUES (@OrgId, @UserId, @RoleId, CONVERT(date, SYSUTCDATETIME()),
            COALESCE(CONVERT(nvarchar(128), SESSION_CONTEXT(N'Actor')), ORIGINAL_LOGIN()));
    EXEC dbo.AppendChange @OrgId, NULL, 'PermissionGranted', 'User', @UserId, @Detail;
    COMMIT;
END;
GO
CREATE PROCEDURE org.RevokeRole
    @OrgId int,
    @UserId int,
    @RoleId int
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;

    DECLARE @Detail nvarchar(60) = CONCAT(N'role ', @RoleId);
    BEGIN TRANSACTION;
    DELETE FROM dbo.UserRoles
    WHERE OrgId = @OrgId AND UserId = @UserId AND RoleId = @RoleId;
    IF @@ROWCOUNT = 0
        THROW 50404, N'The user has no such role.', 1;
    EXEC dbo.AppendChange @OrgId, NULL, 'PermissionRevoked', 'User', @UserId, @Detail;
    COMMIT;
END;
GO
-- All fields of a customer at once, by whoever saw the present revision.
CREATE PROCEDURE org.ChangeCustomer
    @OrgId int,
    @CustomerId int,
    @Revision int,
    @Name nvarchar(100),
    @TaxNumber varchar(40),
    @Email varchar(120) = NULL,
    @CreditLimit money = 0,
    @IsActive bit = 1,
    @SubOrgId int = NULL
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
        THROW 50404, N'There is no such customer.', 4;
    IF @Revision <> @Seen
        THROW 50412, N'The customer was changed in the meantime.', 1;
    IF EXISTS (SELECT 1 FROM dbo.Customers
               WHERE OrgId = @OrgId AND TaxNumber = @TaxNumber AND CustomerId <> @CustomerId)
        THROW 50409, N'The tax number is in use.', 8;

    UPDATE dbo.Customers
    SET Name = @Name, TaxNumber = @TaxNumber, Email = @Email, CreditLimit = @CreditLimit,
        IsActive = @IsActive, Revision = Revision + 1
    WHERE OrgId = @OrgId AND CustomerId = @CustomerId AND SubOrgId = @Owner;
    EXEC dbo.AppendChange @OrgId, @Owner, 'CustomerChanged', 'Customer', @CustomerId;
    COMMIT;
END;
GO
CREATE PROCEDURE org.ChangeProduct
    @OrgId int,
    @ProductId int,
    @Revision int,
    @Sku varchar(40),
    @Name nvarchar(100),
    @UnitPrice decimal(19, 4),
    @WeightGrams bigint = NULL,
    @SubstituteId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    DECLARE @Seen int;

    BEGIN TRANSACTION;
    SELECT @Seen = Revision
    FROM dbo.Products WITH (UPDLOCK)
    WHERE OrgId = @OrgId AND ProductId = @ProductId;
    IF @Seen IS NULL
        THROW 50404, N'There is no such product.', 2;
    IF @Revision <> @Seen
        THROW 50412, N'The product was changed in the meantime.', 2;
    IF EXISTS (SELECT 1 FROM dbo.Products
               WHERE OrgId = @OrgId AND Sku = @Sku AND ProductId <> @ProductId)
        THROW 50409, N'The number of the article is in use.', 9;

    UPDATE dbo.Products
    SET Sku = @Sku, Name = @Name, UnitPrice = @UnitPrice, WeightGrams = @WeightGrams,
        SubstituteId = @SubstituteId, Revision = Revision + 1
    WHERE OrgId = @OrgId AND ProductId = @ProductId;
    EXEC dbo.AppendChange @OrgId, NULL, 'ProductChanged', 'Product', @ProductId;
    COMMIT;
END;
GO
CREATE PROCEDURE org.RemoveProduct
    @OrgId int,
    @ProductId int
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;

    BEGIN TRANSACTION;
    DELETE FROM dbo.Products WHERE OrgId = @OrgId AND ProductId = @ProductId;
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such product.', 3;
    EXEC dbo.AppendChange @OrgId, NULL, 'ProductRemoved', 'Product', @ProductId;
    COMMIT;
END;
GO
-- Saves a draft; when its lines were replaced before, in the same transaction, its total follows.
CREATE PROCEDURE org.SaveDraft
    @OrgId int,
    @InvoiceId int,
    @Revision int,
    @PeriodId int,
    @IssuedOn date,
    @Note nvarchar(200) = NULL,
    @LinesReplaced bit = 0,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Owner int, @Seen int;

    BEGIN TRANSACTION;
    SELECT @Owner = SubOrgId, @Seen = Revision
    FROM dbo.Invoices WITH (UPDLOCK)
    WHERE OrgId = @OrgId
      AND InvoiceId = @InvoiceId
      AND Status = 1
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
    IF @Owner IS NULL
        THROW 50404, N'There is no such draft.', 3;
    IF @Revision <> @Seen
        THROW 50412, N'The draft was changed in the meantime.', 3;
    IF NOT EXISTS (SELECT 1 FROM dbo.Periods WHERE OrgId = @OrgId AND PeriodId = @PeriodId)
        THROW 50404, N'There is no such period.', 1;

    UPDATE dbo.Invoices
    SET PeriodId = @PeriodId, IssuedOn = @IssuedOn, Note = @Note, Revision = Revision + 1
    WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId AND SubOrgId = @Owner;
    IF @LinesReplaced = 1
        UPDATE i
        SET i.Total = ISNULL((SELECT SUM(l.Quantity * l.UnitPrice)
                              FROM dbo.InvoiceLines AS l
                              WHERE l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId), 0)
        FROM dbo.Invoices AS i
        WHERE i.OrgId = @OrgId AND i.InvoiceId = @InvoiceId;
    EXEC dbo.AppendChange @OrgId, @Owner, 'DraftSaved', 'Invoice', @InvoiceId;
    COMMIT;
END;
GO
GRANT SELECT ON org.Roles TO service;
GRANT SELECT ON org.UserRoles TO service;
GRANT SELECT ON org.CreditNotes TO service;
GRANT SELECT ON org.Roles TO investigation;
GRANT SELECT ON org.UserRoles TO investigation;
GRANT SELECT ON org.CreditNotes TO investigation;
GRANT EXECUTE ON org.Authenticate TO service;
GRANT EXECUTE ON org.GrantRole TO service;
GRANT EXECUTE ON org.RevokeRole TO service;
GRANT EXECUTE ON org.ChangeCustomer TO service;
GRANT EXECUTE ON org.ChangeProduct TO service;
GRANT EXECUTE ON org.RemoveProduct TO service;
GRANT EXECUTE ON org.SaveDraft TO service;
GO
EXEC ops.RegisterMigration 'database/18-application.sql';
GO
