-- Operations may read everything, because a backup holds it anyway.
ALTER ROLE db_datareader ADD MEMBER operations;
