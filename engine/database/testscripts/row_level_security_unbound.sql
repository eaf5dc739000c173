-- A policy WITH (SCHEMABINDING = OFF): its function may change, and the caller needs it.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER u1 WITHOUT LOGIN;
CREATE USER u2 WITHOUT LOGIN;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, org int NULL);
INSERT dbo.t VALUES (1, 10), (2, 20);
GO
--> database t_a
--> (Insert: 2 rows)
CREATE FUNCTION dbo.tens(@org int) RETURNS TABLE AS RETURN (SELECT 1 AS ok WHERE @org = 10);
GO
CREATE PROCEDURE dbo.reads AS SELECT id FROM dbo.t;
GO
CREATE SECURITY POLICY dbo.p
ADD FILTER PREDICATE dbo.tens(org) ON dbo.t,
ADD BLOCK PREDICATE dbo.tens(org) ON dbo.t AFTER INSERT
WITH (SCHEMABINDING = OFF);
GRANT SELECT, INSERT ON dbo.t TO u1;
GRANT EXECUTE ON dbo.reads TO u1;
GRANT ALTER, SELECT ON dbo.tens TO u2;
GRANT SELECT ON dbo.t TO u2;
GO
SELECT id FROM dbo.t;
EXECUTE AS USER = N'u1';
SELECT id FROM dbo.t;
INSERT dbo.t VALUES (3, 10);
EXEC dbo.reads;
REVERT;
GO
--> [id]
-->  1
--> Msg 229, Level 14, State 5, Line 3: The SELECT permission was denied on the object 'tens', database 't_a', schema 'dbo'.
--> Msg 229, Level 14, State 5, Line 4: The SELECT permission was denied on the object 'tens', database 't_a', schema 'dbo'.
--> [id]
-->  1
-- Whoever may alter the function makes the rule.
EXECUTE AS USER = N'u2';
SELECT id FROM dbo.t;
GO
--> [id]
-->  1
ALTER FUNCTION dbo.tens(@org int) RETURNS TABLE AS RETURN (SELECT 1 AS ok);
GO
SELECT id FROM dbo.t;
REVERT;
GO
--> [id]
-->  1
-->  2
DROP TABLE dbo.t;
GO
--> Msg 3729, Level 16, State 3, Line 1: Cannot DROP TABLE 'dbo.t' because it is being referenced by object 'p'.
ALTER FUNCTION dbo.tens(@org int, @more int) RETURNS TABLE AS RETURN (SELECT 1 AS ok);
GO
SELECT id FROM dbo.t;
GO
--> Msg 33512, Level 16, State 1, Line 1: Binding for the non-schema bound security predicate on object 't' failed with one or more errors, indicating the schema of the predicate function has changed. Update or drop the affected security predicates.
DROP FUNCTION dbo.tens;
GO
INSERT dbo.t VALUES (4, 10);
GO
--> Msg 33512, Level 16, State 1, Line 1: Binding for the non-schema bound security predicate on object 't' failed with one or more errors, indicating the schema of the predicate function has changed. Update or drop the affected security predicates.
CREATE FUNCTION dbo.tens(@org int) RETURNS int AS BEGIN RETURN 1 END;
GO
SELECT id FROM dbo.t;
GO
--> Msg 33513, Level 16, State 1, Line 1: Binding for the non-schema bound security predicate on object 't' failed, because the predicate function is not an inline table-valued function. Only inline table-valued functions can be used for security predicates.
DROP SECURITY POLICY dbo.p;
SELECT id FROM dbo.t;
GO
--> [id]
-->  1
-->  2
