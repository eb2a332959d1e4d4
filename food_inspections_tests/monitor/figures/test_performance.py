from datetime import date, timedelta

import pandas as pd
import pytest

from food_inspections.domain.evaluation.proportions import NORMAL
from food_inspections.monitor.figures import performance
from food_inspections_tests.monitor.figures.checking import check


def series(values: list[float | None], promise: float = 0.67) -> pd.DataFrame:
    weeks = [date(2025, 1, 6) + timedelta(weeks=place) for place in range(len(values))]
    rows = [
        {
            "week": week,
            "source": source,
            "value": value,
            "lower": None if value is None else value - 0.1,
            "upper": None if value is None else value + 0.1,
            "row_count": 100 * (place + 1),
        }
        for place, week in enumerate(weeks)
        for source, value in (("queue", values[place]), ("validation", promise))
    ]
    return pd.DataFrame(rows).astype({"value": "float64", "lower": "float64", "upper": "float64"})


def test_weeks_interval_running_mean_and_promise() -> None:
    figure = performance.metric_over_time(series([0.6 + 0.01 * place for place in range(10)]), "roc_auc")
    check(figure)
    interval, weekly, smooth, promise = figure["data"]
    assert interval["fill"] == "toself"
    assert len(interval["x"]) == 20
    assert weekly["y"] == pytest.approx([0.6 + 0.01 * place for place in range(10)])
    # The mean of the last eight weeks, each by its visits.
    values, visits = [0.62 + 0.01 * place for place in range(8)], [300 + 100 * place for place in range(8)]
    expected = sum(value * count for value, count in zip(values, visits, strict=True)) / sum(visits)
    assert smooth["y"][-1] == pytest.approx(expected, abs=1e-4)
    assert set(promise["y"]) == {0.67}
    assert figure["layout"]["annotations"][0]["text"] == "a coin toss"


def test_a_promise_is_drawn_where_it_changes_and_until_the_last_weeks_end() -> None:
    rows = series([0.6, 0.61, 0.62, 0.63])
    rows.loc[rows["source"] == "validation", "value"] = [0.7, 0.7, 0.65, 0.65]
    promise = performance.metric_over_time(rows, "roc_auc")["data"][2]
    assert promise["y"] == [0.7, 0.65, 0.65]
    assert promise["x"] == [date(2025, 1, 6), date(2025, 1, 20), date(2025, 2, 3)]
    assert promise["line"]["shape"] == "hv"


def test_a_week_tells_its_interval_where_it_is_wide_enough_to_be_pointed_at() -> None:
    few, many = (performance.metric_over_time(series([0.6] * count), "roc_auc") for count in (160, 161))
    check(many)
    assert few["data"][1]["customdata"][0] == pytest.approx([0.5, 0.7, 100])
    assert "customdata[2]" in few["data"][1]["hovertemplate"]
    assert many["data"][1]["customdata"] is None
    assert "customdata" not in many["data"][1]["hovertemplate"]


def test_a_week_without_a_value_leaves_a_gap_rather_than_a_zero() -> None:
    figure = performance.metric_over_time(series([0.6, None, 0.7]), "first_half")
    check(figure)
    weekly = figure["data"][1]
    assert weekly["y"] == [0.6, 0.7]
    assert figure["layout"]["yaxis"]["tickformat"] == ".0%"
    assert figure["layout"]["shapes"] == []


def test_a_single_week_is_a_point() -> None:
    figure = performance.metric_over_time(series([0.6]), "days_earlier")
    check(figure)
    assert [trace["mode"] for trace in figure["data"]] == ["lines+markers", "lines"], "a promise is for a whole week"


def test_coverage_is_a_share() -> None:
    rows = pd.DataFrame({"week": [date(2025, 1, 6), date(2025, 1, 13)], "coverage": [0.8, 0.9], "row_count": [9, 10]})
    figure = performance.coverage_over_time(rows)
    check(figure)
    assert figure["data"][0]["y"] == [0.8, 0.9]


def test_calibration_has_the_diagonal_and_intervals_within_zero_and_one() -> None:
    bins = pd.DataFrame({"mean_score": [0.1, 0.5], "share_found": [0.0, 0.6], "row_count": [50, 10]})
    figure = performance.calibration(bins)
    check(figure)
    diagonal, curve = figure["data"]
    assert diagonal["x"] == diagonal["y"]
    assert curve["y"] == [0.0, 0.6]
    upper = [value + above for value, above in zip(curve["y"], curve["error_y"]["array"], strict=True)]
    lower = [value - below for value, below in zip(curve["y"], curve["error_y"]["arrayminus"], strict=True)]
    assert all(0 <= low <= high <= 1 for low, high in zip(lower, upper, strict=True))
    # Wilson's upper end for none of 50 at 90%: z^2 / (n + z^2).
    assert upper[0] == pytest.approx(NORMAL**2 / (50 + NORMAL**2))


def test_the_interval_of_one_week_is_a_whisker() -> None:
    figure = performance.metric_over_time(series([0.6]), "first_half")
    check(figure)
    weekly = figure["data"][0]
    assert (weekly["error_y"]["array"], weekly["error_y"]["arrayminus"]) == ([pytest.approx(0.1)], [pytest.approx(0.1)])
    assert "error_y" not in performance.metric_over_time(series([0.6, 0.7]), "first_half")["data"][1]
