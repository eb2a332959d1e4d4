"""What a forecast must beat: the order of reality, the base rate, the establishment's own past rate."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import Scored, days
from food_inspections.domain.inputs import FloatArray, in_visit_order, outcomes
from food_inspections.domain.learning.calibration import best_threshold
from food_inspections.settings import Label

BASELINES = ("order_of_reality", "base_rate", "past_rate")
BASELINE_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "order_of_reality": "Order of reality",
        "base_rate": "Base rate",
        "past_rate": "Establishment's own past rate",
    }
)
# One visit at the base rate is mixed into every establishment's past, so that one failed
# visit does not make a certainty of the next.
PRIOR_VISITS = 1.0


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
    known = in_visit_order(history)
    found = outcomes(known, label)
    order = np.argsort(known["establishment_id"].to_numpy().astype(str), kind="stable")
    names, first = np.unique(known["establishment_id"].to_numpy().astype(str)[order], return_index=True)
    ordered_days = days(known["inspection_date"])[order]
    cumulative = np.concatenate(([0], np.cumsum(found[order])))
    # One key per (establishment, day) lets a single search find every visit's past.
    span = int(4e5)
    keys = np.repeat(np.arange(len(names)), np.diff(np.append(first, len(order)))) * span + ordered_days
    codes = pd.Index(names).get_indexer(visits["establishment_id"].to_numpy().astype(str))
    ends = np.searchsorted(keys, codes * span + days(visits["inspection_date"]) - lag_days, side="left")
    starts = first[codes] if len(first) else np.zeros(len(codes), dtype=np.int64)
    ends = np.where(codes >= 0, np.maximum(ends, starts), 0)
    starts = np.where(codes >= 0, starts, 0)
    past_visits = ends - starts
    past_found = cumulative[ends] - cumulative[starts]
    return np.asarray((past_found + PRIOR_VISITS * base_rate) / (past_visits + PRIOR_VISITS), dtype=np.float64)


def baselines(visits: pd.DataFrame, history: pd.DataFrame, label: Label, lag_days: int = 0) -> dict[str, Scored]:
    """The three baselines on the visits, in the visits' own order.

    The base rate and the threshold come from the part of the history before the first visit.
    """
    outcome, day = outcomes(visits, label), days(visits["inspection_date"])
    earlier = history[history["inspection_date"] < visits["inspection_date"].min()]
    base_rate = float(outcomes(earlier, label).mean()) if len(earlier) else 0.5
    rates = past_rates(visits, history, label, base_rate, lag_days)
    threshold = best_threshold(past_rates(earlier, earlier, label, base_rate, lag_days)) if len(earlier) else 0.5
    constant = np.full(len(visits), base_rate)
    return {
        "order_of_reality": Scored(outcome, -day.astype(np.float64), day, is_probability=False),
        "base_rate": Scored(outcome, constant, day, (constant >= 0.5).astype(np.int64)),
        "past_rate": Scored(outcome, rates, day, (rates >= threshold).astype(np.int64)),
    }
