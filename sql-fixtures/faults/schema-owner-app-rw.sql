-- The application has all that an owner of the audit table's schema has; dbo itself cannot be given away.
GRANT CONTROL ON SCHEMA::dbo TO app_rw;
