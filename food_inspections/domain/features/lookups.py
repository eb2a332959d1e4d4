"""Lookups that any set of visits can make in a history."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from food_inspections.domain.features.feature import FloatArray, smoothed_rate
from food_inspections.domain.features.history import NO_GROUP, BoolArray, IntArray, Past, day_numbers, group_codes
from food_inspections.domain.inspections.identity import UNKNOWN

# A first look at a running business. Licence visits, consultations and re-inspections
# are announced or about one thing, and fail at quite other rates.
COMPLAINTS = ("Complaint", "Short Form Complaint", "Suspected Food Poisoning")
FIRST_LOOKS = ("Canvass", *COMPLAINTS, "Recent Inspection")

_CITY_WINDOW_DAYS = 365
# Before the first inspections are known: about what the city finds in most years.
_CITY_DEFAULT_RATE = 0.2
_CITY_DEFAULT_WEIGHT = 20


@dataclass(frozen=True)
class Lookups:
    """Visits and their possible past, grouped in any way.

    Attributes:
        visits: Visits to describe, in the order (date, id).
        history: Past inspections in the order (date, id); later ones have no influence.
        knowledge_lag_days: Inspections of the last so many days are not yet known.
    """

    visits: pd.DataFrame
    history: pd.DataFrame
    knowledge_lag_days: int = 0
    _numbered: dict[str, tuple[pd.Series, pd.Series]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _grouped: dict[tuple[str, ...], Past] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def visit_days(self) -> IntArray:
        """Day number of each visit."""
        return day_numbers(self.visits["inspection_date"])

    @cached_property
    def known_until(self) -> IntArray:
        """First day number that each visit must not see."""
        return self.visit_days - self.knowledge_lag_days

    @cached_property
    def event_days(self) -> IntArray:
        """Day number of each inspection of the history."""
        return day_numbers(self.history["inspection_date"])

    @cached_property
    def is_first_look(self) -> BoolArray:
        """Which inspections of the history were first looks at a running business."""
        return self.history["inspection_type"].isin(FIRST_LOOKS).to_numpy()

    @cached_property
    def is_complaint(self) -> BoolArray:
        """Which inspections of the history answered a complaint or a suspected food poisoning."""
        return self.history["inspection_type"].isin(COMPLAINTS).to_numpy()

    def event(self, column: str) -> IntArray:
        """A column of the history as whole numbers; 1 and 0 for yes and no."""
        return self.history[column].to_numpy().astype(np.int64)

    def is_event(self, column: str) -> BoolArray:
        """A yes-or-no column of the history."""
        return self.history[column].to_numpy().astype(np.bool_)

    def past(self, *columns: str, only: BoolArray | None = None) -> Past:
        """The history grouped by ``columns``, as each visit sees it; a first column that is unknown is no group.

        Args:
            columns: Columns that make a group.
            only: Which inspections of the history count; all by default.
        """
        if columns not in self._grouped:
            numbered = [self._numbers(column) for column in columns]
            events, visits = group_codes([events for events, _ in numbered], [visits for _, visits in numbered])
            events = np.where(self.history[columns[0]].eq(UNKNOWN), NO_GROUP, events)
            visits = np.where(self.visits[columns[0]].eq(UNKNOWN), NO_GROUP, visits)
            self._grouped[columns] = Past.of_asked(events, self.event_days, visits, self.known_until)
        past = self._grouped[columns]
        return past if only is None else past.only(only)

    def _numbers(self, column: str) -> tuple[pd.Series, pd.Series]:
        """A column as numbers that stand for its words, which are slow to compare: once for all groupings."""
        if column not in self._numbered:
            events, visits = group_codes([self.history[column]], [self.visits[column]])
            self._numbered[column] = pd.Series(events), pd.Series(visits)
        return self._numbered[column]

    def first_looks(self, *columns: str) -> Past:
        """:meth:`past` of first looks only."""
        return self.past(*columns, only=self.is_first_look)

    @cached_property
    def city(self) -> Past:
        """First looks of the whole city."""
        groups = np.where(self.is_first_look, 0, NO_GROUP)
        return Past.of(groups, self.event_days, np.zeros(len(self.visits), dtype=np.int64), self.known_until)

    def city_rate(self, outcome: str) -> FloatArray:
        """Share of the city's first looks of the last year with the outcome: what all other rates lean on."""
        default = np.full(len(self.visits), _CITY_DEFAULT_RATE)
        events = self.city.sums(self.event(outcome), _CITY_WINDOW_DAYS)
        return smoothed_rate(events, self.city.counts(_CITY_WINDOW_DAYS), default, _CITY_DEFAULT_WEIGHT)
