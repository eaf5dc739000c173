-- One business table whose rows change keeps no history.
ALTER TABLE dbo.Products SET (SYSTEM_VERSIONING = OFF);
ALTER TABLE dbo.Products DROP PERIOD FOR SYSTEM_TIME;
DROP TABLE History.Products;
