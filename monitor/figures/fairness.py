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

# As far apart as a phone needs; the band tells where the tolerance ends.
_TICKS = (0.1, 0.25, 0.5, 1, 2, 4, 10)
_SYMBOLS = {"even": "circle", "uneven": "diamond", "cannot_tell": "circle-open"}
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def disparities(rows: pd.DataFrame) -> Figure:
    """Each group's rate divided by the reference's with its interval; half and double are as far from 1.

    Args:
        rows: attribute_value, cases, disparity, lower, upper, answer, in the order of the page.
    """
    shown = rows[rows["disparity"].gt(0) & rows["lower"].notna()].iloc[::-1]
    values = shown["disparity"].tolist()
    names = [f"{row.attribute_value} ({formats.whole(row.cases)})" for row in records(shown)]
    shapes = [base.band("x", TOLERANCE, 1 / TOLERANCE), base.upright(1, base.GREEN, "solid")]
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": values,
        "y": names,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (shown["upper"] - shown["disparity"]).clip(lower=0).tolist(),
            "arrayminus": (shown["disparity"] - shown["lower"]).clip(lower=0).tolist(),
            "thickness": 2,
            "width": 0,
            "color": base.faded(base.CURRENT, 0.5),
        },
        "marker": {
            "size": 12,
            "color": [base.OVER if answer == "uneven" else base.CURRENT for answer in shown["answer"]],
            "symbol": [_SYMBOLS[answer] for answer in shown["answer"]],
            "line": {"width": 2},
        },
        "customdata": shown[["lower", "upper"]].round(2).to_numpy(dtype=float).tolist(),
        "hovertemplate": "%{y}<br>%{x:.2f} times the reference, %{customdata[0]} to %{customdata[1]}<extra></extra>",
    }
    return base.figure(
        marks,
        names=names,
        shapes=shapes,
        height=80 + 30 * max(len(shown), 2),
        xaxis=_times_axis([*shown["lower"].clip(lower=0.1), *shown["upper"].clip(upper=10)])
        | {"title": "Times the reference's rate"},
        yaxis={"showgrid": False, "type": "category"},
    )


def over_time(series: pd.DataFrame, groups: Sequence[str]) -> Figure:
    """Disparities of some groups in every audit.

    Args:
        series: week, attribute_value, disparity, lower, upper, answer.
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
                "marker": {"size": 8, "symbol": [_SYMBOLS[answer] for answer in rows["answer"]]},
                "customdata": rows[["lower", "upper"]].round(2).to_numpy().tolist(),
                "hovertemplate": "%{fullData.name}, %{x|%-d %b %Y}: %{y:.2f} times the reference, "
                "%{customdata[0]} to %{customdata[1]}<extra></extra>",
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
