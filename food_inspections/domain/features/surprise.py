"""How much more was found at past visits than was to be expected on their own mornings.

What a visit finds depends on the place and on who looks. To learn about the place, the
rest is taken off: first what is usual for the kind of place and visit, then how strict
the inspector is. Who was sent is not published, but each inspector numbers the reports
of a while from one book, so visits with neighbouring numbers share an inspector. Only
numbers of *past* reports are looked at; the visit to be forecast has none yet.

Expectations use days strictly before the past visit, so surprises never change later,
and are whole thousandths, so that sums of them are exact.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.features.feature import FloatArray
from food_inspections.domain.features.history import NO_GROUP, IntArray, Past
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

SCALE = 1000

_KIND_COLUMNS = ("facility_type", "risk", "inspection_type")
_KIND_WINDOW_DAYS = 365
_KIND_WEIGHT = 20

_BOOK_SIZE = 250
_BOOK_WINDOW_DAYS = 1095
_BOOK_WEIGHT = 5
# Keeps the keys of the as-of lookups in range whatever numbers a portal hands out.
_MOST_BOOKS = 1 << 40


@dataclass(frozen=True)
class Surprises:
    """Per inspection of a history, one column per measure, in thousandths.

    Attributes:
        beyond_kind: Found, less what is usual for the kind of place and visit.
        strictness: The part of that which the inspector's earlier visits let expect.
        beyond_inspector: What is left: about the place itself.
    """

    beyond_kind: IntArray
    strictness: IntArray
    beyond_inspector: IntArray


def surprises(history: pd.DataFrame) -> Surprises:
    """Surprises of each inspection; zero where it was no first look.

    Args:
        history: Inspections in the order (date, id).
    """
    past = Lookups(history, history)
    found = measured(history)
    is_first_look = past.is_first_look[:, None]
    beyond_kind = np.where(is_first_look, SCALE * found - _thousandths(_usual(past, found)), 0)
    strictness = np.where(is_first_look, _strictness(past, beyond_kind), 0)
    return Surprises(beyond_kind, strictness, beyond_kind - strictness)


def measured(history: pd.DataFrame) -> IntArray:
    """The measures of each inspection as whole numbers, capped."""
    is_conditional = history["results"].eq("Pass w/ Conditions")
    columns = [
        np.minimum((is_conditional if name == "is_conditional" else history[name]).to_numpy().astype(np.int64), cap)
        for name, cap in MEASURES.values()
    ]
    return np.column_stack(columns)


def _usual(past: Lookups, found: IntArray) -> FloatArray:
    """Mean of each measure at the kind of place and visit in the year before, drawn towards the city's mean."""
    kind = past.first_looks(*_KIND_COLUMNS)
    city = past.city.sums(found, _KIND_WINDOW_DAYS) / np.maximum(past.city.counts(_KIND_WINDOW_DAYS), 1)[:, None]
    sums, counts = kind.sums(found, _KIND_WINDOW_DAYS), kind.counts(_KIND_WINDOW_DAYS)[:, None]
    return (sums + _KIND_WEIGHT * city) / (counts + _KIND_WEIGHT)


def _strictness(past: Lookups, beyond_kind: IntArray) -> IntArray:
    """Mean surprise of the same and the previous book's earlier visits, drawn towards none."""
    books = past.event("inspection_id") // _BOOK_SIZE % _MOST_BOOKS + 1
    events = np.where(past.is_first_look, books, NO_GROUP)
    this = Past.of(events, past.event_days, books, past.known_until)
    before = this.shifted(-1)
    sums = this.sums(beyond_kind, _BOOK_WINDOW_DAYS) + before.sums(beyond_kind, _BOOK_WINDOW_DAYS)
    counts = this.counts(_BOOK_WINDOW_DAYS) + before.counts(_BOOK_WINDOW_DAYS)
    return _thousandths(sums / (SCALE * (counts[:, None] + _BOOK_WEIGHT)))


def _thousandths(values: npt.NDArray[np.float64]) -> IntArray:
    return np.rint(SCALE * values).astype(np.int64)
