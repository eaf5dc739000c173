-- The order of AFTER triggers, COLUMNS_UPDATED and column constraints behind a DEFAULT.
-- session: sa@master
CREATE TABLE dbo.t (
    id int NOT NULL PRIMARY KEY,
    a int DEFAULT 1 CHECK (a > 0),
    b int DEFAULT (2) REFERENCES dbo.t (id),
    c uniqueidentifier DEFAULT NEWSEQUENTIALID() UNIQUE
);
CREATE TABLE dbo.log (n int IDENTITY, what nvarchar(60));
GO
CREATE TRIGGER dbo.one ON dbo.t AFTER INSERT, UPDATE AS
INSERT dbo.log (what) VALUES (CONCAT('one ', CONVERT(varchar(10), COLUMNS_UPDATED(), 1)));
GO
CREATE TRIGGER dbo.two ON dbo.t AFTER INSERT, UPDATE AS
INSERT dbo.log (what) SELECT CONCAT('two ', IIF(UPDATE(a), 'a', '-'));
GO
EXEC sp_settriggerorder 'dbo.two', 'First', 'UPDATE';
EXEC sp_settriggerorder @triggername = 'dbo.one', @order = 'Last', @stmttype = 'UPDATE';
SELECT OBJECT_NAME(object_id) AS name, type_desc, is_first, is_last FROM sys.trigger_events ORDER BY 1, 2;
GO
--> [name | type_desc | is_first | is_last]
-->  one | INSERT | 0 | 0
-->  one | UPDATE | 0 | 1
-->  two | INSERT | 0 | 0
-->  two | UPDATE | 1 | 0
INSERT dbo.t (id, b) VALUES (1, 1);
UPDATE dbo.t SET a = 5, c = NULL;
SELECT what FROM dbo.log ORDER BY n;
GO
--> (Insert: 1 row)
--> (Update: 1 row)
--> [what]
-->  one 0x0F
-->  two a
-->  two a
-->  one 0x0A
EXEC sp_settriggerorder 'dbo.one', 'First', 'UPDATE';
GO
--> Msg 15130, Level 16, State 1, Procedure sp_settriggerorder, Line 1: There already exists a 'first' trigger for 'UPDATE'.
EXEC sp_settriggerorder 'dbo.one', 'First', 'DELETE';
GO
--> Msg 15125, Level 16, State 1, Procedure sp_settriggerorder, Line 1: Trigger 'dbo.one' is not a trigger for 'DELETE'.
EXEC sp_settriggerorder 'dbo.one', 'Second', 'UPDATE';
GO
--> Msg 15600, Level 15, State 1, Procedure sp_settriggerorder, Line 1: An invalid parameter or option was specified for procedure 'sys.sp_settriggerorder'.
EXEC sp_settriggerorder 'dbo.none', 'First', 'UPDATE';
GO
--> Msg 15165, Level 16, State 1, Procedure sp_settriggerorder, Line 1: Could not find object 'dbo.none' or you do not have permission.
ALTER TRIGGER dbo.two ON dbo.t AFTER UPDATE AS PRINT 'altered';
GO
SELECT COUNT(*) AS n FROM sys.trigger_events WHERE is_first = 1;
GO
--> [n]
-->  0
SELECT NEWSEQUENTIALID() AS id;
GO
--> Msg 302, Level 16, State 0, Line 1: The newsequentialid() built-in function can only be used in a DEFAULT expression for a column of type 'uniqueidentifier' in a CREATE TABLE or ALTER TABLE statement. It cannot be combined with other operators to form a complex scalar expression.
EXECUTE AS CALLER;
SELECT USER_NAME() AS name;
GO
--> [name]
-->  dbo
