"""Columns as counts on bins that the reference decides, and how far two such histograms lie apart.

Everything that is said of drift is computed from these counts, and the counts are stored: whoever doubts a
verdict can compute it again from the table.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.inputs import FloatArray, IntArray

BINS = 10
QUANTILES = tuple(number / BINS for number in range(1, BINS))
OTHER = "(other)"


@dataclass(frozen=True)
class Bins:
    """Where a column is cut: a tenth of the reference in each for numbers, the most frequent words for words.

    Attributes:
        edges: Inner edges of a column of numbers, each the upper end of its bin, inclusive; none for words.
        words: Words of a column of categories that have a bin of their own; all others share the last.
    """

    edges: tuple[float, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, reference: pd.Series, *, is_number: bool) -> "Bins":
        """The bins of a reference column."""
        if is_number:
            values = reference.to_numpy().astype(np.float64)
            return cls(edges=tuple(np.unique(np.quantile(values, QUANTILES)).tolist()))
        counts = reference.astype(str).value_counts()
        frequent = (
            counts.rename_axis("word").reset_index(name="rows").sort_values(["rows", "word"], ascending=[False, True])
        )
        return cls(words=tuple(frequent["word"].head(BINS - 1)))

    def numbers(self, column: pd.Series) -> IntArray:
        """The bin of each row, from 0."""
        if self.words:
            places = {word: place for place, word in enumerate(self.words)}
            found = column.astype(str).map(places).fillna(len(self.words))
            return found.to_numpy().astype(np.int64)
        return np.searchsorted(np.asarray(self.edges), column.to_numpy().astype(np.float64), side="left").astype(
            np.int64
        )

    def counts(self, column: pd.Series) -> IntArray:
        """Rows in each bin."""
        return np.bincount(self.numbers(column), minlength=len(self.labels)).astype(np.int64)

    @property
    def labels(self) -> list[str]:
        """What the bins are called; the upper edge for numbers."""
        if self.words:
            return [*self.words, OTHER]
        return [*(f"{edge:.6g}" for edge in self.edges), "more"]


def jensen_shannon(reference: npt.ArrayLike, current: npt.ArrayLike) -> FloatArray:
    """Square root of the Jensen-Shannon divergence in bits, in [0, 1], of counts on the last axis."""
    expected, actual = _shares(np.asarray(reference, np.float64)), _shares(np.asarray(current, np.float64))
    middle = (expected + actual) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(side > 0, side * np.log2(side / middle), 0.0).sum(axis=-1) for side in (expected, actual)]
    return np.asarray(np.sqrt(np.maximum(0.0, sum(parts) / 2)))


def _shares(counts: FloatArray) -> FloatArray:
    return np.asarray(counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1))


def population_stability_index(reference: npt.ArrayLike, current: npt.ArrayLike) -> FloatArray:
    """PSI of counts on the last axis; half a row is added to every bin so that none is empty.

    The sum over bins of (c - r) ln(c / r) with shares c and r (S. Lewis, An Introduction to Credit Scoring, 1994).
    """
    expected, actual = (_shares(np.asarray(side, np.float64) + 0.5) for side in (reference, current))
    return np.asarray(((actual - expected) * np.log(actual / expected)).sum(axis=-1))
