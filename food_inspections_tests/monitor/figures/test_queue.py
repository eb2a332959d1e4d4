import base64

import numpy as np
import pandas as pd
import pytest

from food_inspections.monitor.figures import queue
from food_inspections.monitor.figures.city_map import Under

POINTS = pd.DataFrame(
    {
        "establishment_id": ["3", "2", "1"],
        "dba_name": ["C", "B", "A"],
        "latitude": [0.0, 41.9, 41.8],
        "longitude": [0.0, -87.7, -87.6],
        "score": [0.1, 0.5, 0.9],
        "rank": [3, 2, 1],
        "is_on_list": [False, False, True],
    }
)


def unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def test_points_are_packed_as_web_mercator() -> None:
    payload, _ = queue.establishment_map(POINTS, Under())
    # 0 degrees north is what a portal writes for a position it does not know.
    assert payload["count"] == 2
    assert payload["ids"] == "2\n1"
    assert payload["names"] == "B\nA"
    assert list(unpacked(payload["ranks"], "<i4")) == [2, 1]
    assert list(unpacked(payload["scores"], "<u2")) == [500, 900]
    assert unpacked(payload["x"], "<f8") == pytest.approx([(-87.7 + 180) / 360, (-87.6 + 180) / 360])
    latitude = np.radians([41.9, 41.8])
    assert unpacked(payload["y"], "<f8") == pytest.approx(0.5 - np.arcsinh(np.tan(latitude)) / (2 * np.pi))
    assert list(unpacked(payload["ringed"], "u1")) == [0, 1]


def test_a_point_has_the_colour_of_the_step_its_score_lies_in() -> None:
    scores = [0.1, 0.29, 0.3, 0.5, 0.7, 0.99]
    points = POINTS.iloc[[1] * len(scores)].assign(score=scores)
    payload, steps = queue.establishment_map(points, Under())
    lies_in = [sum(score >= edge for edge in steps[1:-1]) for score in scores]
    assert list(unpacked(payload["colour"], "u1")) == lies_in


def test_no_point_is_an_empty_map() -> None:
    payload, steps = queue.establishment_map(POINTS.head(0), Under(tiles="https://tiles.example/{z}/{x}/{y}.png"))
    assert payload["count"] == 0
    assert steps == [0.0, 1.0]
    assert payload["tiles"] == "https://tiles.example/{z}/{x}/{y}.png"


def test_the_colours_divide_the_points_shown_evenly() -> None:
    scores = pd.Series(np.linspace(0.4, 0.8, 500))
    steps = queue.score_steps(scores)
    counts = np.histogram(scores, steps)[0]
    assert len(steps) == queue.COLOURS + 1
    assert counts.min() > 0.8 * len(scores) / queue.COLOURS


def test_like_scores_need_fewer_colours() -> None:
    assert queue.score_steps(pd.Series([0.3] * 20)) == [0.0, 0.3, 1.0]
