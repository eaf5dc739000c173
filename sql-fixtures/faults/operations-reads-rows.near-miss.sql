-- Operations may see how busy the database is.
GRANT VIEW DATABASE STATE TO operations;
