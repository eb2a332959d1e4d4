-- depends: 0002_records 0006_predictions

-- The API asks with every search whether a week of clean inspections was written or
-- decided since it last looked; without these it would read all records of the asset.
CREATE INDEX materializations_written ON metadata.materializations (asset, sequence DESC);
COMMENT ON INDEX metadata.materializations_written IS 'The newest record of an asset.';
CREATE INDEX materializations_decided ON metadata.materializations (asset, decided_at DESC);
COMMENT ON INDEX metadata.materializations_decided IS 'The newest verdict on an asset.';

-- The list of a week, which is what most callers ask for, without passing over the
-- thousands of establishments that are not on it.
CREATE INDEX api_inspection_queue_list ON api.inspection_queue (week, version, rank) WHERE is_on_list;
COMMENT ON INDEX api.api_inspection_queue_list IS 'The visits a week has room for, by rank.';

-- A week's predictions, highest score first.
CREATE INDEX api_predictions_week_score ON api.predictions (week, score DESC, establishment_id, inspection_id);
COMMENT ON INDEX api.api_predictions_week_score IS 'A week''s predictions in the order they are shown.';
