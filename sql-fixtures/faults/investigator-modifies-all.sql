-- A script for one integration gave the investigator the right to change everything.
ALTER ROLE db_datawriter ADD MEMBER readonly_investigator;
