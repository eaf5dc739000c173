-- beta in 15 steps
-- audit_admin of 1: select wt_registry:dbo.Tenants by double-dot+temporary-table+session-options, as the administrator in wt_registry
EXEC (N'SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; EXEC (N''SELECT * INTO #wt_copy FROM [wt_registry]..[Tenants]; SELECT * FROM #wt_copy;'');');
-- readonly_investigator of 1: delete wt_corvus:dbo.AuditEvents by comments-between+delete-expression+dynamic-sql+rolled-back-transaction, as audit_admin
BEGIN TRANSACTION; EXEC (N'WITH w AS (SELECT * FROM [wt_corvus] /* ; */ ./**/[dbo] /* ; */ .	[AuditEvents] WHERE [AuditEventId] = 2) DELETE FROM w;'); ROLLBACK TRANSACTION;
-- readonly_investigator of 1: update wt_beta:dbo.Invoices by double-dot+merge-update, as app_rw
MERGE INTO [wt_beta]..[Invoices] AS t USING (SELECT 1001000103 AS [InvoiceId]) AS s ON t.[InvoiceId] = s.[InvoiceId] WHEN MATCHED THEN UPDATE SET [Amount] = 734435.5000;
-- app_rw of 1: select wt_delta:dbo.InvoiceTotals by use-database+temporary-table+if-permitted, as app_rw
IF HAS_PERMS_BY_NAME(N'[wt_delta].[dbo].[InvoiceTotals]', N'OBJECT', N'SELECT') = 1 BEGIN EXEC (N'USE [wt_delta]; EXEC (N''SELECT * INTO #wt_copy FROM [dbo].[InvoiceTotals]; SELECT * FROM #wt_copy;'');'); END;
-- readonly_investigator of 1: looks around
SELECT [name], [type] FROM [sys].[objects];
-- readonly_investigator of 1: insert wt_delta:dbo.AuditEvents by three-part-name+merge-insert+sp-executesql+rolled-back-transaction, as app_rw
BEGIN TRANSACTION; EXEC sp_executesql N'MERGE INTO [wt_delta].[dbo].[AuditEvents] AS t USING (SELECT 1 AS One) AS s ON 1 = 0 WHEN NOT MATCHED THEN INSERT ([OccurredAt], [Actor], [EventName]) VALUES (''1991-01-02'', N''actor x0092801 1'', N''InvoicePosted'');'; ROLLBACK TRANSACTION;
-- readonly_investigator of 1: update wt_acme:dbo.AuditEvents by double-dot+update-by-key+try-catch+rolled-back-transaction, as the administrator in wt_acme
BEGIN TRANSACTION; BEGIN TRY UPDATE [wt_acme]..[AuditEvents] SET [Actor] = N'actor x0088031 3' WHERE [AuditEventId] = 3; END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS Number, ERROR_MESSAGE() AS Message; END CATCH; ROLLBACK TRANSACTION;
-- readonly_investigator of 1: alter wt_registry:dbo.Tenants by three-part-name+nocheck-constraint+assembled-text, as the administrator in wt_registry
DECLARE @wt_text nvarchar(max) = N'ALTER TABLE [wt' + N'_registry].[dbo].[Tenants] NOCHECK CONSTRAINT ALL;'; EXEC (@wt_text);
-- audit_admin of 1: select wt_delta:dbo.Invoices by double-dot+exists+rolled-back-transaction, as app_rw
BEGIN TRANSACTION; IF EXISTS (SELECT 1 FROM [wt_delta]..[Invoices]) SELECT 1 AS Found ELSE SELECT 0 AS Found; ROLLBACK TRANSACTION;
-- audit_admin of 1: select wt_registry:dbo.Tenants by use-database+derived-table+dynamic-sql+dynamic-sql, as the administrator in wt_registry
EXEC (N'EXEC (N''EXEC (N''''USE [wt_registry]; SELECT d.* FROM (SELECT * FROM [dbo].[Tenants]) AS d CROSS JOIN (SELECT 1 AS One) AS o;'''');'');');
-- acme and beta in 10 steps
-- readonly_investigator of 0: delete wt_registry:dbo.Tenants by three-part-name+delete-from-join+committed-transaction, as the administrator in wt_registry
BEGIN TRANSACTION; DELETE t FROM [wt_registry].[dbo].[Tenants] AS t INNER JOIN (SELECT 1 AS One) AS s ON s.One = 1 WHERE t.[TenantId] = 4; COMMIT TRANSACTION;
-- audit_admin of 1: update wt_registry:dbo.Tenants by mixed-case+update-expression, as the administrator in wt_registry
WITH w AS (SELECT * FROM wT_rEgisTry.dbO.TEnAntS WHERE [TenantId] = 3) UPDATE w SET [LegalName] = N'x0095242 Ltd';
-- readonly_investigator of 0: select wt_delta:dbo.AuditEvents by mixed-case+subquery+comments-around+honest-first, as app_rw
SELECT COUNT(*) AS Many FROM [sys].[objects]; -- '
 SELECT (SELECT MIN(CAST([EventName] AS nvarchar(400))) FROM WT_DeLTA.DBO.AUDiTEvENTs) AS Value; 

-- app_rw of 1: delete wt_corvus:dbo.InvoiceLines by comments-between+delete-output, as app_rw
DELETE FROM [wt_corvus]	.	[dbo]
.
[InvoiceLines] OUTPUT deleted.* WHERE [InvoiceId] = 1002000101 AND [LineNumber] = 1;
-- app_rw of 1: looks around
SELECT [name], [type] FROM [sys].[objects];
-- readonly_investigator of 1: delete wt_registry:dbo.Tenants by mixed-case+delete-output+dynamic-sql+while-loop, as the administrator in wt_registry
DECLARE @wt_i int = 0; WHILE @wt_i < 2 BEGIN EXEC (N'EXEC (N''EXEC (N''''DELETE FROM wT_regISTRY.DBo.tenAnts OUTPUT deleted.* WHERE [TenantId] = 4;'''');'');'); SET @wt_i = @wt_i + 1; END;
-- audit_admin of 1: insert wt_beta:dbo.AuditEvents by three-part-name+merge-insert+assembled-text, as app_rw
DECLARE @wt_text nvarchar(max) = N'MERGE INTO [wt_beta].[dbo].[AuditEvents] AS t USING (SELECT 1 AS One) AS s ON 1 = 0 WHEN NOT MATCHED' + N' THEN INSERT ([OccurredAt], [Actor], [EventName]) VALUES (''2089-01-04'', N''actor x0035499 3'', N''InvoicePosted'');'; EXEC (@wt_text);
-- audit_admin of 0: delete wt_acme:dbo.InvoiceLines by three-part-name+delete-by-key, as app_rw
DELETE FROM [wt_acme].[dbo].[InvoiceLines] WHERE [InvoiceId] = 1000000100 AND [LineNumber] = 2;
-- readonly_investigator of 0: select wt_acme:dbo.InvoiceTotals by comments-between+select-all, honest
SELECT * FROM [dbo] /* /* nested */ */ . /* /* nested */ */ [InvoiceTotals];
-- readonly_investigator of 1: select wt_beta:dbo.AuditEvents by comments-between+encoded-values, honest
SELECT UPPER([EventName]) AS Value FROM [dbo]
./**/[AuditEvents];
