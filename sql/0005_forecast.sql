-- The forecast: scores of the visits that took place, and the ranked queue of those to come.

CREATE TABLE data.predictions (
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    inspection_id     text NOT NULL,
    inspection_date   date NOT NULL,
    establishment_id  text NOT NULL,
    dba_name          text NOT NULL,
    address           text NOT NULL,
    zip               text NOT NULL,
    facility_type     text NOT NULL,
    risk              text NOT NULL,
    score             double precision NOT NULL,
    label             smallint NOT NULL,
    threshold         double precision NOT NULL,
    model_id          text NOT NULL,
    model_cutoff      date NOT NULL,
    reasons           jsonb NOT NULL,
    PRIMARY KEY (week, inspection_id)
);
COMMENT ON TABLE data.predictions IS 'Retrospective scores: each inspection that took place, scored as of the morning of the visit by the champion of its week.';
COMMENT ON COLUMN data.predictions.week IS 'Monday of the week of the inspection.';
COMMENT ON COLUMN data.predictions.inspection_id IS 'The portal''s id of the inspection.';
COMMENT ON COLUMN data.predictions.inspection_date IS 'Day of the visit.';
COMMENT ON COLUMN data.predictions.establishment_id IS 'Establishment visited.';
COMMENT ON COLUMN data.predictions.dba_name IS 'Name the establishment does business as.';
COMMENT ON COLUMN data.predictions.address IS 'Street address.';
COMMENT ON COLUMN data.predictions.zip IS 'Postal code.';
COMMENT ON COLUMN data.predictions.facility_type IS 'Kind of establishment.';
COMMENT ON COLUMN data.predictions.risk IS 'Risk class.';
COMMENT ON COLUMN data.predictions.score IS 'Estimated probability of the label, calibrated, in [0, 1].';
COMMENT ON COLUMN data.predictions.label IS '1 where score >= threshold.';
COMMENT ON COLUMN data.predictions.threshold IS 'The model''s own threshold.';
COMMENT ON COLUMN data.predictions.model_id IS 'Model that scored.';
COMMENT ON COLUMN data.predictions.model_cutoff IS 'The model has seen only inspections before this day.';
COMMENT ON COLUMN data.predictions.reasons IS 'Why, a list of {feature, text, value, effect, points}: first what raises the score, the place''s own facts before what it shares with others, then what lowers it; effect in log-odds, points in percentage points.';

CREATE TABLE data.inspection_queue (
    week                  date NOT NULL CHECK (extract(isodow FROM week) = 1),
    establishment_id      text NOT NULL,
    rank                  integer NOT NULL CHECK (rank >= 1),
    score                 double precision NOT NULL,
    label                 smallint NOT NULL,
    threshold             double precision NOT NULL,
    model_id              text NOT NULL,
    model_cutoff          date NOT NULL,
    reasons               jsonb NOT NULL,
    is_on_list            boolean NOT NULL,
    is_random_draw        boolean NOT NULL,
    dba_name              text NOT NULL,
    address               text NOT NULL,
    zip                   text NOT NULL,
    facility_type         text NOT NULL,
    risk                  text NOT NULL,
    latitude              double precision,
    longitude             double precision,
    last_visit            date NOT NULL,
    days_since_last_visit integer NOT NULL,
    last_result           text NOT NULL,
    is_reinspection_open  boolean NOT NULL,
    PRIMARY KEY (week, establishment_id)
);
COMMENT ON TABLE data.inspection_queue IS 'The forecast: every establishment in business, ranked by the score it would have as a scheduled first look on the week''s Monday, from days before that Monday only.';
COMMENT ON COLUMN data.inspection_queue.week IS 'Monday of the week the queue is for.';
COMMENT ON COLUMN data.inspection_queue.establishment_id IS 'Establishment.';
COMMENT ON COLUMN data.inspection_queue.rank IS '1 is the highest score; ties broken by establishment_id.';
COMMENT ON COLUMN data.inspection_queue.score IS 'Estimated probability of the label, calibrated, in [0, 1].';
COMMENT ON COLUMN data.inspection_queue.label IS '1 where score >= threshold.';
COMMENT ON COLUMN data.inspection_queue.threshold IS 'The model''s own threshold.';
COMMENT ON COLUMN data.inspection_queue.model_id IS 'Model that scored.';
COMMENT ON COLUMN data.inspection_queue.model_cutoff IS 'The model has seen only inspections before this day.';
COMMENT ON COLUMN data.inspection_queue.reasons IS 'Why, a list of {feature, text, value, effect, points}: first what raises the score, the place''s own facts before what it shares with others, then what lowers it; effect in log-odds, points in percentage points.';
COMMENT ON COLUMN data.inspection_queue.is_on_list IS 'Whether the week''s capacity reaches it: the top of the ranking, and the random draw.';
COMMENT ON COLUMN data.inspection_queue.is_random_draw IS 'Drawn at random among those below the top, to measure without the bias of the ranking.';
COMMENT ON COLUMN data.inspection_queue.dba_name IS 'Name the establishment does business as.';
COMMENT ON COLUMN data.inspection_queue.address IS 'Street address.';
COMMENT ON COLUMN data.inspection_queue.zip IS 'Postal code.';
COMMENT ON COLUMN data.inspection_queue.facility_type IS 'Kind of establishment.';
COMMENT ON COLUMN data.inspection_queue.risk IS 'Risk class.';
COMMENT ON COLUMN data.inspection_queue.latitude IS 'Degrees north; null where the city does not say.';
COMMENT ON COLUMN data.inspection_queue.longitude IS 'Degrees east; null where the city does not say.';
COMMENT ON COLUMN data.inspection_queue.last_visit IS 'Day of the last visit before the Monday.';
COMMENT ON COLUMN data.inspection_queue.days_since_last_visit IS 'Days from the last visit to the Monday.';
COMMENT ON COLUMN data.inspection_queue.last_result IS 'Result of the last visit.';
COMMENT ON COLUMN data.inspection_queue.is_reinspection_open IS 'The last visit failed and no visit has followed.';
