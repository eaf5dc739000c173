-- A plain equality in WHERE.
SELECT Amount FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- The sides turned round, in parentheses, qualified, quoted and in another case.
SELECT i.Amount FROM [dbo].[Invoices] AS i WHERE ((@OrgId) = i.[ORGID]);
GO
-- Two filters.
SELECT * FROM dbo.Invoices WHERE InvoiceId = @InvoiceId AND OrgId = @OrgId;
GO
-- The session's context, converted.
SELECT * FROM dbo.Invoices WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'));
GO
-- The session's context as it is, and CAST and TRY_CONVERT of it.
SELECT 1 FROM dbo.Invoices AS a JOIN dbo.Products AS b ON b.OrgId = CAST(SESSION_CONTEXT(N'OrgId') AS bigint) JOIN dbo.Customers c ON c.OrgId = TRY_CONVERT(int, SESSION_CONTEXT(N'OrgId')) WHERE a.OrgId = SESSION_CONTEXT(N'OrgId');
GO
-- A literal that is the caller's.
SELECT * FROM dbo.Invoices WHERE OrgId = 7;
GO
-- IN with the caller alone.
SELECT * FROM dbo.Invoices WHERE OrgId IN (@OrgId, 7, NULL);
GO
-- BETWEEN the caller and the caller.
SELECT * FROM dbo.Invoices WHERE OrgId BETWEEN @OrgId AND @OrgId;
GO
-- A join that carries the tenant.
SELECT l.Quantity FROM dbo.Invoices AS i JOIN dbo.InvoiceLines AS l ON l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId;
GO
-- The predicate stands on the other table of the join.
SELECT l.Quantity FROM dbo.Invoices AS i JOIN dbo.InvoiceLines AS l ON l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId WHERE l.OrgId = @OrgId;
GO
-- Four tables in a chain.
SELECT c.Name, p.Name FROM dbo.Customers c JOIN dbo.Invoices i ON i.OrgId = c.OrgId AND i.CustomerId = c.CustomerId JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId JOIN dbo.Products p ON p.OrgId = l.OrgId AND p.ProductId = l.ProductId WHERE p.OrgId = @OrgId;
GO
-- Joins with commas.
SELECT 1 FROM dbo.Invoices i, dbo.InvoiceLines l WHERE i.OrgId = l.OrgId AND l.OrgId = @OrgId;
GO
-- The predicate in ON of an inner join.
SELECT 1 FROM dbo.Invoices i JOIN dbo.InvoiceLines l ON i.OrgId = @OrgId AND l.OrgId = @OrgId;
GO
-- LEFT JOIN: the optional side is bound in ON through the kept side.
SELECT i.InvoiceId, l.Quantity FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId;
GO
-- LEFT JOIN: the optional side has a predicate of its own in ON.
SELECT i.InvoiceId FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.OrgId = @OrgId AND l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId;
GO
-- LEFT JOIN that WHERE turns into an inner join, which binds the kept side, too.
SELECT i.InvoiceId FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId WHERE l.OrgId = @OrgId;
GO
-- RIGHT JOIN, the sides changed.
SELECT 1 FROM dbo.InvoiceLines l RIGHT JOIN dbo.Invoices i ON l.OrgId = i.OrgId WHERE i.OrgId = @OrgId;
GO
-- An anti-join by LEFT JOIN.
SELECT i.InvoiceId FROM dbo.Invoices i LEFT JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId WHERE i.OrgId = @OrgId AND l.LineId IS NULL;
GO
-- FULL JOIN of two sides that are filtered before.
SELECT 1 FROM (SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId) a FULL JOIN (SELECT * FROM dbo.InvoiceLines WHERE OrgId = @OrgId) b ON a.InvoiceId = b.InvoiceId;
GO
-- FULL JOIN that WHERE turns into an inner join.
SELECT 1 FROM dbo.Invoices a FULL JOIN dbo.InvoiceLines b ON a.OrgId = b.OrgId WHERE a.OrgId = @OrgId AND b.OrgId = @OrgId;
GO
-- Nested outer joins.
SELECT 1 FROM dbo.Customers c LEFT JOIN (dbo.Invoices i JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId) ON i.OrgId = c.OrgId AND i.CustomerId = c.CustomerId WHERE c.OrgId = @OrgId;
GO
-- A derived table with its own filter.
SELECT d.Amount FROM (SELECT Amount FROM dbo.Invoices WHERE OrgId = @OrgId) AS d;
GO
-- A filter outside a derived table reaches inside.
SELECT d.Amount FROM (SELECT OrgId, Amount FROM dbo.Invoices) AS d WHERE d.OrgId = @OrgId;
GO
-- ... also through new names and DISTINCT.
SELECT d.a FROM (SELECT DISTINCT OrgId, Amount FROM dbo.Invoices) AS d (o, a) WHERE d.o = @OrgId;
GO
-- ... and through grouping by the tenant.
SELECT d.Total FROM (SELECT OrgId, SUM(Amount) AS Total FROM dbo.Invoices GROUP BY OrgId) AS d WHERE d.OrgId = @OrgId;
GO
-- ... and through windows that the tenant divides.
SELECT d.n FROM (SELECT OrgId, ROW_NUMBER() OVER (PARTITION BY OrgId ORDER BY Amount) AS n FROM dbo.Invoices) AS d WHERE d.OrgId = @OrgId;
GO
-- A common table expression, filtered where it is used.
WITH Mine AS (SELECT OrgId, InvoiceId FROM dbo.Invoices) SELECT * FROM Mine WHERE OrgId = @OrgId;
GO
-- A common table expression used twice, bound each time.
WITH x AS (SELECT OrgId, InvoiceId FROM dbo.Invoices) SELECT * FROM x AS a JOIN x AS b ON b.OrgId = a.OrgId WHERE a.OrgId = @OrgId;
GO
-- One common table expression over another.
WITH a AS (SELECT * FROM dbo.Invoices), b AS (SELECT * FROM a WHERE OrgId = @OrgId) SELECT Amount FROM b;
GO
-- A recursive expression that carries the tenant from row to row.
WITH tree AS (SELECT OrgId, ProductId FROM dbo.Products WHERE OrgId = @OrgId AND ParentId IS NULL UNION ALL SELECT p.OrgId, p.ProductId FROM dbo.Products p JOIN tree t ON p.OrgId = t.OrgId AND p.ParentId = t.ProductId) SELECT * FROM tree;
GO
-- EXISTS with the tenant of the row outside.
SELECT * FROM dbo.Invoices i WHERE i.OrgId = @OrgId AND EXISTS (SELECT 1 FROM dbo.InvoiceLines l WHERE l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId);
GO
-- NOT EXISTS with a predicate of its own.
SELECT * FROM dbo.Invoices i WHERE NOT EXISTS (SELECT 1 FROM dbo.InvoiceLines l WHERE l.OrgId = @OrgId AND l.InvoiceId = i.InvoiceId) AND i.OrgId = @OrgId;
GO
-- IN with a subquery.
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND InvoiceId IN (SELECT InvoiceId FROM dbo.InvoiceLines WHERE OrgId = @OrgId);
GO
-- NOT IN with a subquery.
SELECT * FROM dbo.Invoices i WHERE OrgId = @OrgId AND InvoiceId NOT IN (SELECT l.InvoiceId FROM dbo.InvoiceLines l WHERE l.OrgId = i.OrgId);
GO
-- The tenant itself comes from a bound subquery.
SELECT * FROM dbo.InvoiceLines WHERE OrgId IN (SELECT OrgId FROM dbo.Invoices WHERE OrgId = @OrgId);
GO
-- ... or from a scalar one.
SELECT * FROM dbo.InvoiceLines WHERE OrgId = (SELECT TOP (1) OrgId FROM dbo.Invoices WHERE OrgId = @OrgId);
GO
-- Scalar subqueries in the select list and in ORDER BY.
SELECT i.InvoiceId, (SELECT COUNT(*) FROM dbo.InvoiceLines l WHERE l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId) FROM dbo.Invoices i WHERE i.OrgId = @OrgId ORDER BY (SELECT MAX(l.LineId) FROM dbo.InvoiceLines l WHERE l.OrgId = i.OrgId);
GO
-- UNION ALL with the filter in each branch.
SELECT InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId UNION ALL SELECT InvoiceId FROM dbo.InvoiceLines WHERE OrgId = @OrgId;
GO
-- UNION with the filter outside.
SELECT * FROM (SELECT OrgId, InvoiceId FROM dbo.Invoices UNION SELECT OrgId, InvoiceId FROM dbo.InvoiceLines) AS u WHERE u.OrgId = @OrgId;
GO
-- EXCEPT and INTERSECT with the filter in each branch.
SELECT InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId EXCEPT SELECT InvoiceId FROM dbo.InvoiceLines WHERE OrgId = @OrgId INTERSECT SELECT InvoiceId FROM dbo.InvoiceLines WHERE OrgId = 7;
GO
-- EXCEPT of rows that carry the tenant: a foreign row on the right takes nothing away.
SELECT OrgId, InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId EXCEPT SELECT OrgId, InvoiceId FROM dbo.InvoiceLines;
GO
-- INTERSECT of rows that carry the tenant.
SELECT OrgId, InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId INTERSECT SELECT OrgId, InvoiceId FROM dbo.InvoiceLines;
GO
-- OR with the tenant in both branches.
SELECT * FROM dbo.Invoices WHERE (OrgId = @OrgId AND Amount > 5) OR (OrgId = @OrgId AND Note IS NULL);
GO
-- OR beside the tenant.
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND (Amount > 5 OR @All = 1);
GO
-- An optional filter beside the tenant.
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND (@SubOrgId IS NULL OR SubOrgId = @SubOrgId);
GO
-- Double negation.
SELECT * FROM dbo.Invoices WHERE NOT (OrgId <> @OrgId OR Amount < 0);
GO
-- CASE that yields one only for the caller.
SELECT * FROM dbo.Invoices WHERE CASE WHEN OrgId = @OrgId AND Amount > 5 THEN 1 WHEN OrgId = @OrgId THEN 1 ELSE 0 END = 1;
GO
-- IIF that yields one only for the caller.
SELECT * FROM dbo.Invoices WHERE 1 = IIF(OrgId = @OrgId, 1, 0);
GO
-- A view that is scoped by itself.
SELECT * FROM org.Invoices;
GO
-- A view that is not, filtered where it is used.
SELECT * FROM dbo.AllInvoices WHERE OrgId = @OrgId;
GO
-- A view that groups by the tenant.
SELECT Lines FROM dbo.InvoiceTotals t WHERE t.OrgId = @OrgId AND t.InvoiceId = 3;
GO
-- A scoped view joined to a table through the tenant.
SELECT * FROM org.Invoices i JOIN dbo.InvoiceLines l ON l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId;
GO
-- An inline function with the caller's tenant.
SELECT * FROM dbo.LinesOf(@OrgId, 5);
GO
-- An inline function whose rows are filtered outside.
SELECT * FROM dbo.AnyLinesOf(5) AS l WHERE l.OrgId = @OrgId;
GO
-- CROSS APPLY of an inline function with the row's tenant.
SELECT i.InvoiceId, l.Quantity FROM dbo.Invoices i CROSS APPLY dbo.LinesOf(i.OrgId, i.InvoiceId) AS l WHERE i.OrgId = @OrgId;
GO
-- OUTER APPLY of the newest line.
SELECT i.InvoiceId, l.LineId FROM dbo.Invoices i OUTER APPLY (SELECT TOP (1) x.LineId FROM dbo.InvoiceLines x WHERE x.OrgId = i.OrgId AND x.InvoiceId = i.InvoiceId ORDER BY x.LineId DESC) AS l WHERE i.OrgId = @OrgId;
GO
-- A scalar function with the caller's tenant.
SELECT dbo.CountOf(@OrgId), i.InvoiceId FROM dbo.Invoices i WHERE i.OrgId = @OrgId AND dbo.CountOf(i.OrgId) > 1;
GO
-- A function of several statements with the caller's tenant.
SELECT * FROM dbo.LinesTable(@OrgId);
GO
-- Grouping and HAVING, aggregates and windows behind the filter.
SELECT CustomerId, SUM(Amount), RANK() OVER (ORDER BY SUM(Amount)) FROM dbo.Invoices WHERE OrgId = @OrgId GROUP BY CustomerId HAVING SUM(Amount) > 10;
GO
-- HAVING on the grouping key.
SELECT OrgId, COUNT(*) FROM dbo.Invoices GROUP BY OrgId HAVING OrgId = @OrgId AND COUNT(*) > 1;
GO
-- TOP and OFFSET behind the filter.
SELECT TOP (5) WITH TIES * FROM dbo.Invoices WHERE OrgId = @OrgId ORDER BY Amount;
GO
-- Past rows of the caller alone.
SELECT * FROM dbo.Invoices FOR SYSTEM_TIME AS OF @at AS i WHERE i.OrgId = @OrgId;
GO
-- All versions of the caller's rows.
SELECT i.Amount FROM dbo.Invoices FOR SYSTEM_TIME ALL AS i JOIN dbo.Customers AS c ON c.OrgId = i.OrgId WHERE i.OrgId = @OrgId;
GO
-- Hints change nothing.
SELECT * FROM dbo.Invoices WITH (NOLOCK) WHERE OrgId = @OrgId OPTION (RECOMPILE);
GO
-- FOR JSON behind the filter.
SELECT InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId FOR JSON PATH;
GO
-- PIVOT over a filtered table.
SELECT * FROM (SELECT CustomerId, Amount, SubOrgId FROM dbo.Invoices WHERE OrgId = @OrgId) AS s PIVOT (SUM(Amount) FOR SubOrgId IN ([1], [2])) AS p;
GO
-- INSERT of values with the tenant by name.
INSERT INTO dbo.Products (Name, OrgId, ProductId) VALUES (N'a', @OrgId, 1), (N'b', 7, 2);
GO
-- INSERT of values by position.
INSERT dbo.Customers VALUES (@OrgId, 1, N'x');
GO
-- INSERT of a bound query.
INSERT INTO dbo.InvoiceLines (OrgId, InvoiceId, LineId, ProductId, Quantity) SELECT i.OrgId, i.InvoiceId, 1, 2, 3 FROM dbo.Invoices i WHERE i.OrgId = @OrgId;
GO
-- INSERT of a query that gives the parameter itself.
INSERT INTO dbo.Products (OrgId, ProductId, Name) SELECT @OrgId, p.ProductId + 100, p.Name FROM dbo.Products p WHERE p.OrgId = @OrgId;
GO
-- INSERT through a view whose CHECK OPTION demands the tenant.
INSERT INTO org.Invoices (OrgId, InvoiceId, CustomerId, Number, Amount) VALUES (@Any, 1, 2, N'x', 3);
GO
-- INSERT through a view without CHECK OPTION, with the caller's tenant.
INSERT INTO org.OpenProducts (OrgId, ProductId, Name) VALUES (@OrgId, 1, N'x');
GO
-- UPDATE with the tenant.
UPDATE dbo.Invoices SET Note = N'x' WHERE InvoiceId = 5 AND OrgId = @OrgId;
GO
-- UPDATE that sets the tenant to what it is.
UPDATE dbo.Invoices SET OrgId = @OrgId, Note = N'x' WHERE OrgId = @OrgId;
GO
-- UPDATE of an alias, joined through the tenant.
UPDATE i SET Note = c.Name FROM dbo.Invoices AS i JOIN dbo.Customers AS c ON c.OrgId = i.OrgId AND c.CustomerId = i.CustomerId WHERE c.OrgId = @OrgId;
GO
-- UPDATE of a table that FROM knows under an alias.
UPDATE dbo.Invoices SET Note = N'x' FROM dbo.Invoices AS i WHERE i.OrgId = @OrgId;
GO
-- UPDATE whose new value is a bound subquery.
UPDATE i SET Amount = (SELECT SUM(l.Quantity) FROM dbo.InvoiceLines l WHERE l.OrgId = i.OrgId AND l.InvoiceId = i.InvoiceId) FROM dbo.Invoices i WHERE i.OrgId = @OrgId;
GO
-- UPDATE through a common table expression with ROW_NUMBER.
WITH numbered AS (SELECT Note, ROW_NUMBER() OVER (ORDER BY Amount) AS n FROM dbo.Invoices WHERE OrgId = @OrgId) UPDATE numbered SET Note = N'first' WHERE n = 1;
GO
-- UPDATE through a scoped view.
UPDATE org.Invoices SET Amount = 0 WHERE InvoiceId = 5;
GO
-- DELETE with the tenant, and with OUTPUT.
DELETE TOP (10) FROM dbo.InvoiceLines OUTPUT deleted.LineId WHERE OrgId = @OrgId;
GO
-- DELETE with a joined FROM.
DELETE l FROM dbo.InvoiceLines AS l JOIN dbo.Invoices AS i ON i.OrgId = l.OrgId AND i.InvoiceId = l.InvoiceId WHERE i.OrgId = @OrgId AND i.Amount = 0;
GO
-- MERGE whose ON has the tenant.
MERGE dbo.Products AS t USING (VALUES (1, N'a')) AS s (Id, Name) ON t.OrgId = @OrgId AND t.ProductId = s.Id WHEN MATCHED THEN UPDATE SET Name = s.Name WHEN NOT MATCHED THEN INSERT (OrgId, ProductId, Name) VALUES (@OrgId, s.Id, s.Name);
GO
-- MERGE that removes what the source lacks, of the caller alone.
MERGE dbo.Products AS t USING (SELECT @OrgId AS OrgId, 1 AS Id) AS s ON t.OrgId = s.OrgId AND t.ProductId = s.Id WHEN MATCHED THEN UPDATE SET Name = N'x' WHEN NOT MATCHED BY SOURCE AND t.OrgId = @OrgId THEN DELETE;
GO
-- MERGE that only matches, with the tenant in the clause.
MERGE dbo.Products AS t USING (VALUES (1)) AS s (Id) ON t.ProductId = s.Id WHEN MATCHED AND t.OrgId = @OrgId THEN DELETE;
GO
-- A temporary table filled from bound rows, and joined through its tenant.
SELECT OrgId, InvoiceId INTO #mine FROM dbo.Invoices WHERE OrgId = @OrgId;
SELECT l.Quantity FROM dbo.InvoiceLines l JOIN #mine m ON m.OrgId = l.OrgId AND m.InvoiceId = l.InvoiceId;
DROP TABLE #mine;
GO
-- A table variable likewise.
DECLARE @mine TABLE (OrgId int, InvoiceId int);
INSERT @mine SELECT OrgId, InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId;
DELETE l FROM dbo.InvoiceLines l JOIN @mine m ON m.OrgId = l.OrgId;
GO
-- OUTPUT INTO a table variable that is joined afterwards.
DECLARE @gone TABLE (OrgId int, InvoiceId int);
DELETE FROM dbo.Invoices OUTPUT deleted.OrgId, deleted.InvoiceId INTO @gone WHERE OrgId = @OrgId;
DELETE l FROM dbo.InvoiceLines l JOIN @gone g ON g.OrgId = l.OrgId AND g.InvoiceId = l.InvoiceId;
GO
-- OUTPUT INTO a tenant-owned table keeps the tenant.
UPDATE dbo.Products SET Name = N'x' OUTPUT inserted.OrgId, inserted.ProductId, inserted.Name INTO dbo.Customers (OrgId, CustomerId, Name) WHERE OrgId = @OrgId;
GO
-- A variable that holds the session's context.
DECLARE @Mine int = CONVERT(int, SESSION_CONTEXT(N'OrgId'));
SELECT * FROM dbo.Invoices WHERE OrgId = @Mine;
GO
-- A variable read from a bound row.
DECLARE @o int;
SELECT @o = OrgId FROM dbo.Invoices WHERE OrgId = @OrgId AND InvoiceId = 3;
SELECT * FROM dbo.InvoiceLines WHERE OrgId = @o;
GO
-- A variable set from a bound subquery, or from the context when there is none.
DECLARE @o int;
SET @o = COALESCE((SELECT TOP (1) OrgId FROM dbo.Invoices WHERE OrgId = @OrgId), CONVERT(int, SESSION_CONTEXT(N'OrgId')));
SELECT * FROM dbo.InvoiceLines WHERE OrgId = @o;
GO
-- Both ways of an IF set the caller.
DECLARE @o int;
IF @Flag = 1 SET @o = @OrgId ELSE SET @o = CONVERT(int, SESSION_CONTEXT(N'OrgId'));
SELECT * FROM dbo.Invoices WHERE OrgId = @o;
GO
-- A loop over the caller's rows.
DECLARE @n int = 0;
WHILE @n < 10 AND EXISTS (SELECT 1 FROM dbo.Invoices WHERE OrgId = @OrgId)
BEGIN
    DELETE TOP (1) FROM dbo.Invoices WHERE OrgId = @OrgId;
    SET @n += 1;
END;
GO
-- A constant text with parameters.
EXEC sp_executesql N'SELECT * FROM dbo.Invoices WHERE OrgId = @o AND InvoiceId = @i', N'@o int, @i int', @o = @OrgId, @i = 5;
GO
-- A constant text put together from constants.
DECLARE @sql nvarchar(max) = N'SELECT * FROM dbo.Invoices ';
SET @sql = @sql + N'WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N''OrgId''))';
EXEC (@sql);
GO
-- A synonym.
SELECT * FROM dbo.Bills WHERE OrgId = @OrgId;
GO
-- The database's own name in front.
SELECT * FROM erp.dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A cursor over bound rows.
DECLARE c CURSOR LOCAL FAST_FORWARD FOR SELECT InvoiceId FROM dbo.Invoices WHERE OrgId = @OrgId FOR READ ONLY;
GO
-- A procedure that compares its parameter with the context first.
CREATE PROCEDURE org.ReadInvoice @OrgId int, @InvoiceId int AS
BEGIN
    SET NOCOUNT ON;
    IF @OrgId IS NULL OR SESSION_CONTEXT(N'OrgId') IS NULL OR @OrgId <> CONVERT(int, SESSION_CONTEXT(N'OrgId'))
        THROW 50403, N'This organisation is not yours.', 1;
    SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId AND InvoiceId = @InvoiceId;
END;
GO
-- A guard with a block that returns.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
DECLARE @Caller int = CONVERT(int, SESSION_CONTEXT(N'OrgId'));
IF @Caller IS NULL OR NOT (@OrgId = @Caller)
BEGIN
    RAISERROR (N'no', 16, 1);
    RETURN 1;
END;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard whose good way holds the statements.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF @OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'))
    SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
ELSE
    THROW 50403, N'no', 1;
GO
-- A guard in a procedure of its own.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
EXEC org.RequireOrg @OrgId;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A guard with IS DISTINCT FROM.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
IF @OrgId IS DISTINCT FROM CONVERT(int, SESSION_CONTEXT(N'OrgId')) THROW 50403, N'no', 1;
SELECT * FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A procedure that does not look at its parameter but at the context.
CREATE PROCEDURE org.ReadInvoice @OrgId int AS
SELECT * FROM dbo.Invoices WHERE OrgId = CONVERT(int, SESSION_CONTEXT(N'OrgId'));
GO
-- A guarded procedure that passes its tenant on.
CREATE PROCEDURE org.Purge @OrgId int AS
EXEC org.RequireOrg @OrgId = @OrgId;
BEGIN TRY
    BEGIN TRANSACTION;
    EXEC dbo.PurgeOf @OrgId = @OrgId;
    COMMIT;
END TRY
BEGIN CATCH
    ROLLBACK;
    THROW;
END CATCH;
GO
-- A trigger that joins what changed through the tenant.
CREATE TRIGGER dbo.Touched ON dbo.InvoiceLines AFTER INSERT, UPDATE AS
UPDATE i SET Note = N'touched' FROM dbo.Invoices AS i JOIN inserted AS n ON n.OrgId = i.OrgId AND n.InvoiceId = i.InvoiceId;
GO
-- A trigger that only reads what changed.
CREATE TRIGGER dbo.Refuse ON dbo.Invoices INSTEAD OF DELETE AS
IF EXISTS (SELECT 1 FROM deleted WHERE Amount > 0) THROW 50001, N'no', 1;
DELETE t FROM dbo.Invoices t JOIN deleted d ON d.OrgId = t.OrgId AND d.InvoiceId = t.InvoiceId;
GO
-- Tables that belong to nobody, alone and beside.
SELECT i.Amount, c.Name FROM dbo.Invoices i CROSS JOIN dbo.Currencies c WHERE i.OrgId = @OrgId AND c.Code = 'EUR';
GO
-- The catalog beside the caller's rows.
SELECT o.name FROM sys.objects o JOIN dbo.Invoices i ON i.OrgId = @OrgId WHERE o.object_id = 5;
GO
-- GROUPING SETS behind the filter.
SELECT CustomerId, SubOrgId, SUM(Amount) FROM dbo.Invoices WHERE OrgId = @OrgId GROUP BY GROUPING SETS ((CustomerId), (SubOrgId), ());
GO
-- = ANY.
SELECT * FROM dbo.Invoices WHERE OrgId = ANY (SELECT OrgId FROM dbo.Customers WHERE OrgId = @OrgId);
GO
-- A module's text in the batch itself, of no tenant's concern, and a bound statement of the caller.
IF OBJECT_ID(N'dbo.Nothing') IS NULL PRINT N'none';
SELECT COUNT(*) FROM dbo.Invoices WHERE OrgId = @OrgId;
GO
-- A row that is not there leaves the variable as it was: the caller or nothing.
DECLARE @o int = @OrgId;
SELECT @o = OrgId FROM dbo.Customers WHERE OrgId = @OrgId AND CustomerId = -1;
UPDATE dbo.Invoices SET Note = NULL WHERE OrgId = @o;
GO
-- VALUES joined as a table that names the caller.
SELECT i.* FROM dbo.Invoices i JOIN (VALUES (@OrgId, 1), (@OrgId, 2)) AS v (OrgId, Id) ON v.OrgId = i.OrgId AND v.Id = i.InvoiceId;
GO
-- A lossless conversion of the column.
SELECT * FROM dbo.Invoices WHERE CONVERT(bigint, OrgId) = @OrgId;
GO
-- A self join through the tenant.
SELECT a.Name, b.Name FROM dbo.Products a JOIN dbo.Products b ON b.OrgId = a.OrgId AND b.ProductId = a.ParentId WHERE a.OrgId = @OrgId;
GO
-- Versioning is put off and on around a row of the caller's own past.
ALTER TABLE dbo.Invoices SET (SYSTEM_VERSIONING = OFF);
ALTER TABLE dbo.Invoices SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.InvoicesHistory));
SELECT Amount FROM dbo.Invoices WHERE OrgId = @OrgId;
