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
            "positives": 0.2 * (100 + place),
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
    ("metric", "value", "chance", "word"),
    [
        ("roc_auc", 0.9, 0.05, "Kept"),
        ("roc_auc", 0.66, 0.05, "Kept"),
        ("roc_auc", 0.64, 0.05, "Below"),
        ("roc_auc", 0.54, 0.05, "Broken"),
        ("roc_auc", 0.66, 0.2, "Cannot tell"),
        ("roc_auc", 0.5, 0.25, "Cannot tell"),
        ("calibration_error", 0.73, 0.05, "Kept"),
        ("calibration_error", 0.76, 0.05, "Below"),
        ("calibration_error", 0.86, 0.05, "Broken"),
        ("roc_auc", float("nan"), 0.05, "Cannot tell"),
    ],
)
def test_a_promise_is_kept_or_broken_only_where_chance_cannot_make_it_otherwise(
    metric: str, value: float, chance: float, word: str
) -> None:
    assert Realised(metric, value, 0.7, chance, 100, 8, margin=0.1).word == word


def test_twenty_visited_places_of_a_long_list_keep_no_promise() -> None:
    listed = series([0.3], 0.3, half=0.18, metric="precision_at_capacity")
    base = series([0.66], 0.66).assign(positives=20)
    assert realised(pd.concat([listed, base]), "precision_at_capacity").word == "Cannot tell"


def test_half_the_promised_lead_is_the_margin() -> None:
    assert realised(series([0.6] * 4, 0.66), "roc_auc").margin == pytest.approx(0.08)
    listed = realised(
        pd.concat([series([0.4], 0.4, metric="precision_at_capacity"), series([0.66], 0.66)]), "precision_at_capacity"
    )
    assert listed.margin == pytest.approx((0.4 - 0.2) / 2), "over the share of all visits that fail"


def test_the_estimate_stands_beside_and_is_not_what_was_realised() -> None:
    rows = series([0.6, 0.6], 0.66)
    estimates = rows[rows["source"] == "queue"].assign(source="estimated", value=0.64)
    found = realised(pd.concat([rows, estimates]), "roc_auc")
    assert (found.value, found.estimate, found.weeks) == (pytest.approx(0.6), pytest.approx(0.64), 2)


def test_weeks_without_a_value_do_not_count() -> None:
    assert realised(series([0.6, float("nan"), 0.7], 0.66), "roc_auc").weeks == 2
    nothing = realised(series([float("nan")], 0.66), "roc_auc")
    assert (nothing.visits, nothing.word) == (0, "Cannot tell")
    assert headlines(series([0.5], 0.5, metric="brier_score")) == []
