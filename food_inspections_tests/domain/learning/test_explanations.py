from datetime import timedelta

import numpy as np
import pytest

from food_inspections.domain import plots
from food_inspections.domain.evaluation.metrics import Scored, scored_from
from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.learning.calibration import log_odds_of, sigmoid
from food_inspections.domain.learning.explanations import effects, explain, importance, thinned
from food_inspections.domain.learning.training import fit_candidate, refit
from food_inspections.domain.recipes.registry import RECIPES
from food_inspections_tests.domain.model_frames import FIRST_DAY, INPUTS, feature_rows
from food_inspections_tests.domain.recipes.test_registry import QUICK

CUTOFF = FIRST_DAY + timedelta(weeks=36)


def explained(model, rows, **options):
    return explain(model, rows, model.score(rows), effects(model, rows), **options)


@pytest.fixture(scope="module", params=sorted(RECIPES))
def model(request):
    return refit(feature_rows(), request.param, "fail", CUTOFF, QUICK.get(request.param), inputs=INPUTS)


def test_what_raises_comes_first_then_what_lowers_each_with_its_amount(model):
    rows = feature_rows().tail(20)
    table, scores = effects(model, rows), model.score(rows)
    for position, reasons in enumerate(explained(model, rows, top=3, against=1)):
        found = [reason["effect"] for reason in reasons]
        raising, lowering = [effect for effect in found if effect > 0], [effect for effect in found if effect < 0]
        assert found == [*raising, *lowering]
        assert len(raising) <= 3
        assert len(lowering) <= max(1, 3 - len(raising))
        own = [
            reason["effect"] for reason in reasons if reason["effect"] > 0 and reason["feature"] != "inspection_type"
        ]
        assert own == sorted(own, reverse=True)
        assert own == raising[: len(own)], "what is so of every visit of its kind comes last"
        assert lowering == sorted(lowering)
        for reason in reasons:
            assert set(reason) == {"feature", "text", "value", "effect", "points"}
            effect = table.iloc[position][reason["feature"]]
            assert reason["effect"] == pytest.approx(effect, abs=1e-4)
            without = sigmoid(log_odds_of(scores[[position]]) - effect)
            assert reason["points"] == pytest.approx(100 * (scores[position] - without[0]), abs=0.051)
            assert isinstance(reason["text"], str)
            assert reason["text"]


@pytest.mark.parametrize("recipe", ["logistic_regression", "xgboost", "blend"])
def test_effects_and_the_average_make_the_score(recipe):
    rows = feature_rows()
    model = refit(rows, recipe, "fail", CUTOFF, QUICK[recipe], inputs=INPUTS)
    rest = log_odds_of(model.score(rows), 1e-12) - effects(model, rows).sum(axis=1)
    assert np.ptp(rest) < 1e-4


def test_reasons_of_a_row_do_not_depend_on_the_others(model):
    rows = feature_rows().tail(20)
    together, alone = explained(model, rows)[4], explained(model, rows.iloc[[4]])[0]
    assert [reason["feature"] for reason in together] == [reason["feature"] for reason in alone]


def test_code_of_law_is_nobodys_reason():
    inputs = ModelInputs(("own_rate", "visit_is_newest_code"))
    rows = feature_rows()
    rows = rows.assign(visit_is_newest_code=rows["label_fail"])
    model = refit(rows, "logistic_regression", "fail", CUTOFF, inputs=inputs)
    assert effects(model, rows)["visit_is_newest_code"].abs().max() > 0.1
    assert {reason["feature"] for reasons in explained(model, rows.tail(20)) for reason in reasons} == {"own_rate"}


def test_no_rows_no_reasons(model):
    assert explained(model, feature_rows().iloc[:0]) == []


def test_importance_finds_what_the_outcome_was_made_from(model):
    table = importance(model, feature_rows())
    assert table["feature"].iloc[0] == "own_rate"
    assert table["share"].sum() == pytest.approx(1)
    assert table["mean_effect_size"].is_monotonic_decreasing
    assert set(table["feature"]) == set(INPUTS.columns)


def test_thinned_rows_are_spread_over_all():
    rows = feature_rows(rows=1_000)
    few = thinned(rows, 10)
    assert len(few) == 10
    assert few["inspection_id"].tolist()[0] == "00001"
    assert few["inspection_id"].tolist()[-1] == "01000"


@pytest.mark.parametrize("rows", [0, 1, 300])
def test_plots_are_pictures_also_of_little(model, rows):
    frame = feature_rows().head(rows)
    for content in (plots.beeswarm(model, frame), plots.importance_plot(model, frame)):
        assert content.startswith(b"\x89PNG")


def test_plots_of_scores():
    candidate = fit_candidate(feature_rows(), "logistic_regression", "fail", CUTOFF, inputs=INPUTS)
    scored = scored_from(candidate.validation_scores)
    empty = Scored(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.int64))
    for each in (scored, empty):
        assert plots.calibration_curve(each).startswith(b"\x89PNG")
        assert plots.score_histogram(each, 0.3).startswith(b"\x89PNG")
        assert plots.found_over_time({"all": each}).startswith(b"\x89PNG")
