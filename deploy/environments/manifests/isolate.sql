-- Closes a service's database to all but its own logins, as `create-database` does where it may. Run it in the database, as
-- the superuser, once; again does no harm:
--   psql --dbname contacts --set database=contacts --file isolate.sql
\set ON_ERROR_STOP on
\set owner :database _owner
\set runtime :database _runtime
\set system :database _system
BEGIN;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"owner", :"runtime", :"system";
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"runtime", :"system";
COMMIT;
