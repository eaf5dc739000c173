-- IGNORE_DUP_KEY: INSERT leaves out what is there already and says so; everything else fails.
-- session: sa@master
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY WITH (IGNORE_DUP_KEY = ON), v int NULL, w int NULL CONSTRAINT uq_w UNIQUE);
CREATE TABLE dbo.log (n int);
GO
CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT AS INSERT dbo.log SELECT COUNT(*) FROM inserted;
GO
INSERT dbo.t VALUES (1, 1, 1), (2, 2, 2), (1, 3, 3);
INSERT dbo.t VALUES (2, 9, 9), (3, 3, 4);
SELECT @@ROWCOUNT AS n;
SELECT id, v FROM dbo.t ORDER BY id;
SELECT n FROM dbo.log;
GO
--> Info 3604, Line 1: Duplicate key was ignored.
--> (Insert: 2 rows)
--> Info 3604, Line 2: Duplicate key was ignored.
--> (Insert: 1 row)
--> [n]
-->  1
--> [id | v]
-->  1 | 1
-->  2 | 2
-->  3 | 3
--> [n]
-->  2
-->  1
-- Another key does not forgive.
INSERT dbo.t VALUES (4, 4, 1);
GO
--> Msg 2627, Level 14, State 1, Line 2: Violation of UNIQUE KEY constraint 'uq_w'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).
--> Info 3621, Line 2: The statement has been terminated.
UPDATE dbo.t SET id = 1 WHERE id = 2;
GO
--> Msg 2627, Level 14, State 1, Line 1: Violation of PRIMARY KEY constraint 'PK__t__3DF626FDE3B98A4D'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).
--> Info 3621, Line 1: The statement has been terminated.
MERGE dbo.t AS t USING (VALUES (1)) AS s (id) ON 1 = 0 WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id);
GO
--> Msg 2627, Level 14, State 1, Line 1: Violation of PRIMARY KEY constraint 'PK__t__3DF626FDE3B98A4D'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).
--> Info 3621, Line 1: The statement has been terminated.
SELECT COUNT(*) AS n FROM sys.indexes WHERE object_id = OBJECT_ID(N'dbo.t') AND ignore_dup_key = 1;
GO
--> [n]
-->  1
CREATE INDEX ix ON dbo.t (v) WITH (IGNORE_DUP_KEY = ON);
GO
--> Msg 1916, Level 16, State 4, Line 1: CREATE INDEX options nonunique and ignore_dup_key are mutually exclusive.
CREATE UNIQUE INDEX ix ON dbo.t (v) WHERE v > 1 WITH (IGNORE_DUP_KEY = ON);
GO
--> Msg 10618, Level 16, State 1, Line 1: Filtered index 'ix' cannot be created on table 't' because the IGNORE_DUP_KEY option was specified with a value of ON. Rewrite the statement so that it does not use IGNORE_DUP_KEY.
CREATE UNIQUE INDEX ix ON dbo.t (v) WITH (IGNORE_DUP_KEY = ON);
INSERT dbo.t VALUES (7, 1, 7);
GO
--> Info 3604, Line 2: Duplicate key was ignored.
--> (Insert: 0 rows)
DECLARE @t TABLE (id int PRIMARY KEY WITH (IGNORE_DUP_KEY = ON));
INSERT @t VALUES (1), (1), (2);
SELECT COUNT(*) AS n FROM @t;
GO
--> Info 3604, Line 2: Duplicate key was ignored.
--> (Insert: 2 rows)
--> [n]
-->  2
