"""Disparities between groups, with the band that is tolerated."""

import math
from collections.abc import Sequence

import pandas as pd

from food_inspections.monitor.figures import base
from food_inspections.monitor.figures.base import Figure, Part
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.wording import formats

# A fairness of 80%: the four-fifths rule of the US Equal Employment Opportunity Commission
# (29 CFR 1607.4 D), aequitas' default tolerance.
TOLERANCE = 0.8
SMALL_GROUP = 50

# 1 carries a line of its own, and would crowd its neighbours.
_TICKS = (0.1, 0.25, 0.5, 0.8, 1.25, 2, 4, 10)
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def disparities(report: pd.DataFrame, disparity: str, parity: str) -> Figure:
    """Each group's rate divided by the reference's, on a scale where half and double are as far from 1.

    Args:
        report: attribute_value, group_size and the two columns named next.
        disparity: Column of the disparity.
        parity: Column of the verdict; null where there is none, which accuses nobody.
    """
    shown = report[report[disparity].notna() & (report[disparity] > 0)].iloc[::-1]
    is_fair = [bool(pd.isna(value) or value) for value in shown[parity]]
    is_small = (shown["group_size"] < SMALL_GROUP).tolist()
    values = shown[disparity].tolist()
    names = [f"{row.attribute_value} ({formats.whole(row.group_size)})" for row in records(shown)]
    shapes = [base.band("x", TOLERANCE, 1 / TOLERANCE), base.upright(1, base.GREEN, "solid")]
    shapes += [
        {
            "type": "line", "x0": 1, "x1": value, "y0": place, "y1": place, "layer": "below",
            "line": {"color": base.faded(base.CURRENT if fair else base.OVER, 0.5), "width": 3},
        }
        for place, (value, fair) in enumerate(zip(values, is_fair, strict=True))
    ]  # fmt: skip
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": values,
        "y": names,
        "marker": {
            "size": [10 if small else 13 for small in is_small],
            "color": [base.CURRENT if fair else base.OVER for fair in is_fair],
            "symbol": [
                ("circle" if fair else "diamond") + ("-open" if small else "")
                for fair, small in zip(is_fair, is_small, strict=True)
            ],
            "line": {"width": 2},
        },
        "hovertemplate": "%{y}<br>%{x:.2f} times the reference<extra></extra>",
    }
    return base.figure(
        marks,
        names=names,
        shapes=shapes,
        height=80 + 30 * max(len(shown), 2),
        xaxis=_times_axis(values) | {"title": "Times the reference group's rate"},
        yaxis={"showgrid": False, "type": "category"},
    )


def over_time(series: pd.DataFrame, groups: Sequence[str]) -> Figure:
    """Disparities of some groups in every audit.

    Args:
        series: week, attribute_value, disparity.
        groups: Groups shown, at most as many as there are colours.
    """
    known = series[series["disparity"].notna() & (series["disparity"] > 0)]
    shown = known[known["attribute_value"].isin(groups)]
    traces = []
    for place, group in enumerate(groups):
        rows = shown[shown["attribute_value"] == group]
        colour = base.PALETTE[place % len(base.PALETTE)]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": rows["week"].tolist(),
                "y": rows["disparity"].tolist(),
                "name": group,
                "line": {"color": colour, "width": 2, "dash": _DASHES[place % len(_DASHES)]},
                "marker": {"size": 6},
                "hovertemplate": "%{fullData.name}, %{x|%-d %b %Y}: %{y:.2f} times the reference<extra></extra>",
            }
        )
    weeks = (shown["week"].max() - shown["week"].min()).days // 7 + 1 if len(shown) else 0
    return base.figure(
        *traces,
        showlegend=True,
        shapes=[base.band("y", TOLERANCE, 1 / TOLERANCE), base.level(1, base.GREEN, "solid")],
        margin={"t": 62},
        xaxis=base.weeks_axis(weeks),
        yaxis=_times_axis(shown["disparity"].tolist()),
    )


def _times_axis(values: list[float]) -> Part:
    low, high = 0.85 * min([0.5, *values]), 1.15 * max([2.0, *values])
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high)],
        "tickangle": 0,
        "tickvals": list(_TICKS),
        "ticktext": [f"{tick:g}{formats.TIMES}" for tick in _TICKS],
    }
