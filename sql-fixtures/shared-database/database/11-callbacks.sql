-- Callbacks. The secret is handed out once, when the callback is registered; only its hash stays, and
-- that until the callback has ended.
CREATE PROCEDURE org.RegisterCallback
    @OrgId int,
    @SubOrgId int,
    @Url nvarchar(200),
    @Secret nvarchar(100),
    @CallbackId int = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF @Secret IS NULL OR LEN(@Secret) < 16
        THROW 50422, N'The secret needs sixteen characters.', 8;
    IF NOT EXISTS (SELECT 1 FROM dbo.SubOrganisations
                   WHERE OrgId = @OrgId AND SubOrgId = @SubOrgId)
        THROW 50404, N'There is no such department.', 3;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'Callback', @CallbackId OUTPUT;
    INSERT INTO dbo.Callbacks (OrgId, CallbackId, SubOrgId, Url, SecretHash)
    OUTPUT inserted.CallbackId, inserted.Status
    VALUES (@OrgId, @CallbackId, @SubOrgId, @Url, HASHBYTES('SHA2_256', @Secret));
    EXEC dbo.AppendChange @OrgId, @SubOrgId, 'CallbackRegistered', 'Callback', @CallbackId, @Url;
    COMMIT;
END;
GO
-- A wrong secret, a used one, somebody else's callback and one that never was: one answer.
CREATE PROCEDURE org.CompleteCallback
    @OrgId int,
    @CallbackId int,
    @Secret nvarchar(100),
    @Delivered bit = 1,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Ended table (SubOrgId int NOT NULL, Status tinyint NOT NULL);

    BEGIN TRANSACTION;
    UPDATE dbo.Callbacks
    SET Status = CASE WHEN @Delivered = 1 THEN 2 ELSE 3 END,
        SecretHash = NULL,
        EndedAt = SYSUTCDATETIME()
    OUTPUT inserted.SubOrgId, inserted.Status INTO @Ended (SubOrgId, Status)
    WHERE OrgId = @OrgId
      AND CallbackId = @CallbackId
      AND Status = 1
      AND SecretHash = HASHBYTES('SHA2_256', @Secret)
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such callback to complete.', 1;

    DECLARE @Owner int;
    SELECT @Owner = SubOrgId FROM @Ended;
    EXEC dbo.AppendChange @OrgId, @Owner, 'CallbackEnded', 'Callback', @CallbackId;
    COMMIT;

    SELECT @CallbackId AS CallbackId, Status FROM @Ended;
END;
GO
CREATE PROCEDURE org.ListCallbacks
    @OrgId int,
    @SubOrgId int = NULL,
    @Status tinyint = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT CallbackId, SubOrgId, Url, Status, RequestedAt, EndedAt
    FROM dbo.Callbacks
    WHERE OrgId = @OrgId
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId)
      AND (@Status IS NULL OR Status = @Status)
    ORDER BY CallbackId;
END;
GO
CREATE PROCEDURE org.ListUsers
    @OrgId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT u.UserId, u.UserName, u.Email, u.IsActive, u.SubOrgId, s.Name AS Department
    FROM dbo.Users AS u
    LEFT JOIN dbo.SubOrganisations AS s ON s.OrgId = u.OrgId AND s.SubOrgId = u.SubOrgId
    WHERE u.OrgId = @OrgId
      AND (@SubOrgId IS NULL OR u.SubOrgId = @SubOrgId)
    ORDER BY u.UserName, u.UserId;
END;
GO
-- All rows of an organisation, one result for each table: its own copy of what is kept about it.
CREATE PROCEDURE org.ExportOrganisation
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;

    SELECT OrgId, Name, RegistrationNumber, ContactEmail, PublicId, ContractFrom, IsActive
    FROM dbo.Organisations WHERE OrgId = @OrgId;
    SELECT OrgId, SubOrgId, Name, CostCentre
    FROM dbo.SubOrganisations WHERE OrgId = @OrgId ORDER BY SubOrgId;
    SELECT OrgId, UserId, SubOrgId, UserName, Email, IsActive
    FROM dbo.Users WHERE OrgId = @OrgId ORDER BY UserId;
    SELECT OrgId, PeriodId, Name, StartsOn, EndsOn, IsClosed
    FROM dbo.Periods WHERE OrgId = @OrgId ORDER BY PeriodId;
    SELECT OrgId, CustomerId, SubOrgId, CustomerKey, Name, Email, TaxNumber, CreditLimit, Since,
           IsActive, Revision
    FROM dbo.Customers WHERE OrgId = @OrgId ORDER BY CustomerId;
    SELECT OrgId, ProductId, Sku, Name, UnitPrice, WeightGrams
    FROM dbo.Products WHERE OrgId = @OrgId ORDER BY ProductId;
    SELECT t.OrgId, t.PriceListId, t.Name, t.Currency, t.StartsOn, m.ProductId, m.UnitPrice
    FROM dbo.PriceLists AS t
    LEFT JOIN dbo.PriceListItems AS m ON m.OrgId = t.OrgId AND m.PriceListId = t.PriceListId
    WHERE t.OrgId = @OrgId
    ORDER BY t.PriceListId, m.ProductId;
    SELECT OrgId, InvoiceId, SubOrgId, InvoiceKey, InvoiceNumber, CustomerId, PeriodId, Status,
           IssuedOn, PostedAt, VoidedAt, VoidReason, CreditsInvoiceId, Total, Note
    FROM dbo.Invoices WHERE OrgId = @OrgId ORDER BY InvoiceId;
    SELECT OrgId, InvoiceId, LineNumber, SubOrgId, ProductId, Quantity, UnitPrice, Description
    FROM dbo.InvoiceLines WHERE OrgId = @OrgId ORDER BY InvoiceId, LineNumber;
    SELECT OrgId, SubOrgId, ProductId, Location, OnHand, CountedOn
    FROM dbo.StockLevels WHERE OrgId = @OrgId ORDER BY SubOrgId, ProductId, Location;
    SELECT OrgId, LedgerId, SubOrgId, IdempotencyKey, ProductId, Location, Quantity, Reason,
           RecordedBy, RecordedAt
    FROM dbo.StockLedger WHERE OrgId = @OrgId ORDER BY LedgerId;
    SELECT OrgId, CallbackId, SubOrgId, Url, Status, RequestedAt, EndedAt
    FROM dbo.Callbacks WHERE OrgId = @OrgId ORDER BY CallbackId;
    SELECT OrgId, ChangeNumber, SubOrgId, Action, Entity, EntityId, Detail, Actor, OccurredAt
    FROM dbo.ChangeHistory WHERE OrgId = @OrgId ORDER BY ChangeNumber;
END;
GO
