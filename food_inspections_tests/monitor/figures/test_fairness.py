from datetime import date

import pandas as pd

from food_inspections.monitor.figures import fairness
from food_inspections_tests.monitor.figures.checking import check

REPORT = pd.DataFrame(
    {
        "attribute_value": ["Grocery Store", "Bakery", "School", "Kiosk"],
        "group_size": [800, 20, 300, 9],
        "fpr_disparity": [1.1, 2.5, 0.5, None],
        "is_fpr_parity": pd.Series([True, False, False, None], dtype=object),
    }
)


def test_groups_outside_the_tolerance_differ_in_colour_and_shape() -> None:
    figure = fairness.disparities(REPORT, "fpr_disparity", "is_fpr_parity")
    check(figure)
    marks = figure["data"][0]
    # The first group stands on top, which is last for Plotly; one without a value cannot be shown.
    assert marks["y"] == ["School (300)", "Bakery (20)", "Grocery Store (800)"]
    assert marks["x"] == [0.5, 2.5, 1.1]
    assert marks["marker"]["symbol"] == ["diamond", "diamond-open", "circle"]
    assert marks["marker"]["color"][0] == marks["marker"]["color"][1] != marks["marker"]["color"][2]
    band = figure["layout"]["shapes"][0]
    assert (band["x0"], band["x1"]) == (0.8, 1.25)


def test_a_verdict_that_could_not_be_computed_accuses_nobody() -> None:
    report = REPORT.assign(is_fpr_parity=pd.Series([None] * 4, dtype=object))
    assert set(fairness.disparities(report, "fpr_disparity", "is_fpr_parity")["data"][0]["marker"]["symbol"]) == {
        "circle",
        "circle-open",
    }


def test_no_group_is_an_empty_figure() -> None:
    check(fairness.disparities(REPORT.head(0), "fpr_disparity", "is_fpr_parity"))
    check(fairness.over_time(pd.DataFrame(columns=["week", "attribute_value", "disparity"]), []))


def test_each_group_has_a_line_over_time_told_apart_without_colour() -> None:
    weeks = [date(2025, 1, 6), date(2025, 3, 3)]
    series = pd.DataFrame(
        {
            "week": weeks * 2,
            "attribute_value": ["Bakery", "Bakery", "School", "School"],
            "disparity": [1.0, 1.5, 0.9, None],
        }
    )
    figure = fairness.over_time(series, ["Bakery", "School"])
    check(figure)
    bakery, school = figure["data"]
    assert bakery["y"] == [1.0, 1.5]
    assert school["y"] == [0.9]
    assert bakery["line"]["dash"] != school["line"]["dash"]
