-- The purging principal administers a role that may do nothing.
CREATE ROLE bookkeepers;
GRANT ALTER ON ROLE::bookkeepers TO audit_admin;
