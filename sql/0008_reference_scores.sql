-- depends: 0005_models

CREATE TABLE models.reference_scores (
    model_id          text NOT NULL,
    inspection_id     bigint NOT NULL,
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
