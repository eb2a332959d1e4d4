from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.evaluation.metrics import METRICS
from food_inspections.domain.inputs import outcomes
from food_inspections.domain.learning.calibration import best_threshold, fit_calibration
from food_inspections.domain.learning.splits import split
from food_inspections.domain.learning.training import fit_candidate, reference_scores, refit
from food_inspections.errors import DataError, ModelError
from food_inspections.storage.models.files import dump_model
from food_inspections_tests.domain.model_frames import FIRST_DAY, INPUTS, feature_rows

CUTOFF = FIRST_DAY + timedelta(weeks=36)


def candidate(rows=None, **options):
    rows = feature_rows() if rows is None else rows
    return fit_candidate(rows, options.pop("recipe", "logistic_regression"), "fail", CUTOFF, inputs=INPUTS, **options)


def test_candidate_tells_what_it_was_made_from():
    found = candidate()
    assert found.model.cutoff == CUTOFF
    assert found.model.feature_columns == INPUTS.columns
    assert found.dates.validate_from == CUTOFF - timedelta(weeks=8)
    assert found.validate_rows == len(found.validation_scores)
    assert (
        found.fit_rows + found.calibrate_rows + found.validate_rows
        == (feature_rows()["inspection_date"] < pd.Timestamp(CUTOFF)).sum()
    )
    assert set(found.metrics) == set(METRICS)
    assert set(found.baseline_metrics) == {"order_of_reality", "base_rate", "past_rate"}


def test_candidate_beats_the_base_rate():
    found = candidate()
    assert found.metrics["roc_auc"] > 0.7
    assert found.metrics["brier_score"] < found.baseline_metrics["base_rate"]["brier_score"]


def test_validation_scores_have_the_columns_of_their_table():
    scores = candidate().validation_scores
    keys = "inspection_id inspection_date establishment_id facility_type zip risk"
    assert list(scores.columns) == [*keys.split(), "score", "label", "outcome"]
    assert scores["score"].between(0, 1).all()
    assert (scores["label"] == (scores["score"] >= candidate().model.threshold)).all()
    assert scores["inspection_date"].min() >= pd.Timestamp(CUTOFF - timedelta(weeks=8))


@pytest.mark.parametrize("recipe", ["logistic_regression", "xgboost"])
def test_nothing_on_or_after_the_cutoff_has_influence(recipe):
    rows = feature_rows()
    past = rows[rows["inspection_date"] < pd.Timestamp(CUTOFF)]
    assert dump_model(candidate(rows, recipe=recipe).model) == dump_model(candidate(past, recipe=recipe).model)
    both = [refit(frame, recipe, "fail", CUTOFF, inputs=INPUTS) for frame in (rows, past)]
    assert dump_model(both[0]) == dump_model(both[1])


def test_model_has_not_seen_the_weeks_it_is_judged_on():
    rows = feature_rows()
    is_seen = rows["inspection_date"] < pd.Timestamp(CUTOFF - timedelta(weeks=8))
    changed = rows.assign(label_fail=rows["label_fail"].where(is_seen, 1))
    changed.loc[changed.index[-1], "label_fail"] = 0
    changed.loc[changed["inspection_date"] == pd.Timestamp(CUTOFF - timedelta(weeks=1)), "label_fail"] = 0
    assert dump_model(candidate(rows).model) == dump_model(candidate(changed).model)


@pytest.mark.parametrize("recipe", ["logistic_regression", "xgboost"])
def test_map_and_threshold_come_from_the_calibration_weeks_alone(recipe):
    found, parts = candidate(recipe=recipe).model, split(feature_rows(), "fail", CUTOFF)

    def map_of(rows):
        return fit_calibration(found.estimator.raw_log_odds(INPUTS.frame(rows)), outcomes(rows, "fail"))

    assert found.calibration == map_of(parts.calibrate)
    assert found.threshold == best_threshold(found.score(parts.calibrate))
    # Trees rank the rows they were fitted on too well: a map from those would promise too much.
    for others in (parts.fit, parts.validate):
        assert found.calibration != map_of(others)
        assert found.threshold != best_threshold(found.score(others))


def test_outcomes_of_the_calibration_weeks_change_the_map_and_not_the_ranking():
    rows = feature_rows()
    parts = split(rows, "fail", CUTOFF)
    is_calibrate = rows["inspection_id"].isin(parts.calibrate["inspection_id"])
    is_every_second = rows["inspection_id"].astype(int) % 2 == 1
    changed = rows.assign(label_fail=rows["label_fail"].mask(is_calibrate & is_every_second, 1))
    before, after = candidate(rows).model, candidate(changed).model
    raw = [model.estimator.raw_log_odds(INPUTS.frame(rows)).tolist() for model in (before, after)]
    assert raw[0] == raw[1]
    assert before.score(rows).mean() < after.score(rows).mean()


def test_reference_scores_are_by_the_fit_that_has_not_seen_them_on_the_scale_of_the_serving_model():
    rows = feature_rows()
    judged = candidate(rows, recipe="xgboost").model
    serving = refit(rows, "xgboost", "fail", CUTOFF, inputs=INPUTS)
    visits = split(rows, "fail", CUTOFF).validate

    reference = reference_scores(judged, serving, visits)

    unseen = judged.estimator.raw_log_odds(INPUTS.frame(visits))
    seen = serving.estimator.raw_log_odds(INPUTS.frame(visits))
    assert reference["score"].tolist() == serving.calibration.score(unseen).tolist()
    assert reference["score"].tolist() != serving.calibration.score(seen).tolist()
    assert reference["score"].tolist() != judged.calibration.score(unseen).tolist()
    assert reference["label"].tolist() == (reference["score"] >= serving.threshold).astype(int).tolist()
    assert reference["outcome"].tolist() == visits["label_fail"].tolist()
    assert reference["inspection_id"].tolist() == visits["inspection_id"].tolist()


@pytest.mark.parametrize("recipe", ["logistic_regression", "xgboost", "knn"])
def test_same_rows_in_any_order_give_the_same_bytes(recipe):
    rows = feature_rows()
    shuffled = rows.sample(frac=1, random_state=7)
    options = {"recipe": recipe, "seed": 3}
    assert dump_model(candidate(rows, **options).model) == dump_model(candidate(shuffled, **options).model)


def test_another_seed_gives_another_model():
    models = [candidate(recipe="xgboost", seed=seed).model for seed in (0, 1)]
    assert dump_model(models[0]) != dump_model(models[1])


GREEDY = {"rounds": 200, "learning_rate": 0.3, "max_depth": 6, "min_child_weight": 1.0, "reg_lambda": 1.0}


def test_refit_uses_everything_before_the_cutoff_and_is_calibrated_out_of_fold():
    rows = feature_rows(rows=4_000, weeks=60)
    cutoff = FIRST_DAY + timedelta(weeks=52)
    model = refit(rows, "xgboost", "fail", cutoff, GREEDY, inputs=INPUTS)
    ahead = rows[rows["inspection_date"] >= pd.Timestamp(cutoff)]
    assert model.cutoff == cutoff
    assert model.score(ahead).mean() == pytest.approx(ahead["label_fail"].mean(), abs=0.06)
    past = rows[rows["inspection_date"] < pd.Timestamp(cutoff)]
    # Such trees know their own rows by heart: a map from those would leave the slope at 1 or raise it.
    assert model.calibration.slope < 0.6
    by_heart = fit_calibration(model.estimator.raw_log_odds(INPUTS.frame(past)), past["label_fail"].to_numpy())
    assert by_heart.slope > 1


def test_lag_hides_the_newest_outcomes_from_the_fit():
    rows = feature_rows()
    late = rows["inspection_date"] >= pd.Timestamp(CUTOFF - timedelta(days=14))
    changed = rows.assign(label_fail=rows["label_fail"].where(~late, 1 - rows["label_fail"]))
    same = [
        refit(frame, "logistic_regression", "fail", CUTOFF, lag_days=14, inputs=INPUTS) for frame in (rows, changed)
    ]
    assert dump_model(same[0]) == dump_model(same[1])


def test_scoring_no_rows_gives_no_scores():
    assert len(candidate().model.score(feature_rows().iloc[:0])) == 0


def test_missing_or_infinite_inputs_are_named():
    model, rows = candidate().model, feature_rows()
    with pytest.raises(DataError, match="lack own_rate"):
        model.score(rows.drop(columns="own_rate"))
    with pytest.raises(DataError, match="area_rate hold values that are not finite"):
        model.score(rows.assign(area_rate=np.inf))


def test_unknown_parameter_is_refused_before_fitting():
    with pytest.raises(ModelError, match="no parameter trees"):
        candidate(recipe="xgboost", parameters={"trees": 5})


def test_search_is_no_worse_than_where_it_started_and_repeats_itself():
    found = [candidate(trials=3, parameters={"serious_weight": -50.0}) for _ in range(2)]
    assert found[0].search is not None
    assert found[0].search == found[1].search
    assert len(found[0].search.values) == 3
    assert found[0].search.value == max(found[0].search.values)
    assert found[0].model.parameters["serious_weight"] == found[0].search.parameters["serious_weight"] >= 0


def test_search_of_one_trial_judges_the_start():
    found = candidate(trials=1, parameters={"penalty": 77.0})
    assert found.search is not None
    assert found.search.parameters["penalty"] == 77.0
    assert found.search.values == (found.search.value,)
