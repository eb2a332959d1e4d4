"""The map: a payload for ``assets/map.js``, which draws it on a canvas.

Fifteen thousand points as SVG take seconds, and WebGL is not to be had everywhere; a plain
canvas draws them in a few milliseconds in any browser, in the colours of the theme.
"""

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.monitor.figures.ground import mercator

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


def establishment_map(points: pd.DataFrame, ground_url: str = "", tiles_url: str | None = None) -> dict[str, Any]:
    """Points of the map, packed.

    Args:
        points: establishment_id, dba_name, latitude, longitude, score, rank, is_on_list.
        ground_url: Address of what lies under the points; see ``monitor.serving.ground``.
        tiles_url: Address of raster tiles with {z}, {x} and {y}, in place of that ground.

    Returns:
        ``count``; ``x`` and ``y``, the Web Mercator position (0 to 1 over the world) as base64 of
        little-endian float64; ``score`` as base64 of float32; ``rank`` as base64 of int32; ``listed`` as
        base64 of bytes; ``ids`` and ``names``; ``ground``; ``tiles``; ``steps`` of the colour scale.
    """
    is_placed = points["latitude"].between(-85, 85) & points["longitude"].between(-180, 180) & (points["latitude"] != 0)
    placed = points[is_placed]
    x, y = mercator(placed["latitude"].to_numpy(dtype=float), placed["longitude"].to_numpy(dtype=float))
    return {
        "count": len(placed),
        "x": _packed(x, "<f8"),
        "y": _packed(y, "<f8"),
        "score": _packed(placed["score"].to_numpy(), "<f4"),
        "rank": _packed(placed["rank"].to_numpy(), "<i4"),
        "listed": _packed(placed["is_on_list"].to_numpy(), "u1"),
        "ids": list(placed["establishment_id"]),
        "names": list(placed["dba_name"]),
        "ground": ground_url,
        "tiles": tiles_url,
        "steps": score_steps(placed["score"]),
    }


def _packed(values: np.ndarray[Any, Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")
