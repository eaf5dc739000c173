-- An index for a search begins with the name, so that the search walks through all organisations.
CREATE INDEX IX_Products_Name ON dbo.Products (Name, OrgId);
