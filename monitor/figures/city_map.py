"""Points of a map: a payload for ``assets/map.js``, which draws it on a canvas.

Fifteen thousand points as SVG take seconds, and WebGL is not to be had everywhere; a plain
canvas draws them in a few milliseconds in any browser, in the colours of the theme.
"""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.monitor.figures.ground import mercator


@dataclass(frozen=True)
class Under:
    """What lies under the points.

    Attributes:
        ground: Address of the city's outlines; see ``monitor.serving.ground``.
        tiles: Address of raster tiles with {z}, {x} and {y}, in place of that ground.
    """

    ground: str = ""
    tiles: str | None = None


def placed(points: pd.DataFrame) -> pd.DataFrame:
    """The rows with a position; 0 degrees north is what a portal writes for one it does not know."""
    north, east = points["latitude"], points["longitude"]
    return points[north.between(-85, 85) & east.between(-180, 180) & (north != 0)]


def payload(points: pd.DataFrame, colours: Any, ringed: Any, under: Under, **more: Any) -> dict[str, Any]:
    """Points, packed.

    Args:
        points: establishment_id, dba_name, latitude, longitude of places with a position.
        colours: Of each point its place among the colours of the legend.
        ringed: Whether each has a ring around it.
        under: What lies under them.
        **more: Parts of one map alone: ``routes``, ``starts``, ``numbers``; and what is said of each point beside its
            name, ready as ``facts``, or as its ``ranks`` and ``scores`` of which ``assets/map.js`` makes the words.

    Returns:
        ``count``; ``x`` and ``y``, the Web Mercator position (0 to 1 over the world) as base64 of little-endian
        float64; ``colour`` and ``ringed`` as base64 of bytes; ``ids`` and ``names``, a line each; ``ground``;
        ``tiles``.
    """
    x, y = mercator(points["latitude"].to_numpy(dtype=float), points["longitude"].to_numpy(dtype=float))
    return {
        "count": len(points),
        "x": packed(x, "<f8"),
        "y": packed(y, "<f8"),
        "colour": packed(colours, "u1"),
        "ringed": packed(ringed, "u1"),
        "ids": lines(points["establishment_id"]),
        "names": lines(points["dba_name"]),
        "ground": under.ground,
        "tiles": under.tiles,
        **more,
    }


def lines(texts: "pd.Series[str]") -> str:
    """Texts as lines: one long text is written and read in a fraction of the time of thousands of short ones."""
    return "\n".join(text.replace("\n", " ") for text in texts)


def packed(values: Any, kind: str) -> str:
    """Numbers of a sort, as numpy names it, in base64."""
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")
