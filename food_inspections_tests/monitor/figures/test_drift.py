from collections.abc import Sequence
from datetime import date

import pandas as pd

from food_inspections.monitor.figures import drift
from food_inspections_tests.monitor.figures.checking import check

WEEKS = [date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20)]


def series(values: list[float], thresholds: Sequence[float] = (0.2, 0.2, 0.2)) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "week": WEEKS[: len(values)],
            "value": values,
            "threshold": thresholds[: len(values)],
            "is_drifted": [value >= threshold for value, threshold in zip(values, thresholds, strict=False)],
        }
    )


def test_weeks_over_the_threshold_are_marked_and_the_threshold_is_drawn() -> None:
    figure = drift.over_time(series([0.1, 0.25, 0.3], [0.2, 0.2, 0.3]), "PSI", [WEEKS[1]])
    check(figure)
    line, bound, marks = figure["data"]
    assert line["y"] == [0.1, 0.25, 0.3]
    assert bound["y"] == [0.2, 0.2, 0.3], "each week's own"
    assert marks["x"] == WEEKS[1:]
    (retrained,) = figure["layout"]["shapes"]
    assert retrained["x0"] == WEEKS[1]
    assert figure["layout"]["yaxis"]["range"][1] > 0.3


def test_one_week_is_a_point_and_no_week_an_empty_figure() -> None:
    assert drift.over_time(series([0.1]), "PSI")["data"][0]["mode"] == "markers"
    check(drift.over_time(series([]), "PSI"))


def test_a_feature_is_shown_as_it_was_and_as_it_is() -> None:
    bins = pd.DataFrame({"label": ["1", "more"], "reference_count": [50, 50], "current_count": [5, 15]})
    figure = drift.then_and_now(bins)
    check(figure)
    bars, line = figure["data"]
    assert bars["y"] == [0.25, 0.75]
    assert line["y"] == [0.5, 0.5, 0.5]
    assert figure["layout"]["xaxis"]["ticktext"] == ["1", "more"]
    check(drift.then_and_now(bins.iloc[:0]))


def test_edges_have_as_many_digits_as_there_is_room_for() -> None:
    labels = ["-0.471367", "0.33874", "0", "12345", "Grocery Store", "more"]
    bins = pd.DataFrame({"label": labels, "reference_count": 1, "current_count": 1})
    shown = drift.then_and_now(bins)["layout"]["xaxis"]["ticktext"]
    assert shown == ["-0.471", "0.339", "0", "12300", "Grocery Store", "more"]
