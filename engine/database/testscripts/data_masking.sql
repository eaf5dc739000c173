-- A masked column shows what its function leaves, to everybody without UNMASK; conditions see it.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER u1 WITHOUT LOGIN;
CREATE TABLE dbo.t (
    id int NOT NULL PRIMARY KEY,
    name varchar(20) MASKED WITH (FUNCTION = 'partial(1, "...", 1)') NULL,
    mail varchar(40) MASKED WITH (FUNCTION = 'email()') NULL,
    pay int MASKED WITH (FUNCTION = 'default()') NULL,
    luck int MASKED WITH (FUNCTION = 'random(1, 6)') NULL,
    born date MASKED WITH (FUNCTION = 'datetime("Y")') NULL,
    twice AS pay * 2,
    note varchar(20) NULL
);
INSERT dbo.t VALUES (1, 'Ada', 'ada@host.example', 100, 77, '1815-12-10', 'first'), (2, 'Bo', NULL, NULL, 77, '1990-02-28', 'second');
GO
--> database t_a
--> (Insert: 2 rows)
CREATE VIEW dbo.v AS SELECT id, mail AS address, pay FROM dbo.t;
GO
CREATE PROCEDURE dbo.p AS SELECT id, mail FROM dbo.t;
GO
CREATE TABLE dbo.copy (id int, mail varchar(40), pay int);
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::dbo TO u1;
GRANT EXECUTE ON dbo.p TO u1;
GO
SELECT id, name, mail, pay, luck, born, twice FROM dbo.t;
SELECT name, masking_function, is_masked FROM sys.masked_columns;
EXECUTE AS USER = N'u1';
GO
--> [id | name | mail | pay | luck | born | twice]
-->  1 | Ada | ada@host.example | 100 | 77 | 1815-12-10 | 200
-->  2 | Bo | NULL | NULL | 77 | 1990-02-28 | NULL
--> [name | masking_function | is_masked]
-->  name | partial(1, "...", 1) | 1
-->  mail | email() | 1
-->  pay | default() | 1
-->  luck | random(1, 6) | 1
-->  born | datetime("Y") | 1
SELECT id, name, mail, pay, born, twice, note FROM dbo.t;
SELECT luck FROM dbo.t WHERE luck = 77;
SELECT COUNT(*) AS lucky FROM dbo.t WHERE luck BETWEEN 1 AND 6;
SELECT CASE WHEN MAX(x.luck) = 77 THEN 1 ELSE 0 END AS real FROM dbo.t AS x;
SELECT id, address, pay FROM dbo.v;
EXEC dbo.p;
SELECT x.mail FROM (SELECT mail FROM dbo.t) AS x ORDER BY x.mail;
GO
--> [id | name | mail | pay | born | twice | note]
-->  1 | A...a | aXXX@XXXX.com | 0 | 2000-12-10 | 0 | first
-->  2 | ... | NULL | NULL | 2000-02-28 | NULL | second
--> [luck]
-->  5
-->  3
--> [lucky]
-->  0
--> [real]
-->  1
--> [id | address | pay]
-->  1 | aXXX@XXXX.com | 0
-->  2 | NULL | NULL
--> [id | mail]
-->  1 | aXXX@XXXX.com
-->  2 | NULL
--> [mail]
-->  NULL
-->  aXXX@XXXX.com
-- Expressions over a masked column are masked by their own type; conditions and order are not.
SELECT UPPER(mail) AS u, pay + 1 AS p, ISNULL(pay, -1) AS i, LEN(name) AS l, note + '!' AS n FROM dbo.t;
SELECT MAX(pay) AS m, SUM(pay) AS s FROM dbo.t;
SELECT id FROM dbo.t WHERE pay = 100;
SELECT id FROM dbo.t ORDER BY pay DESC;
SELECT id, CASE WHEN pay > 50 THEN 'rich' ELSE 'poor' END AS c, CASE WHEN id = 1 THEN mail ELSE 'none' END AS m FROM dbo.t;
SELECT (SELECT mail FROM dbo.t WHERE id = 1) AS m;
SELECT mail FROM dbo.t UNION ALL SELECT 'plain';
SELECT id, mail FROM dbo.t WHERE id = 1 FOR JSON PATH;
GO
--> [u | p | i | l | n]
-->  xxxx | 0 | 0 | 0 | first!
-->  NULL | NULL | 0 | 0 | second!
--> [m | s]
-->  0 | 0
--> [id]
-->  1
--> [id]
-->  1
-->  2
--> [id | c | m]
-->  1 | rich | aXXX@XXXX.com
-->  2 | poor | nXXX@XXXX.com
--> [m]
-->  aXXX@XXXX.com
--> [mail]
-->  aXXX@XXXX.com
-->  NULL
-->  pXXX@XXXX.com
--> [JSON_F52E2B61-18A1-11d1-B105-00805F49916B]
-->  [{"id":1,"mail":"aXXX@XXXX.com"}]
-- A conversion of what is masked does not print it; one in a condition does.
SELECT CAST(mail AS int) AS x FROM dbo.t WHERE id = 1;
GO
--> [x]
--> Msg 245, Level 16, State 1, Line 2: Conversion failed when converting the ****** value '******' to data type ******.
SELECT id FROM dbo.t WHERE CAST(mail AS int) = 1;
GO
--> [id]
--> Msg 245, Level 16, State 1, Line 1: Conversion failed when converting the varchar value 'ada@host.example' to data type int.
-- What leaves a statement is masked wherever it goes.
DECLARE @mail varchar(40), @other nvarchar(3), @pay int;
SELECT @mail = mail, @other = mail, @pay = pay FROM dbo.t WHERE id = 1;
SELECT @mail AS mail, @other AS other, @pay AS pay;
SET @mail = (SELECT mail FROM dbo.t WHERE id = 1);
SELECT @mail AS mail;
SELECT mail INTO #m FROM dbo.t WHERE id = 1;
SELECT mail FROM #m;
INSERT dbo.copy SELECT id, mail, pay FROM dbo.t;
INSERT dbo.copy VALUES (3, (SELECT mail FROM dbo.t WHERE id = 1), 1);
UPDATE dbo.copy SET mail = t.mail FROM dbo.t AS t WHERE t.id = 1 AND dbo.copy.id = 2;
SELECT id, mail, pay FROM dbo.copy;
UPDATE dbo.t SET note = 'seen' OUTPUT inserted.mail, deleted.pay, inserted.note WHERE id = 1;
GO
--> [mail | other | pay]
-->  aXXX@XXXX.com | xxx | 0
--> [mail]
-->  aXXX@XXXX.com
--> (SelectInto: 1 row)
--> [mail]
-->  aXXX@XXXX.com
--> (Insert: 2 rows)
--> (Insert: 1 row)
--> (Update: 1 row)
--> [id | mail | pay]
-->  1 | aXXX@XXXX.com | 0
-->  2 | aXXX@XXXX.com | NULL
-->  3 | xxxx | 1
--> [mail | pay | note]
-->  aXXX@XXXX.com | 0 | seen
--> (Update: 1 row)
REVERT;
GO
-- UNMASK of a column, of the table, of the schema, of the database; a DENY of a column wins.
GRANT UNMASK ON dbo.t(mail) TO u1;
EXECUTE AS USER = N'u1';
SELECT mail, pay FROM dbo.t WHERE id = 1;
SELECT mail + CAST(pay AS varchar(9)) AS both FROM dbo.t WHERE id = 1;
REVERT;
REVOKE UNMASK ON dbo.t(mail) FROM u1;
GRANT UNMASK ON SCHEMA::dbo TO u1;
EXECUTE AS USER = N'u1';
SELECT mail, pay FROM dbo.t WHERE id = 1;
REVERT;
REVOKE UNMASK ON SCHEMA::dbo FROM u1;
GRANT UNMASK TO u1;
DENY UNMASK ON dbo.t(pay) TO u1;
EXECUTE AS USER = N'u1';
SELECT mail, pay FROM dbo.t WHERE id = 1;
REVERT;
REVOKE UNMASK FROM u1;
GRANT UNMASK ON dbo.v TO u1;
GO
--> [mail | pay]
-->  ada@host.example | 0
--> [both]
-->  xxxx
--> [mail | pay]
-->  ada@host.example | 100
--> [mail | pay]
-->  ada@host.example | 0
--> Msg 4606, Level 16, State 1, Line 19: Granted or revoked privilege UNMASK is not compatible with object.
-- Who may mask, and what can be.
GRANT ALTER ON dbo.t TO u1;
EXECUTE AS USER = N'u1';
ALTER TABLE dbo.t ALTER COLUMN note ADD MASKED WITH (FUNCTION = 'default()');
ALTER TABLE dbo.t ALTER COLUMN mail DROP MASKED;
REVERT;
GRANT ALTER ANY MASK TO u1;
EXECUTE AS USER = N'u1';
ALTER TABLE dbo.t ALTER COLUMN note ADD MASKED WITH (FUNCTION = 'default()');
SELECT note FROM dbo.t WHERE id = 1;
ALTER TABLE dbo.t ALTER COLUMN note DROP MASKED;
SELECT note FROM dbo.t WHERE id = 1;
ALTER TABLE dbo.t ALTER COLUMN note DROP MASKED;
ALTER TABLE dbo.t ALTER COLUMN mail varchar(50);
SELECT mail FROM dbo.t WHERE id = 1;
REVERT;
GO
--> Msg 15247, Level 16, State 5, Line 4: User does not have permission to perform this action.
--> Msg 15247, Level 16, State 5, Line 5: User does not have permission to perform this action.
--> [note]
-->  xxxx
--> [note]
-->  seen
--> Msg 16007, Level 16, State 0, Line 13: The column 'note' does not have a data masking function.
--> [mail]
-->  ada@host.example
ALTER TABLE dbo.t ALTER COLUMN note ADD MASKED WITH (FUNCTION = 'hash()');
ALTER TABLE dbo.t ALTER COLUMN note ADD MASKED WITH (FUNCTION = 'random(1, 2)');
ALTER TABLE dbo.t ALTER COLUMN note ADD MASKED WITH (FUNCTION = 'partial(1, "x")');
ALTER TABLE dbo.t ALTER COLUMN note ADD MASKED WITH (FUNCTION = 'partial(a, "x", 1)');
ALTER TABLE dbo.t ALTER COLUMN note ADD MASKED WITH (FUNCTION = 'default');
ALTER TABLE dbo.t ALTER COLUMN twice ADD MASKED WITH (FUNCTION = 'default()');
ALTER TABLE dbo.t ALTER COLUMN pay DROP MASKED;
ALTER TABLE dbo.t ALTER COLUMN nothing DROP MASKED;
BEGIN TRANSACTION;
ALTER TABLE dbo.t ALTER COLUMN note ADD MASKED WITH (FUNCTION = 'default()');
ROLLBACK;
SELECT name FROM sys.masked_columns;
GO
--> Msg 16002, Level 16, State 0, Line 1: Invalid data masking function in column 'note'.
--> Msg 16003, Level 16, State 0, Line 2: The data type of column 'note' does not support data masking function 'random'.
--> Msg 16004, Level 16, State 0, Line 3: Incorrect number of parameters for data masking function 'partial' for column 'note'.
--> Msg 16005, Level 16, State 0, Line 4: Invalid argument for data masking function 'partial' for column 'note'.
--> Msg 16006, Level 16, State 0, Line 5: Invalid data masking format for function 'default' in column 'note'.
--> Msg 4928, Level 16, State 1, Line 6: Cannot alter column 'twice' because it is 'COMPUTED'.
--> Msg 5074, Level 16, State 1, Line 7: The column 'twice' is dependent on column 'pay'.
--> Msg 4922, Level 16, State 9, Line 7: ALTER TABLE ALTER COLUMN pay failed because one or more objects access this column.
--> Msg 4924, Level 16, State 1, Line 8: ALTER TABLE ALTER COLUMN failed because column 'nothing' does not exist in table 't'.
--> transaction begun
--> transaction rolled back
--> [name]
-->  name
-->  pay
-->  luck
-->  born
