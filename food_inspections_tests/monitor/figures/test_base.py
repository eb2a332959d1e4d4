import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from food_inspections.monitor.figures import base
from food_inspections_tests.monitor.figures.checking import check

THEME = (Path(base.__file__).parents[1] / "assets" / "1-theme.css").read_text()


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def themed(name: str) -> tuple[str, str]:
    """The light and the dark value of a colour of the style sheet."""
    found = re.search(rf"--{name}: light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\)", THEME)
    assert found, name
    return found[1], found[2]


@pytest.mark.parametrize("colour", base.PALETTE)
def test_marks_are_seen_on_the_ground_of_both_themes(colour: str) -> None:
    for ground in themed("surface"):
        assert contrast(colour, ground) >= 3


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "ground"),
        ("ink", "surface"),
        ("soft", "surface"),
        ("soft", "ground"),
        ("faint", "surface"),
        ("faint", "ground"),
        ("accent", "surface"),
        ("accent-ink", "accent"),
        *[(status, f"{status}-wash") for status in ("good", "watch", "bad", "unknown")],
    ],
)
def test_text_is_read_on_its_ground_in_both_themes(ink: str, ground: str) -> None:
    for text, under in zip(themed(ink), themed(ground), strict=True):
        assert contrast(text, under) >= 4.5


def test_a_higher_score_stands_out_more_by_brightness_alone() -> None:
    light, dark = zip(*[themed(f"step-{step}") for step in range(5)], strict=True)
    assert all(luminance(lower) > luminance(higher) for lower, higher in pairwise(light))
    assert all(luminance(lower) < luminance(higher) for lower, higher in pairwise(dark))


def test_a_figure_takes_what_it_is_given_before_what_is_common() -> None:
    figure = base.figure({"type": "bar"}, names=["a", "bbbb<br>c"], margin={"r": 50}, xaxis={"title": "X"}, height=90)
    check(figure)
    layout = figure["layout"]
    assert layout["height"] == 90
    assert layout["margin"]["r"] == 50
    assert layout["margin"]["l"] > 4 * 6
    assert layout["xaxis"]["title"]["text"] == "X"
    assert layout["yaxis"]["fixedrange"] is True


def test_a_colour_is_seen_through() -> None:
    assert base.faded("#ff8000", 0.5) == "rgba(255, 128, 0, 0.5)"


def test_few_weeks_are_named_by_their_mondays() -> None:
    assert base.weeks_axis(1)["dtick"] == 7 * 86_400_000
    assert base.weeks_axis(8)["dtick"] == 2 * 7 * 86_400_000
    assert date.fromisoformat(base.weeks_axis(8)["tick0"]).weekday() == 0
    assert "dtick" not in base.weeks_axis(31)


def test_a_figure_reaches_the_browser_as_plain_json() -> None:
    figure = base.figure(
        {
            "x": [date(2026, 1, 5), pd.Timestamp(2026, 1, 12)],
            "y": [np.float64(1 / 3), float("nan")],
            "customdata": np.array([[1, 2]]),
            "visible": np.bool_(True),
            "text": [date(2026, 1, 5), date(1969, 12, 29)],
        }
    )
    trace = json.loads(base.as_json(figure))["data"][0]
    assert trace == {
        "x": ["2026-01-05", "2026-01-12T00:00:00"],
        "y": [0.33333, None],
        "customdata": [[1, 2]],
        "visible": True,
        "text": [1767571200000, -259200000],
    }
