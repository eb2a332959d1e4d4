import math
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from food_inspections.monitor.figures.establishment import Reason, reasons_waterfall, visits_over_time
from food_inspections_tests.monitor.figures.checking import check

effects = st.lists(st.floats(-3, 3), max_size=6)


def reasons_of(values: list[float]) -> list[Reason]:
    return [Reason(feature=f"f{i}", text=f"reason {i}", value=1, effect=value) for i, value in enumerate(values)]


@given(st.floats(0.002, 0.998), effects)
def test_each_step_begins_where_the_one_before_ended_and_the_last_is_the_score(
    score: float, values: list[float]
) -> None:
    bars = reasons_waterfall(score, reasons_of(values))["data"][0]
    ends = [start + length for start, length in zip(bars["base"], bars["x"], strict=True)]
    assert bars["base"][1:-1] == pytest.approx(ends[:-2])
    assert ends[-1] == pytest.approx(math.log(score / (1 - score)))
    assert ends[-2] == pytest.approx(ends[-1])


def test_what_raises_and_what_lowers_differ_in_colour_and_in_words() -> None:
    figure = reasons_waterfall(0.4, reasons_of([0.5, -0.25]))
    check(figure)
    colours = figure["data"][0]["marker"]["color"]
    assert colours[1] != colours[2]
    assert colours[0] == colours[-1]
    assert [note["text"] for note in figure["layout"]["annotations"]][1:] == ["raises", "lowers", "40.0%"]
    assert figure["layout"]["yaxis"]["ticktext"] == ["All else", "reason 0", "reason 1", "Score"]


@pytest.mark.parametrize("score", [0.0, 0.0001, 0.5, 1.0])
def test_any_score_has_a_scale_in_chances(score: float) -> None:
    figure = reasons_waterfall(score, [])
    check(figure)
    assert len(figure["layout"]["xaxis"]["tickvals"]) >= 1
    assert all(text.endswith("%") for text in figure["layout"]["xaxis"]["ticktext"])


def test_long_reasons_are_wrapped() -> None:
    figure = reasons_waterfall(0.3, [Reason(feature="f", text="word " * 20, value=1, effect=1.0)])
    assert "<br>" in figure["layout"]["yaxis"]["ticktext"][1]


def test_visits_are_grouped_by_result_and_told_apart_by_shape() -> None:
    history = pd.DataFrame(
        {
            "inspection_date": [date(2024, 1, 2), date(2023, 5, 1), date(2022, 3, 4)],
            "results": ["Fail", "Pass", "Fail"],
            "violation_count": [7, 0, 3],
            "inspection_type": ["Canvass", "License", "Complaint"],
        }
    )
    figure = visits_over_time(history)
    check(figure)
    failed, passed = figure["data"]
    assert (failed["name"], failed["y"]) == ("Fail", [7, 3])
    assert failed["marker"]["symbol"] != passed["marker"]["symbol"]
