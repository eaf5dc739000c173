-- Create Login
CREATE LOGIN app1 WITH PASSWORD = 'P@ssw0rd!', DEFAULT_DATABASE = [tenant], CHECK_POLICY = OFF
====
-- Create Login
CREATE LOGIN [DOM\user] FROM WINDOWS
====
-- Alter Login
ALTER LOGIN app1 DISABLE
====
-- Drop Login
DROP LOGIN app1
====
-- Create User
CREATE USER u1 FOR LOGIN app1
====
-- Create User
CREATE USER u1 WITHOUT LOGIN
====
-- Create User
CREATE USER u1 WITH PASSWORD = 'P@ss1!'
====
-- Create User
CREATE USER u1 FOR LOGIN app1 WITH DEFAULT_SCHEMA = sales
====
-- Alter User
ALTER USER u1 WITH DEFAULT_SCHEMA = dbo
====
-- Drop User
DROP USER IF EXISTS u1
====
-- Create Role
CREATE ROLE r1
====
-- Create Role
CREATE ROLE r1 AUTHORIZATION dbo
====
-- Alter Role
ALTER ROLE db_datareader ADD MEMBER u1
====
-- Alter Role
ALTER ROLE r1 DROP MEMBER u1
====
-- Alter Role
ALTER SERVER ROLE sysadmin ADD MEMBER app1
====
-- Drop Role
DROP ROLE r1
====
-- Create ApplicationRole
CREATE APPLICATION ROLE ar WITH PASSWORD = 'x1!', DEFAULT_SCHEMA = dbo
====
-- AlterAuthorization
ALTER AUTHORIZATION ON OBJECT::dbo.t1 TO u1
====
-- AlterAuthorization
ALTER AUTHORIZATION ON SCHEMA::sales TO u1
====
-- AlterAuthorization
ALTER AUTHORIZATION ON DATABASE::db1 TO sa
====
