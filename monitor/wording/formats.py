"""How numbers, days and names are written, the same on every page."""

import math
from datetime import date, datetime, timedelta

_EN_DASH = "\u2013"
_MINUS = "\u2212"
_UNBROKEN = "\u00a0"

MISSING = _EN_DASH
TIMES = "\u00d7"


def span(low: str, high: str) -> str:
    """``0`` to ``10%`` with a dash."""
    return f"{low}{_EN_DASH}{high}"


def is_missing(value: float | None) -> bool:
    """Whether there is no number."""
    return value is None or math.isnan(value)


def whole(value: float | None) -> str:
    """``12,345``."""
    return MISSING if value is None or is_missing(value) else f"{value:,.0f}"


def decimal(value: float | None, digits: int = 3) -> str:
    """``0.678``; a minus sign rather than a hyphen."""
    return MISSING if value is None or is_missing(value) else f"{value:,.{digits}f}".replace("-", _MINUS)


def percent(value: float | None, digits: int = 0) -> str:
    """``42%`` from 0.42."""
    return MISSING if value is None or is_missing(value) else f"{100 * value:.{digits}f}%".replace("-", _MINUS)


def signed(value: float | None, digits: int = 1) -> str:
    """``+2.4``, a minus sign rather than a hyphen."""
    return MISSING if value is None or is_missing(value) else f"{value:+,.{digits}f}".replace("-", _MINUS)


def day(value: date | None) -> str:
    """``6 Jan 2025``, which no line breaks."""
    return MISSING if value is None else f"{value.day}{_UNBROKEN}{value:%b}{_UNBROKEN}{value.year}"


def week(value: date | None) -> str:
    """A week by its Monday, ``6`` to ``12 Jan 2025``."""
    if value is None:
        return MISSING
    last = value + timedelta(days=6)
    if value.year != last.year:
        return f"{day(value)} {_EN_DASH} {day(last)}"
    if value.month != last.month:
        return f"{value.day}{_UNBROKEN}{value:%b} {_EN_DASH} {day(last)}"
    return f"{value.day}{_EN_DASH}{day(last)}"


def moment(value: datetime | None) -> str:
    """``6 Jan 2025, 14:05 UTC`` in the zone the value carries."""
    return MISSING if value is None else f"{day(value)}, {value:%H:%M} {value.tzname() or ''}".rstrip()


def ago(days: int) -> str:
    """``today``, ``yesterday``, ``12 days ago``, ``9 weeks ago``, ``3 years ago``."""
    if days < 0:
        return "in the future"
    if days < 2:
        return ("today", "yesterday")[days]
    for size, word in ((730, "years"), (70, "weeks")):
        if days >= size:
            return f"{days // (365 if word == 'years' else 7)} {word} ago"
    return f"{days} days ago"


def count(number: int, thing: str, plural: str | None = None) -> str:
    """``1 check``, ``2 checks``."""
    return f"{number:,} {thing if number == 1 else plural or thing + 's'}"


def words(name: str) -> str:
    """A name of the program as words: ``score_psi`` is ``Score psi``."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def recipe(name: str) -> str:
    """A recipe's name as people write it."""
    return {"xgboost": "XGBoost", "knn": "K nearest neighbours"}.get(name, words(name))
