-- depends: 0005_models

-- A decision made late for an early week (a model fitted for 2014 in order to score 2014)
-- must not depose the model of later weeks: the newest effective week decides, and only
-- among decisions for the same week the one made last.
CREATE OR REPLACE FUNCTION models.champion(for_week date, for_label text) RETURNS SETOF models.selections
LANGUAGE sql STABLE AS $$
    SELECT *
    FROM models.decisions_in_force
    WHERE label = for_label AND effective_week <= for_week AND model_cutoff <= for_week
    ORDER BY effective_week DESC, selection_id DESC
    LIMIT 1
$$;
COMMENT ON FUNCTION models.champion(date, text) IS 'The decision in force for a week: the accepted one with the newest effective week not after it, the last made where there are several.';
