"""Routes of a plan: one line for each inspector and day, from the start point through the stops and back."""

from typing import Any

import pandas as pd

from food_inspections.domain.plan_exports import clock
from food_inspections.monitor.figures import city_map
from food_inspections.monitor.figures.base import PALETTE
from food_inspections.monitor.figures.city_map import Under
from food_inspections.monitor.figures.ground import mercator
from food_inspections.monitor.queries.reading import records

MOST_NUMBERED = 30


def colours(lines: pd.DataFrame) -> dict[str, int]:
    """The place in the palette of each inspector of the lines, by name."""
    return {name: place % len(PALETTE) for place, name in enumerate(sorted(lines["inspector_now"].unique()))}


def routes(lines: pd.DataFrame, days: pd.DataFrame, under: Under) -> dict[str, Any]:
    """The map of the lines given.

    Args:
        lines: Lines of the plan: establishment_id, inspector_now, day, stop, arrival_minute, dba_name, address,
            latitude, longitude; those without a position are left out.
        days: Working days: inspector, day, start_latitude, start_longitude.
        under: What lies under them.

    Returns:
        As of :func:`city_map.payload`; ``routes``, each with a ``colour`` and a ``line`` of x, y, x, y ...; ``starts``,
        pairs of x and y; ``numbers`` of the stops, where they are few enough to be read.
    """
    shown = city_map.placed(lines)
    colour_of = colours(lines)
    known = days[days["start_latitude"].notna() & days["start_longitude"].notna()]
    starts = {(row.inspector, row.day): _place(row.start_latitude, row.start_longitude) for row in records(known)}
    drawn = []
    for (inspector, day), route in shown.groupby(["inspector_now", "day"], sort=True):
        start = starts.get((inspector, day))
        ends = [start] if start else []
        stops = [_place(*place) for place in zip(route["latitude"], route["longitude"], strict=True)]
        line = [round(value, 8) for place in (*ends, *stops, *ends) for value in place]
        drawn.append({"colour": colour_of[str(inspector)], "line": line})
    facts = [
        f"{row.address}. Stop {row.stop} of {row.inspector_now}, {row.day:%A} {clock(row.arrival_minute)}"
        for row in records(shown)
    ]
    numbers = [str(stop) for stop in shown["stop"]] if len(shown) <= MOST_NUMBERED else None
    return city_map.payload(
        shown,
        shown["inspector_now"].map(colour_of),
        [False] * len(shown),
        under,
        facts=facts,
        routes=drawn,
        starts=sorted(set(starts.values())) if drawn else [],
        numbers=numbers,
    )


def _place(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = mercator(latitude, longitude)
    return float(x), float(y)
