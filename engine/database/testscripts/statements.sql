-- The statements that ran, as whoever may see the server's state sees them.
-- session: sa@master
CREATE LOGIN l_app WITH PASSWORD = N'Str0ng_pw_1';
CREATE DATABASE shop;
GO
USE shop;
CREATE USER u_app FOR LOGIN l_app;
CREATE TABLE dbo.Items (OrgId int NOT NULL, Id int NOT NULL, Name nvarchar(20) NULL);
INSERT dbo.Items VALUES (1, 1, N'a'), (2, 1, N'b');
GRANT SELECT ON dbo.Items TO u_app;
GO
--> database shop
--> (Insert: 2 rows)
CREATE PROCEDURE dbo.ReadItems @OrgId int AS
BEGIN
    IF EXISTS (SELECT 1 FROM dbo.Items WHERE OrgId = @OrgId)
        SELECT Name FROM dbo.Items WHERE OrgId = @OrgId;
END;
GO
GRANT EXECUTE ON dbo.ReadItems TO u_app;
GO
-- session: l_app@shop
SELECT COUNT(*) FROM sys.dm_exec_query_stats;
GO
--> [(no name)]
--> Msg 300, Level 14, State 1, Line 1: VIEW SERVER PERFORMANCE STATE permission was denied on object 'server', database 'master'.
--> Msg 297, Level 16, State 1, Line 1: The user does not have permission to perform this action.
SELECT COUNT(*) FROM sys.dm_exec_cached_plans;
GO
--> [(no name)]
--> Msg 300, Level 14, State 1, Line 1: VIEW SERVER PERFORMANCE STATE permission was denied on object 'server', database 'master'.
--> Msg 297, Level 16, State 1, Line 1: The user does not have permission to perform this action.
SELECT text FROM sys.dm_exec_sql_text(0x00);
GO
--> [text]
--> Msg 371, Level 14, State 3, Line 1: VIEW SERVER PERFORMANCE STATE permission was denied on object 'dm_exec_sql_text'.
SELECT attribute FROM sys.dm_exec_plan_attributes(0x00);
GO
--> [attribute]
--> Msg 371, Level 14, State 3, Line 1: VIEW SERVER PERFORMANCE STATE permission was denied on object 'dm_exec_plan_attributes'.
SELECT N'é'; SELECT Id FROM dbo.Items WHERE OrgId = 1;
GO
--> [(no name)]
-->  é
--> [Id]
-->  1
DELETE FROM dbo.Items;
GO
--> Msg 229, Level 14, State 5, Line 1: The DELETE permission was denied on the object 'Items', database 'shop', schema 'dbo'.
EXEC dbo.ReadItems 1;
EXEC dbo.ReadItems @OrgId = 2;
GO
--> [Name]
-->  a
--> [Name]
-->  b
EXEC sp_executesql N'SELECT Id FROM dbo.Items WHERE OrgId = @o', N'@o int', @o = 2;
GO
--> [Id]
-->  1
-- session: sa@master
SELECT s.login_name, t.dbid, OBJECT_NAME(t.objectid, t.dbid) AS module, s.execution_count AS n,
       s.statement_start_offset AS [from], s.statement_end_offset AS [to],
       SUBSTRING(t.text, s.statement_start_offset / 2 + 1,
                 CASE s.statement_end_offset WHEN -1 THEN LEN(t.text)
                      ELSE (s.statement_end_offset - s.statement_start_offset) / 2 + 1 END) AS statement
FROM sys.dm_exec_query_stats AS s CROSS APPLY sys.dm_exec_sql_text(s.sql_handle) AS t
WHERE s.login_name <> N'sa';
GO
--> [login_name | dbid | module | n | from | to | statement]
-->  l_app | NULL | NULL | 1 | 0 | 20 | SELECT N'é'
-->  l_app | NULL | NULL | 1 | 26 | -1 | SELECT Id FROM dbo.Items WHERE OrgId = 1;\n
-->  l_app | 5 | ReadItems | 2 | 110 | 220 | IF EXISTS (SELECT 1 FROM dbo.Items WHERE OrgId = @OrgId)
-->  l_app | 5 | ReadItems | 2 | 240 | 332 | SELECT Name FROM dbo.Items WHERE OrgId = @OrgId
-->  l_app | NULL | NULL | 1 | 16 | -1 | SELECT Id FROM dbo.Items WHERE OrgId = @o
SELECT p.objtype, p.usecounts, DB_NAME(CONVERT(int, a.value)) AS [database]
FROM sys.dm_exec_cached_plans AS p CROSS APPLY sys.dm_exec_plan_attributes(p.plan_handle) AS a
WHERE a.attribute = 'dbid' AND DB_NAME(CONVERT(int, a.value)) = N'shop';
GO
--> [objtype | usecounts | database]
-->  Adhoc | 1 | shop
-->  Adhoc | 1 | shop
-->  Proc | 2 | shop
-->  Prepared | 1 | shop
-->  Adhoc | 1 | shop
SELECT DATALENGTH(sql_handle) AS bytes, SUBSTRING(sql_handle, 1, 1) AS kind,
       DATALENGTH(plan_handle) AS plan_bytes
FROM sys.dm_exec_query_stats WHERE login_name = N'l_app';
GO
--> [bytes | kind | plan_bytes]
-->  44 | 0x02 | 44
-->  44 | 0x02 | 44
-->  44 | 0x03 | 44
-->  44 | 0x03 | 44
-->  44 | 0x02 | 44
SELECT text FROM sys.dm_exec_sql_text(0x02);
GO
--> [text]
SELECT counter_name, cntr_value FROM sys.dm_os_performance_counters;
GO
--> [counter_name | cntr_value]
-->  Statements Dropped | 0
