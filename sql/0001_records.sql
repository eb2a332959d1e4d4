-- Records: what was pulled, what was written, whether it was accepted, what its checks saw.
-- Every other file builds on this one; readers of every other table go through metadata.accepted_weeks.

CREATE SCHEMA data;
COMMENT ON SCHEMA data IS 'What the pipeline makes of the city''s inspections: clean rows, features, predictions, queues, bias reports.';

CREATE SCHEMA models;
COMMENT ON SCHEMA models IS 'Fitted candidates, their validation scores, and the log of which model was chosen when and why.';

CREATE SCHEMA api;
COMMENT ON SCHEMA api IS 'Published results, accepted weeks only: what the HTTP API and the monitor show.';

CREATE SCHEMA monitoring;
COMMENT ON SCHEMA monitoring IS 'Whether the forecast still holds: score distributions, drift, realised performance.';

CREATE SCHEMA metadata;
COMMENT ON SCHEMA metadata IS 'Which run wrote which week of which asset, from what, and whether its checks accepted it.';

CREATE SCHEMA test;
COMMENT ON SCHEMA test IS 'Results of the asset checks: the unit tests of the data.';

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
-- The API asks with every search whether a week of clean inspections was written or
-- decided since it last looked; without these it would read all records of the asset.
CREATE INDEX materializations_written ON metadata.materializations (asset, sequence DESC);
COMMENT ON INDEX metadata.materializations_written IS 'The newest record of an asset.';
CREATE INDEX materializations_decided ON metadata.materializations (asset, decided_at DESC);
COMMENT ON INDEX metadata.materializations_decided IS 'The newest verdict on an asset.';
COMMENT ON TABLE metadata.materializations IS 'Append-only: one row per run, asset and week written. The row is the commit: for tables it is written in the transaction of the data, for objects after the object.';
COMMENT ON COLUMN metadata.materializations.sequence IS 'Order of writing; the highest of an asset and week is the one in force.';
COMMENT ON COLUMN metadata.materializations.run_id IS 'Dagster run that wrote the week.';
COMMENT ON COLUMN metadata.materializations.asset IS 'Asset name, e.g. clean_inspections.';
COMMENT ON COLUMN metadata.materializations.week IS 'Monday of the week (the partition).';
COMMENT ON COLUMN metadata.materializations.status IS 'pending: written, checks not finished; accepted: every blocking check passed; rejected: at least one failed.';
COMMENT ON COLUMN metadata.materializations.row_count IS 'Rows of the week in the asset''s main table or object.';
COMMENT ON COLUMN metadata.materializations.code_version IS 'Version of the asset''s code.';
COMMENT ON COLUMN metadata.materializations.content_hash IS 'SHA-256 of the week''s content: the true data version.';
COMMENT ON COLUMN metadata.materializations.upstream_hash IS 'SHA-256 over the content hashes of the accepted upstream weeks it was made from, the model that serves, the code version and the label.';
COMMENT ON COLUMN metadata.materializations.object_key IS 'Key in the object store, for assets kept as objects.';
COMMENT ON COLUMN metadata.materializations.parameters IS 'Run config and facts of the week, e.g. rows dropped per reason.';
COMMENT ON COLUMN metadata.materializations.created_at IS 'When the week was written.';
COMMENT ON COLUMN metadata.materializations.decided_at IS 'When the last blocking check gave its verdict.';

-- The rule of acceptance stands here and nowhere else: of the records of an asset and
-- week the newest counts, and a reader may use the week where that one is accepted.
-- Written as "there is no later one", so that a week, an asset or a join finds its rows
-- by the index; DISTINCT ON would read all records of an asset first.
CREATE VIEW metadata.latest_materializations AS
SELECT m.*
FROM metadata.materializations AS m
WHERE NOT EXISTS (
    SELECT
    FROM metadata.materializations AS later
    WHERE later.asset = m.asset AND later.week = m.week AND later.sequence > m.sequence
);
COMMENT ON VIEW metadata.latest_materializations IS 'The row in force for each asset and week, whatever its status.';

CREATE VIEW metadata.accepted_weeks AS
SELECT asset, week, run_id, row_count, content_hash, upstream_hash, code_version, object_key, parameters, created_at,
       decided_at, sequence, status
FROM metadata.latest_materializations
WHERE status = 'accepted';
COMMENT ON VIEW metadata.accepted_weeks IS 'Weeks a reader may use: the row in force is accepted. A later pending or rejected write hides the week until it is repaired.';

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

CREATE TABLE metadata.city (
    is_the_only_row  boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_row),
    name             text NOT NULL,
    data_set         text,
    profile          text NOT NULL,
    time_zone        text NOT NULL,
    remembered_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE metadata.city IS 'The city whose inspections the database holds: one row, written at first use.';
COMMENT ON COLUMN metadata.city.is_the_only_row IS 'Always true, so that there is one row.';
COMMENT ON COLUMN metadata.city.name IS 'Name of the city, as its profile gives it.';
COMMENT ON COLUMN metadata.city.data_set IS 'The portal''s id of its data set; null where the profile names no portal. Names are not unique.';
COMMENT ON COLUMN metadata.city.profile IS 'Name of the profile, or its path.';
COMMENT ON COLUMN metadata.city.time_zone IS 'Where its days begin, such as America/New_York; that of the profile last used.';
COMMENT ON COLUMN metadata.city.remembered_at IS 'When the database was first used.';

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

-- What the portal held when a week was pulled, so that one grouped query tells which weeks
-- have changed since.
CREATE TABLE metadata.pulled_days (
    run_id             text NOT NULL,
    week               date NOT NULL CHECK (extract(isodow FROM week) = 1),
    day                date NOT NULL CHECK (day >= week AND day < week + 7),
    row_count          bigint NOT NULL CHECK (row_count >= 1),
    newest_updated_at  text,
    PRIMARY KEY (run_id, week, day),
    FOREIGN KEY (run_id, week) REFERENCES metadata.pulls ON DELETE CASCADE
);
COMMENT ON TABLE metadata.pulled_days IS 'What each download brought, by day of the visits; a day without rows has none here.';
COMMENT ON COLUMN metadata.pulled_days.run_id IS 'Dagster run of the download.';
COMMENT ON COLUMN metadata.pulled_days.week IS 'Monday of the week.';
COMMENT ON COLUMN metadata.pulled_days.day IS 'Day of the visits.';
COMMENT ON COLUMN metadata.pulled_days.row_count IS 'Rows received for the day.';
COMMENT ON COLUMN metadata.pulled_days.newest_updated_at IS 'Newest :updated_at among the day''s rows, in the portal''s own words, to be compared for equality.';

-- Where each inspection lies, so that one whose date is corrected leaves its old week in the
-- commit that brings it to its new one.
CREATE TABLE metadata.pulled_inspections (
    inspection_id  text NOT NULL,
    week           date NOT NULL CHECK (extract(isodow FROM week) = 1),
    PRIMARY KEY (inspection_id, week)
);
CREATE INDEX pulled_inspections_week ON metadata.pulled_inspections (week);
COMMENT ON TABLE metadata.pulled_inspections IS 'In which week each inspection lay when that week was pulled last.';
COMMENT ON COLUMN metadata.pulled_inspections.inspection_id IS 'The portal''s id of the inspection.';
COMMENT ON COLUMN metadata.pulled_inspections.week IS 'Monday of the week.';
