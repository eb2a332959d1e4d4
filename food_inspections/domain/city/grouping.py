"""From rows to inspections: which rows belong together, and what the inspection says where its rows differ."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city.texts import IntArray, Texts

_NOTHING = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Groups:
    """Rows in groups.

    Attributes:
        rows: Positions of the rows, group by group; within a group in the order they came.
        starts: Where in ``rows`` each group begins.
    """

    rows: IntArray
    starts: IntArray

    @classmethod
    def of(cls, groups: IntArray, rows: IntArray) -> "Groups":
        """Group rows.

        Args:
            groups: Group of each row of ``rows``, from 0 without gaps.
            rows: Positions of the rows.
        """
        order = np.argsort(groups, kind="stable")
        starts = np.searchsorted(groups[order], np.arange(int(groups.max()) + 1 if len(groups) else 0))
        return cls(rows[order], starts.astype(np.int64))

    @property
    def sizes(self) -> IntArray:
        """Rows in each group."""
        return np.diff(np.append(self.starts, len(self.rows))).astype(np.int64)

    @property
    def numbers(self) -> IntArray:
        """Group of each row of ``rows``."""
        return np.repeat(np.arange(len(self.starts)), self.sizes).astype(np.int64)

    def agree(self, texts: Texts) -> tuple[Texts, int]:
        """One text for each group: the one that its rows give.

        Rows without a text have no say. Where rows contradict each other, the text that most of them give
        counts; of several, the one that sorts first.

        Returns:
            The texts of the groups, and in how many groups rows contradict each other.
        """
        if len(self.starts) == 0:
            return texts.take(self.rows), 0
        codes = texts.codes[self.rows]
        highest = np.maximum.reduceat(codes, self.starts)
        lowest = np.minimum.reduceat(np.where(codes < 0, _NOTHING, codes), self.starts)
        is_torn = (highest >= 0) & (lowest != highest)
        if is_torn.any():
            highest[is_torn] = self._most_frequent(codes, is_torn, texts)
        return Texts(highest, texts.words), int(is_torn.sum())

    def latest(self, values: pd.Series) -> pd.Series:
        """The largest value in each group."""
        return values.iloc[self.rows].groupby(self.numbers).max().reset_index(drop=True)

    def _most_frequent(self, codes: IntArray, is_torn: npt.NDArray[np.bool_], texts: Texts) -> IntArray:
        numbers = self.numbers
        has_say = is_torn[numbers] & (codes >= 0)
        counts = pd.DataFrame({"group": numbers[has_say], "code": codes[has_say]}).value_counts().reset_index()
        ranked = counts.assign(text=texts.words[counts["code"]].astype(str)).sort_values(
            ["group", "count", "text"], ascending=[True, False, True], kind="stable"
        )
        return ranked.drop_duplicates("group")["code"].to_numpy(dtype=np.int64)
