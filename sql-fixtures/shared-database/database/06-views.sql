-- What a caller sees of each table: the rows of his organisation, and of his department when he acts
-- for one. What is written through a view must stay visible in it, so that nobody can give a row to
-- somebody else.
--
-- Secrets (password hashes, hashes of callbacks' secrets, signing keys) are in no view.
CREATE VIEW org.Organisation
AS
SELECT OrgId, Name, RegistrationNumber, ContactEmail, PublicId, ContractFrom, IsActive
FROM dbo.Organisations
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
CREATE VIEW org.SubOrganisations
AS
SELECT OrgId, SubOrgId, Name, CostCentre
FROM dbo.SubOrganisations
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
CREATE VIEW org.Users
AS
SELECT OrgId, UserId, SubOrgId, UserName, Email, IsActive
FROM dbo.Users
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
CREATE VIEW org.Periods
AS
SELECT OrgId, PeriodId, Name, StartsOn, EndsOn, IsClosed
FROM dbo.Periods
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
CREATE VIEW org.Customers
AS
SELECT OrgId, CustomerId, SubOrgId, CustomerKey, Name, Email, TaxNumber, CreditLimit,
       Since, IsActive, Revision
FROM dbo.Customers
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
CREATE VIEW org.Products
AS
SELECT OrgId, ProductId, Sku, Name, UnitPrice, WeightGrams, SubstituteId, Revision
FROM dbo.Products
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
CREATE VIEW org.PriceLists
AS
SELECT OrgId, PriceListId, Name, Currency, StartsOn
FROM dbo.PriceLists
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
CREATE VIEW org.PriceListItems
AS
SELECT OrgId, PriceListId, ProductId, UnitPrice
FROM dbo.PriceListItems
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
WITH CHECK OPTION;
GO
-- All invoices, to be read.
CREATE VIEW org.Invoices
AS
SELECT OrgId, InvoiceId, SubOrgId, InvoiceKey, InvoiceNumber, CustomerId, PeriodId, Status, IssuedOn,
       PostedAt, VoidedAt, VoidReason, CreditsInvoiceId, Total, Note, Revision
FROM dbo.Invoices
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
-- Only drafts can be edited; the check option also keeps anybody from posting one by hand.
CREATE VIEW org.DraftInvoices
AS
SELECT OrgId, InvoiceId, SubOrgId, InvoiceKey, InvoiceNumber, CustomerId, PeriodId, Status, IssuedOn,
       PostedAt, VoidedAt, VoidReason, CreditsInvoiceId, Total, Note, Revision
FROM dbo.Invoices
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
  AND Status = 1
WITH CHECK OPTION;
GO
CREATE VIEW org.InvoiceLines
AS
SELECT OrgId, InvoiceId, LineNumber, SubOrgId, ProductId, Quantity, UnitPrice, Description
FROM dbo.InvoiceLines
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
CREATE VIEW org.DraftInvoiceLines
AS
SELECT l.OrgId, l.InvoiceId, l.LineNumber, l.SubOrgId, l.ProductId, l.Quantity, l.UnitPrice,
       l.Description
FROM dbo.InvoiceLines AS l
WHERE l.OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL
       OR l.SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
  AND EXISTS (SELECT 1
              FROM dbo.Invoices AS i
              WHERE i.OrgId = l.OrgId AND i.InvoiceId = l.InvoiceId AND i.Status = 1)
WITH CHECK OPTION;
GO
CREATE VIEW org.StockLevels
AS
SELECT OrgId, SubOrgId, ProductId, Location, OnHand, CountedOn
FROM dbo.StockLevels
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
CREATE VIEW org.StockLedger
AS
SELECT OrgId, LedgerId, SubOrgId, IdempotencyKey, ProductId, Location, Quantity, Reason,
       RecordedBy, RecordedAt
FROM dbo.StockLedger
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
CREATE VIEW org.Callbacks
AS
SELECT OrgId, CallbackId, SubOrgId, Url, Status, RequestedAt, EndedAt
FROM dbo.Callbacks
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
CREATE VIEW org.ChangeHistory
AS
SELECT OrgId, ChangeNumber, SubOrgId, Action, Entity, EntityId, Detail, Actor, OccurredAt,
       PreviousHash, RowHash
FROM dbo.ChangeHistory
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
WITH CHECK OPTION;
GO
-- What each customer owes: posted invoices and credit notes together.
CREATE VIEW org.CustomerBalances
AS
SELECT c.OrgId, c.SubOrgId, c.CustomerId, c.Name, COUNT(i.InvoiceId) AS Invoices,
       ISNULL(SUM(i.Total), 0) AS Balance
FROM dbo.Customers AS c
LEFT JOIN dbo.Invoices AS i
    ON i.OrgId = c.OrgId AND i.SubOrgId = c.SubOrgId AND i.CustomerId = c.CustomerId
   AND i.Status IN (2, 3)
WHERE c.OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL
       OR c.SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')))
GROUP BY c.OrgId, c.SubOrgId, c.CustomerId, c.Name;
GO
