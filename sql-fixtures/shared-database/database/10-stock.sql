-- Movements of stock, and what they add up to.
--
-- A repeated request is answered with the row that the first one made. The same key with another
-- content is refused; so is a request without a key.
CREATE PROCEDURE org.RecordStockMovement
    @OrgId int,
    @SubOrgId int,
    @IdempotencyKey varchar(80),
    @ProductId int,
    @Location nvarchar(40),
    @Quantity bigint,
    @Reason nvarchar(100)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF @IdempotencyKey IS NULL OR LEN(@IdempotencyKey) = 0
        THROW 50422, N'A movement of stock needs an idempotency key.', 6;
    IF @Quantity IS NULL OR @Quantity = 0
        THROW 50422, N'A movement of stock needs a quantity.', 7;

    DECLARE @LedgerId int, @Known varbinary(32);
    DECLARE @RequestHash varbinary(32) = HASHBYTES('SHA2_256',
        CONCAT(@SubOrgId, N'|', @ProductId, N'|', @Quantity, N'|', @Location, N'|', @Reason));

    BEGIN TRY
        BEGIN TRANSACTION;
        SELECT @LedgerId = ResultId, @Known = RequestHash
        FROM dbo.IdempotencyKeys WITH (UPDLOCK, HOLDLOCK)
        WHERE OrgId = @OrgId
          AND Operation = 'RecordStockMovement'
          AND IdempotencyKey = @IdempotencyKey;
        IF @Known <> @RequestHash
            THROW 50409, N'The idempotency key was used for another movement.', 6;

        IF @LedgerId IS NULL
        BEGIN
            IF NOT EXISTS (SELECT 1
                           FROM dbo.Products AS q
                           JOIN dbo.SubOrganisations AS s ON s.OrgId = q.OrgId
                           WHERE q.OrgId = @OrgId
                             AND q.ProductId = @ProductId
                             AND s.SubOrgId = @SubOrgId)
                THROW 50404, N'There is no such product or department.', 1;

            EXEC dbo.NextNumber @OrgId, 'StockLedger', @LedgerId OUTPUT;

            INSERT INTO dbo.StockLedger
                (OrgId, LedgerId, SubOrgId, IdempotencyKey, ProductId, Location, Quantity, Reason,
                 RecordedBy)
            VALUES
                (@OrgId, @LedgerId, @SubOrgId, @IdempotencyKey, @ProductId, @Location, @Quantity,
                 @Reason,
                 COALESCE(CONVERT(nvarchar(128), SESSION_CONTEXT(N'Actor')), ORIGINAL_LOGIN()));

            INSERT INTO dbo.IdempotencyKeys
                (OrgId, IdempotencyKey, Operation, RequestHash, ResultId)
            VALUES
                (@OrgId, @IdempotencyKey, 'RecordStockMovement', @RequestHash, @LedgerId);

            UPDATE dbo.StockLevels WITH (HOLDLOCK)
            SET OnHand = OnHand + @Quantity
            WHERE OrgId = @OrgId
              AND SubOrgId = @SubOrgId
              AND ProductId = @ProductId
              AND Location = @Location;
            IF @@ROWCOUNT = 0
                INSERT INTO dbo.StockLevels (OrgId, SubOrgId, ProductId, Location, OnHand)
                VALUES (@OrgId, @SubOrgId, @ProductId, @Location, @Quantity);

            EXEC dbo.AppendChange @OrgId, @SubOrgId, 'StockMoved', 'StockLedger', @LedgerId, @Reason;
        END;
        COMMIT;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK;
        THROW;
    END CATCH;

    SELECT LedgerId, SubOrgId, IdempotencyKey, ProductId, Location, Quantity, Reason, RecordedBy,
           RecordedAt
    FROM dbo.StockLedger
    WHERE OrgId = @OrgId AND LedgerId = @LedgerId;
END;
GO
-- The movements of one product, with what was there after each.
CREATE PROCEDURE org.StockCard
    @OrgId int,
    @ProductId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT m.LedgerId, m.SubOrgId, m.Location, m.Quantity, m.Reason, m.RecordedBy, m.RecordedAt,
           SUM(m.Quantity) OVER (PARTITION BY m.SubOrgId, m.Location
                                 ORDER BY m.LedgerId
                                 ROWS UNBOUNDED PRECEDING) AS Balance
    FROM dbo.StockLedger AS m
    WHERE m.OrgId = @OrgId
      AND m.ProductId = @ProductId
      AND (@SubOrgId IS NULL OR m.SubOrgId = @SubOrgId)
    ORDER BY m.SubOrgId, m.Location, m.LedgerId;
END;
GO
CREATE PROCEDURE org.StockOnHand
    @OrgId int,
    @SubOrgId int = NULL,
    @Location nvarchar(40) = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT q.ProductId, q.Sku, q.Name, v.SubOrgId, v.Location, v.OnHand, v.CountedOn,
           (SELECT MAX(m.RecordedAt)
            FROM dbo.StockLedger AS m
            WHERE m.OrgId = v.OrgId
              AND m.SubOrgId = v.SubOrgId
              AND m.ProductId = v.ProductId
              AND m.Location = v.Location) AS LastMovedAt
    FROM dbo.StockLevels AS v
    JOIN dbo.Products AS q ON q.OrgId = v.OrgId AND q.ProductId = v.ProductId
    WHERE v.OrgId = @OrgId
      AND (@SubOrgId IS NULL OR v.SubOrgId = @SubOrgId)
      AND (@Location IS NULL OR v.Location = @Location)
    ORDER BY q.Name, v.SubOrgId, v.Location;
END;
GO
-- Sets the levels to what the ledger says. A level that no movement supports becomes nothing.
CREATE PROCEDURE org.ReconcileStock
    @OrgId int,
    @SubOrgId int
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    IF NOT EXISTS (SELECT 1 FROM dbo.SubOrganisations
                   WHERE OrgId = @OrgId AND SubOrgId = @SubOrgId)
        THROW 50404, N'There is no such department.', 2;

    BEGIN TRANSACTION;
    MERGE dbo.StockLevels WITH (HOLDLOCK) AS t
    USING (SELECT m.ProductId, m.Location, SUM(m.Quantity) AS OnHand
           FROM dbo.StockLedger AS m
           WHERE m.OrgId = @OrgId AND m.SubOrgId = @SubOrgId
           GROUP BY m.ProductId, m.Location) AS s
        ON t.OrgId = @OrgId
       AND t.SubOrgId = @SubOrgId
       AND t.ProductId = s.ProductId
       AND t.Location = s.Location
    WHEN MATCHED AND t.OnHand <> s.OnHand THEN
        UPDATE SET OnHand = s.OnHand
    WHEN NOT MATCHED BY TARGET THEN
        INSERT (OrgId, SubOrgId, ProductId, Location, OnHand)
        VALUES (@OrgId, @SubOrgId, s.ProductId, s.Location, s.OnHand)
    WHEN NOT MATCHED BY SOURCE AND t.OrgId = @OrgId AND t.SubOrgId = @SubOrgId THEN
        DELETE
    OUTPUT $action AS Done, COALESCE(inserted.ProductId, deleted.ProductId) AS ProductId,
           COALESCE(inserted.Location, deleted.Location) AS Location, inserted.OnHand;

    EXEC dbo.AppendChange @OrgId, @SubOrgId, 'StockReconciled', 'SubOrganisation', @SubOrgId;
    COMMIT;
END;
GO
