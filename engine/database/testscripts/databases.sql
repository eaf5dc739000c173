-- Databases come and go.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
CREATE DATABASE t_a;
GO
--> Msg 1801, Level 16, State 3, Line 4: Database 't_a' already exists. Choose a different database name.
ALTER DATABASE t_a SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;
ALTER DATABASE t_a SET RECOVERY SIMPLE;
ALTER DATABASE t_a SET TRUSTWORTHY ON;
ALTER DATABASE t_a SET DB_CHAINING ON;
SELECT name, is_trustworthy_on, is_db_chaining_on, recovery_model_desc FROM sys.databases WHERE name = N't_a';
GO
--> [name | is_trustworthy_on | is_db_chaining_on | recovery_model_desc]
-->  t_a | 1 | 1 | SIMPLE
-- session: l_app@master
CREATE DATABASE mine;
GO
--> Msg 262, Level 14, State 1, Line 1: CREATE DATABASE permission denied in database 'master'.
DROP DATABASE t_a;
GO
--> Msg 3701, Level 11, State 2, Line 1: Cannot drop the database 't_a', because it does not exist or you do not have permission.
ALTER DATABASE t_a SET TRUSTWORTHY OFF;
GO
--> Msg 5011, Level 14, State 9, Line 1: User does not have permission to alter database 't_a', the database does not exist, or the database is not in a state that allows access checks.
--> Msg 5069, Level 16, State 1, Line 1: ALTER DATABASE statement failed.
-- session: sa@t_a
SELECT DB_NAME() AS here;
GO
--> [here]
-->  t_a
-- session: sa@master
DROP DATABASE t_a;
GO
--> Msg 3702, Level 16, State 4, Line 1: Cannot drop database "t_a" because it is currently in use.
ALTER DATABASE t_a SET SINGLE_USER WITH ROLLBACK IMMEDIATE;
DROP DATABASE t_a;
GO
-- session: sa@t_a
SELECT DB_NAME() AS here;
GO
--> (no connection)
-- session: sa@master
BEGIN TRANSACTION;
CREATE DATABASE t_c;
ROLLBACK;
GO
--> transaction begun
--> Msg 226, Level 16, State 6, Line 2: CREATE DATABASE statement not allowed within multi-statement transaction.
--> transaction rolled back
SELECT @@VERSION AS version;
GO
--> [version]
-->  Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (X64) \n	Watertight embedded server, not a Microsoft product
