-- depends: 0007_monitoring

CREATE TABLE monitoring.moves (
    week            date NOT NULL CHECK (extract(isodow FROM week) = 1),
    feature         text NOT NULL,
    statistic       text NOT NULL CHECK (statistic IN ('mean', 'standard_deviation', 'median', 'upper_quartile')),
    reference       double precision NOT NULL,
    current         double precision NOT NULL,
    change_percent  double precision,
    is_over         boolean NOT NULL,
    PRIMARY KEY (week, feature, statistic)
);
COMMENT ON TABLE monitoring.moves IS 'By how much each feature''s mean, deviation, median and upper quartile moved against the champion''s validation weeks. A table to read, not a trigger: on real rows some feature is over the line in almost every week.';
COMMENT ON COLUMN monitoring.moves.week IS 'Monday of the last current week.';
COMMENT ON COLUMN monitoring.moves.feature IS 'Column of the feature.';
COMMENT ON COLUMN monitoring.moves.statistic IS 'mean, standard_deviation, median or upper_quartile.';
COMMENT ON COLUMN monitoring.moves.reference IS 'Its value over the reference inspections.';
COMMENT ON COLUMN monitoring.moves.current IS 'Its value over the current inspections.';
COMMENT ON COLUMN monitoring.moves.change_percent IS '100 * (current - reference) / |reference|; null where the reference is 0.';
COMMENT ON COLUMN monitoring.moves.is_over IS 'The change is larger than the rule allows, up or down.';

CREATE TABLE monitoring.retraining_decisions (
    decision_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    week           date NOT NULL CHECK (extract(isodow FROM week) = 1),
    label          text NOT NULL CHECK (label IN ('fail', 'critical')),
    decided_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    is_retraining  boolean NOT NULL,
    rule           text NOT NULL,
    values         jsonb NOT NULL DEFAULT '{}',
    reason         text NOT NULL,
    run_key        text
);
CREATE INDEX retraining_decisions_week ON monitoring.retraining_decisions (label, week DESC, decision_id DESC);
COMMENT ON TABLE monitoring.retraining_decisions IS 'Append-only log: each time retraining was considered, what was decided and why.';
COMMENT ON COLUMN monitoring.retraining_decisions.decision_id IS 'Order of decision.';
COMMENT ON COLUMN monitoring.retraining_decisions.week IS 'Monday of the week whose facts were looked at.';
COMMENT ON COLUMN monitoring.retraining_decisions.label IS 'What the model forecasts: fail or critical.';
COMMENT ON COLUMN monitoring.retraining_decisions.decided_at IS 'When it was decided.';
COMMENT ON COLUMN monitoring.retraining_decisions.is_retraining IS 'Whether a new model was asked for.';
COMMENT ON COLUMN monitoring.retraining_decisions.rule IS 'Name of the rule that decided, e.g. model_age, score_drift, none.';
COMMENT ON COLUMN monitoring.retraining_decisions.values IS 'The numbers the rule looked at, by name, thresholds among them.';
COMMENT ON COLUMN monitoring.retraining_decisions.reason IS 'Why, in words.';
COMMENT ON COLUMN monitoring.retraining_decisions.run_key IS 'Run key of the training run asked for; null where none was.';
