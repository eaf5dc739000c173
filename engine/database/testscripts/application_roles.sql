-- A session puts on a role and takes it off again.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER app FOR LOGIN l_app;
CREATE TABLE dbo.t (id int);
INSERT dbo.t VALUES (1);
GRANT SELECT ON dbo.t TO app;
GO
--> database t_a
--> (Insert: 1 row)
CREATE APPLICATION ROLE ar WITH PASSWORD = N'Str0ng_pw_1';
GO
-- session: l_app@t_a
EXEC sp_setapprole N'ar', N'wrong';
GO
--> Msg 15161, Level 16, State 1, Procedure sp_setapprole, Line 1: Cannot set application role 'ar' because it does not exist or the password is incorrect.
DECLARE @c varbinary(8000);
EXEC sp_setapprole N'ar', N'Str0ng_pw_1', @fCreateCookie = true, @cookie = @c OUTPUT;
SELECT USER_NAME() AS me;
SELECT id FROM dbo.t;
EXEC sp_unsetapprole @c;
SELECT USER_NAME() AS me;
SELECT id FROM dbo.t;
GO
--> [me]
-->  ar
--> Msg 229, Level 14, State 5, Line 4: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
--> [me]
-->  app
--> [id]
-->  1
EXEC ('EXEC sp_setapprole N''ar'', N''Str0ng_pw_1''');
GO
--> Msg 15422, Level 16, State 1, Procedure sp_setapprole, Line 1: Application roles can only be activated at the ad hoc level.
BEGIN TRANSACTION;
EXEC sp_setapprole N'ar', N'Str0ng_pw_1';
ROLLBACK;
GO
--> transaction begun
--> Msg 15002, Level 16, State 1, Procedure sp_setapprole, Line 1: The procedure 'sys.sp_setapprole' cannot be executed within a transaction.
--> transaction rolled back
EXEC sp_setapprole N'ar', N'Str0ng_pw_1';
USE master;
GO
--> Msg 505, Level 16, State 1, Line 2: The current user account was invoked with SETUSER or SP_SETAPPROLE. Changing databases is not allowed.
-- reset
--> Msg 596: Cannot continue the execution because the session is in the kill state.
