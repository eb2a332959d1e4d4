-- Evidently's pictures beside the answers of monitoring.drift_verdicts.

CREATE TABLE monitoring.drift_pages (
    week        date PRIMARY KEY CHECK (extract(isodow FROM week) = 1),
    model_id    text NOT NULL,
    object_key  text NOT NULL,
    row_count   bigint NOT NULL
);
COMMENT ON TABLE monitoring.drift_pages IS 'Which weeks evidently''s page was made for; only the newest page is kept.';
COMMENT ON COLUMN monitoring.drift_pages.week IS 'Monday of the last current week.';
COMMENT ON COLUMN monitoring.drift_pages.model_id IS 'Champion of the week.';
COMMENT ON COLUMN monitoring.drift_pages.object_key IS 'The page in the object store; it holds the newest week by now.';
COMMENT ON COLUMN monitoring.drift_pages.row_count IS 'Current inspections it shows.';
