-- Grant
GRANT SELECT ON dbo.t1 TO u1
====
-- Grant
GRANT SELECT ON OBJECT::dbo.t1 TO u1
====
-- Grant
GRANT SELECT, INSERT ON dbo.t1 TO u1, r1
====
-- Grant
GRANT SELECT (a, b), UPDATE (b) ON dbo.t1 TO u1
====
-- Grant
GRANT SELECT ON dbo.t1 (a, b) TO u1
====
-- Grant
GRANT SELECT ON SCHEMA::sales TO r1
====
-- Grant
GRANT CONTROL ON DATABASE::db1 TO u1
====
-- Grant
GRANT VIEW DATABASE STATE TO u1
====
-- Grant
GRANT CREATE TABLE, CREATE PROCEDURE TO u1
====
-- Grant
GRANT EXECUTE ON dbo.p1 TO u1 WITH GRANT OPTION
====
-- Grant
GRANT EXECUTE ON dbo.p1 TO u1 AS r1
====
-- Grant
GRANT IMPERSONATE ON USER::u2 TO u1
====
-- Grant
GRANT VIEW DEFINITION ON dbo.p1 TO u1
====
-- Grant
GRANT ALTER ANY USER TO u1
====
-- Grant
GRANT CONNECT TO guest
====
-- Grant
GRANT UNMASK TO u1
====
-- Deny
DENY SELECT ON dbo.t1 TO u1
====
-- Deny
DENY SELECT ON OBJECT::dbo.t1 (a, b) TO u1 CASCADE
====
-- Deny
DENY CONTROL ON SCHEMA::sales TO r1
====
-- Deny
DENY VIEW ANY DATABASE TO public
====
-- Revoke
REVOKE SELECT ON dbo.t1 FROM u1
====
-- Revoke
REVOKE SELECT ON SCHEMA::sales FROM u1 CASCADE
====
-- Revoke
REVOKE SELECT ON dbo.t1 TO u1
====
-- Revoke
REVOKE GRANT OPTION FOR SELECT ON dbo.t1 FROM u1 CASCADE
====
