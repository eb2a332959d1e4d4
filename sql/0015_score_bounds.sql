-- Between which shares the truth lies among places that score alike, beside the score.

ALTER TABLE data.predictions ADD COLUMN score_low double precision, ADD COLUMN score_high double precision;
ALTER TABLE data.inspection_queue ADD COLUMN score_low double precision, ADD COLUMN score_high double precision;
ALTER TABLE api.predictions ADD COLUMN score_low double precision, ADD COLUMN score_high double precision;
ALTER TABLE api.inspection_queue ADD COLUMN score_low double precision, ADD COLUMN score_high double precision;
COMMENT ON COLUMN data.predictions.score_low IS 'The score, the lower of its bounds: nine of ten shares of places that score alike lie between them; null in weeks made before it was kept, or by a model stored before.';
COMMENT ON COLUMN data.predictions.score_high IS 'The score, the upper of its bounds: nine of ten shares of places that score alike lie between them; null in weeks made before it was kept, or by a model stored before.';
COMMENT ON COLUMN data.inspection_queue.score_low IS 'The score, the lower of its bounds: nine of ten shares of places that score alike lie between them; null in weeks made before it was kept, or by a model stored before.';
COMMENT ON COLUMN data.inspection_queue.score_high IS 'The score, the upper of its bounds: nine of ten shares of places that score alike lie between them; null in weeks made before it was kept, or by a model stored before.';
COMMENT ON COLUMN api.predictions.score_low IS 'The score, the lower of its bounds: nine of ten shares of places that score alike lie between them; null in weeks made before it was kept, or by a model stored before.';
COMMENT ON COLUMN api.predictions.score_high IS 'The score, the upper of its bounds: nine of ten shares of places that score alike lie between them; null in weeks made before it was kept, or by a model stored before.';
COMMENT ON COLUMN api.inspection_queue.score_low IS 'The score, the lower of its bounds: nine of ten shares of places that score alike lie between them; null in weeks made before it was kept, or by a model stored before.';
COMMENT ON COLUMN api.inspection_queue.score_high IS 'The score, the upper of its bounds: nine of ten shares of places that score alike lie between them; null in weeks made before it was kept, or by a model stored before.';
