-- The login is a member of a server role of its own that may do nothing.
USE master;
CREATE SERVER ROLE watchers;
ALTER SERVER ROLE watchers ADD MEMBER [$(Marker)_acme_app_rw];
