-- ALTER TABLE SWITCH: rows change the table, if both tables are alike.
-- session: sa@master
CREATE DATABASE switch;
GO
USE switch;
GO
--> database switch
CREATE TABLE dbo.region (id int PRIMARY KEY);
INSERT dbo.region VALUES (1);
CREATE TABLE dbo.a (id int IDENTITY(5, 5) NOT NULL CONSTRAINT pk_a PRIMARY KEY, n int NOT NULL CONSTRAINT ck_a CHECK (n > 0), r int NULL CONSTRAINT fk_a REFERENCES dbo.region (id), v nvarchar(5) NULL, twice AS n * 2);
CREATE INDEX ix_a ON dbo.a (v);
CREATE TABLE dbo.b (id int IDENTITY(7, 7) NOT NULL CONSTRAINT pk_b PRIMARY KEY, n int NOT NULL CONSTRAINT ck_b CHECK (n > 0), r int NULL CONSTRAINT fk_b REFERENCES dbo.region (id), v nvarchar(5) NULL, twice AS n * 2);
INSERT dbo.a (n, r, v) VALUES (1, 1, N'x'), (2, NULL, N'y');
GO
--> (Insert: 1 row)
--> (Insert: 2 rows)
-- Rows move as they are; no trigger fires, and each table goes on counting where it was.
CREATE TRIGGER dbo.tr_a ON dbo.a AFTER DELETE AS ROLLBACK;
GO
CREATE TRIGGER dbo.tr_b ON dbo.b AFTER INSERT AS PRINT 'inserted';
GO
ALTER TABLE dbo.a SWITCH TO dbo.b;
INSERT dbo.a (n) VALUES (3);
INSERT dbo.b (n) VALUES (4);
SELECT id, n, r, v, twice FROM dbo.a;
SELECT id, n, r, v, twice FROM dbo.b ORDER BY id;
GO
--> (Insert: 1 row)
--> Info 0, Procedure tr_b, Line 1: inserted
--> (Insert: 1 row)
--> [id | n | r | v | twice]
-->  15 | 3 | NULL | NULL | 6
--> [id | n | r | v | twice]
-->  5 | 1 | 1 | x | 2
-->  7 | 4 | NULL | NULL | 8
-->  10 | 2 | NULL | y | 4
-- The other way there is an index too many, and a row too many.
DELETE dbo.b;
ALTER TABLE dbo.a SWITCH TO dbo.a;
GO
--> (Delete: 3 rows)
--> Msg 4955, Level 16, State 1, Line 3: ALTER TABLE SWITCH statement failed. The source table 'switch.dbo.a' and target table 'switch.dbo.a' are same.
ALTER TABLE dbo.b SWITCH TO dbo.a;
GO
--> Msg 4905, Level 16, State 1, Line 1: ALTER TABLE SWITCH statement failed. The target table 'switch.dbo.a' must be empty.
DISABLE TRIGGER dbo.tr_a ON dbo.a;
DELETE dbo.a;
ALTER TABLE dbo.b SWITCH TO dbo.a;
GO
--> (Delete: 1 row)
--> Msg 4947, Level 16, State 1, Line 3: ALTER TABLE SWITCH statement failed. There is no identical index in source table 'switch.dbo.b' for the index 'ix_a' in target table 'switch.dbo.a' .
CREATE PROCEDURE dbo.try @columns nvarchar(400), @more nvarchar(400) = N'' AS
BEGIN
    EXEC (N'DROP TABLE IF EXISTS dbo.c; CREATE TABLE dbo.c (' + @columns + N');');
    EXEC (@more);
    BEGIN TRY
        ALTER TABLE dbo.a SWITCH TO dbo.c;
        PRINT 'switched';
    END TRY
    BEGIN CATCH
        PRINT CONCAT(ERROR_NUMBER(), ': ', ERROR_MESSAGE());
    END CATCH;
END;
GO
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int, v nvarchar(5)';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, x int, v nvarchar(5), twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n bigint NOT NULL, r int, v nvarchar(5), twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int, v nvarchar(5) COLLATE Latin1_General_BIN2, twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NULL, r int, v nvarchar(5), twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int NOT NULL, v nvarchar(5), twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int, v nvarchar(5), twice int';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int, v nvarchar(5), twice AS n * 3';
EXEC dbo.try N'id int NOT NULL, n int NOT NULL, r int, v nvarchar(5), twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL UNIQUE, r int, v nvarchar(5), twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL CONSTRAINT ck_c CHECK (n > 1), r int, v nvarchar(5), twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int, v nvarchar(5), twice AS n * 2, CONSTRAINT ck_c CHECK (n > id)';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL CONSTRAINT fk_c REFERENCES dbo.region (id), r int, v nvarchar(5), twice AS n * 2';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int, v nvarchar(5), twice AS n * 2', N'CREATE VIEW dbo.bound WITH SCHEMABINDING AS SELECT id FROM dbo.c';
DROP VIEW dbo.bound;
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int, v nvarchar(5), twice AS n * 2', N'ALTER TABLE dbo.a NOCHECK CONSTRAINT ck_a; ALTER TABLE dbo.c ADD CHECK (n > 0)';
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, n int NOT NULL, r int CONSTRAINT fk_c REFERENCES dbo.region (id), v nvarchar(5), twice AS n * 2';
GO
--> Info 0, Procedure try, Line 10: 4943: ALTER TABLE SWITCH statement failed because table 'switch.dbo.a' has 5 columns and table 'switch.dbo.c' has 4 columns.
--> Info 0, Procedure try, Line 10: 4942: ALTER TABLE SWITCH statement failed because column 'r' at ordinal 3 in table 'switch.dbo.a' has a different name than the column 'x' at the same ordinal in table 'switch.dbo.c'.
--> Info 0, Procedure try, Line 10: 4944: ALTER TABLE SWITCH statement failed because column 'n' has data type int in source table 'switch.dbo.a' which is different from its type bigint in target table 'switch.dbo.c'.
--> Info 0, Procedure try, Line 10: 4945: ALTER TABLE SWITCH statement failed because column 'v' does not have the same collation in tables 'switch.dbo.a' and 'switch.dbo.c'.
--> Info 0, Procedure try, Line 10: 4961: ALTER TABLE SWITCH statement failed. Column 'n' in table 'switch.dbo.c' is nullable and it is not nullable in 'switch.dbo.a'.
--> Info 0, Procedure try, Line 10: 4961: ALTER TABLE SWITCH statement failed. Column 'r' in table 'switch.dbo.a' is nullable and it is not nullable in 'switch.dbo.c'.
--> Info 0, Procedure try, Line 10: 4965: ALTER TABLE SWITCH statement failed. Column 'twice' in table 'switch.dbo.a' is computed column but the same column in 'switch.dbo.c' is not computed.
--> Info 0, Procedure try, Line 10: 4966: ALTER TABLE SWITCH statement failed. Computed column 'twice' defined as '(n * 2)' in table 'switch.dbo.a' is different from the same column in table 'switch.dbo.c' defined as '(n * 3)'.
--> Info 0, Procedure try, Line 10: 4913: ALTER TABLE SWITCH statement failed. The table 'switch.dbo.a' has clustered index 'pk_a' while the table 'switch.dbo.c' does not have clustered index.
--> Info 0, Procedure try, Line 10: 4947: ALTER TABLE SWITCH statement failed. There is no identical index in source table 'switch.dbo.a' for the index 'UQ__c__64FE698A2E7D2C03' in target table 'switch.dbo.c' .
--> Info 0, Procedure try, Line 10: 4971: ALTER TABLE SWITCH statement failed. Target table 'switch.dbo.c' has a column level check constraint 'ck_c' but the source table 'switch.dbo.a' does not have a corresponding constraint.
--> Info 0, Procedure try, Line 10: 4970: ALTER TABLE SWITCH statement failed. Target table 'switch.dbo.c' has a table level check constraint 'ck_c' but the source table 'switch.dbo.a' does not have a corresponding constraint.
--> Info 0, Procedure try, Line 10: 4968: ALTER TABLE SWITCH statement failed. Target table 'switch.dbo.c' has foreign key for constraint 'fk_c' but source table 'switch.dbo.a' does not have corresponding key.
--> Info 0, Procedure try, Line 10: 4937: ALTER TABLE SWITCH statement failed. The table 'switch.dbo.c' has view 'bound' with schemabinding.
--> Info 0, Procedure try, Line 10: 4960: ALTER TABLE SWITCH statement failed. Check constraint 'ck_a' in source table 'switch.dbo.a' is NOCHECK constraint but the matching check constraint 'CK__c__628FA481' in target table 'switch.dbo.c' is CHECK.
--> Info 0, Procedure try, Line 7: switched
-- A table that others refer to does not give its rows away.
CREATE TABLE dbo.other (id int PRIMARY KEY);
GO
ALTER TABLE dbo.region SWITCH TO dbo.other;
GO
--> Msg 4967, Level 16, State 1, Line 1: ALTER TABLE SWITCH statement failed. SWITCH is not allowed because source table 'switch.dbo.region' contains primary key for constraint 'fk_a'.
CREATE VIEW dbo.v AS SELECT 1 AS id;
GO
ALTER TABLE dbo.a SWITCH TO dbo.v;
GO
--> Msg 4949, Level 16, State 1, Line 1: ALTER TABLE SWITCH statement failed because the object 'dbo.v' is not a user defined table.
ALTER TABLE dbo.a SWITCH PARTITION 2 TO dbo.b;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support partitioned tables.
