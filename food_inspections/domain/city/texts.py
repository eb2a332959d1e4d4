"""Columns of text as numbers that stand for their distinct texts: everything is worked out once per text."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.inspections.texts import is_missing

IntArray = npt.NDArray[np.int64]
ObjectArray = npt.NDArray[np.object_]
Value = TypeVar("Value", bound=np.generic)

_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?$")
_NO_FRACTION = re.compile(r"^(-?\d+)\.0+$")
_WHOLE_NUMBER = re.compile(r"([0-9]{1,20})(?:\.0*)?")
_LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Texts:
    """A column of text.

    Attributes:
        codes: For each row the position of its text in ``words``; -1 where there is none.
        words: The distinct texts.
    """

    codes: IntArray
    words: ObjectArray

    @classmethod
    def of(cls, values: pd.Series) -> "Texts":
        """The texts as they are given."""
        codes, words = pd.factorize(values)
        return cls(codes.astype(np.int64), np.asarray(words, dtype=object))

    def map(self, change: Callable[[str], str | None]) -> "Texts":
        """With every distinct text changed; what becomes ``None`` is missing."""
        changed = np.empty(len(self.words), dtype=object)
        changed[:] = list(map(change, map(str, self.words)))
        codes, words = pd.factorize(changed)
        return Texts(_taken(codes.astype(np.int64), self.codes, -1), np.asarray(words, dtype=object))

    def take(self, rows: IntArray) -> "Texts":
        """The texts of some rows."""
        return Texts(self.codes[rows], self.words)

    def values(self, missing: str | None = None) -> ObjectArray:
        """The text of each row.

        Args:
            missing: What stands where there is none.
        """
        return _taken(self.words, self.codes, missing)

    def numbers(self) -> npt.NDArray[np.float64]:
        """The texts read as numbers; NaN where that fails."""
        numbers = pd.to_numeric(pd.Series(self.words, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
        return _taken(numbers, self.codes, np.nan)

    def days(self, date_format: str | None = None) -> npt.NDArray[np.datetime64]:
        """The texts read as days; NaT where that fails."""
        days = read_days(pd.Series(self.words, dtype=object), date_format).to_numpy()
        return _taken(days, self.codes, np.datetime64("NaT"))

    @property
    def is_missing(self) -> npt.NDArray[np.bool_]:
        """Where there is no text."""
        return self.codes < 0


def tidied(texts: Texts, nothing: Iterable[str] = ()) -> Texts:
    """Blanks at the ends removed and inner ones single; what stands for nothing is missing.

    Args:
        texts: Texts as the portal gives them.
        nothing: Values that this city writes for nothing; numbers and days in any of their spellings.
    """
    sentinels = {_plain(value) for value in nothing}

    def tidy(text: str) -> str | None:
        tidy_text = " ".join(text.split())
        return None if is_missing(tidy_text) or (sentinels and _plain(tidy_text) in sentinels) else tidy_text

    return texts.map(tidy)


def whole_number(text: str) -> str | None:
    """An id that is a whole number above 0, without zeros around it; ``None`` where it is none."""
    found = _WHOLE_NUMBER.fullmatch(text)
    number = int(found[1]) if found else 0
    return str(number) if 0 < number <= _LARGEST_NUMBER else None


def read_days(values: pd.Series, date_format: str | None = None) -> pd.Series:
    """Midnights from ``2013-02-14T00:00:00.000`` (any time of day), ``02/14/2013``, or the format given."""
    texts = values.astype("string").str.strip()
    iso_days = texts.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$", expand=False)
    iso = pd.to_datetime(iso_days, errors="coerce", format="%Y-%m-%d")
    american = pd.to_datetime(texts, errors="coerce", format="%m/%d/%Y")
    if date_format is None:
        return iso.fillna(american).astype("datetime64[ns]")
    # A portal of text gives days in a form of the city's own, one of dates as they are always given.
    own = pd.to_datetime(texts, errors="coerce", format=date_format).dt.normalize()
    return own.fillna(iso).astype("datetime64[ns]")


def _plain(text: str) -> str:
    """What spellings of one number or one day share."""
    without_time = _MIDNIGHT.sub("", text.strip())
    return _NO_FRACTION.sub(r"\1", without_time).upper()


def _taken(values: npt.NDArray[Value], codes: IntArray, missing: Any) -> npt.NDArray[Value]:
    """Values by position, and a stand-in where the position is -1."""
    if len(values) == 0:
        return np.full(len(codes), missing, dtype=values.dtype)
    taken = values[codes]
    taken[codes < 0] = missing
    return taken
