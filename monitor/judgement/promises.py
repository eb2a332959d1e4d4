"""Whether what was realised keeps what validation promised."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from food_inspections.monitor.components.status import Status
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import LOWER_IS_BETTER, VALIDATION

# In the order of the page.
HEADLINES = ("roc_auc", "first_half", "days_earlier", "precision_at_capacity", "calibration_error")
RECENT_WEEKS = 8


@dataclass(frozen=True)
class Realised:
    """A metric over the newest judged weeks, beside its promise.

    Attributes:
        metric: Name of the metric.
        value: Mean of the weeks by visits; NaN where nothing was judged.
        promise: Mean of what was promised of the same weeks.
        chance: How far apart the two may lie by chance, in nine cases of ten.
        visits: Visits judged.
        weeks: Weeks judged.
    """

    metric: str
    value: float
    promise: float
    chance: float
    visits: int
    weeks: int

    @property
    def status(self) -> Status:
        """How it stands: a promise is not kept where chance does not explain what is missing."""
        if any(formats.is_missing(number) for number in (self.value, self.promise, self.chance)):
            return "unknown"
        sign = -1 if self.metric in LOWER_IS_BETTER else 1
        missing = sign * (self.promise - self.value)
        return "good" if missing <= self.chance else "watch" if missing <= 2 * self.chance else "bad"

    @property
    def word(self) -> str:
        """The status in a word."""
        return {"unknown": "Not known", "good": "Kept", "watch": "Below", "bad": "Broken"}[self.status]


def realised(series: pd.DataFrame, metric: str) -> Realised:
    """One metric over the newest weeks of a source.

    Args:
        series: week, source, metric, value, lower, upper, row_count of one source and of ``validation``, by week.
        metric: Name of the metric.
    """
    rows = series[(series["metric"] == metric) & series["value"].notna()]
    seen = rows[rows["source"] != VALIDATION].tail(RECENT_WEEKS)
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
    )


def headlines(series: pd.DataFrame, metrics: Sequence[str] = HEADLINES) -> list[Realised]:
    """The metrics the series holds, in the order of the page."""
    held = set(series["metric"])
    return [realised(series, metric) for metric in metrics if metric in held]


def _half(rows: pd.DataFrame) -> pd.Series:
    half: pd.Series = (rows["upper"] - rows["lower"]) / 2
    return half
