-- Operations may become a user that has no rights.
CREATE USER nobody WITHOUT LOGIN;
GRANT IMPERSONATE ON USER::nobody TO operations;
