"""Drift over time and by feature."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from food_inspections.monitor.figures import base
from food_inspections.monitor.figures.base import Figure
from food_inspections.monitor.wording import formats

_FEATURE_HEIGHT = 34
_BY_WEEK = "week of %{x|%-d %b %Y}: "


def over_time(series: pd.DataFrame, title: str, retrained: Sequence[date] = ()) -> Figure:
    """One statistic by week with its threshold; weeks over it are marked.

    Args:
        series: week, value, threshold, is_drifted of one statistic, in the order of the weeks.
        title: Title of the value's axis.
        retrained: Weeks in which a new model was asked for.
    """
    over = series[series["is_drifted"].astype(bool)]
    line = {
        "type": "scatter",
        "mode": "lines" if len(series) > 1 else "markers",
        "x": series["week"].tolist(),
        "y": series["value"].tolist(),
        "line": {"color": base.CURRENT, "width": 2},
        "hovertemplate": _BY_WEEK + "%{y:.3f}<extra></extra>",
    }
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": over["week"].tolist(),
        "y": over["value"].tolist(),
        "marker": {"color": base.OVER, "size": 8, "symbol": "diamond"},
        "hovertemplate": _BY_WEEK + "%{y:.3f}, over the threshold<extra></extra>",
    }
    shapes = [base.upright(week, base.PURPLE, width=1) for week in retrained]
    notes, top = [], 1.0
    if len(series):
        threshold = float(series["threshold"].iloc[-1])
        top = 1.12 * max(threshold * 1.15, float(series["value"].max()))
        shapes.append(base.level(threshold))
        notes.append(base.note(f"drifted from {threshold:.3g}", x=0, xref="paper", y=threshold))
    return base.figure(
        line,
        marks,
        shapes=shapes,
        notes=notes,
        xaxis=base.weeks_axis(series["week"].nunique()),
        yaxis={"title": title, "range": [0, top], "nticks": 5},
    )


def ranked_features(features: pd.DataFrame, title: str, limit: int = 15) -> Figure:
    """Features of a week by one statistic, the largest on top, each with its threshold.

    Names stand over their bars: beside them the longest would leave no room on a phone.

    Args:
        features: name, value, threshold, is_drifted.
        title: Title of the value's axis.
        limit: Bars at most.
    """
    shown = features.sort_values(["value", "name"], ascending=[False, True]).head(limit)[::-1]
    thresholds = shown["threshold"].tolist()
    names = [formats.words(name) for name in shown["name"]]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": shown["value"].tolist(),
        "y": names,
        "marker": {"color": [base.OVER if over else base.CURRENT for over in shown["is_drifted"]]},
        "text": [formats.decimal(value, 2) for value in shown["value"]],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.3f}<extra></extra>",
    }
    return base.figure(
        bars,
        notes=[base.note(name, x=0, y=place, yshift=4) for place, name in enumerate(names)],
        # The values stand to the right of their bars.
        margin={"l": 6, "r": 48},
        height=60 + _FEATURE_HEIGHT * len(shown),
        bargap=0.65,
        shapes=[
            {
                "type": "line",
                "x0": threshold,
                "x1": threshold,
                "y0": place - 0.3,
                "y1": place + 0.3,
                "line": {"color": base.PURPLE, "width": 2},
            }
            for place, threshold in enumerate(thresholds)
        ],
        xaxis={"title": title, "range": [0, 1.02 * max([0.0, *thresholds, *shown["value"]]) or 1]},
        yaxis={"showgrid": False, "showticklabels": False, "range": [-0.6, len(shown) - 0.2]},
    )


def share_drifted(series: pd.DataFrame) -> Figure:
    """How many features are over their threshold, week by week.

    Args:
        series: week, drifted, looked_at of one statistic.
    """
    bars = {
        "type": "bar",
        "x": series["week"].tolist(),
        "y": series["drifted"].tolist(),
        "customdata": series["looked_at"].tolist(),
        "marker": {"color": base.faded(base.OVER, 0.85)},
        "hovertemplate": _BY_WEEK + "%{y} of %{customdata} features<extra></extra>",
    }
    top = max([4, *series["drifted"]])
    return base.figure(
        bars,
        bargap=0.15,
        xaxis=base.weeks_axis(len(series)),
        yaxis={"title": "Features over the threshold", "range": [0, 1.1 * top], "tickformat": "d", "nticks": 5},
    )
