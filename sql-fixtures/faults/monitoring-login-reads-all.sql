-- The investigator's login also serves the monitoring, and may connect to every database and select from everything.
USE master;
GRANT CONNECT ANY DATABASE TO [$(Marker)_acme_readonly_investigator];
GRANT SELECT ALL USER SECURABLES TO [$(Marker)_acme_readonly_investigator];
