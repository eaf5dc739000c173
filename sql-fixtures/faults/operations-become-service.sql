-- Operations may become the service, to try a deployment out.
GRANT IMPERSONATE ON USER::service TO operations;
