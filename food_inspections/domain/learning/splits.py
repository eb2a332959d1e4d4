"""The split in time: fit | calibrate | validate, all before the cutoff.

Nothing is shuffled. Weeks run from Monday to Sunday, so every week before the
cutoff, itself a Monday, is complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.amounts import counted
from food_inspections.domain.evaluation.metrics import days
from food_inspections.domain.inputs import outcomes
from food_inspections.domain.visit_order import in_visit_order
from food_inspections.domain.weeks import monday_of
from food_inspections.errors import DataError
from food_inspections.settings import Label

PART_WEEKS = 8
FOLDS = 3
SHORT_HISTORY_WEEKS = 32
MINIMUM_ROWS = 50
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class SplitDates:
    """First days of the three parts and the cutoff that ends the last one."""

    fit_from: date
    calibrate_from: date
    validate_from: date
    cutoff: date


@dataclass(frozen=True)
class Split:
    """The rows of the three parts, each in the order of (inspection_date, inspection_id)."""

    dates: SplitDates
    fit: pd.DataFrame
    calibrate: pd.DataFrame
    validate: pd.DataFrame


def require_monday(day: date, what: str) -> None:
    """Refuse a day that is no Monday.

    Raises:
        DataError: The day is another one; the message names the Monday of its week.
    """
    if day.weekday() != 0:
        monday = day - timedelta(days=day.weekday())
        raise DataError(f"The {what} {day} is no Monday: use {monday} or {monday + WEEK}.")


def split_dates(first_day: date, cutoff: date) -> SplitDates:
    """Where the parts begin, for a history that starts on a day and ends before the cutoff.

    Validate is the last 8 weeks, calibrate the 8 before. A history under 32 weeks
    gives its last quarter to validate and the quarter before it to calibrate.

    Raises:
        DataError: The cutoff is no Monday, or there are fewer than four weeks.
    """
    require_monday(cutoff, "cutoff")
    fit_from = first_day - timedelta(days=first_day.weekday())
    weeks = (cutoff - fit_from).days // 7
    if weeks < 4:
        raise DataError(
            f"The history before {cutoff} spans {counted(max(weeks, 0), 'week')}: at least 4 are needed. "
            "Pull earlier weeks, or choose a later cutoff."
        )
    part = PART_WEEKS if weeks >= SHORT_HISTORY_WEEKS else weeks // 4
    validate_from = cutoff - part * WEEK
    return SplitDates(fit_from, validate_from - part * WEEK, validate_from, cutoff)


def before(features: pd.DataFrame, cutoff: date) -> pd.DataFrame:
    """Rows of days before the cutoff, in the order of (inspection_date, inspection_id).

    Raises:
        DataError: There are none.
    """
    is_before = features["inspection_date"] < pd.Timestamp(cutoff)
    if not is_before.any():
        raise DataError(f"There are no inspections before {cutoff}: nothing to learn from.")
    # A copy of a wide frame is worth avoiding: what is read is mostly what comes before.
    return in_visit_order(features if is_before.all() else features[is_before])


def split(features: pd.DataFrame, label: Label, cutoff: date) -> Split:
    """Split the inspections before the cutoff by time.

    Args:
        features: Feature rows with ``inspection_date``, ``inspection_id`` and the outcome; later rows are ignored.
        label: Outcome that each part must show both ways.
        cutoff: Monday on which the model is made.

    Raises:
        DataError: A part has under 50 inspections or one class only.
    """
    history = before(features, cutoff)
    first_day = history["inspection_date"].iloc[0].date()
    dates = split_dates(first_day, cutoff)
    parts = _cut(history, [dates.calibrate_from, dates.validate_from])
    starts = (dates.fit_from, dates.calibrate_from, dates.validate_from)
    ends = (*starts[1:], cutoff)
    for name, part, start, end in zip(("fit", "calibrate", "validate"), parts, starts, ends, strict=True):
        require_enough(part, label, f"The {name} part ({start} to {end - timedelta(days=1)})")
    return Split(dates, *parts)


def require_enough(part: pd.DataFrame, label: Label, what: str) -> None:
    """Refuse rows that are too few, or all of one class, to learn from or to judge on.

    Raises:
        DataError: Under 50 inspections, or one class only.
    """
    if len(part) < MINIMUM_ROWS:
        raise DataError(
            f"{what} has {len(part)} inspections: at least {MINIMUM_ROWS} are needed. "
            "Pull more weeks, or choose a later cutoff."
        )
    positives = int(outcomes(part, label).sum())
    if positives in (0, len(part)):
        found = "no" if positives == 0 else "only"
        hint = " Are their violations in the data?" if label == "critical" and positives == 0 else ""
        raise DataError(
            f"{what} has {found} inspections with label {label!r} among {len(part)}: both classes are needed.{hint}"
        )


@dataclass(frozen=True)
class Fold:
    """A Monday, what lies before it and the weeks after it that a fit on the former is judged on."""

    origin: date
    past: pd.DataFrame
    ahead: pd.DataFrame


def rolling_folds(
    rows: pd.DataFrame, label: Label, end: date, folds: int = FOLDS, fold_weeks: int = PART_WEEKS
) -> list[Fold]:
    """Folds in order of time that fill the last weeks with inspections before a Monday.

    Weeks without any inspection do not count, so a history with a gap of years ends in folds like any other.

    Args:
        rows: Inspections before ``end``, in visit order, not empty.
        label: Outcome that the past of every fold must show both ways.
        end: Monday on which the last fold ends.
        folds: Number of folds; fewer where the history has not two weeks for each.
        fold_weeks: Weeks in each; more where so many hold under 50 inspections a fold, fewer where the
            folds would take more than half of the history.

    Raises:
        DataError: The past of a fold has too few inspections or one class.
    """
    weeks = monday_of(rows["inspection_date"])
    mondays = [monday.date() for monday in weeks.unique()]
    count = max(1, min(folds, len(mondays) // 2))
    enough = -(-weeks.iloc[-MINIMUM_ROWS * count :].nunique() // count)
    length = max(1, min(max(fold_weeks, enough), len(mondays) // (2 * count)))
    origins = [mondays[-length * (count - number)] for number in range(count)]
    result = []
    for origin, stop in zip(origins, (*origins[1:], end), strict=True):
        past, ahead, _ = _cut(rows, [origin, stop])
        require_enough(past, label, f"The history before the fold of {origin}")
        result.append(Fold(origin, past, ahead))
    return result


def _cut(rows: pd.DataFrame, starts: Sequence[date]) -> list[pd.DataFrame]:
    """Rows in visit order cut before each of the days: parts of the same memory, each renumbered."""
    edges = np.array(starts, dtype="datetime64[D]").astype(np.int64)
    cuts = [0, *np.searchsorted(days(rows["inspection_date"]), edges), len(rows)]
    return [rows.iloc[start:stop].reset_index(drop=True) for start, stop in pairwise(cuts)]
