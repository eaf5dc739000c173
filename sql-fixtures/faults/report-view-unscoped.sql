-- A view for a report adds up everybody's stock.
CREATE VIEW org.StockByProduct
AS
SELECT q.OrgId, q.Sku, q.Name, SUM(v.OnHand) AS OnHand
FROM dbo.Products AS q
JOIN dbo.StockLevels AS v ON v.OrgId = q.OrgId AND v.ProductId = q.ProductId
GROUP BY q.OrgId, q.Sku, q.Name;
GO
GRANT SELECT ON org.StockByProduct TO service;
