-- depends: 0002_records

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
