-- The login may see the definitions of its own server role, of which nobody is a member.
USE master;
CREATE SERVER ROLE watchers;
GRANT VIEW DEFINITION ON SERVER ROLE::watchers TO [$(Marker)_acme_app_rw];
