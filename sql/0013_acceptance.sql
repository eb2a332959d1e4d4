-- depends: 0002_records 0006_predictions

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
