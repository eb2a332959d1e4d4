"""A city's profile: everything the program must be told about a city, as data.

What each key means to somebody who writes one is in ``docs/cities.md``.
"""

import hashlib
import re
from datetime import date
from functools import cached_property
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from food_inspections.domain.city.consistency import problems
from food_inspections.domain.city.laws import Violations
from food_inspections.domain.city.rules import Labels, Rule
from food_inspections.domain.city.section import Section, Texts
from food_inspections.domain.city.words import Result, VisitType, Word
from food_inspections.domain.weeks import Calendar

Requirement = Literal["coordinates", "risk", "kind", "zip", "points", "result"]


class City(Section):
    """Which city it is."""

    name: str = Field(min_length=1, description="the name that pages show")
    time_zone: str = Field(description="a time zone such as 'America/New_York'")
    first_week: date = Field(description="a Monday, such as 2012-01-02, before which nothing is used")

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is no time zone: write one such as 'America/New_York'") from error
        return name

    @field_validator("first_week")
    @classmethod
    def _is_monday(cls, day: date) -> date:
        if day.weekday() != 0:
            raise ValueError(f"{day} is a {day:%A}: weeks begin on Mondays, so name one")
        return day

    @property
    def calendar(self) -> Calendar:
        """The city's weeks."""
        return Calendar(self.first_week, ZoneInfo(self.time_zone))


class Portal(Section):
    """Where the rows come from."""

    url: str = Field(description="the portal's address, such as 'https://data.example.org'")
    dataset: str = Field(min_length=1, description="the portal's id of the data set, such as 'abcd-1234'")
    has_update_times: bool = Field(
        default=True, description="false where the portal does not say when a row was changed"
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"{url!r} is no address: begin it with https://")
        return url.rstrip("/")


class Rows(Section):
    """What a row of the data set is."""

    grain: Literal["inspection", "violation"] = Field(description="'inspection' or 'violation': what one row is")
    key: Texts = Field(min_length=1, description="the column or columns that tell inspections apart")
    whole_numbers: Texts = Field(default=[], description="a list of columns whose ids are whole numbers above 0")
    date_format: str | None = Field(default=None, description="a format such as '%d.%m.%Y', where dates need one")
    keep: Texts = Field(default=[], description="a list of columns that are pulled although nothing uses them")
    required: list[Requirement] = Field(
        default=[], description="a list of fields without which an inspection is left out"
    )


_HASH_DIGITS = 16
_NO_COLUMNS = ("location_holds", "zip_pattern")


class Columns(Section):
    """Which column of the portal holds what."""

    date: str = Field(description="the column of the day of the inspection")
    establishment_id: str | None = Field(default=None, description="a column")
    name: str | None = Field(default=None, description="a column")
    other_name: str | None = Field(default=None, description="a column")
    address: Texts = Field(default=[], description="a column, or a list of columns that are joined")
    city: str | None = Field(default=None, description="a column")
    state: str | None = Field(default=None, description="a column")
    zip: str | None = Field(default=None, description="a column")
    area: str | None = Field(default=None, description="a column")
    latitude: str | None = Field(default=None, description="a column")
    longitude: str | None = Field(default=None, description="a column")
    location: str | None = Field(default=None, description="a column")
    location_holds: Literal["coordinates", "address_and_coordinates"] = Field(
        default="coordinates", description="'coordinates' or 'address_and_coordinates'"
    )
    zip_pattern: str | None = Field(
        default=None, description="a regular expression of postal codes that are not five digits"
    )
    kind: str | None = Field(default=None, description="a column")
    risk: str | None = Field(default=None, description="a column")
    inspection_type: str | None = Field(default=None, description="a column")
    result: str | None = Field(default=None, description="a column")
    report_number: str | None = Field(default=None, description="a column")

    @field_validator("zip_pattern")
    @classmethod
    def _is_expression(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression ({error}): correct it") from error
        return pattern

    @model_validator(mode="after")
    def _are_whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude come together: name both columns or neither")
        if self.location_holds == "address_and_coordinates" and self.location is None:
            raise ValueError("'location_holds' speaks of a column: name it as 'location'")
        if self.establishment_id is None and not (self.name and self.has_address):
            raise ValueError(
                "nothing says which place was inspected: name 'establishment_id', or both 'name' and 'address'"
            )
        return self

    @property
    def has_address(self) -> bool:
        """Whether a street address is published in any form."""
        return bool(self.address) or self.location_holds == "address_and_coordinates"

    @property
    def has_coordinates(self) -> bool:
        """Whether places lie on a map."""
        return self.latitude is not None or self.location is not None

    @property
    def names(self) -> tuple[str, ...]:
        """Every column of the portal that is used, in the order of the fields."""
        values = (getattr(self, name) for name in type(self).model_fields if name not in _NO_COLUMNS)
        return tuple(column for value in values if value for column in (value if isinstance(value, list) else [value]))


class Points(Section):
    """A number that says how bad it was. Inside the program more points are always worse."""

    column: str = Field(min_length=1, description="the column of the points")
    direction: Literal["higher_is_worse", "lower_is_worse"] = Field(description="'higher_is_worse' or 'lower_is_worse'")
    best: float = Field(default=0, description="the number of a perfect inspection, such as 100")

    @model_validator(mode="after")
    def _has_best(self) -> Self:
        if self.direction == "lower_is_worse" and "best" not in self.model_fields_set:
            raise ValueError(
                "where lower is worse, 'best' says what a perfect inspection has: add it, such as best = 100"
            )
        return self


class Missing(Section):
    """Values that stand for nothing."""

    values: Texts = Field(default=[], description="a list of values, in whatever column")
    columns: dict[str, Texts] = Field(default={}, description="a list of values per column")


class ReportNumbers(Section):
    """Numbers that inspectors hand out from books of their own, so that neighbours share an inspector."""

    until: date | None = Field(default=None, description="the last day of the books")
    book_size: int = Field(default=250, ge=2, description="a whole number of reports")


class Fairness(Section):
    """With whom the fairness audit compares."""

    kind: str | None = Field(default=None, description="a word of 'kinds'")
    risk: str | None = Field(default=None, description="a word of 'risks'")
    zip: str | None = Field(default=None, description="a zip code")


class Map(Section):
    """What the map shows."""

    south: float = Field(ge=-90, le=90, description="degrees of latitude")
    west: float = Field(ge=-180, le=180, description="degrees of longitude")
    north: float = Field(ge=-90, le=90, description="degrees of latitude")
    east: float = Field(ge=-180, le=180, description="degrees of longitude")
    boundaries: str | None = Field(default=None, description="a GeoJSON file beside the profile")

    @model_validator(mode="after")
    def _is_a_rectangle(self) -> Self:
        if self.south >= self.north or self.west >= self.east:
            raise ValueError("south must lie below north and west below east: exchange them")
        return self


class Wording(Section):
    """The city's own words, as they stand in the middle of a sentence."""

    first_look: str = Field(default="first look", min_length=1, description="words such as 'routine inspection'")
    kind: str = Field(default="kind", min_length=1, description="words such as 'cuisine'")
    risk: str = Field(default="risk class", min_length=1, description="words")
    area: str = Field(default="postal code", min_length=1, description="words such as 'borough'")
    points: str = Field(default="points", min_length=1, description="words such as 'violation points'")


class Profile(Section):
    """A city."""

    city: City = Field(description="a table with name, time_zone and first_week")
    portal: Portal | None = Field(default=None, description="a table with url and dataset")
    rows: Rows = Field(description="a table with grain and key")
    columns: Columns = Field(description="a table that names the portal's columns")
    missing: Missing = Field(default=Missing(), description="a table of values that stand for nothing")
    points: Points | None = Field(default=None, description="a table with column and direction")
    violations: Violations | None = Field(default=None, description="a table with form")
    labels: Labels = Field(description="a table with the rule 'fail'")
    inspection_types: list[VisitType] = Field(default=[], description="a list of tables with word and meaning")
    results: list[Result] = Field(default=[], description="a list of tables with word and meaning")
    kinds: list[Word] = Field(default=[], description="a list of tables with word")
    risks: list[Word] = Field(default=[], description="a list of tables with word")
    towns: list[Word] = Field(default=[], description="a list of tables with word")
    report_numbers: ReportNumbers | None = Field(default=None, description="a table")
    fairness: Fairness = Field(default=Fairness(), description="a table")
    map: Map | None = Field(default=None, description="a table with south, west, north and east")
    wording: Wording = Field(default=Wording(), description="a table of words")

    @property
    def header_columns(self) -> tuple[str, ...]:
        """The portal's columns that say one thing of a whole inspection."""
        compared = [rule.column for label in self.label_rules() for rule in label.comparisons() if rule.column]
        points = [self.points.column] if self.points else []
        return tuple(dict.fromkeys([*self.rows.key, *self.columns.names, *points, *compared]))

    @property
    def portal_columns(self) -> tuple[str, ...]:
        """Every column of the portal that the profile names."""
        return tuple(dict.fromkeys([*self.header_columns, *(self.violations.columns if self.violations else ())]))

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """Columns of the portal that are only shown to people: no rule and no feature needs them."""
        columns = self.columns
        return tuple(name for name in (columns.other_name, columns.city, columns.state) if name is not None)

    @property
    def provides(self) -> frozenset[str]:
        """The canonical columns that this city has values for."""
        columns = self.columns
        has = {
            "coordinates": columns.has_coordinates,
            "zip": columns.zip is not None or columns.location_holds == "address_and_coordinates",
            "area": columns.area is not None or columns.zip is not None,
            "facility_type": columns.kind is not None,
            "risk": columns.risk is not None,
            "address": columns.has_address,
            "name": columns.name is not None,
            "inspection_type": columns.inspection_type is not None,
            "results": columns.result is not None,
            "points": self.points is not None,
            "violations": self.violations is not None,
            "severities": self.violations is not None and self.violations.has_severities,
            "topics": self.violations is not None and self.violations.has_topics,
            "report_number": columns.report_number is not None,
            "is_critical": self.labels.critical is not None,
            "is_conditional": any(result.meaning == "conditional" for result in self.results),
            "is_complaint": any(visit.meaning == "complaint" for visit in self.inspection_types),
            "is_reinspection": any(visit.meaning == "follow_up" for visit in self.inspection_types),
            "laws": self.violations is not None and len(self.violations.laws) > 1,
            "report_books": self.report_numbers is not None,
        }
        return frozenset(name for name, is_there in has.items() if is_there)

    @property
    def first_look_type(self) -> str:
        """The word of a scheduled first look, as which the queue forecasts every place."""
        looks = (word.word for word in self.inspection_types if word.meaning == "first_look")
        return next(looks, self.wording.first_look)

    @property
    def law_starts(self) -> list[date]:
        """The days on which each code of law but the first began, in order."""
        laws = self.violations.laws if self.violations else []
        return [law.starts for law in laws if law.starts is not None]

    @cached_property
    def parts(self) -> dict[str, str]:
        """What tables are made from, as a hash by name: where one is another, the tables are out of date.

        ``profile`` is what the rows mean, ``wording`` and ``fairness`` are those tables. A key that a file leaves out
        has no share in its hash, so that a newer program, which knows more keys, finds an old file unchanged.
        """
        tables = {"city": True, "portal": True, "wording": True, "fairness": True}
        keys = {"rows": {"keep"}, "map": {"boundaries"}}
        meaning = self.model_dump_json(exclude={**tables, **keys}, exclude_defaults=True)
        texts = {
            "profile": meaning,
            "wording": self.wording.model_dump_json(exclude_defaults=True),
            "fairness": self.fairness.model_dump_json(exclude_defaults=True),
        }
        return {name: hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS] for name, text in texts.items()}

    def label_rules(self) -> list[Rule]:
        """The rules of all labels."""
        return [label for label in (self.labels.fail, self.labels.critical) if label is not None]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        problem = next(problems(self), None)
        if problem is not None:
            raise ValueError(problem)
        return self
