-- sp_getapplock: locks that applications name, of transactions and of sessions.
-- session: sa@master
CREATE DATABASE shop;
GO
CREATE LOGIN l_clerk WITH PASSWORD = N'Str0ng_pw_1';
GO
USE shop;
CREATE USER l_clerk;
CREATE ROLE auditors;
GO
--> database shop
-- Without a transaction there is no owner.
-- session: sa@shop#1
DECLARE @result int;
EXEC @result = sp_getapplock @Resource = N'invoice 1', @LockMode = 'Exclusive';
SELECT @result AS result;
GO
--> Msg 3918, Level 16, State 1, Line 3: The statement or function must be executed in the context of a user transaction.
--> return -999
--> [result]
-->  -999
BEGIN TRAN;
DECLARE @result int;
EXEC @result = sp_getapplock @Resource = N'invoice 1', @LockMode = 'Exclusive';
SELECT @result AS result, APPLOCK_MODE('public', 'invoice 1', 'Transaction') AS mode;
GO
--> transaction begun
--> [result | mode]
-->  0 | Exclusive
-- session: sa@shop#2
BEGIN TRAN;
SELECT APPLOCK_TEST('public', 'invoice 1', 'Shared', 'Transaction') AS free,
       APPLOCK_TEST('public', 'invoice 2', 'Shared', 'Transaction') AS other,
       APPLOCK_MODE('public', 'invoice 1', 'Transaction') AS mode;
DECLARE @result int;
EXEC @result = sp_getapplock 'invoice 1', 'Shared', 'Transaction', 0;
SELECT @result AS result;
GO
--> transaction begun
--> [free | other | mode]
-->  0 | 1 | NoLock
--> return -1
--> [result]
-->  -1
DECLARE @result int;
EXEC @result = sp_getapplock 'invoice 1', 'Shared';
SELECT @result AS result;
GO
--> (waits)
-- session: sa@master
SELECT resource_type, request_mode, request_status, request_session_id FROM sys.dm_tran_locks;
SELECT session_id, status, blocking_session_id, wait_type FROM sys.dm_exec_requests WHERE blocking_session_id <> 0;
SELECT session_id, blocking_session_id FROM sys.dm_os_waiting_tasks;
SELECT session_id, open_transaction_count FROM sys.dm_tran_session_transactions;
GO
--> [resource_type | request_mode | request_status | request_session_id]
-->  APPLICATION | X | GRANT | 52
--> [session_id | status | blocking_session_id | wait_type]
-->  53 | suspended | 52 | LCK_M_X
--> [session_id | blocking_session_id]
-->  53 | 52
--> [session_id | open_transaction_count]
-->  52 | 1
-->  53 | 1
-- session: sa@shop#1
COMMIT;
GO
--> transaction committed
--> <sa@shop#2> return 1
--> <sa@shop#2> [result]
--> <sa@shop#2>  1
-- session: sa@shop#2
ROLLBACK;
GO
--> transaction rolled back
-- A session keeps its lock until it gives it back, as often as it took it, or leaves.
-- session: sa@shop#1
EXEC sp_getapplock 'nightly', 'Exclusive', 'Session';
EXEC sp_getapplock 'nightly', 'Exclusive', 'Session';
EXEC sp_releaseapplock 'nightly', 'Session';
SELECT APPLOCK_MODE('public', 'nightly', 'Session') AS mode;
GO
--> [mode]
-->  Exclusive
-- session: sa@shop#2
EXEC sp_getapplock 'nightly', 'Exclusive', 'Session';
GO
--> (waits)
-- session: sa@shop#1
EXEC sp_releaseapplock 'nightly', 'Session';
EXEC sp_releaseapplock 'nightly', 'Session';
GO
--> Msg 1223, Level 16, State 1, Line 2: Cannot release the application lock (Database Principal: 'public', Resource: 'nightly') because it is not currently held.
--> return -999
--> <sa@shop#2> return 1
EXEC sp_getapplock 'nightly', 'Exclusive', 'Session';
GO
--> (waits)
-- session: sa@shop#2
-- disconnect
--> <sa@shop#1> return 1
-- A deadlock among them is a return code.
-- session: sa@shop#2
EXEC sp_getapplock 'other', 'Exclusive', 'Session';
EXEC sp_getapplock 'nightly', 'Update', 'Session';
GO
--> (waits)
-- session: sa@shop#1
DECLARE @result int;
EXEC @result = sp_getapplock 'other', 'IntentShared', 'Session';
SELECT @result AS result;
GO
--> return -3
--> [result]
-->  -3
EXEC sp_releaseapplock 'nightly', 'Session';
GO
--> <sa@shop#2> return 1
-- A principal's locks are for its members; another database's are other locks.
-- session: l_clerk@shop
EXEC sp_getapplock 'secret', 'Exclusive', 'Session', 0, 'auditors';
GO
--> Msg 1202, Level 16, State 1, Line 2: The database principal 'auditors' does not exist or user is not a member.
--> return -999
EXEC sp_getapplock 'nightly', 'Shared', 'Session', 0;
EXEC sp_getapplock 'nightly', 'Exclusive', 'Nobody', 0;
EXEC sp_getapplock 'nightly', 'Strange', 'Session', 0;
GO
--> Msg 15600, Level 15, State 1, Line 2: An invalid parameter or option was specified for procedure 'sp_getapplock'.
--> return -999
--> Msg 15600, Level 15, State 1, Line 3: An invalid parameter or option was specified for procedure 'sp_getapplock'.
--> return -999
SELECT resource_type FROM sys.dm_tran_locks;
GO
--> [resource_type]
--> Msg 300, Level 14, State 1, Line 1: VIEW SERVER PERFORMANCE STATE permission was denied on object 'server', database 'master'.
--> Msg 297, Level 16, State 1, Line 1: The user does not have permission to perform this action.
-- session: sa@master#3
EXEC sp_getapplock 'other', 'Exclusive', 'Session', 0;
GO
-- Locks on rows and tables are shown, too.
-- session: sa@shop#1
CREATE TABLE dbo.t (id int PRIMARY KEY);
INSERT INTO dbo.t VALUES (1);
BEGIN TRAN;
UPDATE dbo.t SET id = 2;
SELECT resource_type, OBJECT_NAME(CONVERT(int, resource_associated_entity_id)) AS object, request_mode, request_status
FROM sys.dm_tran_locks WHERE resource_type <> 'APPLICATION';
ROLLBACK;
GO
--> (Insert: 1 row)
--> transaction begun
--> (Update: 1 row)
--> [resource_type | object | request_mode | request_status]
-->  OBJECT | t | IX | GRANT
-->  KEY | t | X | GRANT
--> transaction rolled back
