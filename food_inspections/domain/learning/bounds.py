"""Bounds of a score: between which shares the truth lies among places that score alike.

Three things blur what a calibrated score says. The map from log-odds to shares was fitted on some thousand visits.
What a city finds moves from one month to the next, with the season, with who inspects and how strictly. And the longer
ago the visits are that the map was fitted on, the further things may have moved: right after a gap most of all.

The first is the covariance of the map's two numbers. The second is measured on the same visits: how far the four-week
parts of them lie from the map, beyond what their size explains. The third lets that variance grow with the days since
these visits, as that of a random walk does. What no visit tells, such as a change of the law, is in no bound.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.inputs import FloatArray, IntArray
from food_inspections.domain.learning.calibration import (
    SLOPE_PRECISION,
    Calibration,
    log_odds_of,
    sigmoid,
)

COVERAGE = 0.9
_DEVIATIONS = 1.6449
PART_DAYS = 28
"""Length of the parts whose distances from the map are measured."""

USUAL_DAYS = 56.0
"""From the middle of the map's sixteen weeks to the cutoff. So far from it the variance is that of the parts, at twice
the distance twice as large."""

USUAL_DRIFT_VARIANCE = 0.2**2
"""Of the log-odds between the two-month periods of the real canvass rows (docs/forecast.md); counts as four parts."""
_USUAL_COUNTS_FOR = 4
LARGEST_DRIFT_VARIANCE = 1.0


@dataclass(frozen=True)
class Uncertainty:
    """How sure a calibration map is.

    Attributes:
        slope_variance, intercept_variance, covariance: Of the map's two numbers.
        drift_variance: Of the log-odds, between the parts of the visits it was fitted on.
        mean_day: Mean day of these visits.
    """

    slope_variance: float
    intercept_variance: float
    covariance: float
    drift_variance: float
    mean_day: str

    @classmethod
    def stored(cls, values: Mapping[str, Any] | None) -> "Self | None":
        """What :meth:`as_stored` gave; ``None`` for a model of an earlier version."""
        return None if values is None else cls(**values)

    def as_stored(self) -> dict[str, float | str]:
        """Plain numbers and text."""
        return asdict(self)


def uncertainty(calibration: Calibration, raw: FloatArray, outcome: IntArray, days: pd.Series) -> Uncertainty:
    """How sure a map is that was fitted on these visits.

    Args:
        calibration: The map.
        raw: The recipe's log-odds of visits it had not seen.
        outcome: What was found.
        days: When.
    """
    expected = calibration.score(raw)
    weights = expected * (1 - expected)
    design = np.column_stack([raw, np.ones(len(raw))])
    information = (design * weights[:, None]).T @ design + np.diag([SLOPE_PRECISION, 1e-6])
    spread = np.linalg.inv(information)
    parts = np.unique((days.max() - days).dt.days.to_numpy() // PART_DAYS, return_inverse=True)[1]
    drift_variance = _drift_variance(outcome - expected, weights, parts)
    return Uncertainty(
        slope_variance=float(spread[0, 0]),
        # The map stands at the mean of its parts, which is as far off as the mean of so few draws is.
        intercept_variance=float(spread[1, 1]) + drift_variance / (int(parts.max()) + 1),
        covariance=float(spread[0, 1]),
        drift_variance=drift_variance,
        mean_day=pd.Timestamp(days.mean()).date().isoformat(),
    )


def bounds(
    calibration: Calibration, known: Uncertainty | None, scores: FloatArray, days: pd.Series
) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bound of each score; nine of ten shares of places that score alike lie between them.

    Args:
        calibration: The map that made the scores.
        known: How sure it is; ``None`` for a model of an earlier version, whose bounds are not known (NaN).
        scores: The scores.
        days: Day each is for.
    """
    if known is None:
        return np.full(len(scores), np.nan), np.full(len(scores), np.nan)
    odds = log_odds_of(scores, 1e-12)
    raw = (odds - calibration.intercept) / calibration.slope
    of_map = known.slope_variance * raw**2 + 2 * known.covariance * raw + known.intercept_variance
    distance = (days - pd.Timestamp(known.mean_day)).dt.days.to_numpy() / USUAL_DAYS
    reach = _DEVIATIONS * np.sqrt(of_map + known.drift_variance * np.maximum(distance, 1.0))
    return sigmoid(odds - reach), sigmoid(odds + reach)


def _drift_variance(missed: FloatArray, weights: FloatArray, parts: npt.NDArray[np.int64]) -> float:
    """Variance of the parts' distances from the map, less what chance explains (DerSimonian and Laird 1986).

    A few parts alone would often say that nothing moves: the usual variance is mixed in.
    """
    information = np.maximum(np.bincount(parts, weights), 1e-9)
    distance = np.bincount(parts, missed) / information
    others = len(information) - 1
    total = float(information.sum())
    freedom = total - float((information**2).sum()) / total
    excess = float((information * distance**2).sum()) - others
    own = float(np.clip(excess / freedom, 0.0, LARGEST_DRIFT_VARIANCE)) if others else 0.0
    return (others * own + _USUAL_COUNTS_FOR * USUAL_DRIFT_VARIANCE) / (others + _USUAL_COUNTS_FOR)
