-- Roles and database of Preceptor: run by a superuser, on the embedded server as on any other; may run again.
--
--   owner  migrates: owns database and tables, passes row-level security (BYPASSRLS), may create test databases
--   app    serves: reads and writes rows, nothing else; every row-level policy holds for it
--
-- Passwords come by environment, never by argument (arguments can be seen in the process list):
--   PRECEPTOR_OWNER_PASSWORD=… PRECEPTOR_APP_PASSWORD=… psql -v ON_ERROR_STOP=1 -U postgres -d postgres -f roles.sql
-- In a container of the official image the same file works in /docker-entrypoint-initdb.d/.

\set ON_ERROR_STOP on
\getenv owner_password PRECEPTOR_OWNER_PASSWORD
\getenv app_password PRECEPTOR_APP_PASSWORD
\set database preceptor
\getenv database PRECEPTOR_DATABASE

SET client_min_messages = warning;
SET password_encryption = 'scram-sha-256';
-- A statement that fails must not put a password in the server's log.
SET log_min_error_statement = panic;

SELECT 'CREATE ROLE owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'owner') \gexec
SELECT 'CREATE ROLE app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') \gexec
ALTER ROLE owner LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION CREATEDB BYPASSRLS PASSWORD :'owner_password';
ALTER ROLE app LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOCREATEDB NOBYPASSRLS PASSWORD :'app_password';

SELECT format('CREATE DATABASE %I OWNER owner TEMPLATE template0 ENCODING ''UTF8''', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
ALTER DATABASE :"database" OWNER TO owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO app;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;

-- Default privileges belong to one database; those of template1 pass on to every test database that owner creates.
\connect template1
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
-- No sequence: an identity column needs no right of who inserts, and a sequence tells how many rows all schools have.
ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE ALL ON SEQUENCES FROM app;

\connect :database
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM app;
ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE ALL ON SEQUENCES FROM app;
