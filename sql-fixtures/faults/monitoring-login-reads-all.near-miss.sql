-- That the login may connect to the server is said in so many words.
USE master;
GRANT CONNECT SQL TO [$(Marker)_acme_readonly_investigator];
