-- The same view, of the caller's organisation and department.
CREATE VIEW org.StockByProduct
AS
SELECT q.OrgId, q.Sku, q.Name, SUM(v.OnHand) AS OnHand
FROM dbo.Products AS q
JOIN dbo.StockLevels AS v ON v.OrgId = q.OrgId AND v.ProductId = q.ProductId
WHERE q.OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL
       OR v.SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
GROUP BY q.OrgId, q.Sku, q.Name;
