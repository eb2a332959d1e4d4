-- Fitted models, how they did, which of them serves from which week on, and how fair it is.

CREATE TABLE models.candidates (
    model_id           text PRIMARY KEY,
    week               date NOT NULL CHECK (extract(isodow FROM week) = 1),
    run_id             text NOT NULL,
    recipe             text NOT NULL,
    label              text NOT NULL CHECK (label IN ('fail', 'critical')),
    cutoff             date NOT NULL,
    fit_from           date NOT NULL,
    calibrate_from     date NOT NULL,
    validate_from      date NOT NULL,
    fit_rows           bigint NOT NULL,
    calibrate_rows     bigint NOT NULL,
    validate_rows      bigint NOT NULL,
    threshold          double precision NOT NULL,
    parameters         jsonb NOT NULL,
    seed               bigint NOT NULL DEFAULT 0,
    metrics            jsonb NOT NULL,
    baseline_metrics   jsonb NOT NULL,
    feature_columns    jsonb NOT NULL,
    library_versions   jsonb NOT NULL,
    object_key         text NOT NULL,
    checksum           text NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX candidates_week ON models.candidates (week, label, recipe);
COMMENT ON TABLE models.candidates IS 'Fitted recipes, each with its cutoff: fitted on the fit weeks, calibrated on the weeks after, judged on the validation weeks it never saw.';
COMMENT ON COLUMN models.candidates.model_id IS 'recipe-label-cutoff-hash, unique.';
COMMENT ON COLUMN models.candidates.week IS 'Partition of the asset: the cutoff''s week.';
COMMENT ON COLUMN models.candidates.run_id IS 'Dagster run that fitted it.';
COMMENT ON COLUMN models.candidates.recipe IS 'Name in the registry of recipes, e.g. xgboost.';
COMMENT ON COLUMN models.candidates.label IS 'What it forecasts: fail or critical.';
COMMENT ON COLUMN models.candidates.cutoff IS 'Monday; the model has seen only inspections before this day.';
COMMENT ON COLUMN models.candidates.fit_from IS 'First day of the fit part.';
COMMENT ON COLUMN models.candidates.calibrate_from IS 'First day of the calibration part.';
COMMENT ON COLUMN models.candidates.validate_from IS 'First day of the validation part, which ends before the cutoff.';
COMMENT ON COLUMN models.candidates.fit_rows IS 'Inspections in the fit part.';
COMMENT ON COLUMN models.candidates.calibrate_rows IS 'Inspections in the calibration part.';
COMMENT ON COLUMN models.candidates.validate_rows IS 'Inspections in the validation part.';
COMMENT ON COLUMN models.candidates.threshold IS 'Score from which on the predicted label is 1.';
COMMENT ON COLUMN models.candidates.parameters IS 'Hyperparameters.';
COMMENT ON COLUMN models.candidates.seed IS 'Seed of everything drawn at random while fitting.';
COMMENT ON COLUMN models.candidates.metrics IS 'Validation metrics by name.';
COMMENT ON COLUMN models.candidates.baseline_metrics IS 'The same metrics for each baseline: base_rate, past_rate, order of reality.';
COMMENT ON COLUMN models.candidates.feature_columns IS 'Feature columns in the order the model takes them.';
COMMENT ON COLUMN models.candidates.library_versions IS 'Versions of the libraries it was fitted with; loading with others is refused.';
COMMENT ON COLUMN models.candidates.object_key IS 'Key of the skops file in the object store.';
COMMENT ON COLUMN models.candidates.checksum IS 'SHA-256 of the skops file, checked on loading.';
COMMENT ON COLUMN models.candidates.created_at IS 'When it was stored.';

CREATE TABLE models.validation_scores (
    model_id          text NOT NULL REFERENCES models.candidates ON DELETE CASCADE,
    inspection_id     text NOT NULL,
    inspection_date   date NOT NULL,
    establishment_id  text NOT NULL,
    facility_type     text NOT NULL,
    zip               text NOT NULL,
    risk              text NOT NULL,
    score             double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
    label             smallint NOT NULL CHECK (label IN (0, 1)),
    outcome           smallint NOT NULL CHECK (outcome IN (0, 1)),
    PRIMARY KEY (model_id, inspection_id)
);
COMMENT ON TABLE models.validation_scores IS 'Scores of the validation weeks by the fit that did not see them: source of the metrics, the bias report and the reference for monitoring.';
COMMENT ON COLUMN models.validation_scores.model_id IS 'Candidate that scored.';
COMMENT ON COLUMN models.validation_scores.inspection_id IS 'Inspection scored.';
COMMENT ON COLUMN models.validation_scores.inspection_date IS 'Day of the visit.';
COMMENT ON COLUMN models.validation_scores.establishment_id IS 'Establishment visited.';
COMMENT ON COLUMN models.validation_scores.facility_type IS 'Kind of establishment.';
COMMENT ON COLUMN models.validation_scores.zip IS 'Postal code.';
COMMENT ON COLUMN models.validation_scores.risk IS 'Risk class.';
COMMENT ON COLUMN models.validation_scores.score IS 'Estimated probability of the label, calibrated.';
COMMENT ON COLUMN models.validation_scores.label IS '1 where the score reaches the model''s threshold.';
COMMENT ON COLUMN models.validation_scores.outcome IS 'What was found: 1 where the label was true.';

CREATE TABLE models.selections (
    selection_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    effective_week  date NOT NULL CHECK (extract(isodow FROM effective_week) = 1),
    label           text NOT NULL CHECK (label IN ('fail', 'critical')),
    model_id        text NOT NULL,
    candidate_id    text NOT NULL REFERENCES models.candidates (model_id),
    recipe          text NOT NULL,
    model_cutoff    date NOT NULL,
    threshold       double precision NOT NULL,
    metric          text NOT NULL,
    metrics         jsonb NOT NULL,
    object_key      text NOT NULL,
    checksum        text NOT NULL,
    run_id          text,
    decided_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by      text NOT NULL,
    reason          text NOT NULL
);
CREATE INDEX selections_effective ON models.selections (label, effective_week DESC, selection_id DESC);
COMMENT ON TABLE models.selections IS 'Append-only log of which model serves from which week on. The champion of week W is the last decision with effective_week <= W and model_cutoff <= W.';
COMMENT ON COLUMN models.selections.selection_id IS 'Order of decision.';
COMMENT ON COLUMN models.selections.effective_week IS 'Monday from which on the model serves.';
COMMENT ON COLUMN models.selections.label IS 'What it forecasts: fail or critical.';
COMMENT ON COLUMN models.selections.model_id IS 'The model that serves: the winner refitted on everything before its cutoff.';
COMMENT ON COLUMN models.selections.candidate_id IS 'The candidate that won, whose validation scores are the reference.';
COMMENT ON COLUMN models.selections.recipe IS 'Recipe of the winner.';
COMMENT ON COLUMN models.selections.model_cutoff IS 'Monday; the serving model has seen only inspections before this day.';
COMMENT ON COLUMN models.selections.threshold IS 'Score from which on the predicted label is 1.';
COMMENT ON COLUMN models.selections.metric IS 'Metric the decision was made by.';
COMMENT ON COLUMN models.selections.metrics IS 'That metric and the others, per contender.';
COMMENT ON COLUMN models.selections.object_key IS 'Key of the skops file in the object store.';
COMMENT ON COLUMN models.selections.checksum IS 'SHA-256 of the skops file, checked on loading.';
COMMENT ON COLUMN models.selections.run_id IS 'Dagster run that decided; null for a decision by hand. A run''s decision counts once its checks accepted it.';
COMMENT ON COLUMN models.selections.decided_at IS 'When it was decided.';
COMMENT ON COLUMN models.selections.decided_by IS 'selected_model, or who decided by hand.';
COMMENT ON COLUMN models.selections.reason IS 'Why, in words.';

CREATE TABLE models.reference_scores (
    model_id          text NOT NULL,
    inspection_id     text NOT NULL,
    inspection_date   date NOT NULL,
    establishment_id  text NOT NULL,
    facility_type     text NOT NULL,
    zip               text NOT NULL,
    risk              text NOT NULL,
    score             double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
    label             smallint NOT NULL CHECK (label IN (0, 1)),
    outcome           smallint NOT NULL CHECK (outcome IN (0, 1)),
    PRIMARY KEY (model_id, inspection_id)
);
COMMENT ON TABLE models.reference_scores IS 'What a serving model''s scores are compared with later: the validation weeks, scored by the fit that did not see them, on the scale of the serving model''s calibration.';
COMMENT ON COLUMN models.reference_scores.model_id IS 'Serving model, as in models.selections.';
COMMENT ON COLUMN models.reference_scores.inspection_id IS 'Inspection scored.';
COMMENT ON COLUMN models.reference_scores.inspection_date IS 'Day of the visit.';
COMMENT ON COLUMN models.reference_scores.establishment_id IS 'Establishment visited.';
COMMENT ON COLUMN models.reference_scores.facility_type IS 'Kind of establishment.';
COMMENT ON COLUMN models.reference_scores.zip IS 'Postal code.';
COMMENT ON COLUMN models.reference_scores.risk IS 'Risk class.';
COMMENT ON COLUMN models.reference_scores.score IS 'Log-odds of the fit that did not see the inspection, calibrated with the serving model''s map.';
COMMENT ON COLUMN models.reference_scores.label IS '1 where the score reaches the serving model''s threshold.';
COMMENT ON COLUMN models.reference_scores.outcome IS 'What was found: 1 where the label was true.';

CREATE VIEW models.decisions_in_force AS
SELECT s.*
FROM models.selections AS s
WHERE s.run_id IS NULL
   OR EXISTS (
        SELECT 1
        FROM metadata.materializations AS m
        WHERE m.run_id = s.run_id
          AND m.asset = 'selected_model'
          AND m.week = s.effective_week
          AND m.status = 'accepted'
   );
COMMENT ON VIEW models.decisions_in_force IS 'Decisions that count: made by hand, or by a run whose checks accepted them.';

-- A decision made late for an early week (a model fitted for 2014 in order to score 2014)
-- must not depose the model of later weeks: the newest effective week decides, and only
-- among decisions for the same week the one made last.
CREATE FUNCTION models.champion(for_week date, for_label text) RETURNS SETOF models.selections
LANGUAGE sql STABLE AS $$
    SELECT *
    FROM models.decisions_in_force
    WHERE label = for_label AND effective_week <= for_week AND model_cutoff <= for_week
    ORDER BY effective_week DESC, selection_id DESC
    LIMIT 1
$$;
COMMENT ON FUNCTION models.champion(date, text) IS 'The decision in force for a week: the accepted one with the newest effective week not after it, the last made where there are several.';

CREATE TABLE data.bias_report (
    week              date NOT NULL CHECK (extract(isodow FROM week) = 1),
    model_id          text NOT NULL,
    label             text NOT NULL CHECK (label IN ('fail', 'critical')),
    attribute_name    text NOT NULL,
    attribute_value   text NOT NULL,
    reference_value   text NOT NULL,
    group_size        bigint NOT NULL,
    group_positives   bigint NOT NULL,
    tpr               double precision,
    tnr               double precision,
    fpr               double precision,
    fnr               double precision,
    fdr               double precision,
    for_              double precision,
    npv               double precision,
    precision_        double precision,
    ppr               double precision,
    pprev             double precision,
    prev              double precision,
    tpr_disparity     double precision,
    tnr_disparity     double precision,
    fpr_disparity     double precision,
    fnr_disparity     double precision,
    fdr_disparity     double precision,
    for_disparity     double precision,
    npv_disparity     double precision,
    precision_disparity double precision,
    ppr_disparity     double precision,
    pprev_disparity   double precision,
    is_tpr_parity     boolean,
    is_tnr_parity     boolean,
    is_fpr_parity     boolean,
    is_fnr_parity     boolean,
    is_fdr_parity     boolean,
    is_for_parity     boolean,
    is_npv_parity     boolean,
    is_precision_parity boolean,
    is_ppr_parity     boolean,
    is_pprev_parity   boolean,
    mean_score        double precision,
    queue_share       double precision,
    mean_days_earlier double precision,
    PRIMARY KEY (week, attribute_name, attribute_value)
);
COMMENT ON TABLE data.bias_report IS 'Fairness audit (aequitas) of the selected model on its validation weeks: one row per attribute value.';
COMMENT ON COLUMN data.bias_report.week IS 'Effective week of the selection.';
COMMENT ON COLUMN data.bias_report.model_id IS 'Candidate whose validation scores were audited.';
COMMENT ON COLUMN data.bias_report.label IS 'What it forecasts: fail or critical.';
COMMENT ON COLUMN data.bias_report.attribute_name IS 'facility_type, zip or risk.';
COMMENT ON COLUMN data.bias_report.attribute_value IS 'Group.';
COMMENT ON COLUMN data.bias_report.reference_value IS 'Group the others are compared with: the one agreed for the city, or the largest.';
COMMENT ON COLUMN data.bias_report.group_size IS 'Inspections of the group.';
COMMENT ON COLUMN data.bias_report.group_positives IS 'Inspections of the group where the label was true.';
COMMENT ON COLUMN data.bias_report.tpr IS 'True positive rate (recall).';
COMMENT ON COLUMN data.bias_report.tnr IS 'True negative rate.';
COMMENT ON COLUMN data.bias_report.fpr IS 'False positive rate.';
COMMENT ON COLUMN data.bias_report.fnr IS 'False negative rate.';
COMMENT ON COLUMN data.bias_report.fdr IS 'False discovery rate.';
COMMENT ON COLUMN data.bias_report.for_ IS 'False omission rate.';
COMMENT ON COLUMN data.bias_report.npv IS 'Negative predictive value.';
COMMENT ON COLUMN data.bias_report.precision_ IS 'Precision (positive predictive value).';
COMMENT ON COLUMN data.bias_report.ppr IS 'Predicted positive ratio: the group''s share of all predicted positives.';
COMMENT ON COLUMN data.bias_report.pprev IS 'Predicted prevalence: share of the group predicted positive.';
COMMENT ON COLUMN data.bias_report.prev IS 'Prevalence: share of the group where the label was true.';
COMMENT ON COLUMN data.bias_report.tpr_disparity IS 'tpr divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.tnr_disparity IS 'tnr divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.fpr_disparity IS 'fpr divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.fnr_disparity IS 'fnr divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.fdr_disparity IS 'fdr divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.for_disparity IS 'for_ divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.npv_disparity IS 'npv divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.precision_disparity IS 'precision_ divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.ppr_disparity IS 'ppr divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.pprev_disparity IS 'pprev divided by the reference group''s.';
COMMENT ON COLUMN data.bias_report.is_tpr_parity IS 'tpr_disparity lies within the tolerance from 0.8 to 1.25 with its whole 90% interval: true; outside with all of it: false; null where it cannot be told.';
COMMENT ON COLUMN data.bias_report.is_tnr_parity IS 'tnr_disparity lies within the tolerance.';
COMMENT ON COLUMN data.bias_report.is_fpr_parity IS 'fpr_disparity lies within the tolerance.';
COMMENT ON COLUMN data.bias_report.is_fnr_parity IS 'fnr_disparity lies within the tolerance.';
COMMENT ON COLUMN data.bias_report.is_fdr_parity IS 'fdr_disparity lies within the tolerance.';
COMMENT ON COLUMN data.bias_report.is_for_parity IS 'for_disparity lies within the tolerance.';
COMMENT ON COLUMN data.bias_report.is_npv_parity IS 'npv_disparity lies within the tolerance.';
COMMENT ON COLUMN data.bias_report.is_precision_parity IS 'precision_disparity lies within the tolerance.';
COMMENT ON COLUMN data.bias_report.is_ppr_parity IS 'Always null: a group''s share of all flags follows its size.';
COMMENT ON COLUMN data.bias_report.is_pprev_parity IS 'pprev_disparity lies within the tolerance.';
COMMENT ON COLUMN data.bias_report.mean_score IS 'Mean score of the group.';
COMMENT ON COLUMN data.bias_report.queue_share IS 'Share of the group in the first half of the visits when ordered by score.';
COMMENT ON COLUMN data.bias_report.mean_days_earlier IS 'Mean days by which ordering by score moves the group''s visits forward (negative: back).';
