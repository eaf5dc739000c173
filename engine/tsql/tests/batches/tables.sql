-- Create Table
CREATE TABLE dbo.t1 (id INT IDENTITY(1,1) NOT NULL PRIMARY KEY, name NVARCHAR(100) NOT NULL, tenant_id UNIQUEIDENTIFIER NOT NULL DEFAULT NEWID(), qty DECIMAL(19,4) NULL CHECK (qty >= 0), created DATETIME2(3) NOT NULL CONSTRAINT DF_c DEFAULT SYSUTCDATETIME(), CONSTRAINT UQ_t1 UNIQUE (tenant_id, name), CONSTRAINT FK_t1 FOREIGN KEY (tenant_id) REFERENCES dbo.tenants(id) ON DELETE CASCADE)
====
-- Create Table
CREATE TABLE dbo.t2 (id INT NOT NULL, rv ROWVERSION NOT NULL)
====
-- Create Table
CREATE TABLE dbo.t2b (id INT NOT NULL, ts TIMESTAMP)
====
-- Create Table
CREATE TABLE dbo.t3 (id INT NOT NULL PRIMARY KEY, ValidFrom DATETIME2 GENERATED ALWAYS AS ROW START NOT NULL, ValidTo DATETIME2 GENERATED ALWAYS AS ROW END NOT NULL, PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.t3_hist))
====
-- Create Table
CREATE TABLE dbo.t3 (id INT NOT NULL PRIMARY KEY, ValidFrom DATETIME2 GENERATED ALWAYS AS ROW START HIDDEN NOT NULL, ValidTo DATETIME2 GENERATED ALWAYS AS ROW END HIDDEN NOT NULL, PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo))
====
-- Create Table
CREATE TABLE dbo.t3 (id INT NOT NULL, PERIOD FOR SYSTEM_TIME (a, b))
====
-- Create Table
CREATE TABLE dbo.t3 (id INT NOT NULL) WITH (SYSTEM_VERSIONING = ON)
====
-- Create Table
CREATE TABLE dbo.t4 (a INT, b INT, c AS (a + b) PERSISTED, d AS a * 2)
====
-- Create Table
CREATE TABLE dbo.t5 (id INT CONSTRAINT PK_t5 PRIMARY KEY CLUSTERED, fk INT CONSTRAINT FK_x REFERENCES dbo.t1(id) ON DELETE SET NULL ON UPDATE CASCADE, u INT UNIQUE NONCLUSTERED)
====
-- Create Table
CREATE TABLE dbo.t6 (a VARCHAR(MAX), b NVARCHAR(MAX) COLLATE Latin1_General_BIN2, c VARBINARY(MAX), d MONEY, e SMALLMONEY, f BIT, g XML, h SQL_VARIANT, i DATETIMEOFFSET(7), j HIERARCHYID, k SYSNAME, l FLOAT(24), m REAL, n TIME(3))
====
-- Create Table
CREATE TABLE dbo.t7 (ssn CHAR(11) MASKED WITH (FUNCTION = 'partial(0,"XXX",4)') NULL)
====
-- Create Table
CREATE TABLE #tmp (id INT, v NVARCHAR(10))
====
-- Create Table
CREATE TABLE ##gtmp (id INT)
====
-- Create Table
CREATE TABLE dbo.t8 (a INT, INDEX ix NONCLUSTERED (a))
====
-- AlterTable Add
ALTER TABLE dbo.t1 ADD x INT NULL
====
-- AlterTable Add
ALTER TABLE dbo.t1 ADD CONSTRAINT ck CHECK (x > 0)
====
-- AlterTable AlterColumn
ALTER TABLE dbo.t1 ALTER COLUMN name NVARCHAR(200) NOT NULL
====
-- AlterTable DropColumns
ALTER TABLE dbo.t1 DROP COLUMN x
====
-- AlterTable SetVersioning
ALTER TABLE dbo.t3 SET (SYSTEM_VERSIONING = OFF)
====
-- AlterTable SetVersioning
ALTER TABLE dbo.t3 SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.t3_hist, DATA_CONSISTENCY_CHECK = ON))
====
-- AlterTable Add
ALTER TABLE dbo.t1 ADD PERIOD FOR SYSTEM_TIME (a, b)
====
-- AlterTable Switch
ALTER TABLE dbo.t1 SWITCH TO dbo.t1_stage
====
-- AlterTable Switch
ALTER TABLE dbo.t1 SWITCH PARTITION 1 TO dbo.t1_stage PARTITION 1
====
-- AlterTable CheckConstraints
ALTER TABLE dbo.t1 NOCHECK CONSTRAINT ALL
====
-- SwitchTrigger
ALTER TABLE dbo.t1 DISABLE TRIGGER trg1
====
-- SwitchTrigger
ALTER TABLE dbo.t1 ENABLE TRIGGER ALL
====
-- Truncate
TRUNCATE TABLE dbo.t1
====
-- Drop Table
DROP TABLE IF EXISTS dbo.t1, dbo.t2
====
-- Create Index
CREATE UNIQUE NONCLUSTERED INDEX ux ON dbo.t1 (tenant_id, name) INCLUDE (x) WHERE name IS NOT NULL
====
-- Create Index
CREATE CLUSTERED INDEX cx ON dbo.t1 (id DESC)
====
-- Drop Index
DROP INDEX ux ON dbo.t1
====
-- Create Sequence
CREATE SEQUENCE dbo.seq AS BIGINT START WITH 1 INCREMENT BY 1
====
-- Select
SELECT NEXT VALUE FOR dbo.seq
====
-- Create Synonym
CREATE SYNONYM dbo.syn FOR db2.dbo.t1
====
-- Drop Synonym
DROP SYNONYM dbo.syn
====
-- Create TableType
CREATE TYPE dbo.IdList AS TABLE (id INT NOT NULL PRIMARY KEY)
====
-- Create AliasType
CREATE TYPE dbo.Phone FROM VARCHAR(20) NOT NULL
====
