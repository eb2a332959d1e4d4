"""A week that is part of an address."""

from datetime import date

import marshmallow as ma

from food_inspections.api.http.errors import not_found
from food_inspections.api.schemas.fields import Week

_FIELD = Week()


def week_of(text: str) -> date:
    """The Monday of the week that a part of the address names.

    Raises:
        ApiError: It names no day.
    """
    try:
        week: date = _FIELD.deserialize(text)
    except ma.ValidationError as error:
        raise not_found(f"{text[:40]!r} names no week: write one of its days as YYYY-MM-DD.") from error
    return week
