-- depends: 0001_schemas
-- Records of what was written and whether it was accepted. Readers of every other
-- table go through metadata.accepted_weeks.

CREATE TABLE metadata.materializations (
    sequence       bigint GENERATED ALWAYS AS IDENTITY,
    run_id         text NOT NULL,
    asset          text NOT NULL,
    week           date NOT NULL CHECK (extract(isodow FROM week) = 1),
    status         text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'rejected')),
    row_count      bigint NOT NULL CHECK (row_count >= 0),
    code_version   text NOT NULL,
    content_hash   text NOT NULL,
    upstream_hash  text NOT NULL,
    object_key     text,
    parameters     jsonb NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_at     timestamptz,
    PRIMARY KEY (run_id, asset, week)
);
CREATE UNIQUE INDEX materializations_newest ON metadata.materializations (asset, week, sequence DESC);
COMMENT ON TABLE metadata.materializations IS 'Append-only: one row per run, asset and week written. The row is the commit: for tables it is written in the transaction of the data, for objects after the object.';
COMMENT ON COLUMN metadata.materializations.sequence IS 'Order of writing; the highest of an asset and week is the one in force.';
COMMENT ON COLUMN metadata.materializations.run_id IS 'Dagster run that wrote the week.';
COMMENT ON COLUMN metadata.materializations.asset IS 'Asset name, e.g. clean_inspections.';
COMMENT ON COLUMN metadata.materializations.week IS 'Monday of the week (the partition).';
COMMENT ON COLUMN metadata.materializations.status IS 'pending: written, checks not finished; accepted: every blocking check passed; rejected: at least one failed.';
COMMENT ON COLUMN metadata.materializations.row_count IS 'Rows of the week in the asset''s main table or object.';
COMMENT ON COLUMN metadata.materializations.code_version IS 'Version of the asset''s code.';
COMMENT ON COLUMN metadata.materializations.content_hash IS 'SHA-256 of the week''s content: the true data version.';
COMMENT ON COLUMN metadata.materializations.upstream_hash IS 'SHA-256 over the content hashes of the accepted upstream weeks it was made from, and its parameters.';
COMMENT ON COLUMN metadata.materializations.object_key IS 'Key in the object store, for assets kept as objects.';
COMMENT ON COLUMN metadata.materializations.parameters IS 'Run config and facts of the week, e.g. rows dropped per reason.';
COMMENT ON COLUMN metadata.materializations.created_at IS 'When the week was written.';
COMMENT ON COLUMN metadata.materializations.decided_at IS 'When the last blocking check gave its verdict.';

CREATE VIEW metadata.latest_materializations AS
SELECT DISTINCT ON (asset, week) *
FROM metadata.materializations
ORDER BY asset, week, sequence DESC;
COMMENT ON VIEW metadata.latest_materializations IS 'The row in force for each asset and week, whatever its status.';

CREATE VIEW metadata.accepted_weeks AS
SELECT asset, week, run_id, row_count, content_hash, upstream_hash, code_version, object_key, parameters, created_at, decided_at
FROM metadata.latest_materializations
WHERE status = 'accepted';
COMMENT ON VIEW metadata.accepted_weeks IS 'Weeks a reader may use: the row in force is accepted. A later pending or rejected write hides the week until it is repaired.';

CREATE TABLE metadata.pulls (
    run_id             text NOT NULL,
    week               date NOT NULL CHECK (extract(isodow FROM week) = 1),
    kind               text NOT NULL CHECK (kind IN ('historical', 'consecutive')),
    portal             text NOT NULL,
    dataset            text NOT NULL,
    row_count          bigint NOT NULL,
    newest_updated_at  timestamptz,
    requested_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, week)
);
CREATE INDEX pulls_week ON metadata.pulls (week, requested_at DESC);
COMMENT ON TABLE metadata.pulls IS 'Which download brought each week.';
COMMENT ON COLUMN metadata.pulls.run_id IS 'Dagster run of the download.';
COMMENT ON COLUMN metadata.pulls.week IS 'Monday of the week.';
COMMENT ON COLUMN metadata.pulls.kind IS 'historical: a range of weeks at once; consecutive: the newest weeks.';
COMMENT ON COLUMN metadata.pulls.portal IS 'Base address of the portal.';
COMMENT ON COLUMN metadata.pulls.dataset IS 'Socrata data set id.';
COMMENT ON COLUMN metadata.pulls.row_count IS 'Rows received for the week.';
COMMENT ON COLUMN metadata.pulls.newest_updated_at IS 'Newest :updated_at among the week''s rows; null for an empty week.';
COMMENT ON COLUMN metadata.pulls.requested_at IS 'When the week was requested.';

CREATE TABLE test.check_results (
    run_id       text NOT NULL,
    asset        text NOT NULL,
    check_name   text NOT NULL,
    week         date NOT NULL CHECK (extract(isodow FROM week) = 1),
    is_blocking  boolean NOT NULL,
    severity     text NOT NULL CHECK (severity IN ('ERROR', 'WARN')),
    passed       boolean NOT NULL,
    expected     text NOT NULL,
    seen         text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, asset, check_name, week)
);
CREATE INDEX check_results_week ON test.check_results (asset, week, created_at DESC);
COMMENT ON TABLE test.check_results IS 'One row per check, run and week: what was expected, what was seen.';
COMMENT ON COLUMN test.check_results.run_id IS 'Dagster run that evaluated the check.';
COMMENT ON COLUMN test.check_results.asset IS 'Asset the check is about.';
COMMENT ON COLUMN test.check_results.check_name IS 'Name of the check, unique within the asset.';
COMMENT ON COLUMN test.check_results.week IS 'Monday of the week checked.';
COMMENT ON COLUMN test.check_results.is_blocking IS 'Whether a failure rejects the week.';
COMMENT ON COLUMN test.check_results.severity IS 'ERROR or WARN.';
COMMENT ON COLUMN test.check_results.passed IS 'The verdict of this check.';
COMMENT ON COLUMN test.check_results.expected IS 'What should hold, in words.';
COMMENT ON COLUMN test.check_results.seen IS 'What was found, in words.';
COMMENT ON COLUMN test.check_results.created_at IS 'When it was evaluated.';
