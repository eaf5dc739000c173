-- Unsupported <BACKUP DATABASE>
BACKUP DATABASE db1 TO DISK = 'c:\x.bak' WITH INIT
====
-- Unsupported <RESTORE DATABASE>
RESTORE DATABASE db1 FROM DISK = 'c:\x.bak' WITH REPLACE
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
