"""Who can visit: the inspectors of a file, or as many like ones as the week's capacity asks for."""

import csv
import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import StringIO
from typing import Any

from food_inspections.errors import DataError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKING_DAYS = (0, 1, 2, 3, 4)
DAY_MINUTES = 420
START_MINUTE = 8 * 60 + 30
MINUTES_OF_A_DAY = 24 * 60
TRAVEL_ALLOWANCE = 30
"""Minutes of travel a visit that the default number of inspectors leaves room for."""

FIELDS = ("name", "latitude", "longitude", "days", "days_off", "minutes", "starts", "districts", "kinds")

LONGEST_OFF = 400
"""Days of one span; a longer one is a slip of the pen."""


@dataclass(frozen=True)
class Inspector:
    """Somebody who visits.

    Attributes:
        name: Name or code.
        latitude, longitude: Where the days begin and end, in degrees; ``None`` for the middle of the city.
        weekdays: Working days, 0 for Monday.
        minutes: Minutes a working day, the way to the first stop and back from the last one included.
        start_minute: Minutes after midnight at which the day begins.
        districts: Postal codes or areas to visit; empty for all.
        kinds: Kinds of establishment to visit; empty for all.
        days_off: Dates on which there is no work.
    """

    name: str
    latitude: float | None = None
    longitude: float | None = None
    weekdays: tuple[int, ...] = WORKING_DAYS
    minutes: int = DAY_MINUTES
    start_minute: int = START_MINUTE
    districts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    days_off: frozenset[date] = frozenset()

    def days(self, week: date) -> list[date]:
        """The working days of a week; none without minutes."""
        days = [week + timedelta(days=weekday) for weekday in self.weekdays] if self.minutes else []
        return [day for day in days if day not in self.days_off]


@dataclass(frozen=True)
class Staff:
    """The inspectors of a week, and what was wrong with the file they stand in.

    Attributes:
        inspectors: In the order of the file.
        notes: A sentence for every line that could not be used as it stands.
    """

    inspectors: tuple[Inspector, ...]
    notes: tuple[str, ...] = field(default=())


def like_inspectors(capacity: int, visit_minutes: float) -> Staff:
    """As many like inspectors as make a number of visits: five days of seven hours each, from the middle of the city.

    Args:
        capacity: Visits a week.
        visit_minutes: Minutes of the average visit.
    """
    count = math.ceil(capacity * (visit_minutes + TRAVEL_ALLOWANCE) / (DAY_MINUTES * len(WORKING_DAYS)))
    digits = len(str(count))
    return Staff(tuple(Inspector(f"Inspector {number:0{digits}}") for number in range(1, count + 1)))


def read_inspectors(text: str, *, is_toml: bool, source: str) -> Staff:
    """Read a file of inspectors: CSV with a header, or TOML with a table ``[[inspectors]]`` each.

    Fields: ``name``; ``latitude`` and ``longitude`` of the start point; ``days`` (``Mon-Fri``, ``Mon Wed``);
    ``minutes`` a day; ``starts`` (``08:30``); ``days_off`` (``2026-11-26``, ``2026-12-21/2027-01-02``), ``districts``
    and ``kinds``, several of them separated by semicolons (in TOML lists). All but the name may be missing. A line that
    cannot be used is left out with a note.

    Args:
        text: Content of the file.
        is_toml: Whether it is TOML.
        source: How messages name the file.

    Raises:
        DataError: The file as a whole cannot be read, or has a field that nothing reads.
    """
    inspectors: dict[str, Inspector] = {}
    notes = []
    for place, fields in _tables(text, source) if is_toml else _lines(text, source):
        try:
            inspector = _inspector(fields)
        except ValueError as error:
            notes.append(f"{source}, {place}: {error}; the line is left out.")
            continue
        if inspector.name in inspectors:
            notes.append(f"{source}, {place}: {inspector.name!r} stands there twice: the first one counts.")
        inspectors.setdefault(inspector.name, inspector)
    if not inspectors:
        notes.append(f"{source} names no inspector that can be used: nobody visits anything until one is added.")
    notes += [
        f"{source}: {inspector.name} has no working time and gets no visits: give minutes and days."
        for inspector in inspectors.values()
        if not inspector.minutes or not inspector.weekdays
    ]
    return Staff(tuple(inspectors.values()), tuple(notes))


def _lines(text: str, source: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    _require_fields(names, source)
    for values in reader:
        fields = dict(zip(names, (values[name] for name in reader.fieldnames or ()), strict=True))
        yield (
            f"line {reader.line_num}",
            {name: (value or "").strip() for name, value in fields.items()},
        )


def _tables(text: str, source: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        tables = tomllib.loads(text).get("inspectors", [])
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{source} is no TOML ({error}): correct it.") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise DataError(f"{source}: write a table [[inspectors]] for each inspector.")
    for number, table in enumerate(tables, start=1):
        _require_fields(["name", *table], f"{source}, inspector {number}")
        yield f"inspector {number}", table


def _require_fields(names: Sequence[str], source: str) -> None:
    unknown = sorted(set(names) - set(FIELDS))
    if unknown or "name" not in names:
        what = f"has no field {', '.join(unknown)}" if unknown else "lacks the field name"
        raise DataError(f"{source} {what}: the fields are {', '.join(FIELDS)}.")


def _inspector(fields: Mapping[str, Any]) -> Inspector:
    """One inspector; ``ValueError`` says what cannot be used."""
    name = str(fields.get("name") or "").strip()
    if not name:
        raise ValueError("the name is missing: each inspector needs one")
    latitude, longitude = (_degrees(fields, axis, most) for axis, most in (("latitude", 90), ("longitude", 180)))
    if (latitude is None) != (longitude is None):
        raise ValueError(f"{name} has half a start point: give latitude and longitude, or neither")
    minutes = fields.get("minutes", "")
    start_minute = _start(fields.get("starts"))
    is_whole = str(minutes).isdecimal()
    if minutes != "" and not (is_whole and int(minutes) <= MINUTES_OF_A_DAY - start_minute):
        raise ValueError(f"minutes of {name} is {minutes!r}: give the whole minutes of a day, such as {DAY_MINUTES}")
    return Inspector(
        name=name,
        latitude=latitude,
        longitude=longitude,
        weekdays=_weekdays(fields.get("days")),
        minutes=int(minutes) if is_whole else DAY_MINUTES,
        start_minute=start_minute,
        districts=frozenset(_several(fields.get("districts"))),
        kinds=frozenset(_several(fields.get("kinds"))),
        days_off=frozenset(day for span in _several(fields.get("days_off")) for day in _span(span)),
    )


def _several(value: Any) -> list[str]:
    """The values of a field that takes several: a list, or a text with semicolons."""
    values = value if isinstance(value, list) else str(value or "").split(";")
    return [str(part).strip() for part in values if str(part).strip()]


def _span(text: str) -> list[date]:
    """The days of a date, or from one to another."""
    try:
        first, last = (date.fromisoformat(part.strip()) for part in (*text.split("/"), text)[:2])
    except ValueError:
        raise ValueError(f"days_off is {text!r}: give dates such as 2026-11-26, or 2026-12-21/2027-01-02") from None
    if not 0 <= (last - first).days <= LONGEST_OFF:
        raise ValueError(f"days_off is {text!r}: the second date comes after the first, at most {LONGEST_OFF} days")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _degrees(fields: Mapping[str, Any], axis: str, most: float) -> float | None:
    value = fields.get(axis, "")
    if value in ("", None):
        return None
    try:
        degrees = float(value)
    except (TypeError, ValueError):
        degrees = math.nan
    if not -most <= degrees <= most:
        raise ValueError(f"{axis} is {value!r}: give degrees from -{most} to {most}")
    return degrees


def _start(value: object) -> int:
    text = str(value or "").strip()
    if not text:
        return START_MINUTE
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(:00)?", text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(f"starts is {text!r}: give a time such as 08:30")
    return int(match[1]) * 60 + int(match[2])


def _weekdays(value: object) -> tuple[int, ...]:
    if value in (None, ""):
        return WORKING_DAYS
    words = [str(word) for word in value] if isinstance(value, list) else re.split(r"[\s,;]+", str(value).strip())
    found: set[int] = set()
    for word in words:
        first, _, last = word.lower().partition("-")
        try:
            start, end = WEEKDAYS.index(first[:3]), WEEKDAYS.index((last or first)[:3])
        except ValueError:
            raise ValueError(f"days is {value!r}: write Mon-Fri, or days such as Mon Wed Fri") from None
        found.update(weekday % 7 for weekday in range(start, (end if end >= start else end + 7) + 1))
    return tuple(sorted(found))
