"""The rows of one pull: refused where they are not what was asked for, kept as the portal's text.

Nothing is cleaned here: a value that is merely odd is the portal's, and goes through.
"""

import json
from collections.abc import Sequence
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from food_inspections.errors import PermanentPortalError
from food_inspections.portal.columns import ROW_ID, SYSTEM_FIELDS, DatasetColumns
from food_inspections.portal.paging import Days
from food_inspections.portal.soda import Row, WrongPageError

_TEXT = pd.ArrowDtype(pa.large_string())
"""Texts stay Arrow's on their way into the store and out of it: as Python's they take four times the memory."""

ROWS_TO_MISS_A_COLUMN = 50
"""SODA leaves nulls out of its JSON, so only a pull of at least this many rows shows that a column is gone."""


class RowCollector:
    """Checks the pages of one pull and gathers them into a frame.

    Args:
        days: Days asked for; no other may come.
        columns: The data set's columns.
    """

    def __init__(self, days: Days, columns: DatasetColumns) -> None:
        self._days = days
        self._columns = columns
        self._fields = (*columns.fields, *SYSTEM_FIELDS)
        # Arrow holds a text in as many bytes as it has, and sorts it without making an object of it.
        self._pages: list[pa.Table] = []
        # Ids of rows (text) and keys of inspections (tuples).
        self._seen: set[str | tuple[str, ...]] = set()
        self.row_count = 0

    def check(self, page: list[Row]) -> None:
        """Refuse a page that holds anything but whole rows of the days asked for, each once.

        Raises:
            PermanentPortalError: A row has a column that was not asked for.
            WrongPageError: A row has no id or no date, is of another day, or came before.
        """
        first, last = self._days.first.isoformat(), self._days.last.isoformat()
        fields = set(self._fields)
        seen: set[str | tuple[str, ...]] = set()
        for row in page:
            if not fields.issuperset(row):
                raise PermanentPortalError(
                    f"a row has the unknown column {min(row.keys() - fields)!r}, which was not asked for. "
                    "The data set has changed: check it on the portal."
                )
            key, day = self._columns.key_of(row), str(row.get(self._columns.date) or "")[:10]
            # A key of several fields may lack one: which inspection such a row is of, is not the pull's to say.
            is_named = all(map(_is_text, key)) or not self._columns.is_one_row_each
            if not (_is_text(row.get(ROW_ID)) and is_named):
                raise WrongPageError(f"a row of {day or 'no date'} has no id. Run it again.")
            inspection = " ".join(map(str, key))
            if not _is_date(day):
                raise WrongPageError(f"inspection {inspection} has the date {day!r}. Run it again.")
            if not first <= day <= last:
                raise WrongPageError(f"inspection {inspection} is of {day}, outside the days asked for. Run it again.")
            for name in self._names(row):
                if name in seen or name in self._seen:
                    raise WrongPageError(f"inspection {inspection} came twice. Run it again.")
                seen.add(name)

    def add(self, page: list[Row]) -> None:
        """Keep a checked page."""
        self._seen.update(name for row in page for name in self._names(row))
        self._pages.append(pa.table({name: _texts([row.get(name) for row in page]) for name in self._fields}))
        self.row_count += len(page)

    def frame(self) -> pd.DataFrame:
        """All rows in the columns of a pull, Arrow's text, sorted by day and key.

        Raises:
            PermanentPortalError: A column is missing from every row.
        """
        columns = self._columns
        if not self.row_count:
            return pd.DataFrame(columns=list(columns.raw), dtype=_TEXT)
        table = pa.concat_tables(self._pages).rename_columns(list(columns.raw))
        self._pages = []
        if len(table) >= ROWS_TO_MISS_A_COLUMN:
            missing = [name for name in columns.required if table.column(name).null_count == len(table)]
            if missing:
                raise PermanentPortalError(
                    f"the column {missing[0]!r} is missing from all {len(table)} rows. The data set has changed: "
                    f"check it on the portal, and correct {columns.named_in} where the column has another name now."
                )
        # Several rows of one inspection come in an order of the portal's own, which may change from pull to pull.
        ties = () if columns.is_one_row_each else columns.fields
        by = dict.fromkeys((columns.date, *columns.key, *ties))
        order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in by])
        frame: pd.DataFrame = table.take(order).to_pandas(types_mapper={pa.large_string(): _TEXT}.get)
        return frame

    def _names(self, row: Row) -> tuple[str | tuple[str, ...], ...]:
        """What no other row of the pull may have."""
        return (row[ROW_ID], self._columns.key_of(row)) if self._columns.is_one_row_each else (row[ROW_ID],)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_date(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return len(day) == len("2010-01-04")


def _texts(values: Sequence[object]) -> pa.Array:
    """Values of a column as text."""
    try:
        return pa.array(values, pa.large_string())
    except pa.ArrowTypeError:
        return pa.array([_text(value) for value in values], pa.large_string())


def _text(value: object) -> str | None:
    """A JSON value as text; numbers arrive as their own text already."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
