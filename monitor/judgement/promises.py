"""Whether what was realised keeps what validation promised."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from food_inspections.monitor.components.status import Status
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import ESTIMATED, LOWER_IS_BETTER, VALIDATION

# In the order of the page.
HEADLINES = ("roc_auc", "first_half", "days_earlier", "precision_at_capacity", "calibration_error")
RECENT_WEEKS = 8
NO_FORECAST = {"roc_auc": 0.5, "first_half": 0.5, "days_earlier": 0.0}
"""What visits in any order come to."""
ERROR_MARGIN = 0.05


@dataclass(frozen=True)
class Realised:
    """A metric over the newest judged weeks, beside its promise.

    Attributes:
        metric: Name of the metric.
        value: Mean of the weeks by visits; NaN where nothing was judged.
        promise: Mean of what was promised of the same weeks.
        chance: How far apart the two may lie by chance, in nine cases of ten.
        margin: Half the lead that was promised over no forecast at all: what may be missing and the promise still
            be called kept.
        visits: Visits judged.
        weeks: Weeks judged.
        estimate: What the scores of the same visits alone let one expect.
    """

    metric: str
    value: float
    promise: float
    chance: float
    visits: int
    weeks: int
    margin: float = float("nan")
    estimate: float = float("nan")

    @property
    def status(self) -> Status:
        """How it stands: kept or broken where chance cannot make it otherwise, else it cannot be told.

        Twenty visited places of a list of hundreds keep no promise: whatever they show, chance explains it.
        """
        if any(formats.is_missing(number) for number in (self.value, self.promise, self.chance, self.margin)):
            return "unknown"
        sign = -1 if self.metric in LOWER_IS_BETTER else 1
        missing = sign * (self.promise - self.value)
        if missing + self.chance <= self.margin:
            return "good"
        if missing - self.chance >= self.margin:
            return "bad"
        return "watch" if missing > self.chance else "unknown"

    @property
    def word(self) -> str:
        """The status in a word."""
        return {"unknown": "Cannot tell", "good": "Kept", "watch": "Below", "bad": "Broken"}[self.status]


def realised(series: pd.DataFrame, metric: str) -> Realised:
    """One metric over the newest weeks of a source.

    Args:
        series: week, source, metric, value, lower, upper, row_count, positives of one source, of ``validation`` and
            of ``estimated``, by week.
        metric: Name of the metric.
    """
    rows = series[(series["metric"] == metric) & series["value"].notna()]
    seen = rows[~rows["source"].isin((VALIDATION, ESTIMATED))].tail(RECENT_WEEKS)
    estimates = rows[(rows["source"] == ESTIMATED) & rows["week"].isin(seen["week"])]
    promised = rows[(rows["source"] == VALIDATION) & rows["week"].isin(seen["week"])]
    visits = int(seen["row_count"].sum())
    # The weeks are of different visits, so their errors cancel out in part; the promise is the same every week.
    errors = _half(seen) * seen["row_count"] / visits if visits else _half(seen)
    return Realised(
        metric,
        float(np.average(seen["value"], weights=seen["row_count"])) if visits else float("nan"),
        float(promised["value"].mean()) if len(promised) else float("nan"),
        float(np.hypot(np.sqrt((errors**2).sum()), _half(promised).mean())) if len(promised) else float("nan"),
        visits,
        len(seen),
        _margin(series, metric, promised),
        float(np.average(estimates["value"], weights=estimates["row_count"])) if len(estimates) else float("nan"),
    )


def _margin(series: pd.DataFrame, metric: str, promised: pd.DataFrame) -> float:
    if metric in LOWER_IS_BETTER:
        return ERROR_MARGIN
    if promised.empty:
        return float("nan")
    without = NO_FORECAST.get(metric, float("nan"))
    if metric == "precision_at_capacity":
        validated = series[(series["source"] == VALIDATION) & (series["metric"] == "roc_auc")]
        without = float(validated["positives"].sum() / max(1, validated["row_count"].sum()))
    return abs(float(promised["value"].mean()) - without) / 2


def headlines(series: pd.DataFrame, metrics: Sequence[str] = HEADLINES) -> list[Realised]:
    """The metrics the series holds, in the order of the page."""
    held = set(series["metric"])
    return [realised(series, metric) for metric in metrics if metric in held]


def _half(rows: pd.DataFrame) -> pd.Series:
    half: pd.Series = (rows["upper"] - rows["lower"]) / 2
    return half
