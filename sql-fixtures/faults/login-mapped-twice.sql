-- The login of another tenant's application also has a user here.
CREATE USER stray FOR LOGIN [$(Marker)_acme_app_rw];
GRANT SELECT ON SCHEMA::dbo TO stray;
