-- Hostile text comes to an end, and says why.
-- session: sa@master
DECLARE @i bigint = 0; WHILE 1 = 1 SET @i += 1;
GO
--> Msg 2000000003, Level 16, State 1, Line 2: The embedded server's limit of 200000 statements in one request was reached.
SELECT 'alive' AS x;
GO
--> [x]
-->  alive
WHILE 1 = 1 BEGIN BEGIN TRY THROW 50000, 'again', 1; END TRY BEGIN CATCH END CATCH; END;
GO
--> Msg 2000000003, Level 16, State 1, Line 1: The embedded server's limit of 200000 statements in one request was reached.
CHECKPOINT;
SELECT 'not reached' AS x;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support CHECKPOINT.
BEGIN TRY
    CHECKPOINT;
END TRY
BEGIN CATCH
    SELECT 'a handler must not hide it' AS x;
END CATCH;
GO
--> Msg 2000000001, Level 16, State 1, Line 2: The embedded server does not support CHECKPOINT.
EXEC sp_who;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support sp_who.
EXEC xp_cmdshell 'whoami';
GO
--> Msg 15281, Level 16, State 1, Procedure xp_cmdshell, Line 1: SQL Server blocked access to procedure 'sys.xp_cmdshell' of component 'xp_cmdshell' because this component is turned off as part of the security configuration for this server. A system administrator can enable the use of 'xp_cmdshell' by using sp_configure. For more information about enabling 'xp_cmdshell', search for 'xp_cmdshell' in SQL Server Books Online.
-- Who lacks the right is refused as the server refuses; that is not the same as unsupported.
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
GO
-- session: l_app@master
BACKUP DATABASE master TO DISK = 'x';
GO
--> Msg 262, Level 14, State 1, Line 1: BACKUP DATABASE permission denied in database 'master'.
--> Msg 3013, Level 16, State 1, Line 1: BACKUP DATABASE is terminating abnormally.
KILL 51;
GO
--> Msg 6102, Level 14, State 2, Line 1: User does not have permission to use the KILL statement.
SHUTDOWN;
GO
--> Msg 6004, Level 14, State 1, Line 1: User does not have permission to perform this action.
DBCC FREEPROCCACHE;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support DBCC.
EXEC xp_cmdshell 'whoami';
GO
--> Msg 229, Level 14, State 5, Procedure xp_cmdshell, Line 1: The EXECUTE permission was denied on the object 'xp_cmdshell', database 'mssqlsystemresource', schema 'sys'.
