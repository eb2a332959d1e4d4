"""How good and bad news look: always a sign and a word besides the colour."""

from functools import cache
from typing import Literal

from dash import html
from dash.development.base_component import Component

from food_inspections.domain.city.loading import load_profile
from food_inspections.monitor.components.markup import attributes

Status = Literal["good", "watch", "bad", "unknown"]

SIGNS: dict[Status, str] = {"good": "✓", "watch": "!", "bad": "✕", "unknown": "?"}
PROMISE_STATUSES: dict[str, Status] = {"kept": "good", "below": "watch", "broken": "bad", "cannot_tell": "unknown"}
_ORDER: tuple[Status, ...] = ("good", "unknown", "watch", "bad")


def worst(statuses: list[Status]) -> Status:
    """The one to act on first."""
    return max(statuses, key=_ORDER.index, default="unknown")


# A place closed by order is as bad as one that failed.
_OF_MEANING: dict[str, Status] = {
    "pass": "good",
    "reopened": "good",
    "conditional": "watch",
    "fail": "bad",
    "closed": "bad",
}


@cache
def result_statuses(city: str) -> dict[str, Status]:
    """How each result of a city's visits is to be taken, by the word its profile has for it."""
    return {result.word: _OF_MEANING.get(result.meaning, "unknown") for result in load_profile(city).results}


def result_badge(city: str, result: str | None, is_failure: bool | None = None) -> Component | None:
    """The result of a visit; nothing where the city gives none.

    Args:
        city: Name or path of the profile.
        result: The city's word.
        is_failure: Whether the label says that it failed, which tells where the word itself says nothing.
    """
    said = result_statuses(city).get(result or "", "unknown")
    if said != "unknown":
        return badge(said, str(result))
    if is_failure is not None:
        return badge("bad", "Failed") if is_failure else badge("good", "Not failed")
    return html.Span(result, className="badge unknown") if result else None


def badge(status: Status, word: str) -> Component:
    """A small coloured label: sign and word."""
    return html.Span(
        [html.Span(SIGNS[status], className="badge-sign", **attributes({"aria-hidden": "true"})), word],
        className=f"badge {status}",
    )
