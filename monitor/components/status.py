"""How good and bad news look: always a sign and a word besides the colour."""

from typing import Literal

from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes

Status = Literal["good", "watch", "bad", "unknown"]

SIGNS: dict[Status, str] = {"good": "✓", "watch": "!", "bad": "✕", "unknown": "?"}
_ORDER: tuple[Status, ...] = ("good", "unknown", "watch", "bad")


def worst(statuses: list[Status]) -> Status:
    """The one to act on first."""
    return max(statuses, key=_ORDER.index, default="unknown")


def badge(status: Status, word: str) -> Component:
    """A small coloured label: sign and word."""
    return html.Span(
        [html.Span(SIGNS[status], className="badge-sign", **attributes({"aria-hidden": "true"})), word],
        className=f"badge {status}",
    )
