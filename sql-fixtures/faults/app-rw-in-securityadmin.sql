-- The application may grant itself rights through a role.
ALTER ROLE db_securityadmin ADD MEMBER app_rw;
