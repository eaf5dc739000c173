-- The register has one more index, and nobody a right on it.
CREATE INDEX IX_Migrations_Name ON dbo.Migrations (Name);
