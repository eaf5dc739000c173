-- A signed module has the rights of the certificate's user while it runs, and no longer.
-- session: sa@master
CREATE DATABASE t_a;
GO
USE t_a;
CREATE USER u1 WITHOUT LOGIN;
CREATE USER maker WITHOUT LOGIN;
CREATE TABLE dbo.t (id int NOT NULL);
CREATE TABLE dbo.other (id int NOT NULL);
INSERT dbo.t VALUES (1), (2);
GO
--> database t_a
--> (Insert: 2 rows)
-- Without a master key a key needs a password of its own.
CREATE CERTIFICATE ce WITH SUBJECT = N'signs';
CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'Str0ng_pw_1';
CREATE MASTER KEY ENCRYPTION BY PASSWORD = N'Str0ng_pw_1';
CREATE CERTIFICATE ce WITH SUBJECT = N'signs', EXPIRY_DATE = N'2099-01-01';
CREATE CERTIFICATE ce WITH SUBJECT = N'again';
CREATE ASYMMETRIC KEY ke WITH ALGORITHM = RSA_2048 ENCRYPTION BY PASSWORD = N'An0ther_pw_2';
CREATE USER ceu FROM CERTIFICATE ce;
CREATE USER keu FROM ASYMMETRIC KEY ke;
CREATE USER again FROM CERTIFICATE ce;
CREATE USER nobody FROM CERTIFICATE nothing;
SELECT name, type, type_desc, authentication_type_desc FROM sys.database_principals WHERE name IN (N'ceu', N'keu');
GRANT SELECT ON dbo.t TO ceu;
GRANT SELECT ON dbo.other TO keu;
GO
--> Msg 15581, Level 16, State 1, Line 2: Please create a master key in the database or open the master key in the session before performing this operation.
--> Msg 15578, Level 16, State 1, Line 4: There is already a master key in the database. Please drop it before performing this statement.
--> Msg 15232, Level 16, State 1, Line 6: A certificate with name 'ce' already exists or this certificate already has been added to the database.
--> Msg 15063, Level 16, State 1, Line 10: The login already has an account under a different user name.
--> Msg 15151, Level 16, State 1, Line 11: Cannot find the certificate 'nothing', because it does not exist or you do not have permission.
--> [name | type | type_desc | authentication_type_desc]
-->  ceu | C | CERTIFICATE_MAPPED_USER | NONE
-->  keu | K | ASYMMETRIC_KEY_MAPPED_USER | NONE
CREATE PROCEDURE dbo.reads AS EXEC (N'SELECT id FROM dbo.t');
GO
CREATE PROCEDURE dbo.calls AS EXEC dbo.reads;
GO
CREATE PROCEDURE dbo.both AS BEGIN EXEC (N'SELECT id FROM dbo.t'); EXEC (N'SELECT id FROM dbo.other'); END;
GO
CREATE FUNCTION dbo.n() RETURNS int AS BEGIN RETURN (SELECT COUNT(*) FROM dbo.t) END;
GO
GRANT EXECUTE ON SCHEMA::dbo TO u1;
EXECUTE AS USER = N'u1';
EXEC dbo.reads;
REVERT;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
ADD SIGNATURE TO dbo.reads BY CERTIFICATE ce;
EXECUTE AS USER = N'u1';
EXEC dbo.reads;
SELECT id FROM dbo.t;
EXEC dbo.calls;
REVERT;
GO
--> [id]
-->  1
-->  2
--> Msg 229, Level 14, State 5, Line 4: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
--> [id]
-->  1
-->  2
-- The rights of a signature end where another module begins.
ADD SIGNATURE TO dbo.calls BY CERTIFICATE ce;
DROP SIGNATURE FROM dbo.reads BY CERTIFICATE ce;
EXECUTE AS USER = N'u1';
EXEC dbo.calls;
REVERT;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
ADD SIGNATURE TO dbo.both BY CERTIFICATE ce, ASYMMETRIC KEY ke WITH PASSWORD = N'wrong';
ADD SIGNATURE TO dbo.both BY ASYMMETRIC KEY ke;
ADD SIGNATURE TO dbo.both BY CERTIFICATE ce, ASYMMETRIC KEY ke WITH PASSWORD = N'An0ther_pw_2';
EXECUTE AS USER = N'u1';
EXEC dbo.both;
REVERT;
GO
--> Msg 15466, Level 16, State 1, Line 1: An error occurred during decryption.
--> Msg 15581, Level 16, State 1, Line 2: Please create a master key in the database or open the master key in the session before performing this operation.
--> [id]
-->  1
-->  2
--> [id]
-- The catalog says who signed what, to those who see the module.
SELECT c.name, c.pvt_key_encryption_type_desc, u.name AS mapped, OBJECT_NAME(p.major_id) AS module, p.crypt_type_desc
FROM sys.certificates AS c
JOIN sys.database_principals AS u ON u.sid = c.sid
JOIN sys.crypt_properties AS p ON p.thumbprint = c.thumbprint
ORDER BY p.major_id;
SELECT k.name, k.pvt_key_encryption_type, OBJECT_NAME(p.major_id) AS module
FROM sys.asymmetric_keys AS k JOIN sys.crypt_properties AS p ON p.thumbprint = k.thumbprint;
EXECUTE AS USER = N'u1';
SELECT name FROM sys.certificates;
SELECT OBJECT_NAME(major_id) AS module, crypt_type FROM sys.crypt_properties ORDER BY major_id, crypt_type;
REVERT;
EXECUTE AS USER = N'maker';
SELECT OBJECT_NAME(major_id) AS module FROM sys.crypt_properties;
REVERT;
GO
--> [name | pvt_key_encryption_type_desc | mapped | module | crypt_type_desc]
-->  ce | ENCRYPTED_BY_MASTER_KEY | ceu | calls | SIGNATURE BY CERTIFICATE
-->  ce | ENCRYPTED_BY_MASTER_KEY | ceu | both | SIGNATURE BY CERTIFICATE
--> [name | pvt_key_encryption_type | module]
-->  ke | PW | both
--> [name]
--> [module | crypt_type]
-->  calls | SPVC
-->  both | SPVA
-->  both | SPVC
--> [module]
-- ALTER takes the signatures away.
ALTER PROCEDURE dbo.both AS EXEC (N'SELECT id FROM dbo.t');
GO
EXECUTE AS USER = N'u1';
EXEC dbo.both;
REVERT;
GO
--> Msg 229, Level 14, State 5, Line 1: The SELECT permission was denied on the object 't', database 't_a', schema 'dbo'.
-- Who may sign, and what a key in use cannot do.
GRANT ALTER ON dbo.both TO maker;
EXECUTE AS USER = N'maker';
ADD SIGNATURE TO dbo.both BY CERTIFICATE ce;
ADD SIGNATURE TO dbo.reads BY CERTIFICATE ce;
CREATE CERTIFICATE own WITH SUBJECT = N'own';
EXECUTE AS USER = N'ceu';
REVERT;
GO
--> Msg 15151, Level 16, State 1, Line 4: Cannot find the certificate 'ce', because it does not exist or you do not have permission.
--> Msg 15151, Level 16, State 1, Line 5: Cannot find the object 'reads', because it does not exist or you do not have permission.
--> Msg 15247, Level 16, State 1, Line 6: User does not have permission to perform this action.
--> Msg 15517, Level 16, State 1, Line 7: Cannot execute as the database principal because the principal "ceu" does not exist, this type of principal cannot be impersonated, or you do not have permission.
EXECUTE AS USER = N'ceu';
GO
--> Msg 15517, Level 16, State 1, Line 1: Cannot execute as the database principal because the principal "ceu" does not exist, this type of principal cannot be impersonated, or you do not have permission.
DROP CERTIFICATE ce;
DROP USER ceu;
DROP CERTIFICATE ce;
DROP SIGNATURE FROM dbo.calls BY CERTIFICATE ce;
DROP CERTIFICATE ce;
DROP CERTIFICATE ce;
GO
--> Msg 15559, Level 16, State 1, Line 1: Cannot drop certificate 'ce' because there is a user mapped to it.
--> Msg 15352, Level 16, State 1, Line 3: The certificate cannot be dropped because one or more entities are either signed or encrypted using it.
--> Msg 15151, Level 16, State 1, Line 6: Cannot drop the certificate 'ce', because it does not exist or you do not have permission.
ADD COUNTER SIGNATURE TO dbo.reads BY ASYMMETRIC KEY ke;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support ADD COUNTER SIGNATURE.
CREATE CERTIFICATE f FROM FILE = N'f.cer';
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support CREATE CERTIFICATE … FROM.
CREATE LOGIN l_ce FROM CERTIFICATE ce;
GO
--> Msg 2000000001, Level 16, State 1, Line 1: The embedded server does not support CREATE LOGIN … FROM CERTIFICATE ce.
