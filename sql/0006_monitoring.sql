-- Whether the forecast still holds, and what was concluded from that.

CREATE TABLE monitoring.score_distributions (
    week           date NOT NULL CHECK (extract(isodow FROM week) = 1),
    model_id       text NOT NULL,
    source         text NOT NULL CHECK (source IN ('validation', 'predictions')),
    facility_type  text NOT NULL,
    bin            smallint NOT NULL,
    bin_lower      double precision NOT NULL,
    bin_upper      double precision NOT NULL,
    count          bigint NOT NULL,
    share          double precision NOT NULL,
    PRIMARY KEY (week, source, facility_type, bin)
);
COMMENT ON TABLE monitoring.score_distributions IS 'Histograms of scores: the champion''s validation scores, stored at training time, against the week''s predictions.';
COMMENT ON COLUMN monitoring.score_distributions.week IS 'Monday of the week whose predictions are shown.';
COMMENT ON COLUMN monitoring.score_distributions.model_id IS 'Champion of the week.';
COMMENT ON COLUMN monitoring.score_distributions.source IS 'validation: scores of the validation weeks; predictions: scores of this week.';
COMMENT ON COLUMN monitoring.score_distributions.facility_type IS 'Kind of establishment, or all.';
COMMENT ON COLUMN monitoring.score_distributions.bin IS 'Number of the bin, from 0.';
COMMENT ON COLUMN monitoring.score_distributions.bin_lower IS 'Lower edge, inclusive.';
COMMENT ON COLUMN monitoring.score_distributions.bin_upper IS 'Upper edge, exclusive but for the last bin.';
COMMENT ON COLUMN monitoring.score_distributions.count IS 'Scores in the bin.';
COMMENT ON COLUMN monitoring.score_distributions.share IS 'count divided by the sum over the bins of the same week, source and facility type; 0 where that sum is 0.';

CREATE TABLE monitoring.drift (
    week            date NOT NULL CHECK (extract(isodow FROM week) = 1),
    model_id        text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('score', 'feature', 'outcome', 'ranking')),
    name            text NOT NULL,
    statistic       text NOT NULL,
    value           double precision NOT NULL,
    threshold       double precision,
    p_value         double precision,
    adjusted_p_value double precision,
    importance      double precision,
    is_drifted      boolean,
    reference_from  date NOT NULL,
    reference_to    date NOT NULL,
    current_from    date NOT NULL,
    current_to      date NOT NULL,
    reference_rows  bigint NOT NULL,
    current_rows    bigint NOT NULL,
    PRIMARY KEY (week, kind, name, statistic)
);
COMMENT ON TABLE monitoring.drift IS 'How far scores, features and outcomes of the newest complete weeks lie from the champion''s validation weeks, which they never share a day with; one row per thing looked at. None while it is too early to say.';
COMMENT ON COLUMN monitoring.drift.week IS 'Monday of the last current week.';
COMMENT ON COLUMN monitoring.drift.model_id IS 'Champion of the week.';
COMMENT ON COLUMN monitoring.drift.kind IS 'score, feature, outcome (how many were found) or ranking (in which order).';
COMMENT ON COLUMN monitoring.drift.name IS 'score, the feature''s column, or the label.';
COMMENT ON COLUMN monitoring.drift.statistic IS 'psi (population stability index of the scores, the season held still), jensen_shannon (distance of a feature''s histograms), deviations and ratio (found against what the scores promised), auc.';
COMMENT ON COLUMN monitoring.drift.value IS 'Value of the statistic. Of psi and jensen_shannon it follows from the counts in monitoring.distributions.';
COMMENT ON COLUMN monitoring.drift.threshold IS 'Value from which on it counts as drifted (for auc: below which); null where the history is too short to say.';
COMMENT ON COLUMN monitoring.drift.p_value IS 'How seldom it moves this far by itself, from earlier windows as long and as far apart; null for outcomes, and where the history is too short.';
COMMENT ON COLUMN monitoring.drift.adjusted_p_value IS 'p_value corrected for the number of features looked at (Benjamini and Hochberg 1995); features only.';
COMMENT ON COLUMN monitoring.drift.importance IS 'Share of the model''s effects that the feature carries; features only.';
COMMENT ON COLUMN monitoring.drift.is_drifted IS 'The value is past its threshold; for outcomes, deviations and ratio both are. Null where the history is too short to say.';
COMMENT ON COLUMN monitoring.drift.reference_from IS 'First day of the reference inspections.';
COMMENT ON COLUMN monitoring.drift.reference_to IS 'Last day of the reference inspections.';
COMMENT ON COLUMN monitoring.drift.current_from IS 'First day of the current inspections.';
COMMENT ON COLUMN monitoring.drift.current_to IS 'Last day of the current inspections.';
COMMENT ON COLUMN monitoring.drift.reference_rows IS 'Reference inspections.';
COMMENT ON COLUMN monitoring.drift.current_rows IS 'Current inspections.';

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

CREATE TABLE monitoring.performance (
    week         date NOT NULL CHECK (extract(isodow FROM week) = 1),
    model_id     text NOT NULL,
    source       text NOT NULL CHECK (source IN ('queue', 'random_share', 'predictions', 'validation', 'off_list',
                                                 'past_rate', 'most_overdue', 'followed', 'overridden', 'estimated')),
    metric       text NOT NULL,
    value        double precision,
    lower        double precision,
    upper        double precision,
    row_count    bigint NOT NULL,
    positives    bigint NOT NULL,
    coverage     double precision,
    PRIMARY KEY (week, source, metric)
);
COMMENT ON TABLE monitoring.performance IS 'What the forecast was worth once the week''s results were in.';
COMMENT ON COLUMN monitoring.performance.week IS 'Monday of the complete week judged.';
COMMENT ON COLUMN monitoring.performance.model_id IS 'Model that scored.';
COMMENT ON COLUMN monitoring.performance.source IS 'queue: the first published queue joined to the visits that followed; random_share: its random draws only, which are places below the top of the list; predictions: scores as of the morning of each visit; validation: the promise made at selection; off_list: visits to places that were not on the list; past_rate, most_overdue: the visits that this heuristic would have put first, as many as were visited from the list; followed, overridden: visits to lines of the plan, by whether a decision overrode it; estimated: what the scores of the queue''s visits alone let one expect, whatever was found.';
COMMENT ON COLUMN monitoring.performance.metric IS 'Name of the metric, e.g. roc_auc, days_earlier, precision_at_capacity; share_visited: share of the list visited within the week; failure_rate: share of the visits where the label was true.';
COMMENT ON COLUMN monitoring.performance.value IS 'Value; null where it is not defined, e.g. AUC without a positive.';
COMMENT ON COLUMN monitoring.performance.lower IS 'Lower end of the 90% interval: after Wilson for precision_at_capacity, share_visited and failure_rate, of the bootstrap for the rest; of an estimate the range in which nine of ten realised values would lie.';
COMMENT ON COLUMN monitoring.performance.upper IS 'Upper end of the same.';
COMMENT ON COLUMN monitoring.performance.row_count IS 'Visits judged, those of a known outcome; of share_visited the places on the list.';
COMMENT ON COLUMN monitoring.performance.positives IS 'Visits judged where the label was true.';
COMMENT ON COLUMN monitoring.performance.coverage IS 'Share of the week''s visits that the source held a score for; of random_share the share of the draws that was visited; of followed and overridden the share of their lines that was visited.';

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
