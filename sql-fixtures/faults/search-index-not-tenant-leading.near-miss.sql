-- An index for the same search begins with the organisation.
CREATE INDEX IX_Products_Name ON dbo.Products (OrgId, Name DESC) INCLUDE (UnitPrice);
