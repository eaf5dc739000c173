-- The view takes an absent department for all of them, in other words.
ALTER VIEW org.StockLevels
AS
SELECT OrgId, SubOrgId, ProductId, Location, OnHand, CountedOn
FROM dbo.StockLevels
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND SubOrgId = ISNULL(CONVERT(int, SESSION_CONTEXT(N'SubOrgId')), SubOrgId)
WITH CHECK OPTION;
GO
