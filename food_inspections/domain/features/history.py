"""The one primitive of all features: what was known of a group strictly before a day.

Events are sorted once by (group, day, inspection id); windowed sums are differences of
integer prefix sums at positions found by binary search, so they cost n log n, are exact
in any order of rows, and cannot see an event on or after the day they are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Every day that pandas can hold fits between them, so group * DAY_SPAN + day orders by group, then day.
_FIRST_DAY = np.datetime64("1677-01-01", "D")
DAY_SPAN = 1 << 18
NO_GROUP = -1


def day_numbers(days: pd.Series) -> IntArray:
    """Days as integers that are never negative."""
    return (days.to_numpy().astype("datetime64[D]") - _FIRST_DAY).astype(np.int64)


def group_codes(events: Sequence[pd.Series], queries: Sequence[pd.Series]) -> tuple[IntArray, IntArray]:
    """Integers that are equal where all the given columns are equal, across events and queries.

    Args:
        events: Grouping columns of the events.
        queries: The same columns of the queries, in the same order.
    """
    count = len(events[0])
    codes = np.zeros(count + len(queries[0]), dtype=np.int64)
    for event_column, query_column in zip(events, queries, strict=True):
        both = np.concatenate([event_column.to_numpy(), query_column.to_numpy()])
        numbers, words = pd.factorize(both)
        codes = pd.factorize(codes * (len(words) + 1) + numbers)[0].astype(np.int64)
    return codes[:count], codes[count:]


@dataclass(frozen=True)
class Past:
    """Events of groups as seen from query days.

    Attributes:
        order: Positions of the events in the frame they came from, sorted by (group, day, id).
        keys: ``group * DAY_SPAN + day`` of the events in that order.
        query_groups: Group each query asks about; :data:`NO_GROUP` sees nothing.
        query_days: The first day that is not known any more: the day of the visit, less the lag.
        query_order: Positions of the queries sorted by (group, day): binary searches for
            sorted values walk the memory in order.
    """

    order: IntArray
    keys: IntArray
    query_groups: IntArray
    query_days: IntArray
    query_order: IntArray

    @classmethod
    def of(cls, event_groups: IntArray, event_days: IntArray, query_groups: IntArray, query_days: IntArray) -> "Past":
        """Sort events for lookups.

        Args:
            event_groups: Group of each event; events of :data:`NO_GROUP` are left out.
            event_days: Day number of each event. Events come sorted by (day, id).
            query_groups: Group of each query.
            query_days: First day number that each query must not see.
        """
        kept = np.flatnonzero(event_groups != NO_GROUP)
        keys = event_groups[kept] * DAY_SPAN + event_days[kept]
        order = np.argsort(keys, kind="stable")
        query_order = np.argsort(query_groups * DAY_SPAN + query_days, kind="stable")
        return cls(kept[order], keys[order], query_groups, query_days, query_order)

    @classmethod
    def of_asked(
        cls, event_groups: IntArray, event_days: IntArray, query_groups: IntArray, query_days: IntArray
    ) -> "Past":
        """:meth:`of` without the events of groups that no query asks about: they tell nobody anything.

        A week asks about few of the establishments that a long history knows. Not for what is to be
        :meth:`shifted`, which asks about other groups.
        """
        is_asked = np.zeros(max(event_groups.max(initial=0), query_groups.max(initial=0)) + 2, dtype=np.bool_)
        is_asked[query_groups] = True
        # The last place, which -1 stands for, is nobody's.
        is_asked[NO_GROUP] = False
        return cls.of(np.where(is_asked[event_groups], event_groups, NO_GROUP), event_days, query_groups, query_days)

    def only(self, is_counted: BoolArray) -> "Past":
        """The same queries with some of the events only.

        Args:
            is_counted: Which events of the original frame count.
        """
        kept = is_counted[self.order]
        return replace(self, order=self.order[kept], keys=self.keys[kept])

    def shifted(self, groups: int) -> "Past":
        """The same events, asked about the groups whose number is higher by ``groups``."""
        return replace(self, query_groups=self.query_groups + groups)

    def counts(self, window_days: int | None = None) -> IntArray:
        """Events in the ``window_days`` days before each query's day; of all time without a window."""
        return self._ends - self._starts(window_days)

    def sums(self, values: npt.NDArray[np.integer] | npt.NDArray[np.bool_], window_days: int | None = None) -> IntArray:
        """Sum of integer ``values`` of the events in the window.

        Args:
            values: One number, or one row of numbers, per event of the original frame.
            window_days: Length of the window; None for all time.
        """
        return self.sums_between(self.prefix(values), window_days)

    def prefix(self, values: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> IntArray:
        """Running totals of ``values`` in the order of the events, to be used more than once."""
        ordered = values[self.order].astype(np.int64)
        return np.concatenate([np.zeros((1, *ordered.shape[1:]), dtype=np.int64), np.cumsum(ordered, axis=0)])

    def sums_between(self, prefix: IntArray, window_days: int | None = None) -> IntArray:
        """:meth:`sums` of the values whose running totals are given."""
        sums: IntArray = prefix[self._ends] - prefix[self._starts(window_days)]
        return sums

    def last_sums(self, values: npt.NDArray[np.integer] | npt.NDArray[np.bool_], count: int) -> IntArray:
        """Sum of ``values`` over the last ``count`` events before each query's day."""
        prefix = self.prefix(values)
        starts = np.maximum(self._ends - count, self._starts(None))
        return prefix[self._ends] - prefix[starts]

    def last(self, back: int = 1) -> IntArray:
        """Position in the original frame of the last event before each day (the one before it with ``back=2``).

        -1 where there is none.
        """
        found = np.full(len(self.query_days), -1, dtype=np.int64)
        exists = self.counts() >= back
        found[exists] = self.order[self._ends[exists] - back]
        return found

    def first(self) -> IntArray:
        """Position in the original frame of the first event of each query's group before its day; -1 if none."""
        found = np.full(len(self.query_days), -1, dtype=np.int64)
        exists = self.counts() > 0
        found[exists] = self.order[self._group_starts[exists]]
        return found

    def run_lengths(self, is_broken: BoolArray) -> IntArray:
        """Events since the last one where ``is_broken``, up to each query's day: the length of the running streak."""
        broken = is_broken[self.order]
        positions = np.arange(len(broken), dtype=np.int64)
        last_broken = np.maximum.accumulate(np.where(broken, positions, -1)) if len(broken) else positions
        after: IntArray = np.concatenate([[0], last_broken + 1])[self._ends]
        return self._ends - np.maximum(after, self._starts(None))

    @cached_property
    def _ends(self) -> IntArray:
        return self._positions(self.query_days)

    def _starts(self, window_days: int | None) -> IntArray:
        if window_days is None:
            return self._group_starts
        return self._positions(self.query_days - window_days)

    @cached_property
    def _group_starts(self) -> IntArray:
        return self._positions(np.zeros_like(self.query_days))

    def _positions(self, days: IntArray) -> IntArray:
        wanted = np.where(self.query_groups == NO_GROUP, 0, self.query_groups * DAY_SPAN + np.maximum(days, 0))
        found = np.empty(len(wanted), dtype=np.int64)
        found[self.query_order] = np.searchsorted(self.keys, wanted[self.query_order], side="left")
        return found
