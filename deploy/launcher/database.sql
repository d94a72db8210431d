-- What a new cluster needs before the first migration; running it again changes nothing.
SELECT 'CREATE ROLE pilgrim_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pilgrim_app') \gexec
SELECT 'CREATE DATABASE pilgrim' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'pilgrim') \gexec
\connect pilgrim
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS postgis;
