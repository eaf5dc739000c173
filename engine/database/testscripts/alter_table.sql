-- ALTER TABLE … ADD: what the rows that are there get.
-- session: sa@master
CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY);
INSERT dbo.t VALUES (1), (2);
GO
--> (Insert: 2 rows)
ALTER TABLE dbo.t ADD a int NULL CONSTRAINT df_a DEFAULT 5, b int NULL CONSTRAINT df_b DEFAULT 6 WITH VALUES, c int NOT NULL CONSTRAINT df_c DEFAULT 7, d AS b + c;
INSERT dbo.t (id) VALUES (3);
SELECT id, a, b, c, d FROM dbo.t ORDER BY id;
GO
--> (Insert: 1 row)
--> [id | a | b | c | d]
-->  1 | NULL | 6 | 7 | 13
-->  2 | NULL | 6 | 7 | 13
-->  3 | 5 | 6 | 7 | 13
ALTER TABLE dbo.t ADD e int NOT NULL;
GO
--> Msg 4901, Level 16, State 1, Line 1: ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column 'e' cannot be added to non-empty table 't' because it does not satisfy these conditions.
ALTER TABLE dbo.t ADD f int IDENTITY(10, 10), g rowversion;
SELECT id, f, CASE WHEN g > 0x00 THEN 'new' END AS g FROM dbo.t ORDER BY id;
GO
--> [id | f | g]
-->  1 | 10 | new
-->  2 | 20 | new
-->  3 | 30 | new
