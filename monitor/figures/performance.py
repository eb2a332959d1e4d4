"""What the forecast was worth, week by week, beside what was promised."""

from datetime import timedelta

import pandas as pd

from food_inspections.domain.evaluation.proportions import wilson
from food_inspections.monitor.figures import base
from food_inspections.monitor.figures.base import Figure, Part
from food_inspections.monitor.wording.vocabulary import ESTIMATED, PERCENTAGES, VALIDATION

SMOOTHED_WEEKS = 8
_LEAST_WEEKS = 4
_MARKED_WEEKS = 60
# From here on a week is narrower than a pixel or two, and no hand points at one.
_TOLD_WEEKS = 160


def metric_over_time(series: pd.DataFrame, metric: str) -> Figure:
    """Weekly values with their intervals, their running mean, and the promise as a dashed line.

    Args:
        series: week, source, value, lower, upper, row_count of one metric; ``validation`` is the promise.
        metric: Name of the metric.
    """
    unit = _unit(metric)
    known = series[series["value"].notna()].round({"value": 4, "lower": 4, "upper": 4})
    seen = known[~known["source"].isin((VALIDATION, ESTIMATED))]
    promise, estimate = known[known["source"] == VALIDATION], known[known["source"] == ESTIMATED]
    # It stays the same until a model is made.
    made = promise[promise["value"] != promise["value"].shift()]
    weeks = seen["week"].tolist()
    traces = [*_interval(seen), _weekly(seen, unit)]
    if len(seen) >= SMOOTHED_WEEKS:
        weighted = (seen["value"] * seen["row_count"]).rolling(SMOOTHED_WEEKS, min_periods=_LEAST_WEEKS).sum()
        smooth = (weighted / seen["row_count"].rolling(SMOOTHED_WEEKS, min_periods=_LEAST_WEEKS).sum()).iloc[
            _LEAST_WEEKS - 1 :
        ]
        traces.append(
            _line(
                weeks[_LEAST_WEEKS - 1 :],
                smooth.round(4).tolist(),
                f"mean of {SMOOTHED_WEEKS} weeks: %{{y:{unit}}}",
                2.5,
            )
        )
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            # Each promise is for a whole week: without its end the newest would be a point.
            "x": [*made["week"], *(promise["week"].tail(1) + timedelta(weeks=1))],
            "y": [*made["value"], *promise["value"].tail(1)],
            "line": {"color": base.REFERENCE, "width": 2, "dash": "dash", "shape": "hv"},
            "marker": {"color": base.REFERENCE, "symbol": "line-ew-open", "size": 16},
            "hovertemplate": f"promised at validation: %{{y:{unit}}}<extra></extra>",
        }
    )
    if len(estimate):
        traces.append(
            {
                "type": "scatter",
                "mode": "lines" if len(estimate) > 1 else "markers",
                "x": estimate["week"].tolist(),
                "y": estimate["value"].tolist(),
                "line": {"color": base.PURPLE, "width": 1.5, "dash": "dot"},
                "marker": {"color": base.PURPLE, "size": 6, "symbol": "x"},
                "hovertemplate": f"estimated from the scores alone: %{{y:{unit}}}<extra></extra>",
            }
        )
    is_auc = metric == "roc_auc"
    return base.figure(
        *traces,
        shapes=[base.level(0.5, base.GREY, "dot")] if is_auc else [],
        notes=[base.note("a coin toss", x=0, xref="paper", y=0.5)] if is_auc else [],
        xaxis=base.weeks_axis(series["week"].nunique()),
        yaxis={"tickformat": unit, "nticks": 5},
    )


def _interval(seen: pd.DataFrame) -> list[Part]:
    known = seen[seen["lower"].notna() & seen["upper"].notna()]
    if len(known) < 2:
        return []
    weeks = known["week"].tolist()
    return [
        {
            "type": "scatter", "x": [*weeks, *weeks[::-1]], "y": [*known["upper"], *known["lower"][::-1]],
            "fill": "toself",
            "mode": "lines", "fillcolor": base.faded(base.CURRENT, 0.16), "line": {"width": 0}, "hoverinfo": "skip",
        }
    ]  # fmt: skip


def _weekly(seen: pd.DataFrame, unit: str) -> Part:
    is_told = len(seen) <= _TOLD_WEEKS
    beside = f"<br>%{{customdata[0]:{unit}}} to %{{customdata[1]:{unit}}}, %{{customdata[2]:,}} visits"
    told = seen[["lower", "upper", "row_count"]].round(4).to_numpy(dtype=float).tolist() if is_told else None
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(seen) <= _MARKED_WEEKS else "lines",
        "x": seen["week"].tolist(),
        "y": seen["value"].tolist(),
        "line": {"color": base.faded(base.CURRENT, 0.55), "width": 1},
        "marker": {"color": base.CURRENT, "size": 5},
        # One week makes no band.
        **({"error_y": _whisker(seen)} if len(seen) == 1 else {}),
        "customdata": told,
        "hovertemplate": f"week of %{{x|%-d %b %Y}}: <b>%{{y:{unit}}}</b>{beside if is_told else ''}<extra></extra>",
    }


def _whisker(seen: pd.DataFrame) -> Part:
    return {
        "type": "data",
        "symmetric": False,
        "array": (seen["upper"] - seen["value"]).clip(lower=0).fillna(0).tolist(),
        "arrayminus": (seen["value"] - seen["lower"]).clip(lower=0).fillna(0).tolist(),
        "thickness": 1.5,
        "width": 4,
        "color": base.faded(base.CURRENT, 0.6),
    }


def _line(weeks: list[object], values: list[float], hover: str, width: float) -> Part:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": weeks,
        "y": values,
        "line": {"color": base.CURRENT, "width": width},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def coverage_over_time(series: pd.DataFrame) -> Figure:
    """Share of each week's visits that the source had a score for.

    Args:
        series: week, coverage, row_count of one source.
    """
    area = {
        "type": "scatter",
        "mode": "lines" if len(series) > 1 else "markers",
        "x": series["week"].tolist(),
        "y": series["coverage"].tolist(),
        "line": {"color": base.GREEN, "width": 2},
        "fill": "tozeroy",
        "fillcolor": base.faded(base.GREEN, 0.12),
        "customdata": series["row_count"].tolist(),
        "hovertemplate": "week of %{x|%-d %b %Y}: %{y:.0%}, %{customdata:,} visits<extra></extra>",
    }
    return base.figure(
        area, xaxis=base.weeks_axis(len(series)), yaxis={"tickformat": ".0%", "range": [0, 1.04], "nticks": 5}
    )


def calibration(bins: pd.DataFrame) -> Figure:
    """Scores against what was found; on the diagonal the forecast means what it says.

    The whiskers are Wilson's intervals, honest for small bins too.

    Args:
        bins: mean_score, share_found, row_count.
    """
    end = min(1.0, float(max([0.5, *bins["mean_score"], *bins["share_found"]])) + 0.05)
    count, found = bins["row_count"], bins["share_found"]
    lower, upper = wilson(found.to_numpy(), count.to_numpy())
    diagonal = {
        "type": "scatter", "mode": "lines", "x": [0, end], "y": [0, end], "hoverinfo": "skip",
        "line": {"color": base.REFERENCE, "width": 1.5, "dash": "dash"},
    }  # fmt: skip
    curve = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": bins["mean_score"].tolist(),
        "y": found.tolist(),
        "line": {"color": base.CURRENT, "width": 2},
        "marker": {"color": base.CURRENT, "size": 7},
        "error_y": {
            "type": "data", "symmetric": False, "array": (upper - found).tolist(),
            "arrayminus": (found - lower).tolist(), "thickness": 1.5, "width": 3,
            "color": base.faded(base.CURRENT, 0.6),
        },
        "customdata": count.tolist(),
        "hovertemplate": "mean score %{x:.0%}, found %{y:.0%}<br>%{customdata:,} visits<extra></extra>",
    }  # fmt: skip
    return base.figure(
        diagonal,
        curve,
        xaxis={"title": "Mean score", "tickformat": ".0%", "range": [0, end]},
        yaxis={"title": "Share found", "tickformat": ".0%", "range": [0, end]},
    )


def _unit(metric: str) -> str:
    """The format of d3 a metric is written in."""
    if metric in PERCENTAGES:
        return ".0%"
    return {"days_earlier": ".1f", "calibration_error": ".3f", "brier_score": ".3f"}.get(metric, ".2f")
