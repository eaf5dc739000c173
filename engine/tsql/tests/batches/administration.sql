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
-- Create SigningKey, Select
CREATE CERTIFICATE c1 WITH SUBJECT = 'x', EXPIRY_DATE = '2099-01-01' SELECT 1
====
-- Unsupported <CREATE CERTIFICATE … FROM>, Select
CREATE CERTIFICATE c1 FROM FILE = 'c:\c.cer' WITH PRIVATE KEY (FILE = 'c:\c.pvk') SELECT 1
====
-- Create MasterKey, Create SigningKey
CREATE MASTER KEY ENCRYPTION BY PASSWORD = 'x' CREATE ASYMMETRIC KEY k1 WITH ALGORITHM = RSA_2048
====
-- Signature, Signature, Drop Certificate, Drop AsymmetricKey
ADD SIGNATURE TO OBJECT::dbo.p1 BY CERTIFICATE c1 WITH PASSWORD = 'x', ASYMMETRIC KEY k1
DROP SIGNATURE FROM dbo.p1 BY CERTIFICATE c1
DROP CERTIFICATE c1
DROP ASYMMETRIC KEY k1
====
-- Unsupported <DROP MASTER KEY>
DROP MASTER KEY
====
-- Unsupported <ADD COUNTER SIGNATURE>
ADD COUNTER SIGNATURE TO dbo.p1 BY CERTIFICATE c1
====
-- Unsupported <OPEN SYMMETRIC KEY>
OPEN SYMMETRIC KEY k1 DECRYPTION BY PASSWORD = 'x'
====
-- Unsupported <CREATE ASSEMBLY>
CREATE ASSEMBLY a FROM 'c:\x.dll'
====
