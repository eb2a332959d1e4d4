"""The rows of one pull: refused where they are not what was asked for, kept as the portal's text.

Nothing is cleaned here: a value that is merely odd is the portal's, and goes through.
"""

import json
from datetime import date

import pandas as pd

from food_inspections.errors import PermanentPortalError
from food_inspections.portal.columns import DATE_FIELD, ID_FIELD, PORTAL_FIELDS, RAW_COLUMNS, ROW_ID, SYSTEM_FIELDS
from food_inspections.portal.paging import Days
from food_inspections.portal.soda import Row, WrongPageError

ROWS_TO_MISS_A_COLUMN = 50
"""SODA leaves nulls out of its JSON, so only a pull of at least this many rows shows that a column is gone."""

MAY_BE_EMPTY = frozenset({"aka_name", "violations", "location"})
"""Fields that may be null in every row of a pull."""

_FIELDS = (*PORTAL_FIELDS, *SYSTEM_FIELDS)
_OFTEN_ALONE = frozenset({ID_FIELD, "violations", "latitude", "longitude", "location", *SYSTEM_FIELDS})


class RowCollector:
    """Checks the pages of one pull and gathers them into a frame.

    Args:
        days: Days asked for; no other may come.
    """

    def __init__(self, days: Days) -> None:
        self._days = days
        self._pages: list[pd.DataFrame] = []
        self._inspections: set[str] = set()
        # One copy of each name, address, type, ...: half the memory of a pull of many years.
        self._texts: dict[str | None, str | None] = {}
        self.row_count = 0

    def check(self, page: list[Row]) -> None:
        """Refuse a page that holds anything but whole rows of the days asked for, each inspection once.

        Raises:
            PermanentPortalError: A row has a column that was not asked for.
            WrongPageError: A row has no id or no date, is of another day, or came before.
        """
        first, last = self._days.first.isoformat(), self._days.last.isoformat()
        ids = set()
        for row in page:
            unknown = row.keys() - set(_FIELDS)
            if unknown:
                raise PermanentPortalError(
                    f"a row has the unknown column {min(unknown)!r}, which was not asked for. "
                    "The data set has changed: check it on the portal."
                )
            inspection, day = row.get(ID_FIELD), str(row.get(DATE_FIELD) or "")[:10]
            if not (isinstance(inspection, str) and inspection and isinstance(row.get(ROW_ID), str) and row[ROW_ID]):
                raise WrongPageError(f"a row of {day or 'no date'} has no id. Run it again.")
            if not _is_date(day):
                raise WrongPageError(f"inspection {inspection} has the date {day!r}. Run it again.")
            if not first <= day <= last:
                raise WrongPageError(f"inspection {inspection} is of {day}, outside the days asked for. Run it again.")
            if inspection in ids or inspection in self._inspections:
                raise WrongPageError(f"inspection {inspection} came twice. Run it again.")
            ids.add(inspection)

    def add(self, page: list[Row]) -> None:
        """Keep a checked page."""
        self._inspections.update(row[ID_FIELD] for row in page)
        columns = {name: [_text(row.get(name)) for row in page] for name in _FIELDS}
        for name in _FIELDS:
            if name not in _OFTEN_ALONE:
                columns[name] = [self._texts.setdefault(text, text) for text in columns[name]]
        self._pages.append(pd.DataFrame(columns, dtype=object))
        self.row_count += len(page)

    def frame(self) -> pd.DataFrame:
        """All rows in ``RAW_COLUMNS``, text or ``None``, sorted by day and id.

        Raises:
            PermanentPortalError: A column is missing from every row.
        """
        pages = [page for page in self._pages if len(page)]
        if not pages:
            return pd.DataFrame(columns=list(RAW_COLUMNS), dtype=object)
        frame = pd.concat(pages, ignore_index=True)
        frame.columns = pd.Index(RAW_COLUMNS)
        if len(frame) >= ROWS_TO_MISS_A_COLUMN:
            missing = [name for name in PORTAL_FIELDS if name not in MAY_BE_EMPTY and frame[name].isna().all()]
            if missing:
                raise PermanentPortalError(
                    f"the column {missing[0]!r} is missing from all {len(frame)} rows. "
                    "The data set has changed: check it on the portal."
                )
        return frame.sort_values([DATE_FIELD, ID_FIELD], kind="stable", ignore_index=True)


def _is_date(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return len(day) == len("2010-01-04")


def _text(value: object) -> str | None:
    """A JSON value as text; numbers arrive as their own text already."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
