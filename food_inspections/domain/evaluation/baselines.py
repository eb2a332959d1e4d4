"""What a forecast must beat: the order of reality, the base rate, and the heuristics of one line.

A heuristic is what an office could do with a spreadsheet: the establishment's own past
rate, its last result, whoever was not visited for longest, its mean points where the city scores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import Scored, days
from food_inspections.domain.inputs import FloatArray, IntArray, outcomes, with_known_outcome
from food_inspections.domain.learning.calibration import best_threshold
from food_inspections.domain.visit_order import in_visit_order
from food_inspections.settings import Label

HEURISTICS = ("past_rate", "last_result", "most_overdue", "mean_points")
BASELINE_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "order_of_reality": "Order of reality",
        "base_rate": "Base rate",
        "past_rate": "Establishment's own past rate",
        "last_result": "Its last result",
        "most_overdue": "Most overdue first",
        "mean_points": "Its own mean points",
    }
)
# One visit at the base rate is mixed into every establishment's past, so that one failed
# visit does not make a certainty of the next.
PRIOR_VISITS = 1.0
# Longer than any history: who was never visited is the most overdue of all.
NEVER_VISITED_DAYS = 100_000.0
SPAN_DAYS = 400_000


@dataclass(frozen=True)
class _Past:
    """Which rows of a history are an establishment's earlier visits, for each of some visits.

    Attributes:
        rows: The history with each establishment's visits together, in the order (day, id).
        starts, ends: For each visit, the first of its earlier visits among the rows and the one after the last.
    """

    rows: pd.DataFrame
    starts: IntArray
    ends: IntArray

    @property
    def counts(self) -> IntArray:
        """How many earlier visits there are."""
        return self.ends - self.starts

    def sums(self, values: FloatArray | IntArray) -> FloatArray:
        """Sum of a value over the earlier visits; ``values`` belong to ``rows``."""
        cumulative = np.concatenate(([0], np.cumsum(values)))
        return np.asarray(cumulative[self.ends] - cumulative[self.starts])

    def last(self, values: FloatArray | IntArray, otherwise: float) -> FloatArray:
        """A value of the last earlier visit."""
        if not len(values):
            return np.full(len(self.ends), otherwise)
        return np.where(self.counts > 0, values[np.maximum(self.ends - 1, 0)], otherwise).astype(np.float64)


def past_rates(
    visits: pd.DataFrame, history: pd.DataFrame, label: Label, base_rate: float, lag_days: int = 0
) -> FloatArray:
    """Share of the establishment's earlier visits with the label true, as of the day of each visit.

    Args:
        visits: Rows to score, with establishment_id and inspection_date.
        history: Past visits with their outcomes; may contain the visits: only strictly earlier days count.
        label: The outcome.
        base_rate: Rate taken for an establishment never visited before.
        lag_days: Visits of the last so many days before the day are not yet known.

    Returns:
        Rates in [0, 1], smoothed by one visit at the base rate.
    """
    past = _past(visits, with_known_outcome(history, label), lag_days)
    return _past_means(past, outcomes(past.rows, label), base_rate)


def heuristics(visits: pd.DataFrame, history: pd.DataFrame, label: Label, lag_days: int = 0) -> dict[str, Scored]:
    """The heuristics of one line beyond the own past rate, in the visits' own order.

    Args:
        visits: Rows to score.
        history: Past visits; may contain the visits: only strictly earlier days count.
        label: The outcome.
        lag_days: Visits of the last so many days before the day are not yet known.

    Returns:
        Scores by name; ``mean_points`` only where the history has points.
    """
    outcome, day = outcomes(visits, label), days(visits["inspection_date"])
    past, judged = _past(visits, history, lag_days), _past(visits, with_known_outcome(history, label), lag_days)
    last_day = past.last(days(past.rows["inspection_date"]), -NEVER_VISITED_DAYS)
    scores = {
        "last_result": judged.last(outcomes(judged.rows, label), _base_rate(visits, history, label)),
        "most_overdue": day - last_day,
    }
    if "points" in history.columns:
        points = past.rows["points"].to_numpy(dtype=np.float64)
        known = np.nan_to_num(points)
        earlier = history.loc[history["inspection_date"] < visits["inspection_date"].min(), "points"]
        prior = float(earlier.mean()) if earlier.notna().any() else 0.0
        is_scored = (~np.isnan(points)).astype(np.int64)
        scores["mean_points"] = (past.sums(known) + PRIOR_VISITS * prior) / (past.sums(is_scored) + PRIOR_VISITS)
    return {name: Scored(outcome, score, day, is_probability=False) for name, score in scores.items()}


def _past(visits: pd.DataFrame, history: pd.DataFrame, lag_days: int) -> _Past:
    known = in_visit_order(history)
    # Numbers that stand for the establishments: they are many times quicker to sort than texts.
    numbers, names = pd.factorize(known["establishment_id"].astype(str))
    order = np.argsort(numbers, kind="stable")
    rows, numbers = known.iloc[order], numbers[order]
    first = np.searchsorted(numbers, np.arange(len(names)))
    # One key per (establishment, day) lets a single search find every visit's past.
    keys = numbers * SPAN_DAYS + days(rows["inspection_date"])
    codes = names.get_indexer(pd.Index(visits["establishment_id"].astype(str)))
    ends = np.searchsorted(keys, codes * SPAN_DAYS + days(visits["inspection_date"]) - lag_days, side="left")
    starts = first[codes] if len(first) else np.zeros(len(codes), dtype=np.int64)
    return _Past(
        rows,
        starts=np.where(codes >= 0, starts, 0),
        ends=np.where(codes >= 0, np.maximum(ends, starts), 0),
    )


def _past_means(past: _Past, values: IntArray, prior: float) -> FloatArray:
    return np.asarray((past.sums(values) + PRIOR_VISITS * prior) / (past.counts + PRIOR_VISITS), dtype=np.float64)


def _base_rate(visits: pd.DataFrame, history: pd.DataFrame, label: Label) -> float:
    known = with_known_outcome(history, label)
    earlier = known[known["inspection_date"] < visits["inspection_date"].min()]
    return float(outcomes(earlier, label).mean()) if len(earlier) else 0.5


def baselines(visits: pd.DataFrame, history: pd.DataFrame, label: Label, lag_days: int = 0) -> dict[str, Scored]:
    """The three baselines on the visits, in the visits' own order.

    The base rate and the threshold come from the part of the history before the first visit.
    """
    outcome, day = outcomes(visits, label), days(visits["inspection_date"])
    history = with_known_outcome(history, label)
    earlier = history[history["inspection_date"] < visits["inspection_date"].min()]
    base_rate = _base_rate(visits, history, label)
    rates = past_rates(visits, history, label, base_rate, lag_days)
    threshold = best_threshold(past_rates(earlier, earlier, label, base_rate, lag_days)) if len(earlier) else 0.5
    constant = np.full(len(visits), base_rate)
    return {
        "order_of_reality": Scored(outcome, -day.astype(np.float64), day, is_probability=False),
        "base_rate": Scored(outcome, constant, day, (constant >= 0.5).astype(np.int64)),
        "past_rate": Scored(outcome, rates, day, (rates >= threshold).astype(np.int64)),
    }
