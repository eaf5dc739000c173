-- The procedures of the system.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER app FOR LOGIN l_app;
CREATE ROLE r;
EXEC sp_addrolemember N'r', N'app';
SELECT IS_ROLEMEMBER('r', 'app') AS member;
EXEC sp_droprolemember N'r', N'app';
SELECT IS_ROLEMEMBER('r', 'app') AS member;
CREATE TABLE dbo.t (id int);
EXEC sp_rename N'dbo.t', N'renamed';
SELECT OBJECT_ID('dbo.t') AS old, COUNT(*) AS new FROM dbo.renamed;
GO
--> database t_a
--> [member]
-->  1
--> [member]
-->  0
--> Info 15477, Line 9: Caution: Changing any part of an object name could break scripts and stored procedures.
--> [old | new]
-->  NULL | 0
CREATE PROCEDURE dbo.p AS
SELECT 1 AS x;
GO
EXEC sp_helptext N'dbo.p';
EXEC sp_helptext N'dbo.renamed';
EXEC sp_helptext N'dbo.missing';
GO
--> [Text]
-->  CREATE PROCEDURE dbo.p AS\n
-->  SELECT 1 AS x;\n
--> Msg 15197, Level 16, State 1, Procedure sp_helptext, Line 1: There is no text for object 'dbo.renamed'.
--> Msg 15009, Level 16, State 1, Procedure sp_helptext, Line 1: The object 'dbo.missing' does not exist in database 't_a' or is invalid for this operation.
EXEC sp_configure 'nested triggers';
EXEC sp_configure 'nested triggers', 0;
RECONFIGURE;
EXEC sp_configure 'nested triggers';
EXEC sp_configure 'no such option';
GO
--> [name | minimum | maximum | config_value | run_value]
-->  nested triggers | 0 | 1 | 1 | 1
--> Info 15457, Line 2: Configuration option 'nested triggers' changed from 1 to 0. Run the RECONFIGURE statement to install.
--> [name | minimum | maximum | config_value | run_value]
-->  nested triggers | 0 | 1 | 0 | 0
--> [name | minimum | maximum | config_value | run_value]
--> Msg 15123, Level 16, State 1, Procedure sp_configure, Line 1: The configuration option 'no such option' does not exist, or it may be an advanced option.
EXEC master.sys.sp_executesql N'SELECT DB_NAME() AS d';
EXEC sp_addrolemember N'r';
EXEC sp_addrolemember N'r', N'nobody';
GO
--> [d]
-->  t_a
--> Msg 201, Level 16, State 4, Procedure sp_addrolemember, Line 1: Procedure or function 'sp_addrolemember' expects parameter '@membername', which was not supplied.
--> Msg 15151, Level 16, State 1, Procedure sp_addrolemember, Line 1: Cannot add the principal 'nobody', because it does not exist or you do not have permission.
-- session: l_app@t_a
EXEC sp_addrolemember N'db_owner', N'app';
EXEC sp_rename N'dbo.renamed', N't';
EXEC sp_configure 'nested triggers', 1;
EXEC sp_helptext N'dbo.p';
RECONFIGURE;
GO
--> Msg 15151, Level 16, State 1, Procedure sp_addrolemember, Line 1: Cannot alter the role 'db_owner', because it does not exist or you do not have permission.
--> Msg 15225, Level 11, State 1, Procedure sp_rename, Line 1: No item by the name of 'dbo.renamed' could be found in the current database 't_a', given that @itemtype was input as '(null)'.
--> Msg 15247, Level 16, State 1, Procedure sp_configure, Line 1: User does not have permission to perform this action.
--> Msg 15009, Level 16, State 1, Procedure sp_helptext, Line 1: The object 'dbo.p' does not exist in database 't_a' or is invalid for this operation.
--> Msg 5812, Level 14, State 1, Line 5: You do not have permission to run the RECONFIGURE statement.
