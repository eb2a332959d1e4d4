"""Lookups that any set of visits can make in a history."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from food_inspections.domain.city.findings import SEVERITY_COLUMNS, TOPIC_COLUMNS
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.features.feature import FloatArray, smoothed_rate
from food_inspections.domain.features.history import NO_GROUP, BoolArray, IntArray, Past, day_numbers, group_codes
from food_inspections.domain.inspections.identity import UNKNOWN

_OUTCOMES = (("is_failure", "failure"), ("is_critical", "critical"))

_CITY_WINDOW_DAYS = 365
# Before the first inspections are known: about what a city finds in most years.
_CITY_DEFAULT_RATE = 0.2
_CITY_DEFAULT_WEIGHT = 20


@dataclass(frozen=True)
class Lookups:
    """Visits and their possible past, grouped in any way.

    Attributes:
        visits: Visits to describe, in the order (date, id).
        history: Past inspections in the order (date, id); later ones have no influence.
        profile: The city's.
        knowledge_lag_days: Inspections of the last so many days are not yet known.
    """

    visits: pd.DataFrame
    history: pd.DataFrame
    profile: Profile
    knowledge_lag_days: int = 0
    _numbered: dict[str, tuple[pd.Series, pd.Series]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _grouped: dict[tuple[str, ...], Past] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def provides(self) -> frozenset[str]:
        """What the city publishes."""
        return self.profile.provides

    @cached_property
    def outcomes(self) -> tuple[tuple[str, str], ...]:
        """The outcomes that the city knows: column and word."""
        return tuple((column, word) for column, word in _OUTCOMES if column == "is_failure" or column in self.provides)

    @cached_property
    def severities(self) -> tuple[str, ...]:
        """The counts by severity; none where the city does not tell severities apart."""
        return SEVERITY_COLUMNS if "severities" in self.provides else ()

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """The counts by topic; none where the city's profile names no topics."""
        return TOPIC_COLUMNS if "topics" in self.provides else ()

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
    def is_full_visit(self) -> BoolArray:
        """Which inspections of the history looked at a running business as a whole.

        Others are announced or about one thing, and fail at quite other rates.
        """
        return self.is_event("is_full_visit")

    def event(self, column: str) -> IntArray:
        """A column of the history as whole numbers; 1 and 0 for yes and no, 0 for what is not known."""
        return self.history[column].fillna(0).to_numpy().astype(np.int64)

    def is_event(self, column: str) -> BoolArray:
        """A yes-or-no column of the history; no where it is not known."""
        return self.event(column).astype(np.bool_)

    def is_known(self, column: str) -> BoolArray:
        """In which inspections of the history a column has a value."""
        return self.history[column].notna().to_numpy()

    def past(self, *columns: str, only: BoolArray | None = None) -> Past:
        """The history grouped by ``columns``, as each visit sees it; a first column that is unknown is no group.

        Without any column, as in a city that names neither kinds nor postal codes, all inspections are one group.

        Args:
            columns: Columns that make a group.
            only: Which inspections of the history count; all by default.
        """
        if columns not in self._grouped:
            self._grouped[columns] = Past.of_asked(*self._groups(columns))
        past = self._grouped[columns]
        return past if only is None else past.only(only)

    def _groups(self, columns: tuple[str, ...]) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Group and day of every inspection of the history, then of every visit."""
        if not columns:
            events, visits = np.zeros_like(self.event_days), np.zeros_like(self.known_until)
            return events, self.event_days, visits, self.known_until
        numbered = [self._numbers(column) for column in columns]
        events, visits = group_codes([events for events, _ in numbered], [visits for _, visits in numbered])
        events = np.where(self.history[columns[0]].eq(UNKNOWN), NO_GROUP, events)
        visits = np.where(self.visits[columns[0]].eq(UNKNOWN), NO_GROUP, visits)
        return events, self.event_days, visits, self.known_until

    def _numbers(self, column: str) -> tuple[pd.Series, pd.Series]:
        """A column as numbers that stand for its words, which are slow to compare: once for all groupings."""
        if column not in self._numbered:
            events, visits = group_codes([self.history[column]], [self.visits[column]])
            self._numbered[column] = pd.Series(events), pd.Series(visits)
        return self._numbered[column]

    def full_visits(self, *columns: str) -> Past:
        """:meth:`past` of full visits only."""
        return self.past(*columns, only=self.is_full_visit)

    def with_known(self, past: Past, column: str) -> Past:
        """The same past without the inspections of which a column is not known: they are in no share of it."""
        is_known = self.is_known(column)
        return past if is_known.all() else past.only(is_known)

    @cached_property
    def city(self) -> Past:
        """Full visits of the whole city."""
        groups = np.where(self.is_full_visit, 0, NO_GROUP)
        return Past.of(groups, self.event_days, np.zeros(len(self.visits), dtype=np.int64), self.known_until)

    def rate(self, past: Past, outcome: str, window_days: int | None, weight: int) -> FloatArray:
        """Share of the inspections of a past with the outcome, drawn towards the city's rate of the day.

        Args:
            past: Inspections.
            outcome: Its column.
            window_days: How many days back they may lie; None for all time.
            weight: How many inspections the city's rate counts for.
        """
        known = self.with_known(past, outcome)
        events = known.sums(self.event(outcome), window_days)
        return smoothed_rate(events, known.counts(window_days), self.city_rate(outcome), weight)

    def rate_elsewhere(self, past: Past, own: Past, outcome: str, window_days: int | None, weight: int) -> FloatArray:
        """:meth:`rate` of a past without the part of it that is the establishment's own."""
        known, own_known = self.with_known(past, outcome), self.with_known(own, outcome)
        flags = self.event(outcome)
        events = known.sums(flags, window_days) - own_known.sums(flags, window_days)
        counts = known.counts(window_days) - own_known.counts(window_days)
        return smoothed_rate(events, counts, self.city_rate(outcome), weight)

    def city_rate(self, outcome: str) -> FloatArray:
        """Share of the city's full visits of the last year with the outcome: what all other rates lean on."""
        default = np.full(len(self.visits), _CITY_DEFAULT_RATE)
        known = self.with_known(self.city, outcome)
        events = known.sums(self.event(outcome), _CITY_WINDOW_DAYS)
        return smoothed_rate(events, known.counts(_CITY_WINDOW_DAYS), default, _CITY_DEFAULT_WEIGHT)
