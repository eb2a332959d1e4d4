"""Routes of a plan: one line for each inspector and day, from the start point through the stops and back."""

import math

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
    traces: list[Part] = []
    for (inspector, day), route in placed.groupby(["inspector_now", "day"], sort=True):
        start = starts.get((inspector, day))
        traces.append(_route(str(inspector), day, route, start, colours[inspector], len(placed) <= MOST_NUMBERED))
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


def _route(
    inspector: str, day: object, route: pd.DataFrame, start: tuple[float, float] | None, colour: str, is_numbered: bool
) -> Part:
    rows = list(records(route))
    has_start = start is not None and not any(pd.isna(part) for part in start)
    around = [start] if has_start and start is not None else []
    places = [*around, *((row.longitude, row.latitude) for row in rows), *around]
    said = [
        f"{row.stop}. {row.dba_name}<br>{row.address}<br>{inspector}, {day:%A} {clock(row.arrival_minute)}"
        for row in rows
    ]
    blank = [""] * len(around)
    return {
        "type": "scatter",
        "mode": "lines+markers+text" if is_numbered else "lines+markers",
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "text": [*blank, *(str(row.stop) for row in rows), *blank] if is_numbered else None,
        "textposition": "top center",
        "customdata": [*blank, *said, *blank],
        "hovertemplate": "%{customdata}<extra></extra>",
        "line": {"color": colour, "width": 2 if is_numbered else 1},
        "marker": {"size": 9 if is_numbered else 6, "color": colour},
        "name": inspector,
    }
