-- The score without what stands in for who inspects, beside the score.

ALTER TABLE data.predictions ADD COLUMN net_score double precision;
ALTER TABLE data.inspection_queue ADD COLUMN net_score double precision;
ALTER TABLE api.predictions ADD COLUMN net_score double precision;
ALTER TABLE api.inspection_queue ADD COLUMN net_score double precision;
COMMENT ON COLUMN data.predictions.net_score IS 'The score with an average inspector: without what inspectors lately found in the area; null in weeks made before it was kept.';
COMMENT ON COLUMN data.inspection_queue.net_score IS 'The score with an average inspector: without what inspectors lately found in the area; null in weeks made before it was kept.';
COMMENT ON COLUMN api.predictions.net_score IS 'The score with an average inspector: without what inspectors lately found in the area; null in weeks made before it was kept.';
COMMENT ON COLUMN api.inspection_queue.net_score IS 'The score with an average inspector: without what inspectors lately found in the area; null in weeks made before it was kept.';
COMMENT ON COLUMN data.inspection_plan.expected_finding IS 'Estimated probability that the visit finds a failure: the score of the queue that the plan goes by (FOOD_INSPECTIONS_PLAN_SCORE).';
