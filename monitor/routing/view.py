"""The state of a page: what its address says, and nothing else.

Every selection a reader makes is a parameter of the query string, so an address
can be sent to a colleague, bookmarked, and walked back to with the browser.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode

# A query string is typed by anybody: longer values than this are no selection of ours.
_LONGEST_VALUE = 200


@dataclass(frozen=True)
class View:
    """The parameters of a page's address.

    Attributes:
        values: Parameter to value; a parameter given twice has its last value.
    """

    values: Mapping[str, str]

    @classmethod
    def of(cls, search: str | None) -> "View":
        """Read a query string, with or without its question mark."""
        pairs = parse_qsl((search or "").removeprefix("?"), max_num_fields=50) if len(search or "") < 4000 else []
        return cls({key: value.strip()[:_LONGEST_VALUE] for key, value in pairs if value.strip()})

    def text(self, key: str) -> str:
        """The value, or nothing."""
        return self.values.get(key, "").replace("\x00", "")

    def choice(self, key: str, allowed: Collection[str], default: str) -> str:
        """The value where it is one of those allowed, else the default."""
        value = self.text(key)
        return value if value in allowed else default

    def number(self, key: str, default: int, minimum: int = 1, maximum: int = 1_000_000) -> int:
        """A whole number, held within its bounds."""
        value = self.text(key)
        return min(max(int(value), minimum), maximum) if value.isascii() and value.isdecimal() else default

    def week(self, key: str, weeks: Sequence[date], default: date) -> date:
        """One of the weeks given, else the default."""
        value = self.text(key)
        return next((week for week in weeks if week.isoformat() == value), default)

    def missing_week(self, key: str, weeks: Sequence[date]) -> str | None:
        """The week asked for, where it is none of those given."""
        value = self.text(key)
        return value if value and value not in {week.isoformat() for week in weeks} else None

    def search(self, **changes: str | int | None) -> str:
        """The query string with some parameters changed; ``None`` or empty takes one out."""
        changed = {**self.values, **{key: "" if value is None else str(value) for key, value in changes.items()}}
        kept = sorted((key, value) for key, value in changed.items() if value)
        return "?" + urlencode(kept) if kept else "?"
