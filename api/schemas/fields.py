"""Fields that take nothing but what they say.

marshmallow's own accept ``true`` as 1, ``"1_000"`` as a number, ``20250106`` as a
date and text with NUL bytes, which PostgreSQL refuses; the specification promises
otherwise.
"""

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import marshmallow as ma

from food_inspections.domain.decision_texts import PLAIN_TEXT
from food_inspections.domain.weeks import monday_of

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_SURROGATES = re.compile("[\ud800-\udfff]")


class Matches(ma.validate.Validator):
    """The whole text matches a pattern, a last line break included.

    Attributes:
        regex: The pattern, in ECMAScript's dialect; apispec takes it over from here.
    """

    def __init__(self, pattern: str, error: str) -> None:
        self.regex = re.compile(pattern)
        self.message = error

    def __call__(self, value: str) -> str:
        """Refuse a value that does not match."""
        # Python's $ also matches before a last line break, ECMAScript's does not.
        if self.regex.fullmatch(value) is None or value.endswith("\n"):
            raise ma.ValidationError(self.message)
        return value


PLAIN = Matches(PLAIN_TEXT, "Control characters are not allowed.")


class Text(ma.fields.String):
    """Text that PostgreSQL can hold."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if _SURROGATES.search(text):
            raise ma.ValidationError("Not valid Unicode text.")
        return text


class Day(ma.fields.Date):
    """A date written YYYY-MM-DD and nothing else."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> date:
        if not isinstance(value, str) or _DAY.fullmatch(value) is None:
            raise ma.ValidationError("Not a valid date: write it as YYYY-MM-DD.")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ma.ValidationError("Not a day of the calendar.") from error


class Week(Day):
    """Any day of a week; loads as the Monday that names it."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> date:
        return monday_of(super()._deserialize(value))


class Whole(ma.fields.Integer):
    """A whole number, as a JSON number; true and false are none."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not is_whole:
            raise ma.ValidationError("Not a whole number.")
        return int(value)


class Number(ma.fields.Float):
    """A finite number, as a JSON number; dumps what is not finite as null."""

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> float | None:
        return None if value is None or not math.isfinite(value) else float(value)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ma.ValidationError("Not a number.")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise ma.ValidationError("Not a finite number.")
        return number


class QueryWhole(Whole):
    """A whole number in an address."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if not isinstance(value, str) or _WHOLE.fullmatch(value) is None:
            raise ma.ValidationError("Not a whole number.")
        return int(value)


class QueryNumber(Number):
    """A number in an address."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> float:
        if not isinstance(value, str) or _NUMBER.fullmatch(value) is None:
            raise ma.ValidationError("Not a number.")
        return super()._deserialize(float(value))


class Choice(ma.fields.String):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...], **kwargs: Any) -> None:
        validator = ma.validate.OneOf(choices, error="Not one of: {choices}.")
        super().__init__(validate=validator, **kwargs)


class Box(ma.fields.String):
    """A part of the map in an address: west, south, east and north in degrees, separated by commas."""

    PATTERN = r"^-?[0-9]{1,3}(\.[0-9]{1,9})?(,-?[0-9]{1,3}(\.[0-9]{1,9})?){3}$"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=Matches(self.PATTERN, "Not a box: write west,south,east,north in degrees."), **kwargs)
