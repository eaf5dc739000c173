-- Investigation may see how everything in a schema is built.
GRANT VIEW DEFINITION ON SCHEMA::org TO investigation;
