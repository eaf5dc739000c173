-- Somebody gave the application a right on a table "until the view has that column".
GRANT SELECT ON dbo.Customers TO service;
