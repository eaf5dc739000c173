-- Investigation may read a whole schema, so that no report breaks when a table is added.
GRANT SELECT ON SCHEMA::dbo TO investigation;
