from datetime import date

import pandas as pd
import pytest

from food_inspections.monitor.figures import fairness
from food_inspections_tests.monitor.figures.checking import check

ROWS = pd.DataFrame(
    {
        "attribute_value": ["Grocery Store", "Bakery", "School", "Kiosk"],
        "cases": [800, 20, 300, 9],
        "disparity": [1.1, 2.5, 0.5, None],
        "lower": [0.95, 0.9, 0.4, None],
        "upper": [1.2, 6.9, 0.6, None],
        "answer": ["even", "cannot_tell", "uneven", "cannot_tell"],
    }
)


def test_every_answer_has_a_mark_of_its_own_with_its_interval() -> None:
    figure = fairness.disparities(ROWS)
    check(figure)
    marks = figure["data"][0]
    # The first group stands on top, which is last for Plotly; one without a value cannot be shown.
    assert marks["y"] == ["School (300)", "Bakery (20)", "Grocery Store (800)"]
    assert marks["x"] == [0.5, 2.5, 1.1]
    assert marks["marker"]["symbol"] == ["diamond", "circle-open", "circle"]
    assert marks["marker"]["color"][0] != marks["marker"]["color"][1] == marks["marker"]["color"][2]
    assert marks["error_x"]["array"] == pytest.approx([0.1, 4.4, 0.1])
    band = figure["layout"]["shapes"][0]
    assert (band["x0"], band["x1"]) == (0.8, 1.25)


def test_no_group_is_an_empty_figure() -> None:
    check(fairness.disparities(ROWS.head(0)))
    check(fairness.over_time(pd.DataFrame(columns=["week", "attribute_value", "disparity"]), []))


def test_each_group_has_a_line_over_time_told_apart_without_colour() -> None:
    weeks = [date(2025, 1, 6), date(2025, 3, 3)]
    series = pd.DataFrame(
        {
            "week": weeks * 2,
            "attribute_value": ["Bakery", "Bakery", "School", "School"],
            "disparity": [1.0, 1.5, 0.9, None],
            "lower": [0.8, 1.3, 0.5, None],
            "upper": [1.2, 1.8, 1.6, None],
            "answer": ["even", "uneven", "cannot_tell", "cannot_tell"],
        }
    )
    figure = fairness.over_time(series, ["Bakery", "School"])
    check(figure)
    bakery, school = figure["data"]
    assert bakery["y"] == [1.0, 1.5]
    assert school["y"] == [0.9]
    assert bakery["customdata"] == [[0.8, 1.2], [1.3, 1.8]]
    assert len({*bakery["marker"]["symbol"], *school["marker"]["symbol"]}) == 3, "each answer has a shape of its own"
    assert bakery["line"]["dash"] != school["line"]["dash"]
