"""What a pull must know of a data set's columns, and what it returns.

What a column means to the forecast belongs in the domain, not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from food_inspections.domain.city.profile import Profile

ROW_ID = ":id"
"""The portal's own id of a row, in whose order the pages of a pull come."""

CREATED_AT = ":created_at"
"""When the portal first had a row."""

UPDATED_AT = ":updated_at"
"""When the portal last changed a row."""

SYSTEM_FIELDS = {ROW_ID: "portal_row_id", UPDATED_AT: "portal_updated_at"}
"""The portal's own fields of a row that a pull keeps, and what it calls them."""


@dataclass(frozen=True)
class DatasetColumns:
    """What a pull must know of a data set's columns.

    Attributes:
        fields: Fields of a row, in the order of the frame.
        key: Fields that together name an inspection.
        date: Field with the day of the visit, by which a pull asks.
        order: Fields in whose order pages come; they must tell rows apart, or pages overlap.
        required: Fields that some row of a large pull must have.
        is_one_row_each: Whether an inspection has one row, so that a second is an error; ``False``
            where it has one for each violation, or where the key is made of several fields.
        is_stamped: Whether ``:updated_at`` tells that a row changed; ``False`` where the portal replaces
            the whole data set and stamps every row each time. It is then not asked for.
        named_in: Where the fields are named, for errors.
    """

    fields: tuple[str, ...]
    key: tuple[str, ...]
    date: str
    order: tuple[str, ...] = (ROW_ID,)
    required: tuple[str, ...] = ()
    is_one_row_each: bool = True
    is_stamped: bool = True
    named_in: str = "the profile"

    @classmethod
    def of(cls, profile: Profile, named_in: str = "the profile") -> "DatasetColumns":
        """The columns of a city's data set.

        Args:
            profile: The city.
            named_in: Name or path of the profile.
        """
        columns, violations = profile.columns, profile.violations
        # These may be empty for weeks without anything being wrong; labels compare what is rare.
        rare = {columns.other_name, columns.location, *(violations.columns if violations else ()), *profile.rows.keep}
        expected = (*profile.rows.key, *columns.names)
        return cls(
            fields=tuple(dict.fromkeys((*profile.portal_columns, *profile.rows.keep))),
            key=tuple(profile.rows.key),
            date=columns.date,
            required=tuple(dict.fromkeys(name for name in expected if name not in rare)),
            is_one_row_each=profile.rows.grain == "inspection" and len(profile.rows.key) == 1,
            is_stamped=profile.portal is None or profile.portal.has_update_times,
            named_in=named_in,
        )

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

    def days(self, frame: pd.DataFrame) -> pd.Series:
        """The day of every row of a pull, as midnights."""
        return pd.to_datetime(frame[self.date].astype("string").str.slice(0, 10), format="%Y-%m-%d")

    def ids(self, frame: pd.DataFrame) -> pd.Series:
        """What names the inspection of every row, as one text."""
        if len(self.key) == 1:
            return frame[self.key[0]]
        parts = zip(*(frame[name].fillna("") for name in self.key), strict=True)
        return pd.Series([" ".join(texts) for texts in parts], index=frame.index, dtype=object)
