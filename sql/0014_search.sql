-- Search by trigrams, where the server brings the extension pg_trgm and lets this role use it; else every row is looked at.

DO $$
DECLARE
    home text;
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA api;
        SELECT n.nspname INTO home
        FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_trgm';
        EXECUTE format('CREATE INDEX establishments_searched ON api.establishments USING gin (searched %I.gin_trgm_ops)', home);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pg_trgm may not be used by this role: the search of establishments looks at every row.';
END
$$;
