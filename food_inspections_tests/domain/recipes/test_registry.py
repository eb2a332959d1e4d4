import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.evaluation.metrics import Scored, days, roc_auc
from food_inspections.domain.inputs import outcomes
from food_inspections.domain.recipes.registry import RECIPES, find_recipe
from food_inspections.errors import ModelError
from food_inspections_tests.domain.model_frames import INPUTS, feature_rows, training_rows

QUICK = {
    "blend": {"rounds": 40},
    "xgboost": {"rounds": 40},
    "knn": {"neighbours": 60, "reference_rows": 1_000},
    "logistic_regression": {},
}


@pytest.fixture(scope="module", params=sorted(RECIPES))
def fitted(request):
    recipe, rows = find_recipe(request.param), feature_rows()
    past = rows.iloc[:1_500]
    age_days = (days(rows["inspection_date"]).max() - days(past["inspection_date"])).astype(float)
    estimator = recipe.build(INPUTS, recipe.parameters(QUICK.get(request.param)), 0)
    return estimator.fit(training_rows(past, age_days)), rows.iloc[1_500:]


def test_the_three_that_must_be_there():
    assert {"xgboost", "knn", "logistic_regression"} <= set(RECIPES)


def test_ranks_unseen_rows_better_than_chance(fitted):
    estimator, rows = fitted
    raw = estimator.raw_log_odds(INPUTS.frame(rows))
    assert roc_auc(Scored(outcomes(rows, "fail"), raw, days(rows["inspection_date"]))) > 0.65


def test_values_never_seen_are_scored(fitted):
    estimator, rows = fitted
    strange = rows.assign(facility_type="Space Station", risk="unknown", own_rate=1e6, days_since=-5)
    assert np.isfinite(estimator.raw_log_odds(INPUTS.frame(strange))).all()
    assert np.isfinite(estimator.contributions(INPUTS.frame(strange))).all()


def test_a_row_scores_the_same_alone_as_among_others(fitted):
    estimator, rows = fitted
    together = estimator.raw_log_odds(INPUTS.frame(rows))
    alone = estimator.raw_log_odds(INPUTS.frame(rows.iloc[[3]]))
    assert alone[0] == pytest.approx(together[3], rel=1e-9)


def test_contributions_tell_the_inputs_apart(fitted):
    estimator, rows = fitted
    sizes = pd.Series(np.abs(estimator.contributions(INPUTS.frame(rows))).mean(axis=0), index=list(INPUTS.columns))
    assert sizes.idxmax() == "own_rate"
    assert sizes["own_rate"] > 3 * sizes["noise"]


def test_contributions_follow_the_log_odds(fitted):
    estimator, rows = fitted
    inputs = INPUTS.frame(rows)
    total, raw = estimator.contributions(inputs).sum(axis=1), estimator.raw_log_odds(inputs)
    assert np.corrcoef(total, raw)[0, 1] > 0.9


@pytest.mark.parametrize("recipe", ["blend", "logistic_regression", "xgboost"])
def test_contributions_of_exact_recipes_add_up(recipe):
    rows = feature_rows(rows=600)
    built = find_recipe(recipe).build(INPUTS, find_recipe(recipe).parameters(QUICK[recipe]), 0)
    estimator = built.fit(training_rows(rows))
    inputs = INPUTS.frame(rows)
    rest = estimator.raw_log_odds(inputs) - estimator.contributions(inputs).sum(axis=1)
    assert np.ptp(rest) < 1e-4


def test_surrogate_of_the_neighbours_knows_how_good_it_is():
    rows = feature_rows()
    recipe = find_recipe("knn")
    estimator = recipe.build(INPUTS, recipe.parameters(QUICK["knn"]), 0)
    estimator.fit(training_rows(rows))
    assert 0.8 < estimator.surrogate_fidelity_ < 1


def test_neighbours_are_the_newest_rows():
    rows = feature_rows()
    recipe = find_recipe("knn")
    estimator = recipe.build(INPUTS, recipe.parameters({"reference_rows": 300}), 0)
    age_days = np.arange(len(rows), 0, -1).astype(float)
    estimator.fit(training_rows(rows, age_days))
    assert len(estimator.reference_) == 300
    assert estimator.outcomes_.sum() == outcomes(rows.tail(300), "fail").sum()


def test_recency_moves_the_fit_towards_the_newest_rows():
    rows = feature_rows()
    rows.loc[rows.index[-600:], "label_fail"] = 1 - rows["label_fail"].iloc[-600:]
    age_days = (days(rows["inspection_date"]).max() - days(rows["inspection_date"])).astype(float)
    recipe = find_recipe("logistic_regression")
    slopes = []
    for half_life_days in (None, 10.0):
        estimator = recipe.build(INPUTS, recipe.parameters({"half_life_days": half_life_days}), 0)
        slopes.append(estimator.fit(training_rows(rows, age_days)).coefficients_[0])
    assert slopes[0] > 0 > slopes[1]


@pytest.mark.parametrize("name", ["logistic_regression", "xgboost"])
def test_few_new_visits_after_a_gap_of_years_are_not_outvoted_by_old_ones(name):
    rows = feature_rows()
    is_new = rows.index >= len(rows) - 600
    rows["label_fail"] = rows["label_fail"].where(is_new, 1 - rows["label_fail"])
    estimator = find_recipe(name).build(INPUTS, find_recipe(name).defaults, 0)
    estimator.fit(training_rows(rows, np.where(is_new, 7.0, 3650.0)))
    raw = estimator.raw_log_odds(INPUTS.frame(rows))
    assert np.corrcoef(raw, rows["own_rate"])[0, 1] > 0.2


def test_serious_violations_help_without_moving_the_mean():
    rows = feature_rows()
    recipe, inputs = find_recipe("logistic_regression"), INPUTS.frame(rows)
    raw = {}
    for weight in (0.0, 0.5):
        estimator = recipe.build(INPUTS, recipe.parameters({"serious_weight": weight}), 0).fit(training_rows(rows))
        raw[weight] = estimator.raw_log_odds(inputs)
    assert raw[0.5].mean() == pytest.approx(raw[0.0].mean())
    assert not np.allclose(raw[0.5], raw[0.0])


def test_report_without_any_serious_violation_is_no_obstacle():
    rows = feature_rows(rows=500).assign(serious_found=0)
    recipe = find_recipe("logistic_regression")
    estimator = recipe.build(INPUTS, recipe.parameters(None), 0).fit(training_rows(rows))
    assert np.isfinite(estimator.raw_log_odds(INPUTS.frame(rows))).all()


def test_unknown_recipe_lists_those_there_are():
    with pytest.raises(ModelError, match=r"no recipe 'crystal_ball': choose one of .*xgboost"):
        find_recipe("crystal_ball")


def test_unknown_parameter_lists_those_there_are():
    with pytest.raises(ModelError, match=r"has no parameter depth: it takes .*max_depth"):
        find_recipe("xgboost").parameters({"depth": 3})
