"""The data set's columns, as the portal publishes them and as a pull returns them.

What a column means to the forecast belongs in the domain, not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["number", "text", "calendar_date", "location", "fixed_timestamp", "row_identifier"]


@dataclass(frozen=True)
class Column:
    """One column of the data set: its API field name, SODA type and title on the portal."""

    name: str
    kind: Kind
    title: str


COLUMNS = (
    Column("inspection_id", "number", "Inspection ID"),
    Column("dba_name", "text", "DBA Name"),
    Column("aka_name", "text", "AKA Name"),
    Column("license_", "number", "License #"),
    Column("facility_type", "text", "Facility Type"),
    Column("risk", "text", "Risk"),
    Column("address", "text", "Address"),
    Column("city", "text", "City"),
    Column("state", "text", "State"),
    Column("zip", "number", "Zip"),
    Column("inspection_date", "calendar_date", "Inspection Date"),
    Column("inspection_type", "text", "Inspection Type"),
    Column("results", "text", "Results"),
    Column("violations", "text", "Violations"),
    Column("latitude", "number", "Latitude"),
    Column("longitude", "number", "Longitude"),
    Column("location", "location", "Location"),
)
SYSTEM_COLUMNS = (
    Column(":id", "row_identifier", "Row ID"),
    Column(":created_at", "fixed_timestamp", "Created At"),
    Column(":updated_at", "fixed_timestamp", "Updated At"),
)

ID_FIELD = "inspection_id"
"""The field that tells inspections apart."""

DATE_FIELD = "inspection_date"
"""The field with the day of the visit, by which a pull asks."""

ROW_ID = ":id"
"""The portal's own id of a row, in whose order the pages of a pull come."""

UPDATED_AT = ":updated_at"
"""When the portal last changed a row."""

PORTAL_FIELDS = tuple(column.name for column in COLUMNS)
"""The 17 fields of an inspection, in the portal's order."""

SYSTEM_FIELDS = {ROW_ID: "portal_row_id", UPDATED_AT: "portal_updated_at"}
"""The portal's own fields of a row that a pull keeps, and what it calls them."""

RAW_COLUMNS = (*PORTAL_FIELDS, *SYSTEM_FIELDS.values())
"""Columns of a pull, in order."""


@dataclass(frozen=True)
class DatasetColumns:
    """What a pull must know of a data set's columns; Chicago's by default.

    Attributes:
        fields: Fields of a row, in the order of the frame.
        key: Fields that together name an inspection, in every row.
        date: Field with the day of the visit, by which a pull asks.
        order: Fields in whose order pages come; they must tell rows apart, or pages overlap.
        required: Fields that some row of a large pull must have.
        is_one_row_each: Whether an inspection has one row, so that a second is an error; ``False``
            where it has one for each violation.
        is_stamped: Whether ``:updated_at`` tells that a row changed; ``False`` where the portal replaces
            the whole data set and stamps every row each time. It is then not asked for.
    """

    fields: tuple[str, ...] = PORTAL_FIELDS
    key: tuple[str, ...] = (ID_FIELD,)
    date: str = DATE_FIELD
    order: tuple[str, ...] = (ROW_ID,)
    required: tuple[str, ...] = tuple(
        name for name in PORTAL_FIELDS if name not in {"aka_name", "violations", "location"}
    )
    is_one_row_each: bool = True
    is_stamped: bool = True

    @property
    def asked(self) -> tuple[str, ...]:
        """What a pull asks of every row: the portal's own fields first."""
        return (ROW_ID, *([UPDATED_AT] if self.is_stamped else []), *self.fields)

    @property
    def raw(self) -> tuple[str, ...]:
        """Columns of a pull, in order."""
        return (*self.fields, *SYSTEM_FIELDS.values())

    def key_of(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """What names the inspection of a row."""
        return tuple(map(row.get, self.key))
