-- The application owns a schema of its own, in which nothing is kept.
CREATE SCHEMA Scratch AUTHORIZATION app_rw;
