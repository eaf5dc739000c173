-- A price list is replaced by MERGE, and what the source does not hold is deleted, whosever it is.
ALTER PROCEDURE org.ReplacePriceList
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
    WHEN NOT MATCHED BY SOURCE THEN
        DELETE;

    EXEC dbo.AppendChange @OrgId, NULL, 'PriceListReplaced', 'PriceList', @PriceListId;
    COMMIT;

    SELECT ProductId, UnitPrice
    FROM dbo.PriceListItems
    WHERE OrgId = @OrgId AND PriceListId = @PriceListId
    ORDER BY ProductId;
END;
GO
