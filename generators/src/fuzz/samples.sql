-- beta in 14 steps
-- audit_admin of 1: delete wt_delta:dbo.Invoices by mixed-case+delete-expression+try-catch, as app_rw
BEGIN TRY EXEC (N'WITH w AS (SELECT * FROM Wt_DELTA.Dbo.INvOiCES WHERE [InvoiceId] = 1003000103) DELETE FROM w;'); END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS Number, ERROR_MESSAGE() AS Message; END CATCH;
-- readonly_investigator of 1: alter wt_corvus:dbo.AuditEvents by quoted-identifiers+nocheck-constraint+sp-executesql, as the administrator in wt_corvus
EXEC sp_executesql N'EXEC (N''SET QUOTED_IDENTIFIER ON; ALTER TABLE "wt_corvus"."dbo"."AuditEvents" NOCHECK CONSTRAINT ALL;'');';
-- audit_admin of 1: select wt_beta:dbo.InvoiceTotals by use-database+exists, as app_rw
EXEC (N'USE [wt_beta]; IF EXISTS (SELECT 1 FROM [dbo].[InvoiceTotals]) SELECT 1 AS Found ELSE SELECT 0 AS Found;');
-- audit_admin of 1: update wt_corvus:dbo.Invoices by double-dot+merge-update+committed-transaction, as app_rw
BEGIN TRANSACTION; MERGE INTO [wt_corvus]..[Invoices] AS t USING (SELECT 1002000100 AS [InvoiceId]) AS s ON t.[InvoiceId] = s.[InvoiceId] WHEN MATCHED THEN UPDATE SET [Amount] = 794953.5000; COMMIT TRANSACTION;
-- audit_admin of 1: alter wt_beta:dbo.AuditEvents by double-dot+nocheck-constraint+sp-executesql+assembled-text, as the administrator in wt_beta
DECLARE @wt_text nvarchar(max) = N'EXEC sp_executesql N''ALTER TABLE [wt_beta]..[AuditEvents] NOCHECK CON' + N'STRAINT ALL;'', N''@wt_n int'', @wt_n = 1;'; EXEC (@wt_text);
-- app_rw of 1: delete wt_acme:dbo.Invoices by mixed-case+delete-expression+honest-first+committed-transaction, as app_rw
BEGIN TRANSACTION; DECLARE @wt_own int = 1; SELECT @wt_own AS One; EXEC (N'WITH w AS (SELECT * FROM Wt_ACMe.DBO.invoiCes WHERE [InvoiceId] = 1000000103) DELETE FROM w;'); COMMIT TRANSACTION;
-- audit_admin of 1: insert wt_registry:dbo.Tenants by use-database+merge-insert, as the administrator in wt_registry
USE [wt_registry]; MERGE INTO [dbo].[Tenants] AS t USING (SELECT 1 AS One) AS s ON 1 = 0 WHEN NOT MATCHED THEN INSERT ([TenantId], [Name], [LegalName]) VALUES (23928, N'delta', N'x0023923 Ltd');
-- app_rw of 1: update wt_delta:dbo.Customers by use-database+update-by-key+assembled-text, as app_rw
DECLARE @wt_text nvarchar(max) = N'USE [wt_delta]; UPDATE [dbo].[Custom' + N'ers] SET [Name] = N''customer x0027299 4'' WHERE [CustomerId] = 1003000001;'; EXEC (@wt_text);
-- app_rw of 1: update wt_corvus:dbo.AuditEvents by mixed-case+update-by-key, as the administrator in wt_corvus
UPDATE WT_COrvUS.dBO.AudITEVents SET [Actor] = N'actor x0023258 2' WHERE [AuditEventId] = 1;
-- readonly_investigator of 1: looks around
SELECT SUSER_SNAME() AS Login, USER_NAME() AS Me, ORIGINAL_LOGIN() AS Origin;
-- acme and beta in 13 steps
-- app_rw of 1: delete wt_registry:dbo.Tenants by double-dot+delete-output, as the administrator in wt_registry
DELETE FROM [wt_registry]..[Tenants] OUTPUT deleted.* WHERE [TenantId] = 2;
-- audit_admin of 1: select wt_registry:dbo.Tenants by double-dot+guessing, as the administrator in wt_registry
SELECT COUNT(*) AS Many FROM [wt_registry]..[Tenants] WHERE [Name] LIKE N'%a%';
-- readonly_investigator of 0: update wt_acme:dbo.Customers by comments-between+update-from-join, as app_rw
UPDATE t SET [Name] = N'customer x0028206 1' FROM [dbo]/**/.
[Customers] AS t INNER JOIN (SELECT 1 AS One) AS s ON s.One = 1 WHERE t.[CustomerId] = 1000000002;
-- readonly_investigator of 0: select wt_beta:dbo.AuditEvents by comments-between+guessing, as app_rw
SELECT COUNT(*) AS Many FROM [wt_beta] /* ; */ .
[dbo] /* ; */ ./**/[AuditEvents] WHERE [EventName] LIKE N'%_%';
-- audit_admin of 0: insert wt_acme:dbo.AuditEvents by comments-between+insert-select+sp-executesql, as app_rw
EXEC sp_executesql N'INSERT INTO [dbo]/**/.
[AuditEvents] ([OccurredAt], [Actor], [EventName]) SELECT ''1999-01-02'', N''actor x0029809 1'', N''InvoicePosted'';';
-- readonly_investigator of 0: update wt_beta:dbo.AuditEvents by three-part-name+update-from-join, as the administrator in wt_beta
UPDATE t SET [Actor] = N'actor x0065559 3' FROM [wt_beta].[dbo].[AuditEvents] AS t INNER JOIN (SELECT 1 AS One) AS s ON s.One = 1 WHERE t.[AuditEventId] = 4;
-- readonly_investigator of 1: delete wt_beta:dbo.InvoiceLines by comments-between+delete-output, as app_rw
DELETE FROM [dbo]
. /* /* nested */ */ [InvoiceLines] OUTPUT deleted.* WHERE [InvoiceId] = 1001000100 AND [LineNumber] = 2;
-- readonly_investigator of 1: delete wt_delta:dbo.AuditEvents by double-dot+merge-delete, as audit_admin
MERGE INTO [wt_delta]..[AuditEvents] AS t USING (SELECT 1 AS [AuditEventId]) AS s ON t.[AuditEventId] = s.[AuditEventId] WHEN MATCHED THEN DELETE;
-- audit_admin of 0: insert wt_delta:dbo.InvoiceLines by double-dot+merge-insert+dynamic-sql, as app_rw
EXEC (N'EXEC (N''MERGE INTO [wt_delta]..[InvoiceLines] AS t USING (SELECT 1 AS One) AS s ON 1 = 0 WHEN NOT MATCHED THEN INSERT ([InvoiceId], [LineNumber], [Amount]) VALUES (1003000101, 39016, 739013.5000);'');');
-- audit_admin of 1: delete wt_registry:dbo.Tenants by double-dot+delete-output+dynamic-sql, as the administrator in wt_registry
EXEC (N'EXEC (N''EXEC (N''''DELETE FROM [wt_registry]..[Tenants] OUTPUT deleted.* WHERE [TenantId] = 4;'''');'');');
