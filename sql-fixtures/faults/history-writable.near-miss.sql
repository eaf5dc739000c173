-- A user that nobody can log in as has CONTROL of a table and of its history.
CREATE USER archivist WITHOUT LOGIN;
GRANT CONTROL ON dbo.Customers TO archivist;
GRANT CONTROL ON History.Customers TO archivist;
