-- While an application role is active, the rights and refusals of the user are out of the context.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE t_a;
CREATE DATABASE t_b;
GO
USE t_b;
CREATE USER app FOR LOGIN l_app;
CREATE TABLE dbo.t (id int);
GRANT SELECT ON dbo.t TO app;
GRANT SELECT ON dbo.t TO public;
GO
--> database t_b
USE t_a;
CREATE USER app FOR LOGIN l_app;
CREATE USER other WITHOUT LOGIN;
GRANT IMPERSONATE ON USER::other TO app;
CREATE TABLE dbo.of_user (id int);
CREATE TABLE dbo.of_role (id int);
CREATE TABLE dbo.of_public (id int);
INSERT dbo.of_role VALUES (1);
CREATE APPLICATION ROLE ar WITH PASSWORD = N'Str0ng_pw_1';
GRANT SELECT ON dbo.of_user TO app;
GRANT SELECT ON dbo.of_role TO ar;
DENY SELECT ON dbo.of_role TO app;
GRANT SELECT ON dbo.of_public TO ar;
DENY SELECT ON dbo.of_public TO public;
GO
--> database t_a
--> (Insert: 1 row)
-- session: l_app@t_a
SELECT id FROM dbo.of_user;
SELECT id FROM dbo.of_role;
SELECT id FROM t_b.dbo.t;
GO
--> [id]
--> Msg 229, Level 14, State 5, Line 2: The SELECT permission was denied on the object 'of_role', database 't_a', schema 'dbo'.
--> [id]
EXEC sp_setapprole N'ar', N'Str0ng_pw_1';
SELECT USER_NAME() AS me, SUSER_SNAME() AS login, ORIGINAL_LOGIN() AS original, IS_MEMBER(N'ar') AS member;
SELECT id FROM dbo.of_user;
SELECT id FROM dbo.of_role;
SELECT id FROM dbo.of_public;
SELECT id FROM t_b.dbo.t;
EXECUTE AS USER = N'other';
EXEC sp_setapprole N'ar', N'Str0ng_pw_1';
GO
--> [me | login | original | member]
-->  ar | l_app | l_app | NULL
--> Msg 229, Level 14, State 5, Line 3: The SELECT permission was denied on the object 'of_user', database 't_a', schema 'dbo'.
--> [id]
-->  1
--> Msg 229, Level 14, State 5, Line 5: The SELECT permission was denied on the object 'of_public', database 't_a', schema 'dbo'.
--> Msg 916, Level 14, State 2, Line 6: The server principal "l_app" is not able to access the database "t_b" under the current security context.
--> Msg 15517, Level 16, State 1, Line 7: Cannot execute as the database principal because the principal "other" does not exist, this type of principal cannot be impersonated, or you do not have permission.
--> Msg 2762, Level 16, State 1, Procedure sp_setapprole, Line 1: sp_setapprole was not invoked correctly. Refer to the documentation for more information.
-- session: sa@t_b
GRANT CONNECT TO guest;
GO
-- session: l_app@t_a
SELECT id FROM t_b.dbo.t;
SELECT SESSION_CONTEXT(N'org') AS org;
EXEC sp_unsetapprole 0x01;
GO
--> [id]
--> [org]
-->  NULL
--> Msg 15592, Level 16, State 1, Procedure sp_unsetapprole, Line 1: Cannot unset application role because none was set or the cookie is invalid.
-- reset
--> Msg 596: Cannot continue the execution because the session is in the kill state.
