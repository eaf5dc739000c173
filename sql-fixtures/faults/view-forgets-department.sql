-- One view shows the stock of all departments to each of them.
ALTER VIEW org.StockLevels
AS
SELECT OrgId, SubOrgId, ProductId, Location, OnHand, CountedOn
FROM dbo.StockLevels
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
