"""Arguments that several routes take."""

import re
from typing import Any

import marshmallow as ma

from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import PLAIN, Choice, Matches, QueryNumber, QueryWhole, Text, Week
from food_inspections.api.schemas.vocabulary import ESTABLISHMENT_ID, EXAMPLES, FACILITY_TYPES, ZIP

ESTABLISHMENT_ID_PARAMETER: dict[str, Any] = {
    "in": "path",
    "name": "establishment_id",
    "required": True,
    "description": "The city's id of the establishment, or the one made from its name and address. Search for it with "
    "`GET /api/v1/establishments`.",
    "schema": {"type": "string", "pattern": ESTABLISHMENT_ID, "examples": [EXAMPLES["establishment_id"]]},
}


def is_establishment_id(text: str) -> bool:
    """Whether the text can be an establishment's id at all."""
    return re.fullmatch(ESTABLISHMENT_ID, text) is not None and not text.endswith("\n")


def week() -> Week:
    """The argument ``week``."""
    return Week(
        metadata=described(
            "The week, by its Monday; any other day of it does as well. The newest one by default.", "2025-01-06"
        )
    )


def zip_code() -> ma.fields.String:
    """The argument ``zip``."""
    return ma.fields.String(
        validate=Matches(ZIP, "Not a postal code of the city, nor unknown."),
        metadata=described("Only this postal code, or `unknown`.", EXAMPLES["zip"]),
    )


def facility_type() -> ma.fields.String:
    """The argument ``facility_type``."""
    return word_of(FACILITY_TYPES, metadata=described("Only this kind of establishment.", EXAMPLES["facility_type"]))


def word_of(words: tuple[str, ...], **kwargs: Any) -> ma.fields.String:
    """One of the city's words; any short text where the city has no such vocabulary."""
    if words:
        return Choice(words, **kwargs)
    plain = [ma.validate.Length(1, 100), PLAIN]
    return Text(validate=plain, **kwargs)


def min_score() -> QueryNumber:
    """The argument ``min_score``."""
    return QueryNumber(
        validate=ma.validate.Range(0, 1),
        metadata=described("Only scores of at least this.", 0.5, "probability"),
    )


def page() -> QueryWhole:
    """The argument ``page``."""
    return QueryWhole(
        load_default=1, validate=ma.validate.Range(1, 1_000_000), metadata=described("Number of the page, from 1.", 1)
    )


def page_size(default: int, largest: int) -> QueryWhole:
    """The argument ``page_size``."""
    return QueryWhole(
        load_default=default,
        validate=ma.validate.Range(1, largest),
        metadata=described("Rows a page.", min(100, largest), "rows"),
    )


def format_of(*offered: str) -> Choice:
    """The argument ``format``: what ``Accept`` says otherwise, for links."""
    return Choice(
        ("json", *offered),
        metadata=described("How the rows come; by default as `Accept` says. CSV is marked as UTF-8.", "csv"),
    )
