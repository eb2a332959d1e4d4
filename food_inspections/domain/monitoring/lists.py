"""What a week's list was worth beside what was done instead: on and off it, by one-line heuristics, followed or not.

Only visits have outcomes, so every figure is of visits that took place; a heuristic is judged on those whom the queue
knew, cut to as many as were visited from the list.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.evaluation.bootstrap import Interval
from food_inspections.domain.evaluation.proportions import proportion
from food_inspections.domain.monitoring.performance import (
    COLUMNS,
    PRECISION_AT_CAPACITY,
    known_outcomes,
    queue_outcomes,
)
from food_inspections.settings import Label

SHARE_VISITED = "share_visited"
FAILURE_RATE = "failure_rate"
RATES = {"fail": "own_failure_rate", "critical": "own_critical_rate"}
"""Column of ``data.establishment_features`` with a place's past rate, by label: of visits with a known outcome."""


class _Row(NamedTuple):
    """One row of monitoring.performance; its fields are :data:`COLUMNS` but for the interval."""

    source: str
    metric: str
    interval: Interval
    row_count: int
    positives: int
    coverage: float


def judged_lists(
    visits: pd.DataFrame, queue: pd.DataFrame, places: pd.DataFrame, decisions: pd.DataFrame, label: Label
) -> pd.DataFrame:
    """Judge the first published list of a week beside what else was visited, or could have been.

    Args:
        visits: The week's inspections: inspection_id, inspection_date, establishment_id, outcome; missing where it is
            not known, then a visit counts as a visit and in no rate.
        queue: The first published queue: establishment_id, score, label, is_on_list, is_random_draw.
        places: What was known on the Monday: establishment_id, days_since_last_visit and the column of :data:`RATES`;
            may be empty, then no heuristic is judged.
        decisions: Decisions on the week's plan that count (:func:`is_in_time`): establishment_id, is_override; a line
            is overridden by any of them.
        label: What is counted as found.

    Returns:
        Columns of monitoring.performance but for week and model_id: ``queue`` share_visited (of the list, within the
        week) and failure_rate (of its visits); ``off_list``, ``followed`` and ``overridden`` failure_rate;
        ``past_rate`` and ``most_overdue`` precision_at_capacity. Intervals after Wilson.
    """
    rows = [
        *_on_and_off(visits, queue),
        *_by_heuristics(queue_outcomes(visits, queue), places, label),
        *_by_decision(visits, decisions),
    ]
    frame = pd.DataFrame(
        [
            (row.source, row.metric, *vars(row.interval).values(), row.row_count, row.positives, row.coverage)
            for row in rows
        ],
        columns=list(COLUMNS),
    )
    return frame.astype({"row_count": "int64", "positives": "int64"})


def is_in_time(decisions: pd.DataFrame, visits: pd.DataFrame, week: date, zone: ZoneInfo) -> npt.NDArray[np.bool_]:
    """Which decisions were made before anybody could read in the portal what the visit found.

    Args:
        decisions: Decisions on the week's plan: establishment_id, decided_at (aware).
        visits: The week's inspections: inspection_id, inspection_date, establishment_id.
        week: Its Monday.
        zone: Where its days begin.

    Returns:
        One truth value a decision: it was made within the week, and not after the day of the place's first visit.
    """
    day = decisions["decided_at"].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    visited_on = decisions["establishment_id"].map(visits.groupby("establishment_id")["inspection_date"].min())
    is_before_result = visited_on.isna() | (day <= visited_on)
    return np.asarray((day < pd.Timestamp(week) + pd.Timedelta(days=7)) & is_before_result, dtype=np.bool_)


def _on_and_off(visits: pd.DataFrame, queue: pd.DataFrame) -> Iterator[_Row]:
    listed = set(queue.loc[queue["is_on_list"], "establishment_id"])
    visited = set(visits["establishment_id"])
    seen = len(visited & listed)
    share = seen / len(visited) if visited else float("nan")
    first = _first_visits(visits)
    is_on = first["establishment_id"].isin(listed)
    on, off = first[is_on], first[~is_on]
    found = int(on["outcome"].sum())
    yield _Row("queue", SHARE_VISITED, proportion(seen, len(listed)), len(listed), found, share)
    yield _Row("queue", FAILURE_RATE, proportion(found, len(on)), len(on), found, share)
    missed = int(off["outcome"].sum())
    yield _Row("off_list", FAILURE_RATE, proportion(missed, len(off)), len(off), missed, 1 - share)


def _by_heuristics(judged: pd.DataFrame, places: pd.DataFrame, label: Label) -> Iterator[_Row]:
    """Who would have come first among those visited, by the own past rate and by who was not visited for longest."""
    capacity = int(judged["is_on_list"].sum())
    # A city that does not publish what a visit found leaves its counts unknown, and nothing to order by.
    known = judged.merge(places.dropna(subset=RATES[label]), on="establishment_id")
    if not capacity or known.empty:
        return
    orders = {"past_rate": known[RATES[label]], "most_overdue": known["days_since_last_visit"]}
    for name, order in orders.items():
        # Ties by id, so that the same input gives the same list.
        first = np.lexsort((known["establishment_id"].to_numpy().astype(str), -order.to_numpy(dtype=np.float64)))
        top = known.iloc[first[:capacity]]
        found = int(top["outcome"].sum())
        yield _Row(name, PRECISION_AT_CAPACITY, proportion(found, len(top)), len(top), found, len(known) / len(judged))


def _by_decision(visits: pd.DataFrame, decisions: pd.DataFrame) -> Iterator[_Row]:
    # Who took a swapped line and did it followed nobody's plan: any decision against it overrides.
    is_overridden = decisions["is_override"].astype(bool).groupby(decisions["establishment_id"]).any()
    for source, is_override in (("followed", False), ("overridden", True)):
        lines = is_overridden.index[is_overridden == is_override]
        if lines.empty:
            continue
        seen = _first_visits(visits)
        seen = seen[seen["establishment_id"].isin(set(lines))]
        found = int(seen["outcome"].sum())
        coverage = len(set(visits["establishment_id"]) & set(lines)) / len(lines)
        yield _Row(source, FAILURE_RATE, proportion(found, len(seen)), len(seen), found, coverage)


def _first_visits(visits: pd.DataFrame) -> pd.DataFrame:
    """The first visit to each place whose outcome is known."""
    ordered = known_outcomes(visits).sort_values(["inspection_date", "inspection_id"], kind="stable")
    return ordered.drop_duplicates("establishment_id")
