-- ExecuteAsStatement
EXECUTE AS USER = 'u1'
====
-- ExecuteAsStatement
EXECUTE AS LOGIN = N'app1'
====
-- ExecuteAsStatement
EXECUTE AS USER = 'u1' WITH NO REVERT
====
-- ExecuteAsStatement
EXEC AS USER = 'u1' WITH COOKIE INTO @c
====
-- ExecuteAsStatement
EXECUTE AS CALLER
====
-- Revert
REVERT
====
-- Revert
REVERT WITH COOKIE = @c
====
-- Unsupported <SETUSER>
SETUSER 'u1'
====
-- Use
USE tenant2
====
-- Use
USE [tenant 2]
====
-- ExecuteString
EXEC('SELECT 1') AS USER = 'u1'
====
