-- The login of one tenant's application was made sysadmin while an outage lasted.
USE master;
ALTER SERVER ROLE sysadmin ADD MEMBER [$(Marker)_acme_app_rw];
