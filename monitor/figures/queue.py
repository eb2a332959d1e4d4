"""The queue's map: every place in the colour of its score."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.monitor.figures import city_map
from food_inspections.monitor.figures.city_map import Under, packed

COLOURS = 5


def score_steps(scores: "pd.Series[float]") -> list[float]:
    """Edges of the colour scale: as many points in each step as whole percents allow.

    Steps of equal width would paint this week's list, which is all high scores, in one colour.

    Args:
        scores: Scores of the points shown.

    Returns:
        From 0 to 1, at most :data:`COLOURS` steps, strictly rising.
    """
    inner: Iterable[float] = scores.quantile(np.arange(1, COLOURS) / COLOURS).round(2) if len(scores) else []
    return [0.0, *sorted({float(edge) for edge in inner if 0 < edge < 1}), 1.0]


def establishment_map(points: pd.DataFrame, under: Under) -> tuple[dict[str, Any], list[float]]:
    """The map's payload, with each place's rank and score in thousandths, and the edges of its colour scale.

    Args:
        points: establishment_id, dba_name, latitude, longitude, score, rank, is_on_list.
        under: What lies under them.
    """
    shown = city_map.placed(points)
    steps = score_steps(shown["score"])
    colours = np.searchsorted(steps[1:-1], shown["score"], side="right")
    # As numbers: fifteen thousand sentences are half a megabyte.
    said = {"ranks": packed(shown["rank"], "<i4"), "scores": packed((1000 * shown["score"]).round(), "<u2")}
    return city_map.payload(shown, colours, shown["is_on_list"], under, **said), steps
