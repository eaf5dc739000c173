-- Invoices: drafted, posted, and never changed again. What was posted in error is voided, with a
-- credit note that balances it.
CREATE PROCEDURE org.GetInvoice
    @OrgId int,
    @InvoiceId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT i.InvoiceId, i.InvoiceNumber, i.SubOrgId, i.InvoiceKey, i.Status, i.IssuedOn, i.PostedAt,
           i.VoidedAt, i.VoidReason, i.CreditsInvoiceId, i.Total, i.Note,
           c.CustomerId, c.Name AS CustomerName, p.Name AS PeriodName
    FROM dbo.Invoices AS i
    JOIN dbo.Customers AS c ON c.OrgId = i.OrgId AND c.CustomerId = i.CustomerId
    JOIN dbo.Periods AS p ON p.OrgId = i.OrgId AND p.PeriodId = i.PeriodId
    WHERE i.OrgId = @OrgId
      AND i.InvoiceId = @InvoiceId
      AND (@SubOrgId IS NULL OR i.SubOrgId = @SubOrgId);

    SELECT l.LineNumber, l.ProductId, q.Sku, l.Description, l.Quantity, l.UnitPrice,
           l.Quantity * l.UnitPrice AS Amount
    FROM dbo.InvoiceLines AS l
    JOIN dbo.Products AS q ON q.OrgId = l.OrgId AND q.ProductId = l.ProductId
    WHERE l.OrgId = @OrgId
      AND l.InvoiceId = @InvoiceId
      AND (@SubOrgId IS NULL OR l.SubOrgId = @SubOrgId)
    ORDER BY l.LineNumber;
END;
GO
CREATE PROCEDURE org.ListInvoices
    @OrgId int,
    @SubOrgId int = NULL,
    @Status tinyint = NULL,
    @CustomerId int = NULL,
    @Page int = 1,
    @PageSize int = 20
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF @Page < 1 OR @PageSize NOT BETWEEN 1 AND 200
        THROW 50422, N'The page does not exist.', 2;

    SELECT i.InvoiceId, i.InvoiceNumber, i.SubOrgId, i.Status, i.IssuedOn, i.Total,
           c.Name AS CustomerName,
           (SELECT COUNT(*)
            FROM dbo.InvoiceLines AS l
            WHERE l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId) AS Lines,
           COUNT(*) OVER () AS Found
    FROM dbo.Invoices AS i
    JOIN dbo.Customers AS c ON c.OrgId = i.OrgId AND c.CustomerId = i.CustomerId
    WHERE i.OrgId = @OrgId
      AND (@SubOrgId IS NULL OR i.SubOrgId = @SubOrgId)
      AND (@Status IS NULL OR i.Status = @Status)
      AND (@CustomerId IS NULL OR i.CustomerId = @CustomerId)
    ORDER BY i.IssuedOn DESC, i.InvoiceId DESC
    OFFSET (@Page - 1) * @PageSize ROWS FETCH NEXT @PageSize ROWS ONLY;
END;
GO
CREATE PROCEDURE org.CreateInvoice
    @OrgId int,
    @CustomerId int,
    @PeriodId int,
    @IssuedOn date,
    @SubOrgId int = NULL,
    @Note nvarchar(200) = NULL,
    @InvoiceId int = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Owner int;

    SELECT @Owner = c.SubOrgId
    FROM dbo.Customers AS c
    WHERE c.OrgId = @OrgId
      AND c.CustomerId = @CustomerId
      AND (@SubOrgId IS NULL OR c.SubOrgId = @SubOrgId);
    IF @Owner IS NULL
        THROW 50404, N'There is no such customer.', 3;
    IF NOT EXISTS (SELECT 1 FROM dbo.Periods
                   WHERE OrgId = @OrgId AND PeriodId = @PeriodId AND IsClosed = 0)
        THROW 50404, N'There is no such open period.', 1;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'Invoice', @InvoiceId OUTPUT;
    DECLARE @InvoiceNumber varchar(40) = CONCAT('INV-', @InvoiceId);

    INSERT INTO dbo.Invoices
        (OrgId, InvoiceId, SubOrgId, InvoiceNumber, CustomerId, PeriodId, IssuedOn, Note)
    OUTPUT inserted.InvoiceId, inserted.InvoiceNumber, inserted.InvoiceKey, inserted.Status
    VALUES (@OrgId, @InvoiceId, @Owner, @InvoiceNumber, @CustomerId, @PeriodId, @IssuedOn, @Note);

    EXEC dbo.AppendChange @OrgId, @Owner, 'InvoiceDrafted', 'Invoice', @InvoiceId, @InvoiceNumber;
    COMMIT;
END;
GO
-- The price comes from the newest price list that holds the product, else from the product itself.
CREATE PROCEDURE org.AddInvoiceLine
    @OrgId int,
    @InvoiceId int,
    @ProductId int,
    @Quantity decimal(19, 4),
    @SubOrgId int = NULL,
    @Description nvarchar(200) = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Owner int;

    BEGIN TRANSACTION;
    SELECT @Owner = SubOrgId
    FROM dbo.Invoices WITH (UPDLOCK)
    WHERE OrgId = @OrgId
      AND InvoiceId = @InvoiceId
      AND Status = 1
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
    IF @Owner IS NULL
        THROW 50404, N'There is no such draft.', 1;

    INSERT INTO dbo.InvoiceLines
        (OrgId, InvoiceId, LineNumber, SubOrgId, ProductId, Quantity, UnitPrice, Description)
    SELECT @OrgId, @InvoiceId,
           (SELECT ISNULL(MAX(l.LineNumber), 0) + 1
            FROM dbo.InvoiceLines AS l
            WHERE l.OrgId = @OrgId AND l.InvoiceId = @InvoiceId),
           @Owner, q.ProductId, @Quantity, COALESCE(listed.UnitPrice, q.UnitPrice),
           COALESCE(@Description, q.Name)
    FROM dbo.Products AS q
    OUTER APPLY (SELECT TOP (1) m.UnitPrice
                 FROM dbo.PriceListItems AS m
                 JOIN dbo.PriceLists AS t ON t.OrgId = m.OrgId AND t.PriceListId = m.PriceListId
                 WHERE m.OrgId = @OrgId AND m.ProductId = q.ProductId
                 ORDER BY t.StartsOn DESC, t.PriceListId DESC) AS listed
    WHERE q.OrgId = @OrgId AND q.ProductId = @ProductId;
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such product.', 1;

    UPDATE i
    SET i.Total = (SELECT SUM(l.Quantity * l.UnitPrice)
                   FROM dbo.InvoiceLines AS l
                   WHERE l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId)
    OUTPUT inserted.InvoiceId, deleted.Total AS OldTotal, inserted.Total
    FROM dbo.Invoices AS i
    WHERE i.OrgId = @OrgId AND i.InvoiceId = @InvoiceId;
    COMMIT;
END;
GO
CREATE PROCEDURE org.RemoveInvoiceLine
    @OrgId int,
    @InvoiceId int,
    @LineNumber int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    BEGIN TRANSACTION;
    DELETE l
    OUTPUT deleted.InvoiceId, deleted.LineNumber, deleted.Description
    FROM dbo.InvoiceLines AS l
    JOIN dbo.Invoices AS i ON i.OrgId = l.OrgId AND i.InvoiceId = l.InvoiceId
    WHERE l.OrgId = @OrgId
      AND l.InvoiceId = @InvoiceId
      AND l.LineNumber = @LineNumber
      AND i.Status = 1
      AND (@SubOrgId IS NULL OR i.SubOrgId = @SubOrgId);
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such line of a draft.', 1;

    UPDATE i
    SET i.Total = ISNULL((SELECT SUM(l.Quantity * l.UnitPrice)
                          FROM dbo.InvoiceLines AS l
                          WHERE l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId), 0)
    FROM dbo.Invoices AS i
    WHERE i.OrgId = @OrgId AND i.InvoiceId = @InvoiceId;
    COMMIT;
END;
GO
CREATE PROCEDURE org.DiscardDraft
    @OrgId int,
    @InvoiceId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Owner int;

    BEGIN TRANSACTION;
    SELECT @Owner = SubOrgId
    FROM dbo.Invoices WITH (UPDLOCK)
    WHERE OrgId = @OrgId
      AND InvoiceId = @InvoiceId
      AND Status = 1
      AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
    IF @Owner IS NULL
        THROW 50404, N'There is no such draft.', 2;

    DELETE FROM dbo.InvoiceLines WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId;
    DELETE FROM dbo.Invoices WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId;
    EXEC dbo.AppendChange @OrgId, @Owner, 'DraftDiscarded', 'Invoice', @InvoiceId;
    COMMIT;
END;
GO
CREATE PROCEDURE org.PostInvoice
    @OrgId int,
    @InvoiceId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Posted table (SubOrgId int NOT NULL, InvoiceNumber varchar(40) NOT NULL);

    BEGIN TRANSACTION;
    UPDATE i
    SET i.Status = 2, i.PostedAt = SYSUTCDATETIME(), i.Revision = i.Revision + 1
    OUTPUT inserted.SubOrgId, inserted.InvoiceNumber INTO @Posted (SubOrgId, InvoiceNumber)
    FROM dbo.Invoices AS i
    JOIN dbo.Periods AS p ON p.OrgId = i.OrgId AND p.PeriodId = i.PeriodId
    WHERE i.OrgId = @OrgId
      AND i.InvoiceId = @InvoiceId
      AND i.Status = 1
      AND p.IsClosed = 0
      AND (@SubOrgId IS NULL OR i.SubOrgId = @SubOrgId);
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such draft in an open period.', 1;

    DECLARE @Owner int, @InvoiceNumber varchar(40);
    SELECT @Owner = SubOrgId, @InvoiceNumber = InvoiceNumber FROM @Posted;
    EXEC dbo.AppendChange @OrgId, @Owner, 'InvoicePosted', 'Invoice', @InvoiceId, @InvoiceNumber;
    COMMIT;

    SELECT @InvoiceId AS InvoiceId, @InvoiceNumber AS InvoiceNumber;
END;
GO
CREATE PROCEDURE org.VoidInvoice
    @OrgId int,
    @InvoiceId int,
    @Reason nvarchar(200),
    @SubOrgId int = NULL,
    @CreditNoteId int = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF @Reason IS NULL OR LEN(LTRIM(RTRIM(@Reason))) < 20
        THROW 50422, N'The reason needs twenty characters.', 3;

    BEGIN TRY
        BEGIN TRANSACTION;
        UPDATE dbo.Invoices
        SET Status = 3, VoidedAt = SYSUTCDATETIME(), VoidReason = @Reason, Revision = Revision + 1
        WHERE OrgId = @OrgId
          AND InvoiceId = @InvoiceId
          AND Status = 2
          AND CreditsInvoiceId IS NULL
          AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
        IF @@ROWCOUNT = 0
            THROW 50404, N'There is no such posted invoice.', 1;

        EXEC dbo.NextNumber @OrgId, 'Invoice', @CreditNoteId OUTPUT;

        INSERT INTO dbo.Invoices
            (OrgId, InvoiceId, SubOrgId, InvoiceNumber, CustomerId, PeriodId, Status, IssuedOn,
             PostedAt, CreditsInvoiceId, Total, Note)
        SELECT OrgId, @CreditNoteId, SubOrgId, CONCAT(InvoiceNumber, '-C'), CustomerId, PeriodId, 2,
               IssuedOn, SYSUTCDATETIME(), InvoiceId, -Total, @Reason
        FROM dbo.Invoices
        WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId;

        INSERT INTO dbo.InvoiceLines
            (OrgId, InvoiceId, LineNumber, SubOrgId, ProductId, Quantity, UnitPrice, Description)
        SELECT OrgId, @CreditNoteId, LineNumber, SubOrgId, ProductId, -Quantity, UnitPrice,
               Description
        FROM dbo.InvoiceLines
        WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId;

        DECLARE @Owner int;
        SELECT @Owner = SubOrgId
        FROM dbo.Invoices
        WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId;
        EXEC dbo.AppendChange @OrgId, @Owner, 'InvoiceVoided', 'Invoice', @InvoiceId, @Reason;
        EXEC dbo.AppendChange @OrgId, @Owner, 'CreditNoteIssued', 'Invoice', @CreditNoteId;
        COMMIT;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK;
        THROW;
    END CATCH;

    SELECT InvoiceId AS CreditNoteId, InvoiceNumber, Total
    FROM dbo.Invoices
    WHERE OrgId = @OrgId AND InvoiceId = @CreditNoteId;
END;
GO
-- What the months came to, department by department.
CREATE PROCEDURE org.PeriodTotals
    @OrgId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT p.PeriodId, p.Name, p.IsClosed, s.SubOrgId, s.Name AS Department,
           ISNULL(SUM(CASE WHEN i.Status IN (2, 3) THEN i.Total END), 0) AS Posted,
           COUNT(CASE WHEN i.Status = 1 THEN i.InvoiceId END) AS Drafts
    FROM dbo.Periods AS p
    CROSS JOIN dbo.SubOrganisations AS s
    LEFT JOIN dbo.Invoices AS i
        ON i.OrgId = p.OrgId AND i.PeriodId = p.PeriodId AND i.SubOrgId = s.SubOrgId
    WHERE p.OrgId = @OrgId
      AND s.OrgId = @OrgId
      AND (@SubOrgId IS NULL OR s.SubOrgId = @SubOrgId)
    GROUP BY p.PeriodId, p.Name, p.IsClosed, s.SubOrgId, s.Name
    ORDER BY p.PeriodId, s.SubOrgId;
END;
GO
CREATE PROCEDURE org.OpenPeriod
    @OrgId int,
    @Name nvarchar(50),
    @StartsOn date,
    @EndsOn date,
    @PeriodId int = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    IF EXISTS (SELECT 1 FROM dbo.Periods
               WHERE OrgId = @OrgId AND StartsOn <= @EndsOn AND EndsOn >= @StartsOn)
        THROW 50409, N'The period overlaps another.', 4;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'Period', @PeriodId OUTPUT;
    INSERT INTO dbo.Periods (OrgId, PeriodId, Name, StartsOn, EndsOn)
    OUTPUT inserted.PeriodId, inserted.Name
    VALUES (@OrgId, @PeriodId, @Name, @StartsOn, @EndsOn);
    EXEC dbo.AppendChange @OrgId, NULL, 'PeriodOpened', 'Period', @PeriodId, @Name;
    COMMIT;
END;
GO
CREATE PROCEDURE org.ClosePeriod
    @OrgId int,
    @PeriodId int
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;

    BEGIN TRANSACTION;
    IF EXISTS (SELECT 1 FROM dbo.Invoices
               WHERE OrgId = @OrgId AND PeriodId = @PeriodId AND Status = 1)
        THROW 50409, N'There are drafts in the period.', 5;

    UPDATE dbo.Periods
    SET IsClosed = 1
    WHERE OrgId = @OrgId AND PeriodId = @PeriodId AND IsClosed = 0;
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such open period.', 2;

    EXEC dbo.AppendChange @OrgId, NULL, 'PeriodClosed', 'Period', @PeriodId;
    COMMIT;
END;
GO
CREATE PROCEDURE org.ReopenPeriod
    @OrgId int,
    @PeriodId int,
    @Reason nvarchar(200)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    IF @Reason IS NULL OR LEN(LTRIM(RTRIM(@Reason))) < 20
        THROW 50422, N'The reason needs twenty characters.', 4;

    BEGIN TRANSACTION;
    UPDATE dbo.Periods
    SET IsClosed = 0
    WHERE OrgId = @OrgId AND PeriodId = @PeriodId AND IsClosed = 1;
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such closed period.', 1;

    EXEC dbo.AppendChange @OrgId, NULL, 'PeriodReopened', 'Period', @PeriodId, @Reason;
    COMMIT;
END;
GO
