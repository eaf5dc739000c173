-- What a session remembers, and what a reset makes it forget.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
GO
-- session: l_app@master
EXEC sp_set_session_context N'org', 10;
EXEC sp_set_session_context N'fixed', 1, 1;
SELECT SESSION_CONTEXT(N'org') AS org;
EXEC sp_set_session_context N'fixed', 2;
GO
--> [org]
-->  10
--> Msg 15664, Level 16, State 1, Procedure sp_set_session_context, Line 1: Cannot set key 'fixed' in the session context. The key has been set as read_only for this session.
SET CONTEXT_INFO 0x0A;
SELECT CONTEXT_INFO() AS info;
SELECT APP_NAME() AS app, HOST_NAME() AS host, ORIGINAL_LOGIN() AS original, @@SPID AS spid;
CREATE TABLE #t (id int);
BEGIN TRANSACTION;
GO
--> [info]
-->  0x0A00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
--> [app | host | original | spid]
-->  tests | test-host | l_app | 52
--> transaction begun
-- reset
--> reset
SELECT SESSION_CONTEXT(N'org') AS org, SESSION_CONTEXT(N'fixed') AS fixed, CONTEXT_INFO() AS info, @@TRANCOUNT AS n;
SELECT id FROM #t;
GO
--> [org | fixed | info | n]
-->  NULL | NULL | NULL | 0
--> Msg 208, Level 16, State 0, Line 2: Invalid object name '#t'.
-- session: l_nobody@master
--> Msg 18456, Level 14, State 1: Login failed for user 'l_nobody'.
-- session: l_app@nowhere
--> Msg 4060, Level 11, State 1: Cannot open database "nowhere" requested by the login. The login failed.
--> Msg 18456, Level 14, State 1: Login failed for user 'l_app'.
