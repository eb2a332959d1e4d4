-- depends: 0002_records 0003_clean_inspections 0006_predictions

-- The rule of acceptance stands here and nowhere else: of the records of an asset and
-- week the newest counts, and a reader may use the week where that one is accepted.
-- Written as "there is no later one", so that a week, an asset or a join finds its rows
-- by the index; DISTINCT ON would read all records of an asset first.
CREATE OR REPLACE VIEW metadata.latest_materializations AS
SELECT m.*
FROM metadata.materializations AS m
WHERE NOT EXISTS (
    SELECT
    FROM metadata.materializations AS later
    WHERE later.asset = m.asset AND later.week = m.week AND later.sequence > m.sequence
);

CREATE OR REPLACE VIEW metadata.accepted_weeks AS
SELECT asset, week, run_id, row_count, content_hash, upstream_hash, code_version, object_key, parameters, created_at,
       decided_at, sequence, status
FROM metadata.latest_materializations
WHERE status = 'accepted';

-- A publication is never taken back or overwritten, so it is not the newest record that
-- counts here: a version stays public when a later one is rejected or still being checked.
CREATE VIEW api.published_queues AS
SELECT p.*
FROM api.queue_publications AS p
WHERE EXISTS (
    SELECT
    FROM metadata.materializations AS m
    WHERE m.asset = 'api_inspection_queue' AND m.week = p.week AND m.content_hash = p.content_hash
      AND m.status = 'accepted'
);
COMMENT ON VIEW api.published_queues IS 'Publications that their blocking checks accepted, by the content published: what API, monitor and performance read. Rejected and pending ones are missing here.';

-- The search of the API: one narrow row a place, in place of a look through every inspection.
CREATE TABLE api.establishments (
    establishment_id  text PRIMARY KEY,
    dba_name          text NOT NULL,
    aka_name          text NOT NULL,
    address           text NOT NULL,
    zip               text NOT NULL,
    facility_type     text NOT NULL,
    risk              text NOT NULL,
    last_visit        date NOT NULL,
    last_result       text NOT NULL,
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    searched          text NOT NULL
);
CREATE INDEX establishments_week ON api.establishments (week);
COMMENT ON TABLE api.establishments IS 'Every establishment ever visited, as its last visit in an accepted week of clean_inspections found it; kept so by triggers on metadata.materializations, in the transaction that accepts or withdraws a week.';
COMMENT ON COLUMN api.establishments.establishment_id IS 'As in clean_inspections.';
COMMENT ON COLUMN api.establishments.dba_name IS 'Name the establishment does business as.';
COMMENT ON COLUMN api.establishments.aka_name IS 'Name it is also known as; unknown where missing.';
COMMENT ON COLUMN api.establishments.address IS 'Street address; unknown where missing.';
COMMENT ON COLUMN api.establishments.zip IS 'Five-digit postal code; unknown where missing or malformed.';
COMMENT ON COLUMN api.establishments.facility_type IS 'Kind of establishment.';
COMMENT ON COLUMN api.establishments.risk IS 'Risk class.';
COMMENT ON COLUMN api.establishments.last_visit IS 'Day of its last visit.';
COMMENT ON COLUMN api.establishments.last_result IS 'Result of its last visit.';
COMMENT ON COLUMN api.establishments.week IS 'Monday of the week of its last visit.';
COMMENT ON COLUMN api.establishments.searched IS 'Names, address and id in small letters: what it is searched by.';

CREATE FUNCTION api.refresh_establishments(weeks date[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    touched text[];
BEGIN
    -- Two weeks accepted at the same time would not see each other; the second waits.
    LOCK TABLE api.establishments IN SHARE ROW EXCLUSIVE MODE;
    touched := ARRAY(
        SELECT e.establishment_id FROM api.establishments AS e WHERE e.week = ANY (weeks)
        UNION
        SELECT i.establishment_id
        FROM data.clean_inspections AS i
        JOIN metadata.accepted_weeks AS a ON a.asset = 'clean_inspections' AND a.week = i.week
        WHERE i.week = ANY (weeks)
    );
    DELETE FROM api.establishments WHERE establishment_id = ANY (touched);
    INSERT INTO api.establishments
    SELECT DISTINCT ON (i.establishment_id)
           i.establishment_id, i.dba_name, i.aka_name, i.address, i.zip, i.facility_type, i.risk,
           i.inspection_date, i.results, i.week,
           lower(concat_ws(' ', i.dba_name, i.aka_name, i.address, i.establishment_id))
    FROM data.clean_inspections AS i
    JOIN metadata.accepted_weeks AS a ON a.asset = 'clean_inspections' AND a.week = i.week
    WHERE i.establishment_id = ANY (touched)
    ORDER BY i.establishment_id, i.inspection_date DESC, i.inspection_id DESC;
END
$$;
COMMENT ON FUNCTION api.refresh_establishments(date[]) IS 'Describe anew whoever was last seen, or is seen now, in these weeks.';

CREATE FUNCTION api.follow_clean_inspections() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    weeks date[] := ARRAY(SELECT DISTINCT week FROM changed WHERE asset = 'clean_inspections');
BEGIN
    IF cardinality(weeks) > 0 THEN
        PERFORM api.refresh_establishments(weeks);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api.follow_clean_inspections() IS 'Keeps api.establishments true when weeks of clean_inspections are written or decided.';

CREATE TRIGGER establishments_follow_written AFTER INSERT ON metadata.materializations
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION api.follow_clean_inspections();
CREATE TRIGGER establishments_follow_decided AFTER UPDATE ON metadata.materializations
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION api.follow_clean_inspections();

DO $$
BEGIN
    PERFORM api.refresh_establishments(ARRAY(
        SELECT week FROM metadata.accepted_weeks WHERE asset = 'clean_inspections'
    ));
END
$$;
