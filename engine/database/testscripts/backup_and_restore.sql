-- A database goes to a device in memory and comes back: whole, to a point in time, elsewhere.
-- session: sa@master
CREATE DATABASE shop;
GO
CREATE LOGIN l_operator WITH PASSWORD = N'Str0ng_pw_1';
CREATE LOGIN l_clerk WITH PASSWORD = N'Str0ng_pw_1';
CREATE LOGIN l_creator WITH PASSWORD = N'Str0ng_pw_1';
ALTER SERVER ROLE dbcreator ADD MEMBER l_creator;
GO
USE shop;
CREATE TABLE dbo.item (id int PRIMARY KEY, name nvarchar(20));
INSERT INTO dbo.item VALUES (1, N'one');
CREATE USER l_operator;
ALTER ROLE db_backupoperator ADD MEMBER l_operator;
CREATE USER l_clerk;
GRANT SELECT ON dbo.item TO l_clerk;
ALTER DATABASE shop SET TRUSTWORTHY ON;
USE master;
GO
--> database shop
--> (Insert: 1 row)
--> database master
-- The log cannot be backed up before the database was.
BACKUP LOG shop TO DISK = N'shop.trn';
GO
--> Msg 4214, Level 16, State 1, Line 2: BACKUP LOG cannot be performed because there is no current database backup.
--> Msg 3013, Level 16, State 1, Line 2: BACKUP LOG is terminating abnormally.
-- Who may: the operator backs up and reads nothing, the clerk reads and backs nothing up.
-- session: l_operator@shop
BACKUP DATABASE shop TO DISK = N'shop.bak' WITH INIT, FORMAT, CHECKSUM, COMPRESSION, STATS = 10, NAME = N'shop, whole';
GO
--> Info 4035, Line 2: Processed 16 pages for database 'shop', file 'shop' on file 1.
--> Info 4035, Line 2: Processed 1 pages for database 'shop', file 'shop_log' on file 1.
--> Info 3014, Line 2: BACKUP DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
SELECT id FROM dbo.item;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 'item', database 'shop', schema 'dbo'.
BACKUP DATABASE master TO DISK = N'master.bak';
GO
--> Msg 262, Level 14, State 1, Line 1: BACKUP DATABASE permission denied in database 'master'.
--> Msg 3013, Level 16, State 1, Line 1: BACKUP DATABASE is terminating abnormally.
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH REPLACE;
GO
--> Msg 3110, Level 14, State 1, Line 1: User does not have permission to RESTORE database 'shop'.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
RESTORE DATABASE shop2 FROM DISK = N'shop.bak';
GO
--> Msg 262, Level 14, State 1, Line 1: CREATE DATABASE permission denied in database 'master'.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
RESTORE HEADERONLY FROM DISK = N'shop.bak';
GO
--> Msg 262, Level 14, State 1, Line 1: CREATE DATABASE permission denied in database 'master'.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE HEADERONLY is terminating abnormally.
USE master;
GO
--> database master
-- session: l_clerk@shop
BACKUP DATABASE shop TO DISK = N'theft.bak';
GO
--> Msg 262, Level 14, State 1, Line 1: BACKUP DATABASE permission denied in database 'shop'.
--> Msg 3013, Level 16, State 1, Line 1: BACKUP DATABASE is terminating abnormally.
BACKUP LOG shop TO DISK = N'theft.trn';
GO
--> Msg 262, Level 14, State 1, Line 1: BACKUP LOG permission denied in database 'shop'.
--> Msg 3013, Level 16, State 1, Line 1: BACKUP LOG is terminating abnormally.
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH REPLACE;
GO
--> Msg 3110, Level 14, State 1, Line 1: User does not have permission to RESTORE database 'shop'.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
USE master;
GO
--> database master
-- What is on the device.
-- session: sa@master
RESTORE HEADERONLY FROM DISK = N'shop.bak';
GO
--> [BackupName | BackupDescription | BackupType | Position | UserName | ServerName | DatabaseName | DatabaseVersion | DatabaseCreationDate | FirstLSN | LastLSN | BackupStartDate | BackupFinishDate | RecoveryModel | IsCopyOnly]
-->  shop, whole | NULL | 1 | 1 | l_operator | TEST | shop | 957 | 2026-01-01 00:00:00.0030000 | 1 | 1 | 2026-01-01 00:00:00.0160000 | 2026-01-01 00:00:00.0160000 | FULL | 0
RESTORE FILELISTONLY FROM DISK = N'shop.bak';
GO
--> [LogicalName | PhysicalName | Type | FileGroupName | FileId]
-->  shop | shop.mdf | D | PRIMARY | 1
-->  shop_log | shop_log.ldf | L | NULL | 2
RESTORE VERIFYONLY FROM DISK = N'shop.bak';
GO
--> Info 3262, Line 1: The backup set on file 1 is valid.
RESTORE VERIFYONLY FROM DISK = N'nothing.bak';
GO
--> Msg 3201, Level 16, State 2, Line 1: Cannot open backup device 'nothing.bak'. Operating system error 2(The system cannot find the file specified.).
--> Msg 3013, Level 16, State 1, Line 1: VERIFY DATABASE is terminating abnormally.
-- Three commits, and the times between them.
INSERT INTO shop.dbo.item VALUES (2, N'two');
GO
--> (Insert: 1 row)
CREATE TABLE master.dbo.moment (what varchar(10), at datetime2(7));
INSERT INTO master.dbo.moment VALUES ('after two', SYSDATETIME());
GO
--> (Insert: 1 row)
BEGIN TRANSACTION;
UPDATE shop.dbo.item SET name = N'changed';
INSERT INTO shop.dbo.item VALUES (3, N'three');
COMMIT;
GO
--> transaction begun
--> (Update: 2 rows)
--> (Insert: 1 row)
--> transaction committed
INSERT INTO master.dbo.moment VALUES ('after 3', SYSDATETIME());
GO
--> (Insert: 1 row)
DELETE FROM shop.dbo.item;
GO
--> (Delete: 3 rows)
-- Without REPLACE the tail of the log would be lost.
RESTORE DATABASE shop FROM DISK = N'shop.bak';
GO
--> Msg 3159, Level 16, State 1, Line 2: The tail of the log for the database "shop" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.
--> Msg 3013, Level 16, State 1, Line 2: RESTORE DATABASE is terminating abnormally.
BACKUP LOG shop TO DISK = N'shop.trn' WITH NORECOVERY, NAME = N'shop, tail';
GO
--> Info 4035, Line 1: Processed 4 pages for database 'shop', file 'shop_log' on file 1.
--> Info 3014, Line 1: BACKUP LOG successfully processed 4 pages in 0.001 seconds (31.250 MB/sec).
USE shop;
GO
--> Msg 927, Level 14, State 2, Line 1: Database 'shop' cannot be opened. It is in the middle of a restore.
SELECT name, state_desc, HAS_DBACCESS(name) AS accessible FROM sys.databases WHERE name = 'shop';
GO
--> [name | state_desc | accessible]
-->  shop | RESTORING | 0
-- Back to the state after the second commit, under another name first.
DECLARE @at datetime2(7) = (SELECT at FROM master.dbo.moment WHERE what = 'after two');
RESTORE DATABASE shop_then FROM DISK = N'shop.bak' WITH NORECOVERY, MOVE N'shop' TO N'then.mdf', MOVE N'shop_log' TO N'then.ldf';
RESTORE LOG shop_then FROM DISK = N'shop.trn' WITH STOPAT = @at, RECOVERY;
GO
--> Info 4035, Line 3: Processed 16 pages for database 'shop_then', file 'shop' on file 1.
--> Info 4035, Line 3: Processed 1 pages for database 'shop_then', file 'shop_log' on file 1.
--> Info 3014, Line 3: RESTORE DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> Info 4035, Line 4: Processed 1 pages for database 'shop_then', file 'shop_log' on file 1.
--> Info 3014, Line 4: RESTORE LOG successfully processed 1 pages in 0.001 seconds (7.812 MB/sec).
SELECT id, name FROM shop_then.dbo.item ORDER BY id;
GO
--> [id | name]
-->  1 | one
-->  2 | two
DECLARE @at datetime2(7) = (SELECT at FROM master.dbo.moment WHERE what = 'after 3');
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH NORECOVERY;
RESTORE LOG shop FROM DISK = N'shop.trn' WITH STOPAT = @at;
SELECT id, name FROM shop.dbo.item ORDER BY id;
GO
--> Info 4035, Line 2: Processed 16 pages for database 'shop', file 'shop' on file 1.
--> Info 4035, Line 2: Processed 1 pages for database 'shop', file 'shop_log' on file 1.
--> Info 3014, Line 2: RESTORE DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> Info 4035, Line 3: Processed 1 pages for database 'shop', file 'shop_log' on file 1.
--> Info 3014, Line 3: RESTORE LOG successfully processed 1 pages in 0.001 seconds (7.812 MB/sec).
--> [id | name]
-->  1 | changed
-->  2 | changed
-->  3 | three
-- TRUSTWORTHY does not survive; users keep their SIDs.
SELECT name, is_trustworthy_on FROM sys.databases WHERE name LIKE 'shop%' ORDER BY name;
GO
--> [name | is_trustworthy_on]
-->  shop | 0
-->  shop_then | 0
-- session: l_clerk@shop_then
SELECT id, name FROM dbo.item ORDER BY id;
GO
--> [id | name]
-->  1 | one
-->  2 | two
USE master;
GO
--> database master
-- A login that is dropped and made again has another SID: its user in the copy is an orphan.
-- session: sa@master
DROP LOGIN l_operator;
CREATE LOGIN l_operator WITH PASSWORD = N'Str0ng_pw_1';
GO
-- session: l_operator@shop_then#2
--> Msg 4060, Level 11, State 1: Cannot open database "shop_then" requested by the login. The login failed.
--> Msg 18456, Level 14, State 1: Login failed for user 'l_operator'.
-- session: sa@master
-- What does not fit.
RESTORE LOG shop FROM DISK = N'shop.trn';
GO
--> Msg 3117, Level 16, State 4, Line 2: The log or differential backup cannot be restored because no files are ready to rollforward.
--> Msg 3013, Level 16, State 1, Line 2: RESTORE LOG is terminating abnormally.
RESTORE LOG shop_new FROM DISK = N'shop.trn';
GO
--> Msg 3118, Level 16, State 1, Line 1: The database "shop_new" does not exist. RESTORE can only create a database when restoring either a full backup or a file backup of the primary file.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE LOG is terminating abnormally.
RESTORE DATABASE shop FROM DISK = N'shop.trn' WITH REPLACE;
GO
--> Msg 3135, Level 16, State 2, Line 1: The backup set in file 'shop.trn' was created by BACKUP LOG and cannot be used for this restore operation.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH FILE = 7, REPLACE;
GO
--> Msg 3287, Level 16, State 1, Line 1: The file ID 7 on device 'shop.bak' is incorrectly formed and cannot be read.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH STOPAT = '2025-01-01', REPLACE;
GO
--> Msg 4338, Level 16, State 1, Line 1: The STOPAT clause specifies a point too early to allow this backup set to be restored. Choose a different stop point or use RESTORE DATABASE WITH RECOVERY to recover at the current point.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
CREATE DATABASE other;
GO
RESTORE DATABASE other FROM DISK = N'shop.bak';
GO
--> Msg 3154, Level 16, State 4, Line 1: The backup set holds a backup of a database other than the existing 'other' database.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH REPLACE, MOVE N'strange' TO N'x.mdf';
GO
--> Msg 3234, Level 16, State 2, Line 1: Logical file 'strange' is not part of database 'shop'. Use RESTORE FILELISTONLY to list the logical file names.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
RESTORE DATABASE shop WITH RECOVERY;
GO
--> Msg 3153, Level 16, State 2, Line 1: The database is already fully recovered.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
BACKUP DATABASE nowhere TO DISK = N'x.bak';
GO
--> Msg 911, Level 16, State 11, Line 1: Database 'nowhere' does not exist. Make sure that the name is entered correctly.
--> Msg 3013, Level 16, State 1, Line 1: BACKUP DATABASE is terminating abnormally.
BACKUP DATABASE tempdb TO DISK = N'x.bak';
GO
--> Msg 3147, Level 16, State 3, Line 1: Backup and restore operations are not allowed on database tempdb.
--> Msg 3013, Level 16, State 1, Line 1: BACKUP DATABASE is terminating abnormally.
BACKUP LOG master TO DISK = N'x.bak';
GO
--> Msg 4208, Level 16, State 1, Line 1: The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.
--> Msg 3013, Level 16, State 1, Line 1: BACKUP LOG is terminating abnormally.
BEGIN TRANSACTION;
BACKUP DATABASE shop TO DISK = N'x.bak';
ROLLBACK;
GO
--> transaction begun
--> Msg 3021, Level 16, State 0, Line 2: Cannot perform a backup or restore operation within a transaction.
--> Msg 3013, Level 16, State 1, Line 2: BACKUP DATABASE is terminating abnormally.
--> transaction rolled back
USE shop;
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH REPLACE;
USE master;
GO
--> database shop
--> Msg 3102, Level 16, State 1, Line 2: RESTORE cannot process database 'shop' because it is in use by this session. It is recommended that the master database be used when performing this operation.
--> Msg 3013, Level 16, State 1, Line 2: RESTORE DATABASE is terminating abnormally.
--> database master
-- session: sa@shop
SELECT 1 AS inside;
GO
--> [inside]
-->  1
-- session: sa@master
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH REPLACE;
GO
--> Msg 3101, Level 16, State 1, Line 1: Exclusive access could not be obtained because the database is in use.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE DATABASE is terminating abnormally.
-- session: sa@shop
USE master;
GO
--> database master
-- session: sa@master
-- A target time beyond the log leaves the database restoring, and RECOVERY ends that.
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH REPLACE, NORECOVERY;
RESTORE LOG shop FROM DISK = N'shop.trn' WITH STOPAT = '2099-01-01', RECOVERY;
GO
--> Info 4035, Line 2: Processed 16 pages for database 'shop', file 'shop' on file 1.
--> Info 4035, Line 2: Processed 1 pages for database 'shop', file 'shop_log' on file 1.
--> Info 3014, Line 2: RESTORE DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> Info 4342, Line 3: This backup set contains records that were logged before the designated point in time. The database is being left in the restoring state so that more roll forward can be performed.
--> Info 4035, Line 3: Processed 1 pages for database 'shop', file 'shop_log' on file 1.
--> Info 3014, Line 3: RESTORE LOG successfully processed 1 pages in 0.001 seconds (7.812 MB/sec).
RESTORE DATABASE shop WITH RECOVERY;
SELECT COUNT(*) AS items FROM shop.dbo.item;
GO
--> [items]
-->  0
-- A log backup that comes too early or too late.
BACKUP DATABASE shop TO DISK = N'later.bak';
INSERT INTO shop.dbo.item VALUES (9, N'nine');
BACKUP LOG shop TO DISK = N'later.trn';
INSERT INTO shop.dbo.item VALUES (10, N'ten');
BACKUP LOG shop TO DISK = N'later.trn';
RESTORE DATABASE copied FROM DISK = N'later.bak' WITH NORECOVERY;
GO
--> Info 4035, Line 2: Processed 16 pages for database 'shop', file 'shop' on file 1.
--> Info 4035, Line 2: Processed 1 pages for database 'shop', file 'shop_log' on file 1.
--> Info 3014, Line 2: BACKUP DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> (Insert: 1 row)
--> Info 4035, Line 4: Processed 3 pages for database 'shop', file 'shop_log' on file 1.
--> Info 3014, Line 4: BACKUP LOG successfully processed 3 pages in 0.001 seconds (23.437 MB/sec).
--> (Insert: 1 row)
--> Info 4035, Line 6: Processed 2 pages for database 'shop', file 'shop_log' on file 2.
--> Info 3014, Line 6: BACKUP LOG successfully processed 2 pages in 0.001 seconds (15.625 MB/sec).
--> Info 4035, Line 7: Processed 16 pages for database 'copied', file 'shop' on file 1.
--> Info 4035, Line 7: Processed 1 pages for database 'copied', file 'shop_log' on file 1.
--> Info 3014, Line 7: RESTORE DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
RESTORE LOG copied FROM DISK = N'shop.trn' WITH NORECOVERY;
GO
--> Msg 4326, Level 16, State 1, Line 1: The log in this backup set terminates at LSN 5, which is too early to apply to the database. A more recent log backup that includes LSN 16 can be restored.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE LOG is terminating abnormally.
RESTORE LOG copied FROM DISK = N'later.trn' WITH FILE = 2, NORECOVERY;
GO
--> Msg 4305, Level 16, State 1, Line 1: The log in this backup set begins at LSN 18, which is too recent to apply to the database. An earlier log backup that includes LSN 16 can be restored.
--> Msg 3013, Level 16, State 1, Line 1: RESTORE LOG is terminating abnormally.
RESTORE LOG copied FROM DISK = N'later.trn' WITH NORECOVERY;
RESTORE LOG copied FROM DISK = N'later.trn' WITH FILE = 2;
SELECT id FROM copied.dbo.item ORDER BY id;
GO
--> Info 4035, Line 1: Processed 1 pages for database 'copied', file 'shop_log' on file 1.
--> Info 3014, Line 1: RESTORE LOG successfully processed 1 pages in 0.001 seconds (7.812 MB/sec).
--> Info 4035, Line 2: Processed 1 pages for database 'copied', file 'shop_log' on file 2.
--> Info 3014, Line 2: RESTORE LOG successfully processed 1 pages in 0.001 seconds (7.812 MB/sec).
--> [id]
-->  9
-->  10
-- Differential backups fit on their base only.
BACKUP DATABASE copied TO DISK = N'd.bak' WITH INIT;
INSERT INTO copied.dbo.item VALUES (11, N'eleven');
BACKUP DATABASE copied TO DISK = N'd.bak' WITH DIFFERENTIAL;
RESTORE DATABASE copied2 FROM DISK = N'd.bak' WITH NORECOVERY;
RESTORE DATABASE copied2 FROM DISK = N'd.bak' WITH FILE = 2;
SELECT COUNT(*) AS items FROM copied2.dbo.item;
GO
--> Info 4035, Line 2: Processed 16 pages for database 'copied', file 'shop' on file 1.
--> Info 4035, Line 2: Processed 1 pages for database 'copied', file 'shop_log' on file 1.
--> Info 3014, Line 2: BACKUP DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> (Insert: 1 row)
--> Info 4035, Line 4: Processed 16 pages for database 'copied', file 'shop' on file 2.
--> Info 4035, Line 4: Processed 1 pages for database 'copied', file 'shop_log' on file 2.
--> Info 3014, Line 4: BACKUP DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> Info 4035, Line 5: Processed 16 pages for database 'copied2', file 'shop' on file 1.
--> Info 4035, Line 5: Processed 1 pages for database 'copied2', file 'shop_log' on file 1.
--> Info 3014, Line 5: RESTORE DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> Info 4035, Line 6: Processed 16 pages for database 'copied2', file 'shop' on file 2.
--> Info 4035, Line 6: Processed 1 pages for database 'copied2', file 'shop_log' on file 2.
--> Info 3014, Line 6: RESTORE DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> [items]
-->  3
-- Logical devices.
EXEC sp_addumpdevice 'disk', 'nightly', 'nightly.bak';
BACKUP DATABASE copied TO nightly;
SELECT name, physical_name FROM sys.backup_devices;
GO
--> Info 4035, Line 3: Processed 16 pages for database 'copied', file 'shop' on file 1.
--> Info 4035, Line 3: Processed 1 pages for database 'copied', file 'shop_log' on file 1.
--> Info 3014, Line 3: BACKUP DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> [name | physical_name]
-->  nightly | nightly.bak
BACKUP DATABASE copied TO weekly;
GO
--> Msg 3206, Level 16, State 1, Line 1: Backup device 'weekly' does not exist. To view existing backup devices, use the sys.backup_devices catalog view. To create a new backup device use either sp_addumpdevice or SQL Server Management Studio.
--> Msg 3013, Level 16, State 1, Line 1: BACKUP DATABASE is terminating abnormally.
DECLARE @db sysname = N'copied', @file nvarchar(100) = N'nightly.bak';
RESTORE DATABASE @db FROM DISK = @file WITH REPLACE;
GO
--> Info 4035, Line 2: Processed 16 pages for database 'copied', file 'shop' on file 1.
--> Info 4035, Line 2: Processed 1 pages for database 'copied', file 'shop_log' on file 1.
--> Info 3014, Line 2: RESTORE DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
-- A dbcreator may restore, and the owner of what he made is he.
-- session: l_creator@master
RESTORE DATABASE creators FROM nightly;
SELECT SUSER_SNAME(owner_sid) AS owner FROM sys.databases WHERE name = 'creators';
GO
--> Info 4035, Line 2: Processed 16 pages for database 'creators', file 'shop' on file 1.
--> Info 4035, Line 2: Processed 1 pages for database 'creators', file 'shop_log' on file 1.
--> Info 3014, Line 2: RESTORE DATABASE successfully processed 17 pages in 0.001 seconds (132.812 MB/sec).
--> [owner]
-->  l_creator
-- What is not there is refused by name.
-- session: sa@master
BACKUP DATABASE shop TO URL = N'https://somewhere/x.bak';
GO
--> Msg 2000000001, Level 16, State 1, Line 2: The embedded server does not support backup devices other than DISK.
BACKUP DATABASE shop TO DISK = N'a', DISK = N'b';
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support a backup on several devices.
BACKUP DATABASE shop TO DISK = N'a' WITH ENCRYPTION (ALGORITHM = AES_256, SERVER CERTIFICATE = c);
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support the backup option ENCRYPTION.
RESTORE DATABASE shop FROM DATABASE_SNAPSHOT = 'x';
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support RESTORE … FROM DATABASE_SNAPSHOT.
RESTORE DATABASE shop FROM DISK = N'shop.bak' WITH STANDBY = N'x';
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support the backup option STANDBY.
BACKUP CERTIFICATE c TO FILE = 'x';
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support BACKUP.
SELECT * FROM msdb.dbo.backupset;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support msdb.dbo.backupset.
ALTER DATABASE shop SET RECOVERY SIMPLE;
BACKUP LOG shop TO DISK = N'x.trn';
GO
--> Msg 4208, Level 16, State 1, Line 2: The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.
--> Msg 3013, Level 16, State 1, Line 2: BACKUP LOG is terminating abnormally.
