"""A look at a data set of any columns: its description and some of its rows, for the profile of a new city.

A pull that a forecast rests on is another thing, and belongs in ``client``.
"""

import json
from contextlib import closing
from dataclasses import dataclass

import pandas as pd

from food_inspections.errors import PermanentPortalError
from food_inspections.portal.soda import Patience, RefusedError, Row, SodaPortal, UnreadableError

PAGE_ROWS = 10_000


@dataclass(frozen=True)
class DataSet:
    """One data set of a portal.

    Attributes:
        url: Base address of the portal.
        dataset: Its id.
        app_token: Application token; ``None`` is throttled.
    """

    url: str
    dataset: str
    app_token: str | None = None

    def description(self) -> tuple[str, list[tuple[str, str]]]:
        """The title, and name and type of every column; both empty where the portal describes nothing.

        Raises:
            PortalError: The portal gives no usable answer.
        """
        with closing(self._portal()) as portal:
            try:
                document = portal.document(f"/api/views/{self.dataset}.json")
            except (RefusedError, UnreadableError):
                return "", []
        columns = document.get("columns") or [] if isinstance(document, dict) else []
        named = [(str(column["fieldName"]), str(column.get("dataTypeName") or "")) for column in columns]
        return str(document.get("name") or "") if isinstance(document, dict) else "", named

    def rows(self, most: int) -> pd.DataFrame:
        """Rows in the order of their ids, text or ``None``.

        Args:
            most: How many at most.

        Raises:
            PermanentPortalError: There are no rows.
            PortalError: The portal gives no usable answer.
        """
        found: list[Row] = []
        with closing(self._portal()) as portal:
            while len(found) < most:
                limit = min(PAGE_ROWS, most - len(found))
                page = portal.rows(self.dataset, order=":id", limit=limit, offset=len(found))
                found.extend(page)
                if len(page) < limit:
                    break
        if not found:
            raise PermanentPortalError(f"Data set {self.dataset} of {self.url} has no rows: check its id.")
        return pd.DataFrame([{name: _text(value) for name, value in row.items()} for row in found], dtype=object)

    def history(self, date_column: str) -> tuple[int, str, str]:
        """How many rows the portal keeps, and the first and the last day of them.

        Args:
            date_column: The column of the day.

        Raises:
            PortalError: The portal gives no usable answer.
        """
        select = f"count(*) AS row_count, min({date_column}) AS first_day, max({date_column}) AS last_day"
        with closing(self._portal()) as portal:
            rows = portal.rows(self.dataset, select=select)
        row = rows[0] if rows else {}
        return int(row.get("row_count", 0)), str(row.get("first_day", ""))[:10], str(row.get("last_day", ""))[:10]

    def _portal(self) -> SodaPortal:
        return SodaPortal(self.url, self.app_token, Patience())


def _text(value: object) -> str | None:
    """A value as text; places and links come as objects."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
