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
