-- The application may change the schema: TRUNCATE, DROP and disabled triggers need no DELETE.
ALTER ROLE db_ddladmin ADD MEMBER app_rw;
