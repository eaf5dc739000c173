-- No predicate at all.
-- because: nothing compares OrgId with the caller's tenant
SELECT * FROM dbo.Invoices;
GO
-- By the row's id alone.
-- because: nothing compares OrgId
SELECT * FROM dbo.Invoices WHERE InvoiceId = @InvoiceId;
GO
-- The tenant compared with itself.
SELECT * FROM dbo.Invoices WHERE OrgId = OrgId;
GO
-- The tenant only in the select list.
SELECT OrgId, Amount FROM dbo.Invoices;
GO
-- Another tenant's literal.
-- because: the literal 8
SELECT * FROM dbo.Invoices WHERE OrgId = 8;
GO
-- A parameter that is not known to be the caller's.
-- because: @Other
SELECT * FROM dbo.Invoices WHERE OrgId = @Other;
GO
-- A variable that came from nowhere.
-- because: is set on line 1
DECLARE @o int = 5; SELECT * FROM dbo.Invoices WHERE OrgId = @o;
GO
-- The wrong key of the session's context.
-- because: another key
SELECT * FROM dbo.Invoices WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'SubOrgId'));
GO
-- The key of the session's context in another case is another key.
SELECT * FROM dbo.Invoices WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'orgid'));
GO
-- OR with something else.
-- because: OR
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId OR Amount = 0;
GO
-- AND binds tighter than OR.
-- because: OR
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND InvoiceId = 1 OR InvoiceId = 2;
GO
-- The tenant is optional.
-- because: OR
SELECT * FROM dbo.Invoices WHERE (@OrgId IS NULL OR OrgId = @OrgId);
GO
-- Optional by ISNULL of the column itself.
SELECT * FROM dbo.Invoices WHERE OrgId = ISNULL(@OrgId, OrgId);
GO
-- COALESCE with another value.
SELECT * FROM dbo.Invoices WHERE OrgId = COALESCE(@OrgId, 1);
GO
-- Not equal.
-- because: not for equality
SELECT * FROM dbo.Invoices WHERE OrgId <> @OrgId;
GO
-- Greater or equal.
SELECT * FROM dbo.Invoices WHERE OrgId >= @OrgId;
GO
-- NOT of the equality.
SELECT * FROM dbo.Invoices WHERE NOT OrgId = @OrgId;
GO
-- NOT of a conjunction leaves the others in.
SELECT * FROM dbo.Invoices WHERE NOT (OrgId <> @OrgId AND Amount > 0);
GO
-- IN with one that is not the caller's.
-- because: OR
SELECT * FROM dbo.Invoices WHERE OrgId IN (@OrgId, 8);
GO
-- NOT IN.
-- because: NOT IN
SELECT * FROM dbo.Invoices WHERE OrgId NOT IN (@OrgId);
GO
-- BETWEEN two.
-- because: a range
SELECT * FROM dbo.Invoices WHERE OrgId BETWEEN @OrgId AND 9;
GO
-- NOT BETWEEN.
SELECT * FROM dbo.Invoices WHERE OrgId NOT BETWEEN @OrgId AND @OrgId;
GO
-- LIKE.
-- because: LIKE
SELECT * FROM dbo.Invoices WHERE OrgId LIKE @OrgId;
GO
-- IS NULL belongs to nobody that is known.
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId OR OrgId IS NULL;
GO
-- Arithmetic on the column.
SELECT * FROM dbo.Invoices WHERE OrgId + 0 = @OrgId;
GO
-- Modulo makes tenants look alike.
SELECT * FROM dbo.Invoices WHERE OrgId % 10 = @OrgId % 10;
GO
-- A conversion that makes tenants look alike.
SELECT * FROM dbo.Invoices WHERE CONVERT(bit, OrgId) = CONVERT(bit, @OrgId);
GO
-- A bit of the caller is tenant one.
SELECT * FROM dbo.Invoices WHERE OrgId = CONVERT(bit, @OrgId);
GO
-- A rounded number.
SELECT * FROM dbo.Invoices WHERE CAST(OrgId AS real) = @OrgId;
GO
-- A text that is cut.
SELECT * FROM dbo.Invoices WHERE CONVERT(varchar(1), OrgId) = CONVERT(varchar(1), @OrgId);
GO
-- A variable of too small a type.
-- because: cannot tell every two tenants apart
DECLARE @o bit = @OrgId; SELECT * FROM dbo.Invoices WHERE OrgId = @o;
GO
-- Equality passed on through a rounded number is no equality.
SELECT * FROM dbo.Invoices i JOIN dbo.Weights w ON w.Factor = i.OrgId WHERE w.Factor = @OrgId;
GO
-- The tenant's column itself is a rounded number.
SELECT * FROM dbo.Ratings WHERE OrgId = @OrgId;
GO
-- Another collation.
-- because: collation
SELECT * FROM dbo.Invoices WHERE OrgId COLLATE Latin1_General_CI_AI = @OrgId;
GO
-- A checksum.
SELECT * FROM dbo.Invoices WHERE CHECKSUM(OrgId) = CHECKSUM(@OrgId);
GO
-- CASE that yields one for others, too.
SELECT * FROM dbo.Invoices WHERE CASE WHEN OrgId = @OrgId THEN 1 WHEN Amount > 0 THEN 1 ELSE 0 END = 1;
GO
-- CASE whose ELSE yields it.
SELECT * FROM dbo.Invoices WHERE CASE WHEN OrgId = 8 THEN 0 ELSE 1 END = 1;
GO
-- CASE whose value is not known.
SELECT * FROM dbo.Invoices WHERE CASE WHEN OrgId = @OrgId THEN 1 ELSE CustomerId END = 1;
GO
-- IIF the wrong way round.
SELECT * FROM dbo.Invoices WHERE IIF(OrgId = @OrgId, 1, 0) = 0;
GO
-- A join without the tenant.
SELECT l.Quantity FROM dbo.Invoices i JOIN dbo.InvoiceLines l ON l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId;
GO
-- A join through the tenant of which neither side is bound.
-- because: not bound itself
SELECT * FROM dbo.Invoices i JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId;
GO
-- The third table of a chain is forgotten.
SELECT p.Name FROM dbo.Invoices i JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId JOIN dbo.Products p ON p.ProductId = l.ProductId WHERE i.OrgId = @OrgId;
GO
-- A cross join.
SELECT * FROM dbo.Invoices i CROSS JOIN dbo.Customers c WHERE i.OrgId = @OrgId;
GO
-- Joined on the wrong pair of columns.
SELECT * FROM dbo.Invoices i JOIN dbo.Products p ON p.ProductId = i.OrgId WHERE i.OrgId = @OrgId;
GO
-- LEFT JOIN: ON does not filter the kept side.
-- because: ON of an outer join
SELECT i.Amount FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON i.OrgId = @OrgId AND l.OrgId = @OrgId;
GO
-- LEFT JOIN: the optional side is not bound.
SELECT * FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId;
GO
-- LEFT JOIN: only the optional side is bound.
SELECT * FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.OrgId = @OrgId AND l.InvoiceId = i.InvoiceId;
GO
-- WHERE on the optional side that lets NULL pass: a foreign row takes the NULL row away.
SELECT i.InvoiceId FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId AND (l.OrgId = @OrgId OR l.OrgId IS NULL);
GO
-- An anti-join without the tenant tells of foreign rows.
SELECT i.InvoiceId FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId AND l.LineId IS NULL;
GO
-- RIGHT JOIN keeps the other side.
SELECT * FROM dbo.Invoices i RIGHT JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId AND i.OrgId = @OrgId;
GO
-- FULL JOIN keeps both.
SELECT * FROM dbo.Invoices i FULL JOIN dbo.InvoiceLines l ON l.OrgId = @OrgId AND i.OrgId = @OrgId;
GO
-- FULL JOIN where WHERE needs one side only.
SELECT * FROM dbo.Invoices i FULL JOIN dbo.InvoiceLines l ON l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId;
GO
-- ISNULL undoes the NULLs of an outer join.
SELECT * FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId WHERE ISNULL(l.OrgId, @OrgId) = @OrgId;
GO
-- The tenant of an optional row does not bind the kept one.
SELECT d.InvoiceId FROM (SELECT i.InvoiceId, l.OrgId AS lo FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId AND i.OrgId = @OrgId) AS d;
GO
-- A derived table without a filter.
SELECT d.Amount FROM (SELECT Amount FROM dbo.Invoices) AS d;
GO
-- The filter outside names something else that is called OrgId.
SELECT d.Amount FROM (SELECT CustomerId AS OrgId, Amount FROM dbo.Invoices) AS d WHERE d.OrgId = @OrgId;
GO
-- A constant that is called OrgId.
SELECT d.Amount FROM (SELECT @OrgId AS OrgId, Amount FROM dbo.Invoices) AS d WHERE d.OrgId = @OrgId;
GO
-- TOP chooses among all tenants' rows before the filter.
SELECT * FROM (SELECT TOP (10) OrgId, Amount FROM dbo.Invoices ORDER BY Amount) AS d WHERE d.OrgId = @OrgId;
GO
-- OFFSET likewise.
SELECT * FROM (SELECT OrgId, Amount FROM dbo.Invoices ORDER BY Amount OFFSET 5 ROWS) AS d WHERE d.OrgId = @OrgId;
GO
-- A window over all tenants' rows.
SELECT d.n FROM (SELECT OrgId, ROW_NUMBER() OVER (ORDER BY Amount) AS n FROM dbo.Invoices) AS d WHERE d.OrgId = @OrgId;
GO
-- One of two windows is not divided by the tenant.
SELECT * FROM (SELECT OrgId, SUM(Amount) OVER (PARTITION BY OrgId) AS a, SUM(Amount) OVER (PARTITION BY CustomerId) AS b FROM dbo.Invoices) AS d WHERE d.OrgId = @OrgId;
GO
-- An aggregate over all tenants.
SELECT * FROM (SELECT MAX(OrgId) AS OrgId FROM dbo.Invoices) AS d WHERE d.OrgId = @OrgId;
GO
-- Grouped by something else.
SELECT * FROM (SELECT CustomerId, MIN(OrgId) AS OrgId FROM dbo.Invoices GROUP BY CustomerId) AS d WHERE d.OrgId = @OrgId;
GO
-- HAVING on an aggregate.
SELECT CustomerId FROM dbo.Invoices GROUP BY CustomerId HAVING MIN(OrgId) = @OrgId;
GO
-- A common table expression that is bound in one use only.
WITH x AS (SELECT OrgId, InvoiceId FROM dbo.Invoices) SELECT * FROM x AS a JOIN x AS b ON b.InvoiceId = a.InvoiceId WHERE a.OrgId = @OrgId;
GO
-- A recursive expression that loses the tenant on the way.
WITH tree AS (SELECT OrgId, ProductId FROM dbo.Products WHERE OrgId = @OrgId UNION ALL SELECT p.OrgId, p.ProductId FROM dbo.Products p JOIN tree t ON p.ParentId = t.ProductId) SELECT * FROM tree;
GO
-- A recursive expression filtered only at the end.
WITH tree AS (SELECT OrgId, ProductId FROM dbo.Products UNION ALL SELECT p.OrgId, p.ProductId FROM dbo.Products p JOIN tree t ON p.OrgId = t.OrgId AND p.ParentId = t.ProductId) SELECT * FROM tree WHERE OrgId = @OrgId;
GO
-- A recursive expression that claims a tenant it does not have.
WITH tree AS (SELECT OrgId, ProductId FROM dbo.Products WHERE OrgId = @OrgId UNION ALL SELECT t.OrgId, p.ProductId FROM dbo.Products p JOIN tree t ON p.ParentId = t.ProductId) SELECT * FROM tree;
GO
-- EXISTS without the tenant.
SELECT * FROM dbo.Invoices i WHERE i.OrgId = @OrgId AND EXISTS (SELECT 1 FROM dbo.InvoiceLines l WHERE l.InvoiceId = i.InvoiceId);
GO
-- NOT EXISTS without the tenant.
SELECT * FROM dbo.Invoices i WHERE i.OrgId = @OrgId AND NOT EXISTS (SELECT 1 FROM dbo.InvoiceLines l WHERE l.InvoiceId = i.InvoiceId);
GO
-- EXISTS whose OrgId is the subquery's own: the outer row is not bound by it.
SELECT * FROM dbo.Invoices WHERE EXISTS (SELECT 1 FROM dbo.InvoiceLines WHERE OrgId = @OrgId);
GO
-- NOT EXISTS of what would bind.
SELECT * FROM dbo.Invoices i WHERE NOT EXISTS (SELECT 1 FROM dbo.Currencies c WHERE i.OrgId = @OrgId);
GO
-- An aggregate always exists.
SELECT * FROM dbo.Invoices i WHERE EXISTS (SELECT COUNT(*) FROM dbo.Currencies c WHERE i.OrgId = @OrgId);
GO
-- IN with a subquery of everybody.
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND InvoiceId IN (SELECT InvoiceId FROM dbo.InvoiceLines);
GO
-- The tenant comes from an unbound subquery.
SELECT * FROM dbo.InvoiceLines WHERE OrgId IN (SELECT OrgId FROM dbo.Invoices);
GO
-- NOT IN of an unbound subquery.
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND InvoiceId NOT IN (SELECT InvoiceId FROM dbo.InvoiceLines);
GO
-- = ALL is true of nothing at all.
SELECT * FROM dbo.Invoices WHERE OrgId = ALL (SELECT OrgId FROM dbo.Customers WHERE OrgId = @OrgId);
GO
-- A scalar subquery over everybody in the select list.
SELECT (SELECT COUNT(*) FROM dbo.InvoiceLines l WHERE l.InvoiceId = i.InvoiceId) FROM dbo.Invoices i WHERE i.OrgId = @OrgId;
GO
-- ... in ORDER BY.
SELECT i.InvoiceId FROM dbo.Invoices i WHERE i.OrgId = @OrgId ORDER BY (SELECT COUNT(*) FROM dbo.InvoiceLines);
GO
-- ... in TOP.
SELECT TOP ((SELECT COUNT(*) FROM dbo.InvoiceLines)) InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- ... in GROUP BY and CASE.
SELECT CASE WHEN EXISTS (SELECT 1 FROM dbo.Customers) THEN 1 ELSE 0 END, COUNT(*) FROM dbo.Invoices WHERE OrgId = @OrgId GROUP BY CustomerId;
GO
-- ... in HAVING.
SELECT CustomerId FROM dbo.Invoices WHERE OrgId = @OrgId GROUP BY CustomerId HAVING SUM(Amount) > (SELECT AVG(Amount) FROM dbo.Invoices);
GO
-- A subquery in a branch of OR where the row outside is not bound.
SELECT i.InvoiceId FROM dbo.Currencies c JOIN dbo.Invoices i ON i.OrgId = @OrgId WHERE c.Code = 'EUR' OR EXISTS (SELECT 1 FROM dbo.InvoiceLines l WHERE l.InvoiceId = i.InvoiceId);
GO
-- The second branch of UNION.
SELECT InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId UNION ALL SELECT InvoiceId FROM dbo.InvoiceLines;
GO
-- UNION of which one branch calls something else OrgId.
SELECT * FROM (SELECT OrgId, InvoiceId FROM dbo.Invoices UNION ALL SELECT InvoiceId, OrgId FROM dbo.InvoiceLines) AS u WHERE u.OrgId = @OrgId;
GO
-- EXCEPT without the tenant in the row tells of foreign rows.
SELECT InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId EXCEPT SELECT InvoiceId FROM dbo.InvoiceLines;
GO
-- INTERSECT likewise.
SELECT InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId INTERSECT SELECT InvoiceId FROM dbo.InvoiceLines;
GO
-- EXCEPT: the left side is not bound by the right one.
SELECT OrgId, InvoiceId FROM dbo.Invoices EXCEPT SELECT OrgId, InvoiceId FROM dbo.InvoiceLines WHERE OrgId = @OrgId;
GO
-- A view over everybody.
-- because: nothing compares OrgId
SELECT * FROM dbo.AllInvoices;
GO
-- A view with TOP, filtered outside.
SELECT * FROM dbo.Newest WHERE OrgId = @OrgId;
GO
-- A view that is not visible.
-- because: not visible
SELECT * FROM dbo.Secret WHERE OrgId = @OrgId;
GO
-- A scoped view joined without the tenant.
SELECT * FROM org.Invoices i JOIN dbo.InvoiceLines l ON l.InvoiceId = i.InvoiceId;
GO
-- An inline function with another tenant.
SELECT * FROM dbo.LinesOf(8, 5);
GO
-- An inline function without a tenant.
SELECT * FROM dbo.AnyLinesOf(5);
GO
-- CROSS APPLY with the tenant of a row that is not bound.
SELECT * FROM dbo.Invoices i CROSS APPLY dbo.LinesOf(i.OrgId, i.InvoiceId) AS l;
GO
-- OUTER APPLY of anybody's newest line.
SELECT i.InvoiceId, l.LineId FROM dbo.Invoices i OUTER APPLY (SELECT TOP (1) x.LineId FROM dbo.InvoiceLines x WHERE x.InvoiceId = i.InvoiceId) AS l WHERE i.OrgId = @OrgId;
GO
-- OUTER APPLY keeps the left row whatever the right side says.
SELECT i.InvoiceId FROM dbo.Invoices i OUTER APPLY (SELECT c.Code FROM dbo.Currencies c WHERE i.OrgId = @OrgId) AS x;
GO
-- CROSS APPLY of an aggregate yields a row whatever its WHERE says.
SELECT i.InvoiceId FROM dbo.Invoices i CROSS APPLY (SELECT COUNT(*) AS n FROM dbo.Currencies c WHERE i.OrgId = @OrgId) AS x;
GO
-- A scalar function that counts everybody's rows.
SELECT dbo.CountAll() FROM dbo.Currencies;
GO
-- A scalar function with another tenant.
SELECT dbo.CountOf(8);
GO
-- A scalar function with the tenant of a row that is not bound.
SELECT dbo.CountOf(c.Number) FROM dbo.Settings c;
GO
-- A function of several statements with another tenant.
SELECT * FROM dbo.LinesTable(8);
GO
-- A function that nobody knows.
-- because: not known
SELECT dbo.Mystery(InvoiceId) FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- Past rows of everybody.
SELECT * FROM dbo.Invoices FOR SYSTEM_TIME AS OF @at WHERE InvoiceId = 5;
GO
-- All versions, of which only one reference has the tenant.
SELECT h.Amount FROM dbo.Invoices i JOIN dbo.Invoices FOR SYSTEM_TIME ALL AS h ON h.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId;
GO
-- ROLLUP: the row of totals is everybody's.
SELECT * FROM (SELECT OrgId, SUM(Amount) AS s FROM dbo.Invoices GROUP BY ROLLUP (OrgId)) AS d WHERE d.OrgId = @OrgId OR d.OrgId IS NULL;
GO
-- PIVOT with the filter outside.
SELECT * FROM (SELECT OrgId, Amount, SubOrgId FROM dbo.Invoices) AS s PIVOT (SUM(Amount) FOR SubOrgId IN ([1], [2])) AS p WHERE p.OrgId = @OrgId;
GO
-- INSERT of another tenant.
-- because: is given a value that is not the caller's tenant
INSERT INTO dbo.Products (OrgId, ProductId, Name) VALUES (8, 1, N'x');
GO
-- INSERT whose second row is another tenant's.
INSERT INTO dbo.Products (OrgId, ProductId, Name) VALUES (@OrgId, 1, N'x'), (@Other, 2, N'y');
GO
-- INSERT without the tenant.
-- because: is not given a value
INSERT INTO dbo.Products (ProductId, Name) VALUES (1, N'x');
GO
-- INSERT by position with the tenant in the wrong place.
INSERT dbo.Customers VALUES (1, @OrgId, N'x');
GO
-- INSERT of the default.
-- because: default
INSERT INTO dbo.Products (OrgId, ProductId, Name) VALUES (DEFAULT, 1, N'x');
GO
-- INSERT DEFAULT VALUES.
INSERT INTO dbo.Products DEFAULT VALUES;
GO
-- INSERT of everybody's rows as the caller's.
INSERT INTO dbo.Products (OrgId, ProductId, Name) SELECT @OrgId, ProductId, Name FROM dbo.Products;
GO
-- INSERT of the caller's rows for somebody else.
INSERT INTO dbo.Products (OrgId, ProductId, Name) SELECT CustomerId, ProductId, Name FROM dbo.Products p JOIN dbo.Customers c ON c.OrgId = p.OrgId WHERE p.OrgId = @OrgId;
GO
-- INSERT of what a procedure yields.
-- because: EXEC
INSERT INTO dbo.Products (OrgId, ProductId, Name) EXEC org.RequireOrg @OrgId;
GO
-- INSERT through a view without CHECK OPTION for another tenant.
INSERT INTO org.OpenProducts (OrgId, ProductId, Name) VALUES (@Other, 1, N'x');
GO
-- UPDATE without the tenant.
UPDATE dbo.Invoices SET Note = N'x' WHERE InvoiceId = 5;
GO
-- UPDATE that hands rows to another tenant.
-- because: hands the rows
UPDATE dbo.Invoices SET OrgId = 8 WHERE OrgId = @OrgId;
GO
-- UPDATE whose FROM is bound and whose target is not.
UPDATE i SET Note = c.Name FROM dbo.Invoices i JOIN dbo.Customers c ON c.CustomerId = i.CustomerId WHERE c.OrgId = @OrgId;
GO
-- UPDATE whose target is not in its FROM.
UPDATE dbo.Invoices SET Note = N'x' FROM dbo.Customers c WHERE c.OrgId = @OrgId;
GO
-- UPDATE with a new value of somebody's.
UPDATE dbo.Invoices SET Amount = (SELECT MAX(Amount) FROM dbo.Invoices) WHERE OrgId = @OrgId;
GO
-- UPDATE through a common table expression with TOP over everybody.
WITH first AS (SELECT TOP (1) OrgId, Note FROM dbo.Invoices ORDER BY Amount) UPDATE first SET Note = N'x' WHERE OrgId = @OrgId;
GO
-- UPDATE whose filter uses a variable that it assigns.
UPDATE dbo.Invoices SET @OrgId = OrgId, Note = N'x' WHERE OrgId = @OrgId;
GO
-- UPDATE through a view over everybody.
UPDATE dbo.AllInvoices SET Amount = 0 WHERE InvoiceId = 1;
GO
-- DELETE of everything.
DELETE FROM dbo.InvoiceLines;
GO
-- DELETE with a join that lacks the tenant.
DELETE l FROM dbo.InvoiceLines l JOIN dbo.Invoices i ON i.InvoiceId = l.InvoiceId WHERE i.OrgId = @OrgId;
GO
-- DELETE with the tenant in OR.
DELETE FROM dbo.InvoiceLines WHERE OrgId = @OrgId OR LineId = 3;
GO
-- TRUNCATE.
-- because: every tenant's rows
TRUNCATE TABLE dbo.InvoiceLines;
GO
-- DROP TABLE.
DROP TABLE IF EXISTS dbo.InvoiceLines;
GO
-- ALTER TABLE … SWITCH.
ALTER TABLE dbo.InvoiceLines SWITCH TO dbo.Elsewhere;
GO
-- MERGE whose ON lacks the tenant.
-- because: WHEN NOT MATCHED
MERGE dbo.Products AS t USING (VALUES (1, N'a')) AS s (Id, Name) ON t.ProductId = s.Id WHEN MATCHED AND t.OrgId = @OrgId THEN UPDATE SET Name = s.Name WHEN NOT MATCHED THEN INSERT (OrgId, ProductId, Name) VALUES (@OrgId, s.Id, s.Name);
GO
-- MERGE that updates whatever the id matches.
-- because: WHEN MATCHED
MERGE dbo.Products AS t USING (VALUES (1, N'a')) AS s (Id, Name) ON t.ProductId = s.Id WHEN MATCHED THEN UPDATE SET Name = s.Name;
GO
-- MERGE that removes what the source lacks, of everybody.
-- because: WHEN NOT MATCHED BY SOURCE
MERGE dbo.Products AS t USING (SELECT @OrgId AS OrgId, 1 AS Id) AS s ON t.OrgId = s.OrgId AND t.ProductId = s.Id WHEN NOT MATCHED BY SOURCE THEN DELETE;
GO
-- MERGE that inserts for another tenant.
MERGE dbo.Products AS t USING (VALUES (1, N'a')) AS s (Id, Name) ON t.OrgId = @OrgId AND t.ProductId = s.Id WHEN NOT MATCHED THEN INSERT (OrgId, ProductId, Name) VALUES (8, s.Id, s.Name);
GO
-- MERGE from everybody's rows.
MERGE dbo.Products AS t USING dbo.Customers AS s ON t.OrgId = @OrgId AND t.ProductId = s.CustomerId WHEN NOT MATCHED THEN INSERT (OrgId, ProductId, Name) VALUES (@OrgId, s.CustomerId, s.Name);
GO
-- MERGE that hands rows to another tenant.
MERGE dbo.Products AS t USING (VALUES (1, 8)) AS s (Id, Org) ON t.OrgId = @OrgId AND t.ProductId = s.Id WHEN MATCHED THEN UPDATE SET OrgId = s.Org;
GO
-- A temporary table of everybody's rows, and its later use.
-- because: line 1 filled it
SELECT OrgId, InvoiceId INTO #all FROM dbo.Invoices; SELECT * FROM #all;
GO
-- A temporary table without the tenant binds nothing.
SELECT InvoiceId INTO #mine FROM dbo.Invoices WHERE OrgId = @OrgId;
SELECT l.* FROM dbo.InvoiceLines l JOIN #mine m ON m.InvoiceId = l.InvoiceId;
GO
-- A temporary table that got other rows, too.
CREATE TABLE #t (OrgId int, Id int);
INSERT #t SELECT OrgId, InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId;
INSERT #t VALUES (8, 1);
SELECT * FROM dbo.InvoiceLines l JOIN #t t ON t.OrgId = l.OrgId;
GO
-- A temporary table whose tenant was changed.
CREATE TABLE #t (OrgId int, Id int);
INSERT #t SELECT OrgId, InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId;
UPDATE #t SET OrgId = 8;
SELECT * FROM dbo.InvoiceLines l JOIN #t t ON t.OrgId = l.OrgId;
GO
-- A temporary table that somebody else filled.
-- because: cannot be seen
SELECT * FROM dbo.InvoiceLines l JOIN #theirs t ON t.OrgId = l.OrgId;
GO
-- A table variable filled in one way of an IF with anything.
DECLARE @t TABLE (OrgId int);
IF @x = 1 INSERT @t VALUES (@OrgId) ELSE INSERT @t VALUES (8);
SELECT * FROM dbo.Invoices i JOIN @t t ON t.OrgId = i.OrgId;
GO
-- OUTPUT INTO a tenant-owned table with another tenant.
UPDATE dbo.Products SET Name = N'x' OUTPUT 8, inserted.ProductId, inserted.Name INTO dbo.Customers (OrgId, CustomerId, Name) WHERE OrgId = @OrgId;
GO
-- The parameter is assigned before it is used.
-- because: line 1
SET @OrgId = 8; SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- One way of an IF sets another tenant.
DECLARE @o int = @OrgId;
IF @Flag = 1 SET @o = 8;
SELECT * FROM dbo.Invoices WHERE OrgId = @o;
GO
-- A loop that changes the tenant for its next round.
DECLARE @o int = @OrgId, @n int = 0;
WHILE @n < 3
BEGIN
    DELETE FROM dbo.Invoices WHERE OrgId = @o;
    SET @o = @o + 1;
    SET @n += 1;
END;
GO
-- A loop that changes the tenant through a chain of variables.
DECLARE @a int = @OrgId, @b int = @OrgId, @c int = @OrgId, @d int = @OrgId, @n int = 0;
WHILE @n < 9
BEGIN
    DELETE FROM dbo.Invoices WHERE OrgId = @a;
    SET @a = @b; SET @b = @c; SET @c = @d; SET @d = 8;
    SET @n += 1;
END;
GO
-- An error may leave the old value behind.
DECLARE @o int = 8;
BEGIN TRY
    SET @o = @OrgId;
END TRY
BEGIN CATCH
    SELECT * FROM dbo.Invoices WHERE OrgId = @o;
END CATCH;
GO
-- A row that is not there leaves another tenant in the variable.
DECLARE @o int = 8;
SELECT @o = OrgId FROM dbo.Customers WHERE OrgId = @OrgId AND CustomerId = -1;
UPDATE dbo.Invoices SET Note = NULL WHERE OrgId = @o;
GO
-- A variable read from an unbound row.
DECLARE @o int;
SELECT @o = OrgId FROM dbo.Invoices WHERE InvoiceId = 3;
SELECT * FROM dbo.InvoiceLines WHERE OrgId = @o;
GO
-- An OUTPUT argument may come back as anything.
EXEC org.RequireOrg @OrgId OUTPUT;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- The session's context is changed before it is used.
-- because: was changed
EXEC sys.sp_set_session_context N'OrgId', 8; SELECT * FROM dbo.Invoices WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'));
GO
-- A procedure changes the session's context.
EXEC dbo.LeaveContext;
SELECT * FROM org.Invoices;
GO
-- A key of the session's context that is computed may be any.
EXEC sp_set_session_context @key, 8;
SELECT * FROM dbo.Invoices WHERE OrgId = SESSION_CONTEXT(N'OrgId');
GO
-- GOTO: nobody knows what a variable holds.
DECLARE @o int = @OrgId;
again:
SELECT * FROM dbo.Invoices WHERE OrgId = @o;
SET @o = 8;
GOTO again;
GO
-- A text put together from a parameter.
-- because: cannot follow dynamic SQL
EXEC (N'SELECT * FROM dbo.Invoices WHERE OrgId = ' + @OrgIdText);
GO
-- sp_executesql of a text that is built at run time.
-- because: cannot follow dynamic SQL
DECLARE @sql nvarchar(max) = N'SELECT * FROM dbo.' + QUOTENAME(@table) + N' WHERE OrgId = @o';
EXEC sp_executesql @sql, N'@o int', @OrgId;
GO
-- A constant text without the tenant.
EXEC sp_executesql N'SELECT * FROM dbo.Invoices WHERE InvoiceId = @i', N'@i int', @i = 5;
GO
-- A constant text with the wrong argument.
EXEC sp_executesql N'SELECT * FROM dbo.Invoices WHERE OrgId = @o', N'@o int', @o = @Other;
GO
-- A constant text that is cut by its variable.
DECLARE @sql nvarchar(30) = N'SELECT * FROM dbo.Invoices      WHERE OrgId = 7';
EXEC (@sql);
GO
-- A procedure whose name is decided at run time.
EXEC @procedure @OrgId;
GO
-- A procedure that nobody knows.
EXEC dbo.Unknown @OrgId;
GO
-- A system procedure that runs any text.
EXEC sp_MSforeachtable N'DELETE FROM ?';
GO
-- A procedure of everybody's rows.
EXEC dbo.PurgeAll;
GO
-- A procedure with another tenant.
EXEC dbo.PurgeOf @OrgId = 8;
GO
-- A procedure with the arguments in the wrong order of names.
EXEC dbo.PurgeOf @Other;
GO
-- Another database.
-- because: another database
SELECT * FROM other.dbo.Invoices WHERE OrgId = @OrgId;
GO
-- Another server.
-- because: another server
SELECT * FROM remote.erp.dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A table that nobody knows.
SELECT * FROM dbo.Mystery WHERE OrgId = @OrgId;
GO
-- A synonym without the tenant.
SELECT * FROM dbo.Bills;
GO
-- A query sent to somewhere else.
SELECT * FROM OPENQUERY(remote, 'SELECT * FROM Invoices') AS q;
GO
-- A cursor over everybody's rows.
DECLARE c CURSOR FOR SELECT InvoiceId FROM dbo.Invoices;
GO
-- A variable that a cursor filled.
DECLARE @o int;
FETCH NEXT FROM c INTO @o;
SELECT * FROM dbo.Invoices WHERE OrgId = @o;
GO
-- A positioned change.
UPDATE dbo.Invoices SET Note = N'x' WHERE CURRENT OF c;
GO
-- A procedure that believes its parameter.
-- because: comes from outside
CREATE PROCEDURE org.ReadInvoice @OrgId int, @InvoiceId int AS
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId;
GO
-- A procedure that forgets the tenant behind its guard.
CREATE PROCEDURE org.ReadInvoice @OrgId int, @InvoiceId int AS
EXEC org.RequireOrg @OrgId;
SELECT * FROM dbo.Invoices WHERE InvoiceId = @InvoiceId;
GO
-- A guard that a session without context passes: the comparison is unknown.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF @OrgId <> CONVERT(int, SESSION_CONTEXT(N'OrgId')) THROW 50403, N'no', 1;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- The same with NOT and equality.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF @OrgId IS NULL OR NOT (@OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))) THROW 50403, N'no', 1;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A context that cannot be converted passes where TRY_CONVERT hides it.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF SESSION_CONTEXT(N'OrgId') IS NULL OR @OrgId <> TRY_CONVERT(int, SESSION_CONTEXT(N'OrgId')) THROW 50403, N'no', 1;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard with AND in place of OR.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF SESSION_CONTEXT(N'OrgId') IS NULL AND @OrgId <> CONVERT(int, SESSION_CONTEXT(N'OrgId')) THROW 50403, N'no', 1;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard that only warns.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF SESSION_CONTEXT(N'OrgId') IS NULL OR @OrgId <> CONVERT(int, SESSION_CONTEXT(N'OrgId')) RAISERROR (N'no', 16, 1);
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard behind the statement.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
EXEC org.RequireOrg @OrgId;
GO
-- A guard of the wrong key.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF SESSION_CONTEXT(N'SubOrgId') IS NULL OR @OrgId <> CONVERT(int, SESSION_CONTEXT(N'SubOrgId')) THROW 50403, N'no', 1;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard that compares too little of it.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF SESSION_CONTEXT(N'OrgId') IS NULL OR CONVERT(bit, @OrgId) <> CONVERT(bit, SESSION_CONTEXT(N'OrgId')) THROW 50403, N'no', 1;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A parameter that is assigned behind its guard.
CREATE PROCEDURE org.ReadInvoice @OrgId int, @Target int AS
EXEC org.RequireOrg @OrgId;
SET @OrgId = @Target;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard in one way only.
CREATE PROCEDURE org.ReadInvoice @OrgId int, @Quick bit AS
IF @Quick = 0 EXEC org.RequireOrg @OrgId;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard whose error is caught.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
BEGIN TRY
    EXEC org.RequireOrg @OrgId;
END TRY
BEGIN CATCH
    PRINT N'never mind';
END CATCH;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard procedure that checks something else.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
EXEC org.RequireSomething @OrgId;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard of another parameter.
CREATE PROCEDURE org.ReadInvoice @OrgId int, @Other int AS
EXEC org.RequireOrg @Other;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A parameter with a table of the caller's choosing.
CREATE PROCEDURE org.ReadMany @ids dbo.IdList READONLY AS
SELECT i.* FROM dbo.Invoices i JOIN @ids x ON x.OrgId = i.OrgId;
GO
-- A trigger that joins what changed by its id alone.
CREATE TRIGGER dbo.Touched ON dbo.InvoiceLines AFTER INSERT AS
UPDATE i SET Note = N'touched' FROM dbo.Invoices AS i JOIN inserted AS n ON n.InvoiceId = i.InvoiceId;
GO
-- A trigger that counts everybody's rows.
CREATE TRIGGER dbo.Counted ON dbo.InvoiceLines AFTER INSERT AS
IF (SELECT COUNT(*) FROM dbo.InvoiceLines) > 1000 THROW 50001, N'full', 1;
GO
-- A view that a batch makes over everybody.
CREATE VIEW org.Everything AS SELECT * FROM dbo.Invoices;
GO
-- A text that is no T-SQL.
-- because: cannot be read
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND (;
GO
-- A statement that is not followed.
BULK INSERT dbo.Invoices FROM 'c:\invoices.csv';
GO
-- IF asks about everybody.
IF EXISTS (SELECT 1 FROM dbo.Invoices WHERE InvoiceId = 5) PRINT N'taken';
GO
-- SET reads from everybody.
DECLARE @n int; SET @n = (SELECT MAX(InvoiceId) FROM dbo.Invoices);
GO
-- RETURN, PRINT and the arguments of EXEC read, too.
DECLARE @n nvarchar(10) = N''; PRINT (SELECT TOP (1) Number FROM dbo.Invoices);
GO
-- VALUES joined as a table that names another tenant beside the caller.
SELECT i.* FROM dbo.Invoices i JOIN (VALUES (@OrgId, 1), (8, 2)) AS v (OrgId, Id) ON v.OrgId = i.OrgId AND v.Id = i.InvoiceId;
GO
-- A name that both sides have is not certain.
SELECT * FROM dbo.Invoices i CROSS JOIN dbo.Customers c WHERE OrgId = @OrgId;
GO
-- FOR JSON of a derived table, filtered outside.
SELECT * FROM (SELECT (SELECT OrgId, InvoiceId FROM dbo.Invoices FOR JSON PATH) AS j) AS d;
GO
-- The tenant twice, once wrongly: equality with one of two literals.
SELECT * FROM dbo.Invoices WHERE OrgId = 8 OR OrgId = 9;
GO
-- A DELETE that nobody filters, behind a bound SELECT in the same batch.
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
DELETE FROM dbo.Customers;
GO
-- A global temporary table may be filled by anybody.
-- because: global temporary table
SELECT OrgId INTO ##mine FROM dbo.Invoices WHERE OrgId = @OrgId; SELECT l.* FROM dbo.InvoiceLines l JOIN ##mine m ON m.OrgId = l.OrgId;
GO
-- TABLESAMPLE chooses before the filter.
-- because: TABLESAMPLE
SELECT * FROM dbo.Invoices TABLESAMPLE (10 PERCENT) WHERE OrgId = @OrgId;
GO
-- The key of the session's context in another case may be the same key when it is set.
EXEC sp_set_session_context N'ORGID', 8; SELECT * FROM dbo.Invoices WHERE OrgId = SESSION_CONTEXT(N'OrgId');
GO
-- UNION over columns whose positions are not known.
SELECT * FROM (SELECT s.*, i.InvoiceId FROM sys.schemas s CROSS JOIN dbo.Invoices i UNION ALL SELECT @OrgId, InvoiceId FROM dbo.InvoiceLines WHERE OrgId = @OrgId) AS u (OrgId, Id) WHERE u.OrgId = @OrgId;
GO
-- A derived table that gives new names to columns that are not known.
SELECT * FROM (SELECT s.*, i.OrgId FROM sys.schemas s CROSS JOIN dbo.Invoices i) AS d (OrgId, Other) WHERE d.OrgId = @OrgId;
