-- Becoming somebody else, and coming back.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE LOGIN l_x WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER app FOR LOGIN l_app;
CREATE USER u2 WITHOUT LOGIN;
CREATE TABLE dbo.t (id int);
GO
--> database t_a
EXECUTE AS USER = 'u2';
SELECT USER_NAME() AS me;
SELECT id FROM dbo.t;
REVERT;
SELECT USER_NAME() AS me;
GO
--> [me]
-->  u2
--> Msg 229, Level 14, State 5, Line 3: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
--> [me]
-->  dbo
EXECUTE AS LOGIN = 'l_x';
SELECT 'not reached' AS x;
GO
--> Msg 916, Level 14, State 4, Line 1: The server principal "l_x" is not able to access the database "t_a" under the current security context.
EXECUTE AS USER = 'nobody';
GO
--> Msg 15517, Level 16, State 1, Line 1: Cannot execute as the database principal because the principal "nobody" does not exist, this type of principal cannot be impersonated, or you do not have permission.
EXEC ('EXECUTE AS USER = ''u2''; SELECT USER_NAME() AS inside');
SELECT USER_NAME() AS outside;
GO
--> [inside]
-->  u2
--> [outside]
-->  dbo
EXEC ('SELECT USER_NAME() AS inside') AS USER = 'u2';
SELECT USER_NAME() AS outside;
GO
--> [inside]
-->  u2
--> [outside]
-->  dbo
DECLARE @c varbinary(8000);
EXECUTE AS USER = 'u2' WITH COOKIE INTO @c;
REVERT WITH COOKIE = @c;
SELECT USER_NAME() AS back;
GO
--> [back]
-->  dbo
-- session: l_app@t_a
EXECUTE AS USER = 'u2';
GO
--> Msg 15517, Level 16, State 1, Line 1: Cannot execute as the database principal because the principal "u2" does not exist, this type of principal cannot be impersonated, or you do not have permission.
EXECUTE AS USER = 'dbo';
GO
--> Msg 15517, Level 16, State 1, Line 1: Cannot execute as the database principal because the principal "dbo" does not exist, this type of principal cannot be impersonated, or you do not have permission.
-- session: sa@master
GRANT IMPERSONATE ON USER::u2 TO app;
GO
-- session: l_app@t_a
EXECUTE AS USER = 'u2' WITH NO REVERT;
SELECT USER_NAME() AS me, ORIGINAL_LOGIN() AS original;
GO
--> [me | original]
-->  u2 | l_app
REVERT;
SELECT 'not reached' AS x;
GO
--> Msg 15196, Level 16, State 1, Line 1: The current security context is non-revertible. The "Revert" statement failed.
SELECT USER_NAME() AS me;
GO
--> [me]
-->  u2
-- reset
--> Msg 18059: The connection has been dropped because the principal that opened it subsequently assumed a new security context, and then tried to reset the connection under its impersonated security context. This scenario is not supported. See "Impersonation Overview" in Books Online.
