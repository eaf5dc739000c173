-- The application has CONTROL of a table and of its history: it can switch versioning off.
GRANT CONTROL ON dbo.Customers TO app_rw;
GRANT CONTROL ON History.Customers TO app_rw;
