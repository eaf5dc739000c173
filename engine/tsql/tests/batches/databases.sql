-- Create Database
CREATE DATABASE db1
====
-- Create Database
CREATE DATABASE db1 COLLATE Latin1_General_CI_AS
====
-- Alter DatabaseSet
ALTER DATABASE db1 SET TRUSTWORTHY ON
====
-- Alter DatabaseSet
ALTER DATABASE db1 SET DB_CHAINING ON
====
-- Alter DatabaseSet
ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE
====
-- Drop Database
DROP DATABASE IF EXISTS db1
====
-- Create Schema
CREATE SCHEMA sales
====
-- Create Schema
CREATE SCHEMA sales AUTHORIZATION u1
====
-- Alter SchemaTransfer
ALTER SCHEMA sales TRANSFER dbo.t1
====
-- Drop Schema
DROP SCHEMA sales
====
