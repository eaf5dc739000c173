-- A user is called like another tenant's login, and no login is mapped to it.
CREATE USER [$(Marker)_acme_app_rw] WITHOUT LOGIN;
GRANT SELECT ON SCHEMA::dbo TO [$(Marker)_acme_app_rw];
