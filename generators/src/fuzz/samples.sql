-- beta in 12 steps
-- app_rw of 1: select wt_acme:dbo.AuditEvents by three-part-name+derived-table+dynamic-sql, as app_rw
EXEC (N'EXEC (N''SELECT d.* FROM (SELECT * FROM [wt_acme].[dbo].[AuditEvents]) AS d CROSS JOIN (SELECT 1 AS One) AS o;'');');
-- readonly_investigator of 1: select wt_corvus:dbo.Customers by mixed-case+union, as app_rw
SELECT N'own' AS Value UNION ALL SELECT CAST([Code] AS nvarchar(400)) FROM wT_COrvUs.dbo.cUstomeRs;
-- app_rw of 1: delete wt_beta:dbo.AuditEvents by use-database+delete-expression, as audit_admin
EXEC (N'USE [wt_beta]; WITH w AS (SELECT * FROM [dbo].[AuditEvents] WHERE [AuditEventId] = 2) DELETE FROM w;');
-- app_rw of 1: insert wt_acme:dbo.Customers by use-database+insert-output+try-catch, as app_rw
BEGIN TRY EXEC (N'USE [wt_acme]; INSERT INTO [dbo].[Customers] ([CustomerId], [Code], [Name], [Balance], [Since], [PublicId]) OUTPUT inserted.* VALUES (739620, N''code x0039620 0'', N''customer x0039620 0'', 739620.5000, ''2010-01-01'', ''ee009ac4-0000-4000-8000-000000000000'');'); END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS Number, ERROR_MESSAGE() AS Message; END CATCH;
-- readonly_investigator of 1: update wt_delta:dbo.AuditEvents by use-database+update-by-key+try-catch, as the administrator in wt_delta
BEGIN TRY EXEC (N'USE [wt_delta]; UPDATE [dbo].[AuditEvents] SET [Actor] = N''actor x0073708 0'' WHERE [AuditEventId] = 1;'); END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS Number, ERROR_MESSAGE() AS Message; END CATCH;
-- audit_admin of 1: update wt_registry:dbo.Tenants by three-part-name+update-by-key, as the administrator in wt_registry
UPDATE [wt_registry].[dbo].[Tenants] SET [LegalName] = N'x0062530 Ltd' WHERE [TenantId] = 2;
-- app_rw of 1: update wt_corvus:dbo.AuditEvents by three-part-name+update-by-key+rolled-back-transaction, as the administrator in wt_corvus
BEGIN TRANSACTION; UPDATE [wt_corvus].[dbo].[AuditEvents] SET [Actor] = N'actor x0009726 2' WHERE [AuditEventId] = 2; ROLLBACK TRANSACTION;
-- audit_admin of 1: select wt_registry:dbo.Tenants by own-synonym+dynamic-sql, as the administrator in wt_beta
EXEC (N'EXEC (N''CREATE SYNONYM [dbo].[wt_detour_alias] FOR [wt_registry].[dbo].[Tenants]; EXEC (N''''SELECT * FROM [dbo].[wt_detour_alias];'''');'');');
-- audit_admin of 1: select wt_corvus:dbo.Customers by use-database+common-table-expression+sp-executesql+dynamic-sql, as app_rw
EXEC (N'EXEC (N''EXEC (N''''EXEC sp_executesql N''''''''EXEC (N''''''''''''''''USE [wt_corvus]; WITH w AS (SELECT * FROM [dbo].[Customers]) SELECT * FROM w;'''''''''''''''');'''''''', N''''''''@wt_n int'''''''', @wt_n = 1;'''');'');');
-- audit_admin of 1: insert wt_beta:dbo.AuditEvents by use-database+merge-insert+comments-around, as app_rw

	
 EXEC (N'USE [wt_beta]; MERGE INTO [dbo].[AuditEvents] AS t USING (SELECT 1 AS One) AS s ON 1 = 0 WHEN NOT MATCHED THEN INSERT ([OccurredAt], [Actor], [EventName]) VALUES (''2048-01-03'', N''actor x0009458 2'', N''InvoicePosted'');'); /* ' */
-- acme and beta in 18 steps
-- readonly_investigator of 0: insert wt_corvus:dbo.AuditEvents by use-database+merge-insert+dynamic-sql, as app_rw
EXEC (N'USE [wt_corvus]; MERGE INTO [dbo].[AuditEvents] AS t USING (SELECT 1 AS One) AS s ON 1 = 0 WHEN NOT MATCHED THEN INSERT ([OccurredAt], [Actor], [EventName]) VALUES (''2172-01-03'', N''actor x0006582 2'', N''InvoicePosted'');');
-- app_rw of 0: update wt_delta:dbo.InvoiceLines by double-dot+update-blind, as app_rw
UPDATE [wt_delta]..[InvoiceLines] SET [Amount] = 738658.5000;
-- readonly_investigator of 1: insert wt_beta:dbo.AuditEvents by double-dot+insert-output+committed-transaction, as app_rw
BEGIN TRANSACTION; INSERT INTO [wt_beta]..[AuditEvents] ([OccurredAt], [Actor], [EventName]) OUTPUT inserted.* VALUES ('2075-01-02', N'actor x0012285 1', N'InvoicePosted'); COMMIT TRANSACTION;
-- audit_admin of 0: looks around
SELECT @@IDENTITY AS Last, SCOPE_IDENTITY() AS Own;
-- app_rw of 1: alter wt_beta:dbo.Customers by versioning-off+execute-as-user, as the administrator in wt_beta
EXEC (N'EXECUTE AS USER = N''dbo''; ALTER TABLE [dbo].[Customers] SET (SYSTEM_VERSIONING = OFF); REVERT;');
-- app_rw of 1: looks around
SELECT CONTEXT_INFO() AS Info;
-- audit_admin of 1: update wt_delta:dbo.AuditEvents by use-database+update-blind, as the administrator in wt_delta
EXEC (N'USE [wt_delta]; UPDATE [dbo].[AuditEvents] SET [Actor] = N''actor x0058886 2'';');
-- readonly_investigator of 1: update wt_beta:dbo.AuditEvents by use-database+update-expression, as the administrator in wt_beta
EXEC (N'USE [wt_beta]; WITH w AS (SELECT * FROM [dbo].[AuditEvents] WHERE [AuditEventId] = 4) UPDATE w SET [Actor] = N''actor x0011460 0'';');
-- readonly_investigator of 1: looks around
SELECT SUSER_NAME(1) AS Login, SUSER_ID() AS Me;
-- readonly_investigator of 0: alter wt_corvus: by database-option+sp-executesql+assembled-text, as the administrator in wt_acme
DECLARE @wt_text nvarchar(max) = N'EXEC sp_executesql N''ALTER DATABASE [wt_corvus' + N'] SET DELAYED_DURABILITY = FORCED;'';'; EXEC (@wt_text);
