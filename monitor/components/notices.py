"""What stands where there is nothing to show: what is missing, why, and what to do."""

import re

from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.queries.reading import Trouble

_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> list[Component | str]:
    """Text with ``code`` between backquotes."""
    parts = _CODE.split(text)
    return [html.Code(part) if index % 2 else part for index, part in enumerate(parts) if part]


def notice(title: str, explanation: str, advice: str = "", kind: str = "empty") -> Component:
    """A panel in place of content.

    Args:
        title: What is the matter, in a few words.
        explanation: Why.
        advice: What to do.
        kind: ``empty`` or ``trouble``.
    """
    return html.Section(
        [
            html.H2(title),
            html.P(prose(explanation)),
            html.P(prose(advice), className="advice") if advice else None,
        ],
        className=f"notice {kind}",
        role="status",
    )


def trouble_notice(trouble: Trouble) -> Component:
    """A panel for a database that cannot be read."""
    return html.Section(
        [
            html.H2(trouble.title),
            html.P(prose(trouble.explanation)),
            html.P(prose(trouble.advice), className="advice"),
            html.P("It is tried again by itself every few seconds.", className="advice"),
            html.Button("Try again now", type="button", className="button", **attributes({"data-again": ""})),
        ],
        className="notice trouble",
        role="alert",
        **attributes({"data-retry": ""}),
    )


def nothing_yet(what: str, asset: str) -> Component:
    """A panel for a page whose tables are empty.

    Args:
        what: What the page would show, as a plural noun.
        asset: The asset that brings it.
    """
    return notice(
        f"No {what} yet",
        f"This page fills once a week of `{asset}` is written and its checks have accepted it.",
        f"Run `food-inspections run` (or materialize `{asset}` in Dagster); `food-inspections demo` makes a first "
        "forecast from an artificial city.",
    )


def asked_for_another_week(asked: str, shown: str) -> Component:
    """A line for an address that names a week without data."""
    return html.P(f"There is nothing for the week of {asked}; this is {shown}.", className="remark", role="status")
