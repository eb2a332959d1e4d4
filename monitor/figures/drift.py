"""Drift over time, and one feature then and now."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from food_inspections.monitor.figures import base
from food_inspections.monitor.figures.base import Figure

_BY_WEEK = "week of %{x|%-d %b %Y}: "


def over_time(series: pd.DataFrame, title: str, retrained: Sequence[date] = (), *, is_floor: bool = False) -> Figure:
    """One statistic by week with each week's own bound; weeks beyond it are marked.

    Args:
        series: week, value, threshold, is_drifted of one statistic, in the order of the weeks.
        title: Title of the value's axis.
        retrained: Weeks in which a new model was asked for.
        is_floor: Whether the value has to stay above its bound.
    """
    over = series[series["is_drifted"].eq(True)]
    line = {
        "type": "scatter",
        "mode": "lines" if len(series) > 1 else "markers",
        "x": series["week"].tolist(),
        "y": series["value"].tolist(),
        "line": {"color": base.CURRENT, "width": 2},
        "hovertemplate": _BY_WEEK + "%{y:.3f}<extra></extra>",
    }
    known = series[series["threshold"].notna()]
    bound = {
        "type": "scatter",
        "mode": "lines" if len(known) > 1 else "markers",
        "x": known["week"].tolist(),
        "y": known["threshold"].tolist(),
        "line": {"color": base.OVER, "width": 1.5, "dash": "dash", "shape": "hvh"},
        "marker": {"color": base.OVER, "symbol": "line-ew-open", "size": 16},
        "hovertemplate": _BY_WEEK + "bound %{y:.3f}<extra></extra>",
    }
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": over["week"].tolist(),
        "y": over["value"].tolist(),
        "marker": {"color": base.OVER, "size": 8, "symbol": "diamond"},
        "hovertemplate": _BY_WEEK + "%{y:.3f}, beyond the bound<extra></extra>",
    }
    values = [*series["value"], *known["threshold"]]
    low = max(0.0, min(values, default=0.0) - 0.05) if is_floor else 0.0
    return base.figure(
        line,
        bound,
        marks,
        shapes=[base.upright(week, base.PURPLE, width=1) for week in retrained],
        xaxis=base.weeks_axis(series["week"].nunique()),
        yaxis={"title": title, "range": [low, 1.12 * max([0.01, *values])], "nticks": 5},
    )


def then_and_now(bins: pd.DataFrame) -> Figure:
    """A feature's shares at validation and now, bin by bin.

    Args:
        bins: label, reference_count, current_count, in the order of the bins.
    """
    reference, current = (
        (bins[name] / max(1, bins[name].sum())).tolist() for name in ("reference_count", "current_count")
    )
    places = list(range(len(bins)))
    names = [_short(str(label)) for label in bins["label"]]
    bars = {
        "type": "bar",
        "x": places,
        "y": current,
        "marker": {"color": base.faded(base.CURRENT, 0.75)},
        "customdata": bins["current_count"].tolist(),
        "hovertemplate": "newest weeks: %{y:.1%} (%{customdata:,})<extra></extra>",
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [place - 0.5 for place in [*places, len(places)]],
        "y": [*reference, *reference[-1:]],
        "line": {"color": base.REFERENCE, "width": 2, "shape": "hv"},
        "hovertemplate": "validation weeks: %{y:.1%}<extra></extra>",
    }
    return base.figure(
        bars,
        line,
        bargap=0.08,
        # Words and long numbers stand aslant.
        margin={"b": 26 + 5 * min(14, max(map(len, names), default=0))},
        xaxis={"tickvals": places, "ticktext": names, "tickangle": -40, "showgrid": False},
        yaxis={"title": "Share of inspections", "tickformat": ".0%", "rangemode": "tozero", "nticks": 5},
    )


def _short(label: str) -> str:
    """An edge to three digits, as many as an axis has room for; words as they are."""
    try:
        return f"{float(f'{float(label):.3g}'):g}"
    except ValueError:
        return label
