import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from food_inspections.domain.evaluation import metrics as evaluation
from food_inspections.domain.evaluation.metrics import METRICS, Scored, evaluate, scored_from
from food_inspections.errors import DataError


def scored(outcome, score, day=None, label=None, is_probability=True):
    return Scored(
        np.array(outcome, dtype=np.int64),
        np.array(score, dtype=np.float64),
        np.arange(len(outcome), dtype=np.int64) if day is None else np.array(day, dtype=np.int64),
        None if label is None else np.array(label, dtype=np.int64),
        is_probability,
    )


ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.integers(0, 20)), min_size=2, max_size=40
)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_ranking_metrics_agree_with_scikit_learn_ties_included(rows):
    outcome, score, _ = (list(column) for column in zip(*rows, strict=True))
    if 0 < sum(outcome) < len(outcome):
        assert evaluation.roc_auc(scored(outcome, score)) == pytest.approx(roc_auc_score(outcome, score))
        assert evaluation.average_precision(scored(outcome, score)) == pytest.approx(
            average_precision_score(outcome, score)
        )


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, seed=st.integers(0, 100))
def test_no_metric_depends_on_the_order_of_rows(rows, seed):
    outcome, score, day = (list(column) for column in zip(*rows, strict=True))
    table = scored(outcome, score, day, [int(value >= 0.5) for value in score])
    shuffled = table.take(np.random.default_rng(seed).permutation(len(rows)))
    before, after = evaluate(table), evaluate(shuffled)
    for name in METRICS:
        assert before[name] == pytest.approx(after[name])


def test_days_earlier_is_the_mean_shift_of_the_positives():
    # By score the order is c, a, b; it gets the days 0, 3, 10: c moves from 10 to 0, b from 3 to 10.
    table = scored([0, 1, 1], [0.5, 0.1, 0.9], day=[0, 3, 10])
    assert evaluation.days_earlier(table) == ((3 - 10) + (10 - 0)) / 2


def test_visits_in_their_real_order_are_no_days_earlier():
    day = np.array([0, 0, 1, 5, 5, 5, 9])
    table = scored([1, 0, 1, 1, 0, 0, 1], -day.astype(float), day=day, is_probability=False)
    assert evaluation.days_earlier(table) == 0


def test_equal_scores_find_half_in_the_first_half():
    assert evaluation.first_half(scored([1, 1, 0, 0, 1], [0.3] * 5)) == pytest.approx(0.5)


def test_first_half_of_an_odd_number_counts_the_middle_visit_half():
    assert evaluation.first_half(scored([0, 1, 0], [0.9, 0.5, 0.1])) == 0.5


def test_calibration_error_is_zero_for_rates_that_come_true():
    table = scored([0, 0, 0, 1] * 10, [0.25] * 40)
    assert evaluation.calibration_error(table) == pytest.approx(0)


def test_calibration_error_weighs_bins_by_their_rows():
    table = scored([0] * 10 + [1] * 10, [0.1] * 10 + [0.6] * 10)
    assert evaluation.calibration_error(table) == pytest.approx((0.1 + 0.4) / 2)


def test_threshold_metrics_on_a_literal_table():
    table = scored([1, 1, 0, 0, 0], [0.9, 0.2, 0.8, 0.1, 0.1], label=[1, 0, 1, 0, 0])
    values = evaluate(table)
    assert (values["accuracy"], values["precision"], values["recall"], values["f1"]) == (0.6, 0.5, 0.5, 0.5)


def test_one_class_leaves_the_auc_undefined_rather_than_zero():
    values = evaluate(scored([0, 0, 0], [0.1, 0.2, 0.3], label=[0, 0, 1]))
    assert values["roc_auc"] is None
    assert values["average_precision"] is None
    assert values["recall"] is None
    assert values["accuracy"] == pytest.approx(2 / 3)


def test_nothing_at_all_is_undefined():
    assert set(evaluate(scored([], [], label=[])).values()) == {None}


def test_an_order_of_visits_has_no_calibration():
    values = evaluate(scored([0, 1], [-3.0, -1.0], is_probability=False))
    assert values["brier_score"] is None
    assert values["calibration_error"] is None
    assert values["accuracy"] is None
    assert values["roc_auc"] == 1.0


def test_every_metric_knows_its_direction():
    assert {name for name, metric in METRICS.items() if metric.direction == "lower"} == {
        "brier_score",
        "calibration_error",
    }
    assert METRICS["brier_score"].sign == -1


def test_table_without_outcome_is_refused_by_name():
    with pytest.raises(DataError, match="lacks the columns outcome"):
        scored_from(pd.DataFrame({"inspection_date": [], "score": [], "label": []}))


def test_brier_score_of_certainty():
    assert evaluation.brier_score(scored([1, 0], [1.0, 0.0])) == 0
    assert math.isnan(evaluation.brier_score(scored([], [])))
