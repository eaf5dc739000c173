-- The login may see the state of the server, which is what a monitoring needs.
USE master;
GRANT VIEW SERVER STATE TO [$(Marker)_acme_readonly_investigator];
