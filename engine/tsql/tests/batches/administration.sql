-- Backup
BACKUP DATABASE db1 TO DISK = 'c:\x.bak' WITH INIT
====
-- Restore
RESTORE DATABASE db1 FROM DISK = 'c:\x.bak' WITH REPLACE
====
-- Backup, Backup, Restore, Restore, Restore, Select
BACKUP LOG @db TO device BACKUP DATABASE db1 TO @device WITH DIFFERENTIAL, NAME = N'x', STATS
RESTORE LOG db1 FROM DISK = @file WITH FILE = 2, STOPAT = @at, NORECOVERY, MOVE 'a' TO 'b'
RESTORE DATABASE db1 WITH RECOVERY RESTORE HEADERONLY FROM DISK = 'x' SELECT 1
====
-- Unsupported <BACKUP of files and filegroups>, Select
BACKUP DATABASE db1 FILEGROUP = 'PRIMARY' TO DISK = 'x' SELECT 1
====
-- Unsupported <RESTORE>
RESTORE LABELONLY FROM DISK = 'x'
====
-- Unsupported <the backup option ENCRYPTION>, Select
BACKUP DATABASE db1 TO DISK = 'x' WITH INIT, ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = c) SELECT 1
====
-- Unsupported <DBCC>
DBCC CHECKDB
====
-- Unsupported <DBCC>
DBCC CHECKIDENT ('dbo.t1', RESEED, 0)
====
-- Unsupported <KILL>
KILL 53
====
-- Unsupported <SHUTDOWN>
SHUTDOWN
====
-- Execute
EXEC xp_cmdshell 'dir'
====
-- Unsupported <RECONFIGURE>
RECONFIGURE
====
-- Unsupported <CREATE CREDENTIAL>
CREATE CREDENTIAL c1 WITH IDENTITY = 'x', SECRET = 'y'
====
-- error 343:1 Unknown object type 'LINKED' used in a CREATE, DROP, or ALTER statement.
CREATE LINKED SERVER x
====
-- Unsupported <CREATE CERTIFICATE>
CREATE CERTIFICATE c1 WITH SUBJECT = 'x'
====
-- Unsupported <ADD SIGNATURE>
ADD SIGNATURE TO dbo.p1 BY CERTIFICATE c1
====
-- Unsupported <OPEN SYMMETRIC KEY>
OPEN SYMMETRIC KEY k1 DECRYPTION BY PASSWORD = 'x'
====
-- Unsupported <CREATE ASSEMBLY>
CREATE ASSEMBLY a FROM 'c:\x.dll'
====
