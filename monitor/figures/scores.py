"""Distributions of scores: two histograms, two cumulative curves, many small ones."""

import math
from itertools import accumulate

import pandas as pd

from food_inspections.monitor.figures import base
from food_inspections.monitor.figures.base import Figure, Part
from food_inspections.monitor.wording import formats

Names = tuple[str, str]

_SMALL_COLUMNS = 3


def histogram(reference: pd.DataFrame, current: pd.DataFrame, names: Names, threshold: float | None) -> Figure:
    """Current scores as bars, the reference as a line of steps over them.

    Args:
        reference: bin_lower, bin_upper, count, share of one kind of establishment.
        current: The same bins.
        names: What the two are called.
        threshold: Score from which on a place is flagged.
    """
    flagged = threshold is not None
    return base.figure(
        _bars(current, names[1]),
        _steps(reference, names[0], 2),
        showlegend=True,
        bargap=0.08,
        shapes=[base.upright(threshold, base.PURPLE)] if flagged else [],
        notes=[
            base.note(
                f"flagged from {formats.percent(threshold)}", x=threshold, y=1, yref="paper", yanchor="top", xshift=4
            )
        ]
        if flagged
        else [],
        xaxis=_score_axis(reference, current) | {"title": "Score"},
        yaxis={"title": "Share of inspections", "tickformat": ".0%", "rangemode": "tozero"},
    )


def cumulative(reference: pd.DataFrame, current: pd.DataFrame, names: Names) -> Figure:
    """Both cumulative distributions, and the gap that is the Kolmogorov-Smirnov distance.

    Args:
        reference: bin_upper and share of one kind of establishment.
        current: The same bins.
        names: What the two are called.
    """
    edges = [0.0, *current["bin_upper"]]
    expected, seen = ([0.0, *accumulate(frame["share"])] for frame in (reference, current))
    curves = [
        {
            "type": "scatter", "mode": "lines", "x": edges, "y": curve, "name": name,
            "line": {"color": colour, "width": 2},
            "hovertemplate": "%{y:.0%} of %{fullData.name} score below %{x:.0%}<extra></extra>",
        }
        for name, curve, colour in zip(names, (expected, seen), (base.REFERENCE, base.CURRENT), strict=True)
    ]  # fmt: skip
    gaps = [abs(left - right) for left, right in zip(expected, seen, strict=True)]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    low, high = sorted((expected[widest], seen[widest]))
    marked = {
        "type": "scatter", "mode": "lines+markers", "x": [edges[widest]] * 2, "y": [low, high], "name": "widest gap",
        "showlegend": False, "line": {"color": base.PURPLE, "width": 2},
        "marker": {"size": 9, "symbol": "line-ew-open", "line": {"width": 2, "color": base.PURPLE}},
        "hovertemplate": f"widest gap {formats.decimal(gaps[widest])}<extra></extra>",
    }  # fmt: skip
    return base.figure(
        *curves,
        *([marked] if gaps[widest] > 0 else []),
        showlegend=True,
        notes=[
            base.note(
                f"gap {formats.decimal(gaps[widest], 2)}",
                x=edges[widest],
                y=(low + high) / 2,
                xshift=8,
                yanchor="middle",
            )
        ]
        if gaps[widest] > 0
        else [],
        xaxis=_score_axis(reference, current) | {"title": "Score"},
        yaxis={"title": "Share scoring below", "tickformat": ".0%", "range": [0, 1.02]},
    )


def by_facility_type(reference: pd.DataFrame, current: pd.DataFrame, names: Names, kinds: list[str]) -> Figure:
    """A small histogram for each kind of establishment.

    Args:
        reference: facility_type, bin, bin_lower, bin_upper, count, share.
        current: The same bins.
        names: What the two are called.
        kinds: Kinds of establishment, in order.
    """
    columns = min(_SMALL_COLUMNS, max(len(kinds), 1))
    rows = -(-len(kinds) // columns)
    gap_x, gap_y = 0.05, 0.36 / max(rows, 1)
    width = (1 - gap_x * (columns - 1)) / columns
    height = (1 - gap_y * (rows - 1)) / max(rows, 1)
    traces: list[Part] = []
    notes: list[Part] = []
    axes: Part = {}
    for place, kind in enumerate(kinds):
        row, column = divmod(place, columns)
        suffix = "" if place == 0 else str(place + 1)
        left, top = column * (width + gap_x), 1 - row * (height + gap_y)
        small: Part = {"tickfont": {"size": 10}}
        axes[f"xaxis{suffix}"] = base.axis(
            **_score_axis(reference, current), **small, domain=[left, left + width], anchor=f"y{suffix}", nticks=4
        )
        axes[f"yaxis{suffix}"] = base.axis(
            **small,
            domain=[max(top - height, 0), top],
            anchor=f"x{suffix}",
            tickformat=".0%",
            nticks=3,
            rangemode="tozero",
        )
        seen = current[current["facility_type"] == kind]
        on_axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        traces += [
            _bars(seen, names[1]) | on_axes,
            _steps(reference[reference["facility_type"] == kind], names[0], 1.5) | on_axes,
        ]
        notes.append(
            base.note(
                f"{kind} · {formats.whole(seen['count'].sum())}",
                x=left,
                y=top,
                xref="paper",
                yref="paper",
                font={"size": 12},
            )
        )
    drawn = base.figure(*traces, notes=notes, height=60 + 150 * rows, margin={"l": 34, "r": 10, "t": 26, "b": 24})
    drawn["layout"].update(axes)
    return drawn


def _bars(bins: pd.DataFrame, name: str) -> Part:
    edges = bins[["bin_lower", "bin_upper", "count"]].to_numpy().tolist()
    return {
        "type": "bar",
        "x": [(low + high) / 2 for low, high, _ in edges],
        "y": bins["share"].tolist(),
        "name": name,
        "marker": {"color": base.faded(base.CURRENT, 0.75)},
        "customdata": edges,
        "hovertemplate": "score %{customdata[0]:.1%} to %{customdata[1]:.1%}<br>%{y:.1%} of %{fullData.name}"
        " (%{customdata[2]:,})<extra></extra>",
    }


def _steps(bins: pd.DataFrame, name: str, width: float) -> Part:
    lower, upper, share = bins["bin_lower"].tolist(), bins["bin_upper"].tolist(), bins["share"].tolist()
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*lower, *upper[-1:]],
        "y": [*share, *share[-1:]],
        "name": name,
        "line": {"color": base.REFERENCE, "width": width, "shape": "hv"},
        "hovertemplate": "%{y:.1%} of %{fullData.name}<extra></extra>",
    }


def _score_axis(reference: pd.DataFrame, current: pd.DataFrame) -> Part:
    """From 0 to where the bins hold next to nothing."""
    ends = [frame.loc[frame["share"] > 0.0005, "bin_upper"].max() for frame in (reference, current)]
    end = min(1.0, max((float(end) for end in ends if not math.isnan(end)), default=1.0) + 0.025)
    return {"tickformat": ".0%", "range": [0, end], "showgrid": False}
