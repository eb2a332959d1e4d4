-- What is published: the copies that the API and the monitor show, every version of a queue kept,
-- and what callers asked.

CREATE TABLE api.predictions (
    LIKE data.predictions INCLUDING COMMENTS INCLUDING CONSTRAINTS,
    published_at  timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (week, inspection_id)
);
CREATE INDEX api_predictions_establishment ON api.predictions (establishment_id, inspection_date DESC);
CREATE INDEX api_predictions_date ON api.predictions (inspection_date, score DESC);
CREATE INDEX api_predictions_week_score ON api.predictions (week, score DESC, establishment_id, inspection_id);
COMMENT ON INDEX api.api_predictions_week_score IS 'A week''s predictions in the order they are shown.';
COMMENT ON TABLE api.predictions IS 'Published predictions: weeks of data.predictions whose checks accepted them.';
COMMENT ON COLUMN api.predictions.published_at IS 'When the week was published.';

CREATE TABLE api.queue_publications (
    week          date NOT NULL CHECK (extract(isodow FROM week) = 1),
    version       integer NOT NULL CHECK (version >= 1),
    published_at  timestamptz NOT NULL DEFAULT transaction_timestamp(),
    run_id        text NOT NULL,
    content_hash  text NOT NULL,
    model_id      text NOT NULL,
    row_count     bigint NOT NULL,
    PRIMARY KEY (week, version)
);
COMMENT ON TABLE api.queue_publications IS 'One row per published version of a week''s queue; the first is the one performance is judged on.';
COMMENT ON COLUMN api.queue_publications.week IS 'Monday of the week the queue is for.';
COMMENT ON COLUMN api.queue_publications.version IS '1 for the first publication; a re-computed queue adds one.';
COMMENT ON COLUMN api.queue_publications.published_at IS 'When it was published.';
COMMENT ON COLUMN api.queue_publications.run_id IS 'Dagster run that published it.';
COMMENT ON COLUMN api.queue_publications.content_hash IS 'Content hash of the queue published.';
COMMENT ON COLUMN api.queue_publications.model_id IS 'Model that scored; empty string for an empty queue.';
COMMENT ON COLUMN api.queue_publications.row_count IS 'Establishments in the queue.';

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

CREATE TABLE api.inspection_queue (
    LIKE data.inspection_queue INCLUDING COMMENTS INCLUDING CONSTRAINTS,
    version       integer NOT NULL,
    published_at  timestamptz NOT NULL,
    PRIMARY KEY (week, version, establishment_id),
    FOREIGN KEY (week, version) REFERENCES api.queue_publications ON DELETE CASCADE
);
CREATE INDEX api_inspection_queue_rank ON api.inspection_queue (week, version, rank);
CREATE INDEX api_inspection_queue_establishment ON api.inspection_queue (establishment_id, week DESC);
-- The list of a week is what most callers ask for: not to pass over the thousands that are not on it.
CREATE INDEX api_inspection_queue_list ON api.inspection_queue (week, version, rank) WHERE is_on_list;
COMMENT ON INDEX api.api_inspection_queue_list IS 'The visits a week has room for, by rank.';
COMMENT ON TABLE api.inspection_queue IS 'Published queues, every version kept.';
COMMENT ON COLUMN api.inspection_queue.version IS 'Version of the week''s queue; see api.queue_publications.';
COMMENT ON COLUMN api.inspection_queue.published_at IS 'When this version was published.';

CREATE TABLE api.inference_log (
    inference_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id    text NOT NULL,
    requested_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    caller        text NOT NULL,
    model_id      text NOT NULL,
    input         jsonb NOT NULL,
    output        jsonb NOT NULL
);
CREATE INDEX inference_log_requested_at ON api.inference_log (requested_at);
COMMENT ON TABLE api.inference_log IS 'What was asked of POST /predictions and what was answered.';
COMMENT ON COLUMN api.inference_log.inference_id IS 'Order of logging.';
COMMENT ON COLUMN api.inference_log.request_id IS 'Id of the HTTP request; one request may score many.';
COMMENT ON COLUMN api.inference_log.requested_at IS 'When it was asked.';
COMMENT ON COLUMN api.inference_log.caller IS 'Short fingerprint of the API key, or anonymous.';
COMMENT ON COLUMN api.inference_log.model_id IS 'Model that scored.';
COMMENT ON COLUMN api.inference_log.input IS 'One establishment or hypothetical visit, as received.';
COMMENT ON COLUMN api.inference_log.output IS 'Score, label, threshold and reasons, as answered.';

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
    ORDER BY i.establishment_id, i.inspection_date DESC, length(i.inspection_id) DESC,
             i.inspection_id COLLATE "C" DESC;
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
