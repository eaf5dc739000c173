-- The application may become the purging principal.
GRANT IMPERSONATE ON USER::audit_admin TO app_rw;
