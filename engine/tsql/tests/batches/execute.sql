-- Execute
EXEC dbo.p1
====
-- Execute
EXEC dbo.p1 1, N'x'
====
-- Execute
EXEC dbo.p1 @a = 1, @b = N'x', @c = @out OUTPUT
====
-- Execute
EXEC @rc = dbo.p1 @a = 1
====
-- Execute
EXECUTE db2.dbo.p1 @a = DEFAULT
====
-- ExecuteString
EXEC('SELECT 1')
====
-- ExecuteString
EXEC (@sql)
====
-- ExecuteString
EXEC (N'SELECT ' + @x)
====
-- Execute
EXEC sp_executesql N'SELECT * FROM t WHERE id=@id', N'@id INT', @id = 5
====
-- Execute
EXEC sys.sp_set_session_context @key = N'tenant', @value = 5, @read_only = 1
====
-- Execute
EXEC sp_set_session_context N'tenant', 5
====
-- Insert
INSERT INTO #t EXEC dbo.p1 @a = 1
====
-- Execute
EXEC sp_addrolemember 'r1', 'u1'
====
-- Execute
sp_help 't1'
====
