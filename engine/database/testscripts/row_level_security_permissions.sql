-- Who may make, change and drop a policy, and who sees that there is one.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER maker WITHOUT LOGIN;
CREATE USER reader WITHOUT LOGIN;
CREATE USER owner_member WITHOUT LOGIN;
ALTER ROLE db_owner ADD MEMBER owner_member;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, org int NULL);
CREATE TABLE dbo.secret (org int NULL);
INSERT dbo.t VALUES (1, 10), (2, 20);
INSERT dbo.secret VALUES (10);
GO
--> database t_a
--> (Insert: 2 rows)
--> (Insert: 1 row)
CREATE FUNCTION dbo.known(@org int) RETURNS TABLE WITH SCHEMABINDING AS
RETURN (SELECT 1 AS ok FROM dbo.secret AS s WHERE s.org = @org);
GO
GRANT SELECT ON dbo.t TO reader;
EXECUTE AS USER = N'maker';
GO
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.known(org) ON dbo.t;
GO
--> Msg 262, Level 14, State 1, Line 1: ALTER ANY SECURITY POLICY permission denied in database 't_a'.
--> Msg 15247, Level 16, State 7, Line 1: User does not have permission to perform this action.
REVERT;
GRANT ALTER ANY SECURITY POLICY TO maker;
EXECUTE AS USER = N'maker';
GO
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.known(org) ON dbo.t;
GO
--> Msg 2760, Level 16, State 1, Line 1: The specified schema name "dbo" either does not exist or you do not have permission to use it.
REVERT;
GRANT ALTER ON SCHEMA::dbo TO maker;
EXECUTE AS USER = N'maker';
GO
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.known(org) ON dbo.t;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 'known', database 't_a', schema 'dbo'.
REVERT;
GRANT SELECT ON dbo.known TO maker;
EXECUTE AS USER = N'maker';
GO
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.known(org) ON dbo.t;
GO
--> Msg 229, Level 14, State 5, Line 1: The REFERENCES permission was denied on the object 'known', database 't_a', schema 'dbo'.
REVERT;
GRANT REFERENCES ON dbo.known TO maker;
EXECUTE AS USER = N'maker';
GO
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.known(org) ON dbo.t;
GO
--> Msg 229, Level 14, State 5, Line 1: The REFERENCES permission was denied on the object 't', database 't_a', schema 'dbo'.
REVERT;
GRANT REFERENCES ON dbo.t(org) TO maker;
EXECUTE AS USER = N'maker';
GO
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.known(org) ON dbo.t;
SELECT name FROM sys.security_policies;
REVERT;
GO
--> [name]
-->  p
-- The reader needs nothing on the function or the table behind it, and does not see the policy.
EXECUTE AS USER = N'reader';
SELECT id FROM dbo.t;
SELECT org FROM dbo.secret;
SELECT COUNT(*) AS policies FROM sys.security_policies;
SELECT COUNT(*) AS predicates FROM sys.security_predicates;
ALTER SECURITY POLICY dbo.p WITH (STATE = OFF);
GO
--> [id]
-->  1
--> Msg 229, Level 14, State 5, Line 4: The SELECT permission was denied on the object 'secret', database 't_a', schema 'dbo'.
--> [policies]
-->  0
--> [predicates]
-->  0
--> Msg 33268, Level 16, State 7, Line 7: Cannot find the object "dbo.p" because it does not exist or you do not have permissions.
DROP SECURITY POLICY dbo.p;
REVERT;
GO
--> Msg 3701, Level 14, State 20, Line 1: Cannot drop the security policy 'p', because it does not exist or you do not have permission.
EXECUTE AS USER = N'owner_member';
SELECT id FROM dbo.t;
ALTER SECURITY POLICY dbo.p WITH (STATE = OFF);
SELECT id FROM dbo.t;
REVERT;
GO
--> [id]
-->  1
--> [id]
-->  1
-->  2
EXECUTE AS USER = N'maker';
DROP SECURITY POLICY dbo.p;
REVERT;
GO
