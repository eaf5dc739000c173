-- Merge
MERGE INTO dbo.t1 AS t USING (SELECT 1 AS id, N'x' AS name) AS s ON t.id = s.id WHEN MATCHED AND t.name <> s.name THEN UPDATE SET t.name = s.name WHEN NOT MATCHED BY TARGET THEN INSERT (id, name) VALUES (s.id, s.name) WHEN NOT MATCHED BY SOURCE THEN DELETE OUTPUT $action, inserted.id, deleted.id;
====
-- Merge
MERGE TOP (10) dbo.t1 WITH (HOLDLOCK) AS t USING s ON t.id = s.id WHEN MATCHED THEN DELETE;
====
-- Update
UPDATE t SET t.name = s.name FROM dbo.t1 t INNER JOIN dbo.s s ON s.id = t.id WHERE t.tenant_id = 1
====
-- Update
UPDATE TOP (5) dbo.t1 SET name = N'x' OUTPUT deleted.name, inserted.name INTO @log WHERE id > 1
====
-- Update
UPDATE dbo.t1 SET name = N'x' OUTPUT inserted.id WHERE id = 1
====
-- Update
UPDATE dbo.t1 SET qty += 1
====
-- Update
UPDATE dbo.t1 SET @v = qty = qty + 1
====
-- Delete
DELETE t FROM dbo.t1 t JOIN dbo.s s ON s.id = t.id
====
-- Delete
DELETE FROM dbo.t1 OUTPUT deleted.* WHERE id = 1
====
-- Delete
DELETE TOP (10) FROM dbo.t1
====
-- Delete
DELETE dbo.t1 WHERE id = 1
====
-- Insert
INSERT INTO dbo.t1 (name) OUTPUT inserted.id VALUES (N'x'), (N'y')
====
-- Insert
INSERT dbo.t1 (name) VALUES (N'x')
====
-- Insert
INSERT INTO dbo.t1 DEFAULT VALUES
====
-- Insert
INSERT INTO db2.dbo.t1 (name) SELECT name FROM db1..t1
====
-- Select
SELECT * INTO #x FROM dbo.t1
====
-- Unsupported <BULK INSERT>
BULK INSERT dbo.t1 FROM 'c:\x.csv' WITH (FIELDTERMINATOR = ',')
====
