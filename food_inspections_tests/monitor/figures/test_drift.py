from datetime import date

import pandas as pd

from food_inspections.monitor.figures import drift
from food_inspections_tests.monitor.figures.checking import check

WEEKS = [date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20)]


def series(values: list[float], threshold: float = 0.2) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "week": WEEKS[: len(values)],
            "value": values,
            "threshold": threshold,
            "is_drifted": [value >= threshold for value in values],
        }
    )


def test_weeks_over_the_threshold_are_marked_and_the_threshold_is_drawn() -> None:
    figure = drift.over_time(series([0.1, 0.25, 0.3]), "PSI", [WEEKS[1]])
    check(figure)
    line, marks = figure["data"]
    assert line["y"] == [0.1, 0.25, 0.3]
    assert marks["x"] == WEEKS[1:]
    retrained, threshold = figure["layout"]["shapes"]
    assert retrained["x0"] == WEEKS[1]
    assert threshold["y0"] == threshold["y1"] == 0.2
    assert figure["layout"]["yaxis"]["range"][1] > 0.3


def test_one_week_is_a_point_and_no_week_an_empty_figure() -> None:
    assert drift.over_time(series([0.1]), "PSI")["data"][0]["mode"] == "markers"
    check(drift.over_time(series([]), "PSI"))


def test_features_are_ranked_with_the_largest_on_top() -> None:
    week = pd.DataFrame(
        {"name": ["b_low", "a_high"], "value": [0.1, 0.3], "threshold": [0.2, 0.25], "is_drifted": [False, True]}
    )
    figure = drift.ranked_features(week, "PSI")
    check(figure)
    bars = figure["data"][0]
    # Plotly draws the first bar at the bottom.
    assert bars["y"] == ["B low", "A high"]
    assert bars["x"] == [0.1, 0.3]
    assert bars["marker"]["color"][0] != bars["marker"]["color"][1]
    # Each has a threshold of its own.
    assert [(line["x0"], line["y0"]) for line in figure["layout"]["shapes"]] == [(0.2, -0.3), (0.25, 0.7)]
    assert [note["text"] for note in figure["layout"]["annotations"]] == bars["y"]
    assert drift.ranked_features(week, "PSI", limit=1)["data"][0]["y"] == ["A high"]


def test_no_feature_is_an_empty_figure() -> None:
    check(drift.ranked_features(pd.DataFrame(columns=["name", "value", "threshold", "is_drifted"]), "PSI"))


def test_how_many_features_drifted_is_counted_by_week() -> None:
    figure = drift.share_drifted(pd.DataFrame({"week": WEEKS, "drifted": [0, 2, 5], "looked_at": 20}))
    check(figure)
    assert figure["data"][0]["y"] == [0, 2, 5]
    assert figure["layout"]["yaxis"]["range"][1] >= 5
