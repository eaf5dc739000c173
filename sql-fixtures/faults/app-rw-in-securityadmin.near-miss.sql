-- A user that nobody can log in as may grant rights.
CREATE USER access_manager WITHOUT LOGIN;
ALTER ROLE db_securityadmin ADD MEMBER access_manager;
