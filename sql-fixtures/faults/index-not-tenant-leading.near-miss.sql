-- An address is unique within the organisation.
CREATE UNIQUE INDEX UX_Customers_Email ON dbo.Customers (OrgId, Email) WHERE Email IS NOT NULL;
