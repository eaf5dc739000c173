-- A user that nobody can log in as may change the schema.
CREATE USER deployer WITHOUT LOGIN;
ALTER ROLE db_ddladmin ADD MEMBER deployer;
