-- Select
SELECT TOP 5 * FROM dbo.t1
====
-- Select
SELECT TOP (@n) WITH TIES id FROM dbo.t1 ORDER BY name
====
-- Select
SELECT TOP 10 PERCENT id FROM dbo.t1
====
-- Select
SELECT id FROM dbo.t1 ORDER BY id OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY
====
-- Select
SELECT id FROM dbo.t1 ORDER BY id OFFSET (@page - 1) * @size ROWS FETCH NEXT @size ROWS ONLY
====
-- Unsupported <FETCH NEXT of an expression>
SELECT id FROM dbo.t1 ORDER BY id OFFSET 0 ROWS FETCH NEXT (@size + 1) ROWS ONLY
====
-- Select
SELECT * FROM dbo.t1 FOR SYSTEM_TIME AS OF '2024-01-01' AS t
====
-- Select
SELECT * FROM dbo.t1 FOR SYSTEM_TIME AS OF @d
====
-- Select
SELECT * FROM dbo.t1 FOR SYSTEM_TIME ALL
====
-- Select
SELECT * FROM dbo.t1 FOR SYSTEM_TIME BETWEEN '2024-01-01' AND '2024-02-01' t WHERE t.id = 1
====
-- Select
SELECT * FROM dbo.t1 FOR SYSTEM_TIME FROM '2024-01-01' TO '2024-02-01'
====
-- Select
SELECT * FROM dbo.t1 FOR SYSTEM_TIME CONTAINED IN ('2024-01-01', '2024-02-01')
====
-- Select
SELECT a.id FROM dbo.t1 AS a JOIN dbo.t1 FOR SYSTEM_TIME FROM '2024-01-01' TO @d AS b ON b.id = a.id LEFT JOIN dbo.t1 FOR SYSTEM_TIME BETWEEN @d AND '2024-02-01' AS c ON c.id = a.id
====
-- Select
SELECT t.id, x.v FROM dbo.t1 t CROSS APPLY (SELECT TOP 1 v FROM dbo.s s WHERE s.id = t.id) x OUTER APPLY dbo.tvf(t.id) y
====
-- Select
SELECT * FROM OPENJSON(@json) WITH (id INT '$.id', name NVARCHAR(50) '$.name')
====
-- Select
SELECT [key], [value] FROM OPENJSON(@json, '$.items')
====
-- Select
SELECT id, name FROM dbo.t1 FOR JSON PATH, ROOT('r'), INCLUDE_NULL_VALUES
====
-- Select
SELECT id FROM dbo.t1 FOR JSON AUTO, WITHOUT_ARRAY_WRAPPER
====
-- Select
SELECT id FROM dbo.t1 FOR XML PATH('r')
====
-- Select
SELECT * FROM OPENROWSET('SQLNCLI', 'Server=x;Trusted_Connection=yes;', 'SELECT 1') AS a
====
-- Unsupported <OPENROWSET(BULK)>
SELECT * FROM OPENROWSET(BULK 'c:\x.txt', SINGLE_CLOB) AS a
====
-- Select
SELECT * FROM OPENQUERY(lnk, 'SELECT 1')
====
-- Select
SELECT * FROM lnk.db1.dbo.t1
====
-- Select
SELECT * FROM db1..t1 WITH (NOLOCK)
====
-- Select
SELECT * FROM dbo.t1 t WITH (UPDLOCK, ROWLOCK, INDEX(ix1)) WHERE id = 1 OPTION (RECOMPILE, MAXDOP 1)
====
-- Select
SELECT * FROM [my db].[my schema].[my ]]table] WHERE [select] = N'it''s'
====
-- Select
SELECT TRY_CONVERT(INT, 'x'), TRY_CAST('1' AS INT), CONVERT(VARCHAR(10), GETDATE(), 120), CONVERT(NVARCHAR(MAX), 0x41), PARSE('1' AS INT USING 'en-US'), TRY_PARSE('1' AS DECIMAL(9,2))
====
-- Select
SELECT DATEADD(DAY, 1, SYSUTCDATETIME()), DATEDIFF(second, a, b), DATEPART(year, a) FROM t
====
-- Select
SELECT CAST('2024-01-01' AS DATETIME2(3)) AT TIME ZONE 'UTC'
====
-- Select
SELECT @@SPID, @@TRANCOUNT, @@ROWCOUNT, @@IDENTITY, @@VERSION, @@SERVERNAME, @@ERROR
====
-- Select
SELECT SESSION_CONTEXT(N'tenant'), SUSER_SNAME(), ORIGINAL_LOGIN(), USER_NAME(), SYSTEM_USER, CURRENT_USER, SESSION_USER, USER, CURRENT_TIMESTAMP
====
-- Select
SELECT HAS_PERMS_BY_NAME('dbo.t1', 'OBJECT', 'SELECT')
====
-- Select
SELECT * FROM fn_my_permissions('dbo.t1', 'OBJECT')
====
-- Select
SELECT * FROM sys.fn_my_permissions(NULL, 'DATABASE')
====
-- Select
WITH c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT * FROM c OPTION (MAXRECURSION 10)
====
-- Select
SELECT id, ROW_NUMBER() OVER (PARTITION BY tenant_id ORDER BY id) rn, SUM(q) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) s FROM t
====
-- Select
SELECT * FROM (SELECT y, q FROM t) s PIVOT (SUM(q) FOR y IN ([2023],[2024])) p
====
-- Select
SELECT STRING_AGG(name, ',') WITHIN GROUP (ORDER BY name) FROM t
====
-- Select
SELECT 'a' + N'b' + 0xFF, a % 2, a & 1, a ^ 2, ~a, -a FROM t WHERE a !< 1 AND b !> 2 AND a <> 1
====
-- Unsupported <GROUP BY ALL>
SELECT total = SUM(x), 'lit' AS [my col], x y FROM t GROUP BY ALL x
====
-- error 4147:1 The query uses non-ANSI outer join operators ("*=" or "=*"). To run this query without modification, please set the compatibility level for current database to 80, using the SET COMPATIBILITY_LEVEL option of ALTER DATABASE. It is strongly recommended to rewrite the query using ANSI outer join operators (LEFT OUTER JOIN, RIGHT OUTER JOIN). In the future versions of SQL Server, non-ANSI join operators will not be supported even in backward-compatibility modes.
SELECT * FROM t1 a, t2 b WHERE a.id *= b.id
====
-- Select
SELECT name COLLATE Latin1_General_CI_AS FROM t WHERE name COLLATE Latin1_General_BIN2 = N'A' AND name LIKE N'[a-c]%' ESCAPE N'!'
====
-- Select
SELECT j.value('(/a/b)[1]', 'int') FROM t
====
-- Select
SELECT $IDENTITY, $ROWGUID FROM t
====
-- Select
SELECT name FROM sys.tables WHERE object_id = OBJECT_ID(N'dbo.t1', N'U')
====
-- Select
SELECT v.id FROM (VALUES (1, N'a'), (2, N'b')) AS v(id, nm)
====
-- Select
SELECT id FROM t1 EXCEPT SELECT id FROM t2 INTERSECT SELECT id FROM t3
====
-- Select
SELECT CASE WHEN a IS NULL THEN 1 ELSE 2 END, (SELECT MAX(id) FROM t2), {fn NOW()} FROM t
====
