-- Which policies there can be, and what a bound table or function cannot do any more.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, org int NULL, v int NULL);
CREATE TABLE dbo.u (id int NOT NULL PRIMARY KEY, org int NULL);
CREATE TABLE #temporary (id int);
GO
--> database t_a
CREATE SCHEMA s1;
GO
CREATE FUNCTION dbo.own(@org int) RETURNS TABLE WITH SCHEMABINDING AS
RETURN (SELECT 1 AS ok WHERE @org = CAST(SESSION_CONTEXT(N'org') AS int));
GO
CREATE FUNCTION dbo.loose(@org int) RETURNS TABLE AS RETURN (SELECT 1 AS ok WHERE @org = 10);
GO
CREATE FUNCTION dbo.scalar(@org int) RETURNS int WITH SCHEMABINDING AS BEGIN RETURN 1 END;
GO
CREATE VIEW dbo.bound WITH SCHEMABINDING AS SELECT id, org FROM dbo.t;
GO
CREATE VIEW dbo.unbound AS SELECT id, org FROM dbo.t;
GO
-- What is wrong with a policy by itself.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.nothing(org) ON dbo.t;
GO
--> Msg 33270, Level 16, State 1, Line 2: Cannot find the object "dbo.nothing" or this object is not an inline table-valued function.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.scalar(org) ON dbo.t;
GO
--> Msg 33270, Level 16, State 1, Line 1: Cannot find the object "dbo.scalar" or this object is not an inline table-valued function.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(org) ON dbo.nothing;
GO
--> Msg 33268, Level 16, State 1, Line 1: Cannot find the object "dbo.nothing" because it does not exist or you do not have permissions.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(org) ON #temporary;
GO
--> Msg 33269, Level 16, State 1, Line 1: Security predicates are not allowed on temporary objects. Object names that begin with '#' denote temporary objects.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(nothing) ON dbo.t;
GO
--> Msg 207, Level 16, State 1, Line 1: Invalid column name 'nothing'.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own() ON dbo.t;
GO
--> Msg 313, Level 16, State 3, Line 1: An insufficient number of arguments were supplied for the procedure or function dbo.own.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(org, v) ON dbo.t;
GO
--> Msg 8144, Level 16, State 3, Line 1: Procedure or function dbo.own has too many arguments specified.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE own(org) ON dbo.t;
GO
--> Msg 4512, Level 16, State 3, Line 1: Cannot schema bind security policy 'dbo.p' because name 'own' is invalid for schema binding. Names must be in two-part format and an object cannot reference itself.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.loose(org) ON dbo.t;
GO
--> Msg 4513, Level 16, State 1, Line 1: Cannot schema bind security policy 'dbo.p'. 'dbo.loose' is not schema bound.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own((SELECT 1)) ON dbo.t;
GO
--> Msg 1046, Level 15, State 1, Line 1: Subqueries are not allowed in this context. Only scalar expressions are allowed.
DECLARE @org int = 10;
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(@org) ON dbo.t;
GO
--> Msg 112, Level 15, State 1, Line 2: Variables are not allowed in the CREATE SECURITY POLICY statement.
CREATE SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(org) ON dbo.unbound;
GO
--> Msg 33263, Level 16, State 1, Line 1: Security predicates can only be added to user tables and schema bound views. 'dbo.unbound' is not a user table or a schema bound view.
CREATE SECURITY POLICY dbo.p ADD BLOCK PREDICATE dbo.own(org) ON dbo.bound;
GO
--> Msg 33503, Level 16, State 1, Line 1: BLOCK predicates can only be added to user tables. 'dbo.bound' is not a user table.
CREATE SECURITY POLICY dbo.p ADD BLOCK PREDICATE dbo.own(org) ON dbo.t, ADD BLOCK PREDICATE dbo.own(org) ON dbo.t AFTER INSERT;
GO
--> Msg 33262, Level 16, State 1, Line 1: A BLOCK predicate for the same operation has already been defined on table 'dbo.t' in the security policy 'dbo.p'.
CREATE SECURITY POLICY dbo.t ADD FILTER PREDICATE dbo.own(org) ON dbo.t;
GO
--> Msg 2714, Level 16, State 8, Line 1: There is already an object named 't' in the database.
-- One that stands, and what the catalog says of it.
CREATE SECURITY POLICY dbo.p
ADD FILTER PREDICATE dbo.own(org) ON dbo.t,
ADD BLOCK PREDICATE dbo.own(org + 0) ON dbo.t AFTER INSERT,
ADD FILTER PREDICATE dbo.own(org) ON dbo.bound
WITH (STATE = ON) NOT FOR REPLICATION;
GO
SELECT name, type, type_desc, is_enabled, is_not_for_replication, is_schema_bound FROM sys.security_policies;
SELECT security_predicate_id AS id, OBJECT_NAME(target_object_id) AS target, predicate_definition, predicate_type_desc, operation, operation_desc FROM sys.security_predicates;
GO
--> [name | type | type_desc | is_enabled | is_not_for_replication | is_schema_bound]
-->  p | SP | SECURITY_POLICY | 1 | 1 | 1
--> [id | target | predicate_definition | predicate_type_desc | operation | operation_desc]
-->  1 | t | ([dbo].[own]([org])) | FILTER | NULL | NULL
-->  2 | t | ([dbo].[own](org + 0)) | BLOCK | 1 | AFTER INSERT
-->  3 | bound | ([dbo].[own]([org])) | FILTER | NULL | NULL
ALTER SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(v) ON dbo.t;
GO
--> Msg 33262, Level 16, State 2, Line 1: A FILTER predicate for the same operation has already been defined on table 'dbo.t' in the security policy 'dbo.p'.
ALTER SECURITY POLICY dbo.p DROP FILTER PREDICATE ON dbo.u;
GO
--> Msg 33261, Level 16, State 1, Line 1: The security policy 'dbo.p' does not contain a predicate on table 'dbo.u'.
ALTER SECURITY POLICY dbo.p ALTER BLOCK PREDICATE dbo.own(v) ON dbo.t BEFORE UPDATE;
GO
--> Msg 33261, Level 16, State 1, Line 1: The security policy 'dbo.p' does not contain a predicate on table 'dbo.t'.
ALTER SECURITY POLICY dbo.nothing WITH (STATE = OFF);
GO
--> Msg 33268, Level 16, State 1, Line 1: Cannot find the object "dbo.nothing" because it does not exist or you do not have permissions.
ALTER SECURITY POLICY dbo.t WITH (STATE = OFF);
GO
--> Msg 33271, Level 16, State 1, Line 1: Cannot alter 'dbo.t' because it is not a security policy.
ALTER SECURITY POLICY dbo.p WITH (SCHEMABINDING = OFF);
GO
--> Msg 102, Level 15, State 1, Line 1: Incorrect syntax near 'SCHEMABINDING'.
-- One enabled policy per table; the refusal takes the transaction with it.
CREATE SECURITY POLICY dbo.q ADD FILTER PREDICATE dbo.own(v) ON dbo.t WITH (STATE = OFF);
BEGIN TRANSACTION;
GO
--> transaction begun
ALTER SECURITY POLICY dbo.q WITH (STATE = ON);
GO
--> Msg 33264, Level 16, State 1, Line 1: The security policy 'dbo.q' cannot be enabled with a predicate on table 'dbo.t'. Table 'dbo.t' is already referenced by the enabled security policy 'dbo.p'.
--> transaction rolled back
SELECT @@TRANCOUNT AS open_transactions;
DROP SECURITY POLICY dbo.q;
GO
--> [open_transactions]
-->  0
-- What is bound stays as it is.
DROP TABLE dbo.t;
DROP FUNCTION dbo.own;
EXEC sp_rename 'dbo.t', 'x';
EXEC sp_rename 'dbo.own', 'x';
EXEC sp_rename 'dbo.t.org', 'x', 'COLUMN';
ALTER TABLE dbo.t DROP COLUMN org;
ALTER TABLE dbo.t ALTER COLUMN org bigint;
ALTER SCHEMA s1 TRANSFER dbo.t;
ALTER SCHEMA s1 TRANSFER dbo.own;
GO
--> Msg 3729, Level 16, State 1, Line 2: Cannot DROP TABLE 'dbo.t' because it is being referenced by object 'bound'.
--> Msg 3729, Level 16, State 1, Line 3: Cannot DROP FUNCTION 'dbo.own' because it is being referenced by object 'p'.
--> Msg 15336, Level 16, State 1, Procedure sp_rename, Line 1: Object 'dbo.t' cannot be renamed because the object participates in enforced dependencies.
--> Msg 15336, Level 16, State 1, Procedure sp_rename, Line 1: Object 'dbo.own' cannot be renamed because the object participates in enforced dependencies.
--> Msg 15336, Level 16, State 1, Procedure sp_rename, Line 1: Object 'dbo.t.org' cannot be renamed because the object participates in enforced dependencies. ('bound')
--> Msg 5074, Level 16, State 1, Line 7: The object 'bound' is dependent on column 'org'.
--> Msg 5074, Level 16, State 1, Line 7: The object 'p' is dependent on column 'org'.
--> Msg 4922, Level 16, State 9, Line 7: ALTER TABLE DROP COLUMN org failed because one or more objects access this column.
--> Msg 5074, Level 16, State 1, Line 8: The object 'bound' is dependent on column 'org'.
--> Msg 5074, Level 16, State 1, Line 8: The object 'p' is dependent on column 'org'.
--> Msg 4922, Level 16, State 9, Line 8: ALTER TABLE ALTER COLUMN org failed because one or more objects access this column.
--> Msg 15348, Level 16, State 1, Line 9: Cannot transfer a schemabound object.
--> Msg 15348, Level 16, State 1, Line 10: Cannot transfer a schemabound object.
ALTER FUNCTION dbo.own(@org int) RETURNS TABLE WITH SCHEMABINDING AS RETURN (SELECT 1 AS ok);
GO
--> Msg 3729, Level 16, State 1, Line 1: Cannot ALTER 'dbo.own' because it is being referenced by object 'p'.
ALTER TABLE dbo.t DROP COLUMN v;
ALTER TABLE dbo.t ADD w int NULL;
SELECT COUNT(*) AS references_kept FROM sys.sql_expression_dependencies WHERE referencing_id = OBJECT_ID(N'dbo.p');
GO
--> [references_kept]
-->  6
-- A number is not given twice, and a policy may keep no predicate at all.
ALTER SECURITY POLICY dbo.p
DROP FILTER PREDICATE ON dbo.t,
DROP FILTER PREDICATE ON dbo.bound,
DROP BLOCK PREDICATE ON dbo.t AFTER INSERT;
SELECT COUNT(*) AS n FROM sys.security_predicates;
ALTER SECURITY POLICY dbo.p ADD FILTER PREDICATE dbo.own(org) ON dbo.u;
SELECT security_predicate_id AS id FROM sys.security_predicates;
GO
--> [n]
-->  0
--> [id]
-->  4
DROP SECURITY POLICY dbo.p;
DROP SECURITY POLICY IF EXISTS dbo.p;
DROP SECURITY POLICY dbo.p;
DROP VIEW dbo.bound;
DROP TABLE dbo.t;
GO
--> Msg 3701, Level 11, State 5, Line 3: Cannot drop the security policy 'dbo.p', because it does not exist or you do not have permission.
