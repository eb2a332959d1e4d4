"""How much more was found at past visits than was to be expected on their own mornings.

What a visit finds depends on the place and on who looks. To learn about the place, the
rest is taken off: first what is usual for the kind of place and visit, then how strict
the inspector is. Who was sent is not published; where each inspector numbers the reports
of a while from one book, visits with neighbouring numbers share an inspector. Only
numbers of *past* reports are looked at; the visit to be forecast has none yet.

Expectations use days strictly before the past visit, so surprises never change later,
and are whole thousandths, so that sums of them are exact. What a city does not publish
surprises nobody: its columns are zero, and no family looks at them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city.profile import Profile
from food_inspections.domain.features.feature import FloatArray
from food_inspections.domain.features.history import NO_GROUP, BoolArray, IntArray, Past
from food_inspections.domain.features.lookups import Lookups

# What is measured at a visit, and where a count stops to matter.
MEASURES = {
    "critical": ("is_critical", 1),
    "failure": ("is_failure", 1),
    "conditions": ("is_conditional", 1),
    "critical_violations": ("critical_violations", 4),
    "serious_violations": ("serious_violations", 4),
    "minor_violations": ("minor_violations", 10),
}
NEEDS = {
    "critical": "is_critical",
    "conditions": "is_conditional",
    **dict.fromkeys(("critical_violations", "serious_violations", "minor_violations"), "severities"),
}
"""What a city must provide for each measure but failures, which every city knows."""

SCALE = 1000

_KIND_COLUMNS = ("facility_type", "risk", "inspection_type")
_KIND_WINDOW_DAYS = 365
_KIND_WEIGHT = 20

_BOOK_WINDOW_DAYS = 1095
_BOOK_WEIGHT = 5
# Keeps the keys of the as-of lookups in range whatever numbers a portal hands out.
_MOST_BOOKS = 1 << 40


@dataclass(frozen=True)
class Surprises:
    """Per inspection of a history, one column per measure, in thousandths; zero where the measure is not known.

    Attributes:
        beyond_kind: Found, less what is usual for the kind of place and visit.
        strictness: The part of that which the inspector's earlier visits let expect.
        beyond_inspector: What is left: about the place itself.
        is_known: What was measured; ``None`` where all of it was.
    """

    beyond_kind: IntArray
    strictness: IntArray
    beyond_inspector: IntArray
    is_known: BoolArray | None

    def counts(self, past: Past, window_days: int | None = None) -> IntArray:
        """How many inspections of a past were measured, one column per measure."""
        return _counts(past, self.is_known, window_days)


def surprises(history: pd.DataFrame, profile: Profile) -> Surprises:
    """Surprises of each inspection; zero where it was no full visit.

    Args:
        history: Inspections in the order (date, id).
        profile: The city's.
    """
    past = Lookups(history, history, profile)
    found, known = measured(past)
    is_known = None if known.all() else known
    counts = past.is_full_visit[:, None] & known
    beyond_kind = np.where(counts, SCALE * found - _thousandths(_usual(past, found, is_known)), 0)
    strictness = np.zeros_like(beyond_kind)
    if "report_books" in past.provides:
        strictness = np.where(counts, _strictness(past, beyond_kind, is_known), 0)
    return Surprises(beyond_kind, strictness, beyond_kind - strictness, is_known)


def measured(past: Lookups) -> tuple[IntArray, BoolArray]:
    """The measures of each inspection of a history as whole numbers, capped, and which of them are known."""
    values = [np.minimum(past.event(name), cap) for name, cap in MEASURES.values()]
    return np.column_stack(values), np.column_stack([past.is_known(name) for name, _ in MEASURES.values()])


def _usual(past: Lookups, found: IntArray, is_known: BoolArray | None) -> FloatArray:
    """Mean of each measure at the kind of place and visit in the year before, drawn towards the city's mean."""
    kind = past.full_visits(*(column for column in _KIND_COLUMNS if column in past.provides))
    of_city = np.maximum(_counts(past.city, is_known, _KIND_WINDOW_DAYS), 1)
    city = past.city.sums(found, _KIND_WINDOW_DAYS) / of_city
    sums, counts = kind.sums(found, _KIND_WINDOW_DAYS), _counts(kind, is_known, _KIND_WINDOW_DAYS)
    return (sums + _KIND_WEIGHT * city) / (counts + _KIND_WEIGHT)


def _strictness(past: Lookups, beyond_kind: IntArray, is_known: BoolArray | None) -> IntArray:
    """Mean surprise of the same and the previous book's earlier visits, drawn towards none."""
    size = past.profile.report_numbers.book_size if past.profile.report_numbers else 1
    books = past.event("report_number") // size % _MOST_BOOKS + 1
    events = np.where(past.is_full_visit & past.is_known("report_number"), books, NO_GROUP)
    this = Past.of(events, past.event_days, books, past.known_until)
    before = this.shifted(-1)
    sums = this.sums(beyond_kind, _BOOK_WINDOW_DAYS) + before.sums(beyond_kind, _BOOK_WINDOW_DAYS)
    counts = _counts(this, is_known, _BOOK_WINDOW_DAYS) + _counts(before, is_known, _BOOK_WINDOW_DAYS)
    return _thousandths(sums / (SCALE * (counts + _BOOK_WEIGHT)))


def _counts(past: Past, is_known: BoolArray | None, window_days: int | None) -> IntArray:
    return past.counts(window_days)[:, None] if is_known is None else past.sums(is_known, window_days)


def _thousandths(values: npt.NDArray[np.float64]) -> IntArray:
    return np.rint(SCALE * values).astype(np.int64)
