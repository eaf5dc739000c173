-- Products and prices. They belong to the whole organisation: every department reads them, and only
-- who acts for the organisation sets prices.
CREATE PROCEDURE org.ListProducts
    @OrgId int,
    @Term nvarchar(100) = NULL,
    @Page int = 1,
    @PageSize int = 20
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertOrganisation @OrgId;
    IF @Page < 1 OR @PageSize NOT BETWEEN 1 AND 200
        THROW 50422, N'The page does not exist.', 5;

    SELECT q.ProductId, q.Sku, q.Name, q.UnitPrice, q.WeightGrams
    FROM dbo.Products AS q
    WHERE q.OrgId = @OrgId
      AND (@Term IS NULL OR CHARINDEX(@Term, q.Name) > 0 OR q.Sku = @Term)
    ORDER BY q.Name, q.ProductId
    OFFSET (@Page - 1) * @PageSize ROWS FETCH NEXT @PageSize ROWS ONLY;
END;
GO
-- All prices of a product, the list price as one of them.
CREATE PROCEDURE org.ProductPrices
    @OrgId int,
    @ProductId int
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertOrganisation @OrgId;

    SELECT t.Name AS Source, t.Currency, t.StartsOn, m.UnitPrice
    FROM dbo.PriceListItems AS m
    JOIN dbo.PriceLists AS t ON t.OrgId = m.OrgId AND t.PriceListId = m.PriceListId
    WHERE m.OrgId = @OrgId AND m.ProductId = @ProductId
    UNION ALL
    SELECT q.Name, NULL, NULL, q.UnitPrice
    FROM dbo.Products AS q
    WHERE q.OrgId = @OrgId AND q.ProductId = @ProductId
    ORDER BY UnitPrice;
END;
GO
CREATE PROCEDURE org.CreateProduct
    @OrgId int,
    @Sku varchar(40),
    @Name nvarchar(100),
    @UnitPrice decimal(19, 4),
    @WeightGrams bigint = NULL,
    @SubstituteId int = NULL,
    @ProductId int = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    IF EXISTS (SELECT 1 FROM dbo.Products WHERE OrgId = @OrgId AND Sku = @Sku)
        THROW 50409, N'The number of the article is in use.', 7;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'Product', @ProductId OUTPUT;
    INSERT INTO dbo.Products (OrgId, ProductId, Sku, Name, UnitPrice, WeightGrams, SubstituteId)
    OUTPUT inserted.ProductId, inserted.Sku, inserted.Name
    VALUES (@OrgId, @ProductId, @Sku, @Name, @UnitPrice, @WeightGrams, @SubstituteId);
    EXEC dbo.AppendChange @OrgId, NULL, 'ProductCreated', 'Product', @ProductId, @Name;
    COMMIT;
END;
GO
CREATE PROCEDURE org.SetPrice
    @OrgId int,
    @PriceListId int,
    @ProductId int,
    @UnitPrice decimal(19, 4)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    IF NOT EXISTS (SELECT 1
                   FROM dbo.PriceLists AS t
                   JOIN dbo.Products AS q ON q.OrgId = t.OrgId
                   WHERE t.OrgId = @OrgId
                     AND t.PriceListId = @PriceListId
                     AND q.ProductId = @ProductId)
        THROW 50404, N'There is no such price list or product.', 1;

    BEGIN TRANSACTION;
    MERGE dbo.PriceListItems WITH (HOLDLOCK) AS t
    USING (VALUES (@OrgId, @PriceListId, @ProductId, @UnitPrice))
        AS s (OrgId, PriceListId, ProductId, UnitPrice)
        ON t.OrgId = s.OrgId AND t.PriceListId = s.PriceListId AND t.ProductId = s.ProductId
    WHEN MATCHED THEN
        UPDATE SET UnitPrice = s.UnitPrice
    WHEN NOT MATCHED BY TARGET THEN
        INSERT (OrgId, PriceListId, ProductId, UnitPrice)
        VALUES (s.OrgId, s.PriceListId, s.ProductId, s.UnitPrice)
    OUTPUT $action AS Done, inserted.PriceListId, inserted.ProductId, inserted.UnitPrice;

    EXEC dbo.AppendChange @OrgId, NULL, 'PriceSet', 'Product', @ProductId;
    COMMIT;
END;
GO
-- The whole list at once, as JSON: [{"ProductId":1,"UnitPrice":2.5}, …]. What is not in it leaves the
-- list, and only this list of this organisation.
CREATE PROCEDURE org.ReplacePriceList
    @OrgId int,
    @PriceListId int,
    @Items nvarchar(max)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    IF NOT EXISTS (SELECT 1 FROM dbo.PriceLists
                   WHERE OrgId = @OrgId AND PriceListId = @PriceListId)
        THROW 50404, N'There is no such price list.', 1;

    BEGIN TRANSACTION;
    MERGE dbo.PriceListItems WITH (HOLDLOCK) AS t
    USING (SELECT q.ProductId, j.UnitPrice
           FROM OPENJSON(@Items) WITH (ProductId int, UnitPrice decimal(19, 4)) AS j
           JOIN dbo.Products AS q ON q.OrgId = @OrgId AND q.ProductId = j.ProductId) AS s
        ON t.OrgId = @OrgId AND t.PriceListId = @PriceListId AND t.ProductId = s.ProductId
    WHEN MATCHED AND t.UnitPrice <> s.UnitPrice THEN
        UPDATE SET UnitPrice = s.UnitPrice
    WHEN NOT MATCHED BY TARGET THEN
        INSERT (OrgId, PriceListId, ProductId, UnitPrice)
        VALUES (@OrgId, @PriceListId, s.ProductId, s.UnitPrice)
    WHEN NOT MATCHED BY SOURCE AND t.OrgId = @OrgId AND t.PriceListId = @PriceListId THEN
        DELETE;

    EXEC dbo.AppendChange @OrgId, NULL, 'PriceListReplaced', 'PriceList', @PriceListId;
    COMMIT;

    SELECT ProductId, UnitPrice
    FROM dbo.PriceListItems
    WHERE OrgId = @OrgId AND PriceListId = @PriceListId
    ORDER BY ProductId;
END;
GO
