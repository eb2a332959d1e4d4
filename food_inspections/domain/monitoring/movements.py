"""How far things move by themselves: the same distances between earlier windows, equally long and equally far apart."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from food_inspections.domain.inputs import FloatArray, IntArray
from food_inspections.domain.monitoring.histograms import (
    BINS,
    QUANTILES,
    jensen_shannon,
    population_stability_index,
)

STRIDE_WEEKS = 2
"""Between neighbouring pairs, which share most of their weeks: two of them count as one."""

HISTORY_WEEKS = 104
YOUNG_WEEKS = 26
"""The first half year of a history: its features still fill up, and move more than they ever will again."""

FARTHEST_WEEKS = 26
FEWEST_PAIRS = 10
LEAST_SPREAD = 0.1


def past_distances(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    history: pd.DataFrame,
    names: Sequence[str],
    numbers: Collection[str],
) -> FloatArray:
    """Distances between earlier windows as long, and as far apart, as the two that are compared.

    Each pair is cut into bins by its own reference, as the two are: a count that grows for ever would lie in one
    bin of today's.

    Args:
        reference: inspection_date of the reference.
        current: The same of the current window.
        history: inspection_date and the columns compared.
        names: Those columns, the score first.
        numbers: Those of them that are numbers.

    Returns:
        Names x pairs: PSI of the score, the Jensen-Shannon distance of all else.
    """
    nothing = np.zeros((len(names), 0))
    if history.empty:
        return nothing
    last = pd.Timestamp(reference["inspection_date"].max())
    sunday = last + pd.Timedelta(days=6 - last.weekday())
    ago = ((sunday - history["inspection_date"]).dt.days // 7).to_numpy().astype(np.int64)
    weeks = min(int(ago.max(initial=0)) + 1 - YOUNG_WEEKS, HISTORY_WEEKS)
    before, after = _weeks_between(reference), int(current["inspection_date"].dt.to_period("W-SUN").nunique())
    lag = max(min((current["inspection_date"].max() - last).days // 7, FARTHEST_WEEKS), after)
    if weeks < before + lag:
        return nothing
    kept = np.flatnonzero((ago >= 0) & (ago < weeks))
    kept = kept[np.argsort(-ago[kept], kind="stable")]
    # Rows of week w, from 0 for the oldest, stand from starts[w] on.
    starts = np.searchsorted(weeks - 1 - ago[kept], np.arange(weeks + 1))
    columns = _Columns.of(history.iloc[kept], names, numbers)
    pairs = [
        columns.distances(slice(starts[end - lag - before], starts[end - lag]), slice(starts[end - after], starts[end]))
        for end in range(weeks, before + lag - 1, -STRIDE_WEEKS)
    ]
    found = [pair for pair in pairs if pair is not None]
    return np.stack(found, axis=1) if found else nothing


def _weeks_between(frame: pd.DataFrame) -> int:
    days = frame["inspection_date"]
    return int((days.max() - days.min()).days) // 7 + 1


@dataclass(frozen=True)
class _Columns:
    """The columns of a history as arrays, to compare any two windows of it.

    Attributes:
        values: Rows x columns of numbers, the score first.
        codes: Of each column of words the number of every row's word.
        places: Position among the names of the columns of numbers, then of those of words.
    """

    values: FloatArray
    codes: Sequence[IntArray]
    places: Sequence[int]

    @classmethod
    def of(cls, rows: pd.DataFrame, names: Sequence[str], numbers: Collection[str]) -> "_Columns":
        numeric = [name for name in names if name in numbers]
        words = [name for name in names if name not in numbers]
        codes = [pd.factorize(rows[name].astype(str), sort=True)[0].astype(np.int64) for name in words]
        places = [list(names).index(name) for name in (*numeric, *words)]
        return cls(rows[numeric].to_numpy(dtype=np.float64), codes, places)

    def distances(self, before: slice, after: slice) -> FloatArray | None:
        """Of every name; none where a window has no inspections."""
        reference, current = self.values[before], self.values[after]
        if not len(reference) or not len(current):
            return None
        edges = np.quantile(reference, QUANTILES, axis=0)
        counts = [_between(side, edges) for side in (reference, current)]
        words = [_frequent(codes[before], codes[after]) for codes in self.codes]
        stacked = [np.stack([*counts[side], *(word[side] for word in words)]) for side in (0, 1)]
        found = jensen_shannon(*stacked)
        is_used = counts[0][0] > 0
        found[0] = population_stability_index(counts[0][0][is_used], counts[1][0][is_used])
        result = np.empty(len(found))
        result[list(self.places)] = found
        return result


def _between(values: FloatArray, edges: FloatArray) -> FloatArray:
    """Rows between neighbouring edges, the upper one inclusive: columns x bins."""
    below = np.stack([(values <= edge).sum(axis=0) for edge in edges])
    whole = np.vstack([np.zeros((1, values.shape[1])), below, np.full((1, values.shape[1]), len(values))])
    return np.diff(whole, axis=0).T.astype(np.float64)


def _frequent(reference: IntArray, current: IntArray) -> tuple[FloatArray, FloatArray]:
    """Counts of the reference's most frequent words, all others together."""
    size = int(max(reference.max(initial=0), current.max(initial=0))) + 1
    before, after = np.bincount(reference, minlength=size), np.bincount(current, minlength=size)
    first, rest = np.split(np.argsort(-before, kind="stable"), [BINS - 1])
    sides = []
    for counts in (before, after):
        bins = np.zeros(BINS)
        bins[: len(first)] = counts[first]
        bins[len(first) if len(first) < BINS else BINS - 1] += counts[rest].sum()
        sides.append(bins)
    return sides[0], sides[1]


@dataclass(frozen=True)
class Usual:
    """How far things move by themselves: the logarithm of the distance is about normal over earlier pairs of windows.

    Attributes:
        floor: Added to each distance, so that none is 0: half of what chance alone makes of so many rows.
        mean: Of the logarithms, by name.
        spread: Their deviation, by name.
        pairs: Pairs seen.
    """

    floor: FloatArray
    mean: FloatArray
    spread: FloatArray
    pairs: int

    @classmethod
    def of(cls, past: FloatArray, rows: int) -> "Usual":
        """What earlier distances (names x pairs) say; of the score, the first, they are squared."""
        names, pairs = past.shape
        floor = np.full(names, 0.5 / np.sqrt(rows))
        floor[0] = 1.0 / rows
        if pairs < FEWEST_PAIRS:
            return cls(floor, np.full(names, np.nan), np.full(names, np.nan), pairs)
        logarithms = np.log(past + floor[:, np.newaxis])
        deviation = np.maximum(logarithms.std(axis=1, ddof=1), LEAST_SPREAD)
        return cls(floor, logarithms.mean(axis=1), deviation * np.sqrt(1 + STRIDE_WEEKS / pairs), pairs)

    @property
    def _freedom(self) -> float:
        return max(4.0, self.pairs / STRIDE_WEEKS - 1)

    def p_values(self, value: FloatArray) -> FloatArray:
        """How seldom each name moves this far by itself; NaN where the history is too short to say."""
        from scipy.special import stdtr  # noqa: PLC0415 - see drift.py

        return np.asarray(stdtr(self._freedom, (self.mean - np.log(value + self.floor)) / self.spread))

    def reached_by_chance(self, place: int, chance: float) -> float:
        """The distance that a name reaches with a chance."""
        from scipy.special import stdtrit  # noqa: PLC0415

        quantile = float(stdtrit(self._freedom, 1 - chance))
        return float(np.exp(self.mean[place] + quantile * self.spread[place]) - self.floor[place])
