-- beta in 15 steps
-- readonly_investigator of 1: delete wt_delta:dbo.AuditEvents by double-dot+delete-expression+assembled-text, as audit_admin
DECLARE @wt_text nvarchar(max) = N'WITH w AS (SELECT * FROM [wt_' + N'delta]..[AuditEvents] WHERE [AuditEventId] = 2) DELETE FROM w;'; EXEC (@wt_text);
-- app_rw of 1: update wt_acme:dbo.AuditEvents by double-dot+update-by-key+session-options, as the administrator in wt_acme
EXEC (N'SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; UPDATE [wt_acme]..[AuditEvents] SET [Actor] = N''actor x0027617 1'' WHERE [AuditEventId] = 3;');
-- readonly_investigator of 1: delete wt_corvus:dbo.InvoiceLines by three-part-name+delete-expression+if-permitted, as app_rw
IF HAS_PERMS_BY_NAME(N'[wt_corvus].[dbo].[InvoiceLines]', N'OBJECT', N'DELETE') = 1 BEGIN EXEC (N'WITH w AS (SELECT * FROM [wt_corvus].[dbo].[InvoiceLines] WHERE [InvoiceId] = 1002000100 AND [LineNumber] = 1) DELETE FROM w;'); END;
-- readonly_investigator of 1: looks around
SELECT [name], [type] FROM [sys].[objects];
-- readonly_investigator of 1: insert wt_beta:dbo.Invoices by insert-from-own+dynamic-sql, as the administrator in wt_beta
EXEC (N'INSERT INTO [wt_beta].[dbo].[Invoices] ([InvoiceId], [CustomerId], [Amount]) SELECT TOP (1) 776628, 1001000000, 776628.5000 FROM [dbo].[AuditEvents];');
-- readonly_investigator of 1: insert wt_acme:dbo.Customers by use-database+merge-insert+assembled-text+try-catch, as app_rw
BEGIN TRY DECLARE @wt_text nvarchar(max) = N'USE [wt_acme]; MERGE INTO [dbo].[Customers] AS t USING (SELECT 1 AS One) AS s ON 1 = 0 WHEN NOT MATCHED THEN INSERT ([CustomerId], [Code], [Name], [Balance], [Since], [PublicId]) VALU' + N'ES (739620, N''code x0039620 0'', N''customer x0039620 0'', 739620.5000, ''2010-01-01'', ''ee009ac4-0000-4000-8000-000000000000'');'; EXEC (@wt_text); END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS Number, ERROR_MESSAGE() AS Message; END CATCH;
-- audit_admin of 1: insert wt_registry:dbo.Tenants by insert-from-own, as the administrator in wt_beta
INSERT INTO [wt_registry].[dbo].[Tenants] ([TenantId], [Name], [LegalName]) SELECT TOP (1) 23928, N'delta', N'x0023923 Ltd' FROM [dbo].[AuditEvents];
-- app_rw of 1: update wt_delta:dbo.Customers by double-dot+update-by-key+sp-executesql, as app_rw
EXEC sp_executesql N'UPDATE [wt_delta]..[Customers] SET [Name] = N''customer x0027299 4'' WHERE [CustomerId] = 1003000001;';
-- app_rw of 1: update wt_corvus:dbo.AuditEvents by use-database+update-by-key+assembled-text, as the administrator in wt_corvus
DECLARE @wt_text nvarchar(max) = N'EXEC (N''USE [wt_corvus]; UPDATE [dbo].[AuditEvents] SET [Actor] = N''''actor x0023258 2'''' WHERE [AuditEven' + N'tId] = 1;'');'; EXEC (@wt_text);
-- app_rw of 1: looks around
SELECT [name], [type] FROM [sys].[objects];
-- acme and beta in 10 steps
-- readonly_investigator of 0: update wt_corvus:dbo.AuditEvents by mixed-case+update-from-join, as the administrator in wt_corvus
UPDATE t SET [Actor] = N'actor x0062665 1' FROM Wt_CoRVus.dbO.AUdItevENTS AS t INNER JOIN (SELECT 1 AS One) AS s ON s.One = 1 WHERE t.[AuditEventId] = 1;
-- audit_admin of 1: select wt_acme:dbo.Customers by comments-between+encoded-values+committed-transaction, as app_rw
BEGIN TRANSACTION; SELECT CAST([Name] AS varbinary(800)) AS Value FROM [wt_acme] /* /* nested */ */ .	[dbo] /* ; */ ./**/[Customers]; COMMIT TRANSACTION;
-- audit_admin of 0: select wt_beta:dbo.AuditEvents by mixed-case+common-table-expression, as app_rw
WITH w AS (SELECT * FROM WT_BEtA.DBo.aUdItEventS) SELECT * FROM w;
-- readonly_investigator of 0: delete wt_delta:dbo.InvoiceLines by quoted-identifiers+delete-output, as app_rw
EXEC (N'SET QUOTED_IDENTIFIER ON; DELETE FROM "wt_delta"."dbo"."InvoiceLines" OUTPUT deleted.* WHERE [InvoiceId] = 1003000100 AND [LineNumber] = 1;');
-- audit_admin of 0: insert wt_delta:dbo.InvoiceLines by insert-from-own+dynamic-sql, as the administrator in wt_acme
EXEC (N'EXEC (N''INSERT INTO [wt_delta].[dbo].[InvoiceLines] ([InvoiceId], [LineNumber], [Amount]) SELECT TOP (1) 1003000101, 39016, 739013.5000 FROM [dbo].[AuditEvents];'');');
-- readonly_investigator of 1: delete wt_corvus:dbo.AuditEvents by quoted-identifiers+merge-delete+assembled-text+assembled-text, as audit_admin
DECLARE @wt_text nvarchar(max) = N'DECLARE @wt_text nvarchar(max) = N''EXEC (N''''SET QUOTED_IDENTIFIER ON; MERGE INTO "wt_corvus"."dbo"."AuditEvents" AS t USING (S'' + N''ELECT 4 ' + N'AS [AuditEventId]) AS s ON t.[AuditEventId] = s.[AuditEventId] WHEN MATCHED THEN DELETE;'''');''; EXEC (@wt_text);'; EXEC (@wt_text);
-- audit_admin of 1: select wt_acme:dbo.Customers by mixed-case+encoded-values, as app_rw
SELECT CAST([Name] AS varbinary(800)) AS Value FROM wt_ACmE.DbO.CuSTomeRS;
-- audit_admin of 0: select wt_registry:dbo.Tenants by mixed-case+error-text+while-loop, as the administrator in wt_registry
DECLARE @wt_i int = 0; WHILE @wt_i < 2 BEGIN EXEC (N'SELECT CAST([Name] AS int) AS Value FROM Wt_RegistRy.DBO.TENAnTS;'); SET @wt_i = @wt_i + 1; END;
-- app_rw of 0: insert wt_delta:dbo.AuditEvents by quoted-identifiers+insert-select+committed-transaction, as app_rw
BEGIN TRANSACTION; EXEC (N'SET QUOTED_IDENTIFIER ON; INSERT INTO "wt_delta"."dbo"."AuditEvents" ([OccurredAt], [Actor], [EventName]) SELECT ''2084-01-03'', N''actor x0089094 2'', N''InvoicePosted'';'); COMMIT TRANSACTION;
-- audit_admin of 0: update wt_acme:dbo.Invoices by comments-between+update-from-join, as app_rw
UPDATE t SET [Amount] = 783689.5000 FROM [dbo] /* /* nested */ */ . /* ; */ [Invoices] AS t INNER JOIN (SELECT 1 AS One) AS s ON s.One = 1 WHERE t.[InvoiceId] = 1000000103;
