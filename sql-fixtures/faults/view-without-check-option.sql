-- The view lets every column through and checks nothing: a row can be given to another organisation.
ALTER VIEW org.Customers
AS
SELECT OrgId, CustomerId, SubOrgId, CustomerKey, Name, Email, TaxNumber, CreditLimit,
       Since, IsActive, Revision
FROM dbo.Customers
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')));
GO
REVOKE UPDATE ON org.Customers FROM service;
GRANT INSERT, UPDATE ON org.Customers TO service;
