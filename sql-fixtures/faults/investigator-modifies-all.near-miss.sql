-- The investigator is in the role that may change nothing, whatever else he is given.
ALTER ROLE db_denydatawriter ADD MEMBER readonly_investigator;
