"""Routes of a plan: one line for each inspector and day, from the start point through the stops and back.

The lines of a colour are one trace with gaps between them: Plotly takes as long for a trace of seven points as for one
of seventy, and thirty inspectors have a hundred and fifty days.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from food_inspections.domain.plan_exports import clock
from food_inspections.monitor.figures.base import PALETTE, Figure, Part, figure
from food_inspections.monitor.queries.reading import records

MOST_NUMBERED = 30
HEIGHT = 520


def routes(lines: pd.DataFrame, days: pd.DataFrame) -> Figure:
    """The map of the lines given.

    Args:
        lines: Lines of the plan: inspector_now, day, stop, arrival_minute, dba_name, address, latitude, longitude,
            decision; those without a position are left out.
        days: Working days: inspector, day, start_latitude, start_longitude.

    Returns:
        Longitude over latitude, a kilometre being as long in both directions.
    """
    placed = lines[lines["latitude"].notna() & lines["longitude"].notna()]
    starts = {(row.inspector, row.day): (row.start_longitude, row.start_latitude) for row in records(days)}
    inspectors = sorted(lines["inspector_now"].unique())
    colours = {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(inspectors)}
    drawn: dict[str, list[_Point]] = {}
    for (inspector, day), route in placed.groupby(["inspector_now", "day"], sort=True):
        line = _route(str(inspector), day, route, starts.get((inspector, day)))
        drawn.setdefault(colours[inspector], []).extend([*line, _GAP])
    traces = [_lines(points, colour, len(placed) <= MOST_NUMBERED) for colour, points in drawn.items()]
    known = sorted({start for start in starts.values() if not any(pd.isna(part) for part in start)})
    if known and len(placed):
        traces.append(
            {
                "type": "scatter", "mode": "markers", "x": [x for x, _ in known], "y": [y for _, y in known],
                "marker": {"symbol": "square", "size": 11, "color": "#7d8b99"}, "name": "Start",
                "hovertemplate": "Where the day begins<extra></extra>",
            }
        )  # fmt: skip
    middle = math.radians(float(placed["latitude"].mean())) if len(placed) else 0.0
    hidden = {"showgrid": False, "showticklabels": False, "zeroline": False, "showline": False}
    return figure(
        *traces,
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis=hidden,
        yaxis={**hidden, "scaleanchor": "x", "scaleratio": 1 / math.cos(middle)},
    )


class _Point(NamedTuple):
    """A point of a route, with the number and the words of its stop; a gap without a place."""

    longitude: float | None
    latitude: float | None
    number: str = ""
    said: str = ""


_GAP = _Point(None, None)


def _route(inspector: str, day: object, route: pd.DataFrame, start: tuple[float, float] | None) -> list[_Point]:
    stops = [
        _Point(
            row.longitude,
            row.latitude,
            str(row.stop),
            f"{row.stop}. {row.dba_name}<br>{row.address}<br>{inspector}, {day:%A} {clock(row.arrival_minute)}",
        )
        for row in records(route)
    ]
    around = [] if start is None or any(pd.isna(part) for part in start) else [_Point(*start)]
    return [*around, *stops, *around]


def _lines(points: Sequence[_Point], colour: str, is_numbered: bool) -> Part:
    return {
        "type": "scatter",
        "mode": "lines+markers+text" if is_numbered else "lines+markers",
        "x": [point.longitude for point in points],
        "y": [point.latitude for point in points],
        "text": [point.number for point in points] if is_numbered else None,
        "textposition": "top center",
        "customdata": [point.said for point in points],
        "hovertemplate": "%{customdata}<extra></extra>",
        "connectgaps": False,
        "line": {"color": colour, "width": 2 if is_numbered else 1},
        "marker": {"size": 9 if is_numbered else 6, "color": colour},
    }
