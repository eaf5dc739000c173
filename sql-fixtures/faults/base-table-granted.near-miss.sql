-- A right that the application had is given to it once more, by a role.
CREATE ROLE application AUTHORIZATION dbo;
ALTER ROLE application ADD MEMBER service;
GRANT SELECT ON org.Customers TO application;
