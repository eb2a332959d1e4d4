"""One answer to each question, with what it rests on: computed once, stored, and quoted wherever it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

Answer = Literal["holds", "changed", "cannot_tell"]

WINDOW_COLUMNS = (
    "reference_from",
    "reference_to",
    "current_from",
    "current_to",
    "reference_rows",
    "current_rows",
)
COLUMNS = (
    "question",
    "answer",
    "value",
    "bound",
    "statement",
    *WINDOW_COLUMNS,
)


@dataclass(frozen=True)
class Window:
    """The days that were looked at and how many inspections they hold."""

    first: date | None = None
    last: date | None = None
    rows: int = 0

    @classmethod
    def of(cls, inspections: pd.DataFrame) -> "Window":
        """The window of a table with ``inspection_date``."""
        if inspections.empty:
            return cls()
        days = pd.to_datetime(inspections["inspection_date"])
        return cls(days.min().date(), days.max().date(), len(inspections))


@dataclass(frozen=True)
class Verdict:
    """What was concluded on a question.

    Attributes:
        question: Its name, e.g. ``scores``.
        answer: ``holds``, ``changed``, or ``cannot_tell`` where the rows do not suffice.
        value: The number looked at.
        bound: How far it may go.
        statement: The answer in a sentence.
    """

    question: str
    answer: Answer
    value: float | None
    bound: float | None
    statement: str

    def as_json(self) -> dict[str, Any]:
        """For the record of the week."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Verdict":
        """Back from the record, whose keys come in any order."""
        return cls(**kept)


def verdict_table(verdicts: Sequence[Verdict], reference: Window, current: Window) -> pd.DataFrame:
    """The verdicts with the windows they rest on, in the columns of the tables of verdicts but for week and model."""
    rows = [
        {
            **asdict(verdict),
            "reference_from": reference.first,
            "reference_to": reference.last,
            "current_from": current.first,
            "current_to": current.last,
            "reference_rows": reference.rows,
            "current_rows": current.rows,
        }
        for verdict in verdicts
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"value": "float64", "bound": "float64"})
