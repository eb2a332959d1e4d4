"""What following the list was worth: found on it and off it, by one-line rules, where the plan was followed or not."""

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.domain.evaluation.proportions import proportion
from food_inspections.monitor.components import panels
from food_inspections.monitor.queries import lists as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Request
from food_inspections.monitor.wording import formats

WEEKS = 26
SOURCES = {
    "queue": "On the list",
    "off_list": "Off the list",
    "past_rate": "Own past rate first, as many visits",
    "most_overdue": "Most overdue first, as many visits",
    "random_share": "Drawn at random below the list's top",
    "followed": "Plan followed",
    "overridden": "Plan overridden",
}


def draw(request: Request) -> Component:
    """The last half year, all weeks together."""
    found = queries.pooled(request.connection, WEEKS)
    if found.empty:
        return panels.panel("Was the list worth following?", html.P("No list was judged yet.", className="about"))
    by_source = {row.source: row for row in records(found)}
    rows = [_row(title, by_source[source]) for source, title in SOURCES.items() if source in by_source]
    return panels.panel(
        "Was the list worth following?",
        panels.table(
            ["Visits", "Number", "Failures", "Share", "90% interval"],
            rows,
            numeric=(1, 2, 3, 4),
            is_cards_on_phone=True,
        ),
        about=_about(queries.share_visited(request.connection, WEEKS)),
    )


def _row(title: str, row: Any) -> list[str]:
    share = proportion(int(row.positives), int(row.row_count))
    return [
        title,
        formats.whole(row.row_count),
        formats.whole(row.positives),
        formats.percent(share.value, 1),
        formats.span(formats.percent(share.lower, 1), formats.percent(share.upper, 1)),
    ]


def _about(visited: pd.Series) -> str:
    listed, seen, weeks = int(visited["listed"] or 0), float(visited["visited"] or 0), int(visited["weeks"])
    share = f"{formats.percent(seen / listed)} of the places listed were visited within their week" if listed else ""
    return (
        f"The last {formats.count(weeks, 'judged week')} together. {share}. Only visits have outcomes: a rule is "
        "judged on what was visited anyway; the random draws alone are free of the "
        "list's own choice, and tell of the places below its top only."
    )
