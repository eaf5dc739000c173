-- Temporal tables: a table that exists becomes the history of another, if it fits.
-- session: sa@master
CREATE DATABASE temporal_adoption;
GO
USE temporal_adoption;
GO
--> database temporal_adoption
CREATE TABLE dbo.t
(
    id int NOT NULL PRIMARY KEY, v varchar(10) COLLATE Latin1_General_CI_AS NULL,
    a datetime2 GENERATED ALWAYS AS ROW START NOT NULL, b datetime2 GENERATED ALWAYS AS ROW END NOT NULL,
    PERIOD FOR SYSTEM_TIME (a, b)
);
INSERT dbo.t (id, v) VALUES (1, 'now');
GO
--> (Insert: 1 row)
CREATE PROCEDURE dbo.try @columns nvarchar(400), @more nvarchar(400) = N'', @rows nvarchar(400) = N'' AS
BEGIN
    BEGIN TRAN;
    EXEC (N'CREATE TABLE dbo.h (' + @columns + N'); ' + @more + N';');
    IF @rows <> N'' EXEC (N'INSERT dbo.h VALUES ' + @rows + N';');
    BEGIN TRY
        EXEC (N'ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.h));');
        SELECT 'adopted' AS answer;
    END TRY
    BEGIN CATCH
        PRINT CONCAT(ERROR_NUMBER(), ': ', ERROR_MESSAGE());
    END CATCH;
    IF @@TRANCOUNT > 0 ROLLBACK;
END;
GO
SET NOCOUNT ON;
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
GO
--> transaction begun
--> [answer]
-->  adopted
--> transaction rolled back
EXEC dbo.try N'id int NOT NULL PRIMARY KEY, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL', N'ALTER TABLE dbo.h ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES dbo.t (id)';
EXEC dbo.try N'id int NOT NULL CHECK (id > 0), v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id int NOT NULL DEFAULT 0, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id int IDENTITY NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id AS 1, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL', N'EXEC (N''CREATE TRIGGER dbo.tr ON dbo.h AFTER INSERT AS SET NOCOUNT ON'')';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL, more int';
EXEC dbo.try N'id int NOT NULL, w varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id bigint NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CS_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id int NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b)';
GO
--> transaction begun
--> Info 0, Procedure try, Line 11: 13515: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' has custom unique keys defined. Consider dropping all unique keys and trying again.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13516: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' has foreign keys defined. Consider dropping all foreign keys and trying again.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13517: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' has table or column constraints defined. Consider dropping all table and column constraints and trying again.
--> transaction rolled back
--> transaction begun
--> [answer]
-->  adopted
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13518: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' has IDENTITY column specification. Consider dropping all IDENTITY column specifications and trying again.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13519: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' has computed column specification. Consider dropping all computed column specifications and trying again.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13522: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' has triggers defined. Consider dropping all triggers and trying again.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13523: Setting SYSTEM_VERSIONING to ON failed because table 'temporal_adoption.dbo.t' has 4 columns and table 'temporal_adoption.dbo.h' has 5 columns.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13524: Setting SYSTEM_VERSIONING to ON failed because column 'w' at ordinal 2 in history table 'temporal_adoption.dbo.h' has a different name than the column 'v' at the same ordinal in table 'temporal_adoption.dbo.t'.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13525: Setting SYSTEM_VERSIONING to ON failed because column 'id' has data type bigint in history table 'temporal_adoption.dbo.h' which is different from corresponding column type int in table 'temporal_adoption.dbo.t'.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13526: Setting SYSTEM_VERSIONING to ON failed because column 'v' does not have the same collation in tables 'temporal_adoption.dbo.t' and 'temporal_adoption.dbo.h'.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13530: Setting SYSTEM_VERSIONING to ON failed because system column 'a' in history table 'temporal_adoption.dbo.h' corresponds to a period column in table 'temporal_adoption.dbo.t' and cannot be nullable.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13531: Setting SYSTEM_VERSIONING to ON failed because column 'id' does not have the same nullability attribute in tables 'temporal_adoption.dbo.t' and 'temporal_adoption.dbo.h'.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13574: Setting SYSTEM_VERSIONING to ON failed because temporal history table 'temporal_adoption.dbo.h' contains SYSTEM_TIME period.
--> transaction rolled back
-- Its rows are looked at, unless somebody says not to.
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL', N'', N'(1, ''x'', ''2002-01-01'', ''2001-01-01'')';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL', N'', N'(1, ''x'', ''2002-01-01'', ''2090-01-01'')';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL', N'', N'(2, ''x'', ''2001-01-01'', ''2003-01-01''), (2, ''y'', ''2002-01-01'', ''2004-01-01'')';
EXEC dbo.try N'id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL', N'', N'(2, ''x'', ''2001-01-01'', ''2002-01-01''), (2, ''y'', ''2002-01-01'', ''2004-01-01''), (2, ''z'', ''2003-01-01'', ''2003-01-01'')';
GO
--> transaction begun
--> Info 0, Procedure try, Line 11: 13541: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' contains invalid records with end of period set before start.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13543: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' contains invalid records with end of period set to a value in the future.
--> transaction rolled back
--> transaction begun
--> Info 0, Procedure try, Line 11: 13573: Setting SYSTEM_VERSIONING to ON failed because history table 'temporal_adoption.dbo.h' contains overlapping records.
--> transaction rolled back
--> transaction begun
--> [answer]
-->  adopted
--> transaction rolled back
CREATE TABLE dbo.h (id int NOT NULL, v varchar(10) COLLATE Latin1_General_CI_AS, a datetime2 NOT NULL, b datetime2 NOT NULL);
INSERT dbo.h VALUES (1, 'forged', '2001-01-01', '2090-01-01');
ALTER TABLE dbo.t SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.h, DATA_CONSISTENCY_CHECK = OFF));
SELECT id, v FROM dbo.t FOR SYSTEM_TIME AS OF '2005-01-01';
GO
--> [id | v]
-->  1 | forged
-- One history, one table.
CREATE TABLE dbo.u
(
    id int NOT NULL PRIMARY KEY, v varchar(10) COLLATE Latin1_General_CI_AS NULL,
    a datetime2 GENERATED ALWAYS AS ROW START NOT NULL, b datetime2 GENERATED ALWAYS AS ROW END NOT NULL,
    PERIOD FOR SYSTEM_TIME (a, b)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.h));
GO
--> Msg 13514, Level 16, State 1, Line 2: History table 'temporal_adoption.dbo.h' is already in use.
CREATE VIEW dbo.v AS SELECT 1 AS id;
GO
CREATE TABLE dbo.u
(
    id int NOT NULL PRIMARY KEY,
    a datetime2 GENERATED ALWAYS AS ROW START NOT NULL, b datetime2 GENERATED ALWAYS AS ROW END NOT NULL,
    PERIOD FOR SYSTEM_TIME (a, b)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.v));
GO
--> Msg 13511, Level 16, State 1, Line 1: Specified object 'temporal_adoption.dbo.v' cannot be used as history table.
SELECT name FROM sys.tables ORDER BY name;
GO
--> [name]
-->  h
-->  t
