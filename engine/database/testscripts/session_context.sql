-- What a session context takes, keeps, refuses and forgets.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
GO
-- session: l_app@master
EXEC sp_set_session_context N'org', 10;
EXEC sys.sp_set_session_context @key = N'dep', @value = N'sales', @read_only = 0;
EXEC sp_set_session_context N'ORG', 20;
EXEC sp_set_session_context N'Org ', 10;
SELECT SESSION_CONTEXT(N'org') AS lower_case, SESSION_CONTEXT(N'ORG') AS upper_case, SESSION_CONTEXT(N'dep') AS dep, SESSION_CONTEXT(N'nothing') AS nothing;
SELECT CAST(SESSION_CONTEXT(N'org') AS int) + 1 AS number, SQL_VARIANT_PROPERTY(SESSION_CONTEXT(N'dep'), 'BaseType') AS base;
GO
--> [lower_case | upper_case | dep | nothing]
-->  10 | 20 | sales | NULL
--> [number | base]
-->  11 | nvarchar
SELECT SESSION_CONTEXT('org') AS x;
GO
--> [x]
--> Msg 8116, Level 16, State 1, Line 1: Argument data type varchar is invalid for argument 1 of session_context function.
SELECT SESSION_CONTEXT(NULL) AS x;
GO
--> [x]
--> Msg 8116, Level 16, State 1, Line 1: Argument data type NULL is invalid for argument 1 of session_context function.
-- Arguments count by their places; their names are not looked at.
EXEC sp_set_session_context @value = N'odd', @key = N'named';
SELECT SESSION_CONTEXT(N'odd') AS odd;
EXEC sp_set_session_context N'a', 1, 0, 1;
EXEC sp_set_session_context N'a', 1, NULL;
GO
--> [odd]
-->  named
--> Msg 16914, Level 16, State 1, Procedure sp_set_session_context, Line 1: The "sp_set_connection_context" procedure was called with too many parameters.
--> Msg 15600, Level 16, State 1, Procedure sp_set_session_context, Line 1: An invalid parameter or option was specified for procedure 'sp_set_connection_context'.
-- NULL takes a key away, unless it is to stay NULL.
EXEC sp_set_session_context N'org', NULL;
SELECT SESSION_CONTEXT(N'org') AS org;
EXEC sp_set_session_context N'org', 11;
EXEC sp_set_session_context N'fixed', NULL, 1;
EXEC sp_set_session_context N'fixed', 1;
SELECT SESSION_CONTEXT(N'org') AS org, SESSION_CONTEXT(N'fixed') AS fixed;
GO
--> [org]
-->  NULL
--> Msg 15664, Level 16, State 1, Procedure sp_set_session_context, Line 1: Cannot set key 'fixed' in the session context. The key has been set as read_only for this session.
--> [org | fixed]
-->  11 | NULL
-- Read-only holds for the session: in procedures, strings, handlers and another database, too.
EXEC sp_set_session_context N'org', 12, 1;
EXEC ('EXEC sp_set_session_context N''org'', 13');
BEGIN TRY
    EXEC sp_set_session_context N'org', 14;
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, SESSION_CONTEXT(N'org') AS org;
END CATCH;
USE tempdb;
EXEC sp_set_session_context N'org', 15;
EXEC sp_set_session_context N'org', NULL;
EXEC sp_set_session_context N'org', 12, 1;
SELECT SESSION_CONTEXT(N'org') AS org;
GO
--> Msg 15664, Level 16, State 1, Procedure sp_set_session_context, Line 1: Cannot set key 'org' in the session context. The key has been set as read_only for this session.
--> [n | org]
-->  15664 | 12
--> database tempdb
--> Msg 15664, Level 16, State 1, Procedure sp_set_session_context, Line 1: Cannot set key 'org' in the session context. The key has been set as read_only for this session.
--> Msg 15664, Level 16, State 1, Procedure sp_set_session_context, Line 1: Cannot set key 'org' in the session context. The key has been set as read_only for this session.
--> Msg 15664, Level 16, State 1, Procedure sp_set_session_context, Line 1: Cannot set key 'org' in the session context. The key has been set as read_only for this session.
--> [org]
-->  12
-- A rollback does not take it back.
BEGIN TRANSACTION;
EXEC sp_set_session_context N'dep', N'other';
ROLLBACK;
SELECT SESSION_CONTEXT(N'dep') AS dep;
GO
--> transaction begun
--> transaction rolled back
--> [dep]
-->  other
EXEC sp_set_session_context N'', 1;
GO
--> Msg 15666, Level 16, State 1, Procedure sp_set_session_context, Line 1: Cannot set key '' in the session context. The size of the key cannot exceed 256 bytes.
EXEC sp_set_session_context NULL, 1;
GO
--> Msg 225, Level 16, State 1, Procedure sp_set_session_context, Line 1: The parameters supplied for the procedure "sp_set_session_context" are not valid.
EXEC sp_set_session_context N'a';
GO
--> Msg 16903, Level 16, State 1, Procedure sp_set_session_context, Line 1: The "sp_set_connection_context" procedure was called with an incorrect number of parameters.
DECLARE @key nvarchar(200) = REPLICATE(N'k', 129);
EXEC sp_set_session_context @key, 1;
GO
--> Msg 15666, Level 16, State 1, Procedure sp_set_session_context, Line 1: Cannot set key 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk' in the session context. The size of the key cannot exceed 256 bytes.
DECLARE @long nvarchar(max) = REPLICATE(CAST(N'x' AS nvarchar(max)), 5000);
EXEC sp_set_session_context N'long', @long;
SELECT LEN(CAST(SESSION_CONTEXT(N'long') AS nvarchar(4000))) AS length;
GO
--> Msg 15600, Level 16, State 1, Procedure sp_set_session_context, Line 1: An invalid parameter or option was specified for procedure 'sp_set_connection_context'.
--> [length]
-->  NULL
DECLARE @i int = 0, @key nvarchar(20), @big varbinary(8000) = CAST(REPLICATE('x', 8000) AS varbinary(8000));
WHILE @i < 200
BEGIN
    SET @key = CONCAT(N'k', @i);
    EXEC sp_set_session_context @key, @big;
    IF @@ERROR <> 0 BREAK;
    SET @i += 1;
END;
GO
--> Msg 15665, Level 16, State 1, Procedure sp_set_session_context, Line 1: The value was not set for key 'k130' because the total size of keys and values in the session context would exceed the 1 MB limit.
-- session: l_app@master#2
SELECT SESSION_CONTEXT(N'org') AS of_another_session;
GO
--> [of_another_session]
-->  NULL
-- session: l_app@master
-- reset
--> database master
--> reset
SELECT SESSION_CONTEXT(N'org') AS org, SESSION_CONTEXT(N'dep') AS dep;
EXEC sp_set_session_context N'org', 99;
SELECT SESSION_CONTEXT(N'org') AS org;
GO
--> [org | dep]
-->  NULL | NULL
--> [org]
-->  99
