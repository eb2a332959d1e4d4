"""What was realised, beside its promise."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from food_inspections.monitor.judgement.promises import Realised, headlines, realised


def series(values: list[float], promise: float, half: float = 0.1, metric: str = "roc_auc") -> pd.DataFrame:
    rows = [
        {
            "week": date(2025, 1, 6) + timedelta(weeks=place),
            "source": source,
            "metric": metric,
            "value": value,
            "lower": value - half,
            "upper": value + half,
            "row_count": 100 + place,
        }
        for place, found in enumerate(values)
        for source, value in (("queue", found), ("validation", promise))
    ]
    return pd.DataFrame(rows)


def test_the_newest_eight_weeks_count_by_their_visits() -> None:
    values = [0.0, 0.0, *np.linspace(0.6, 0.7, 8)]
    found = realised(series(values, 0.66), "roc_auc")
    visits = np.arange(102, 110)
    assert found.value == pytest.approx(np.average(values[2:], weights=visits))
    assert (found.promise, found.visits, found.weeks) == (pytest.approx(0.66), visits.sum(), 8)


def test_chance_is_that_of_the_mean_and_that_of_the_promise_together() -> None:
    found = realised(series([0.6] * 4, 0.6), "roc_auc")
    # Four weeks of nearly the same size halve the error of one; that of the promise stays.
    assert found.chance == pytest.approx(np.hypot(0.05, 0.1), rel=1e-3)


@pytest.mark.parametrize(
    ("metric", "value", "word"),
    [
        ("roc_auc", 0.9, "Kept"),
        ("roc_auc", 0.61, "Kept"),
        ("roc_auc", 0.59, "Below"),
        ("roc_auc", 0.49, "Broken"),
        ("calibration_error", 0.79, "Kept"),
        ("calibration_error", 0.81, "Below"),
        ("calibration_error", 0.91, "Broken"),
        ("roc_auc", float("nan"), "Not known"),
    ],
)
def test_a_promise_is_broken_where_chance_does_not_explain_it(metric: str, value: float, word: str) -> None:
    assert Realised(metric, value, 0.7, 0.1, 100, 8).word == word


def test_weeks_without_a_value_do_not_count() -> None:
    assert realised(series([0.6, float("nan"), 0.7], 0.66), "roc_auc").weeks == 2
    nothing = realised(series([float("nan")], 0.66), "roc_auc")
    assert (nothing.visits, nothing.word) == (0, "Not known")
    assert headlines(series([0.5], 0.5, metric="brier_score")) == []
