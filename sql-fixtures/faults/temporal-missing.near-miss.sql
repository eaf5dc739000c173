-- A business table gets a column while it keeps its history, and so does the history.
ALTER TABLE dbo.Products ADD Barcode varchar(40) NULL;
GO
EXEC dbo.RegisterMigration @Number = 90, @Name = N'barcodes', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 90, @Object = N'dbo.Products';
