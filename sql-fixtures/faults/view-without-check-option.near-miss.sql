-- The check option is gone, but what it would check cannot be written.
ALTER VIEW org.Customers
AS
SELECT OrgId, CustomerId, SubOrgId, CustomerKey, Name, Email, TaxNumber, CreditLimit,
       Since, IsActive, Revision
FROM dbo.Customers
WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
  AND (SESSION_CONTEXT(N'SubOrgId') IS NULL OR SubOrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId')));
GO
