"""Weeks x assets: what was written, what was accepted, what is missing."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from food_inspections.monitor.figures import base
from food_inspections.monitor.figures.base import Figure
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.wording import formats

STATES = ("missing", "pending", "accepted", "rejected")
COLOURS = {
    "missing": "rgba(125, 139, 153, 0.12)",
    "pending": base.PURPLE,
    "accepted": base.BLUE,
    "rejected": base.ORANGE,
}
_MEANING = {
    "missing": "nothing written",
    "pending": "written, checks not finished",
    "accepted": "accepted",
    "rejected": "a check failed",
}
# From here on the cells are too narrow for gaps and signs.
_MANY_WEEKS = 120


def grid(rows: pd.DataFrame, assets: Sequence[str], weeks: Sequence[date]) -> Figure:
    """One cell for each asset and week, coloured by state; rejected ones also carry a cross.

    Args:
        rows: asset, week, status, row_count.
        assets: From top to bottom.
        weeks: From left to right.
    """
    found = {(row.asset, row.week): (row.status, row.row_count) for row in records(rows)}
    cells = [[found.get((asset, week), ("missing", 0)) for week in weeks] for asset in assets]
    names = list(assets)
    heatmap = {
        "type": "heatmap",
        "x": list(weeks),
        "y": names,
        "z": [[STATES.index(status) for status, _ in line] for line in cells],
        "text": [[_describe(status, count) for status, count in line] for line in cells],
        "zmin": -0.5,
        "zmax": len(STATES) - 0.5,
        "colorscale": _colour_scale(),
        "showscale": False,
        "xgap": 1 if len(weeks) <= _MANY_WEEKS else 0,
        "ygap": 2,
        "hovertemplate": "%{y}, week of %{x|%-d %b %Y}<br>%{text}<extra></extra>",
    }
    rejected = [
        (week, name)
        for line, name in zip(cells, names, strict=True)
        for (status, _), week in zip(line, weeks, strict=True)
        if status == "rejected"
    ]
    crosses = {
        "type": "scatter",
        "mode": "markers",
        "x": [week for week, _ in rejected],
        "y": [name for _, name in rejected],
        "marker": {"symbol": "x-thin", "size": 7, "line": {"color": "#ffffff", "width": 2}},
        "hoverinfo": "skip",
    }
    return base.figure(
        heatmap,
        crosses,
        names=names,
        height=60 + 26 * len(assets),
        xaxis=base.weeks_axis(len(weeks)),
        yaxis={"autorange": "reversed", "showgrid": False, "type": "category"},
    )


def _describe(status: str, count: int) -> str:
    return _MEANING[status] + ("" if status == "missing" else f", {formats.count(count, 'row')}")


def _colour_scale() -> list[list[object]]:
    scale: list[list[object]] = []
    for place, state in enumerate(STATES):
        scale += [[place / len(STATES), COLOURS[state]], [(place + 1) / len(STATES), COLOURS[state]]]
    return scale
