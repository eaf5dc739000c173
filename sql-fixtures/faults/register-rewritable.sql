-- The application may rewrite the register of migrations.
CREATE USER acme FOR LOGIN [$(Marker)_acme_app_rw];
GRANT SELECT, UPDATE, DELETE ON dbo.Migrations TO acme;
GRANT SELECT, UPDATE, DELETE ON dbo.MigrationObjects TO acme;
