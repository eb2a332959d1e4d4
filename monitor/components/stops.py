"""A day's stops in order, as a phone shows them and as a sheet of paper does."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.domain.inspections.citations import in_words
from food_inspections.domain.plan_exports import clock
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import DECISIONS, why_planned

MOST_CITED = 6
BOXES = ("Done", "Closed", "Wrong address", "Postponed", "Skipped, because:")
"""What is ticked on paper, to be entered afterwards."""

DIRECTIONS = "https://www.google.com/maps/dir/?"


class Cited(NamedTuple):
    """What a place's last visit with a violation cited."""

    day: date
    result: str
    titles: Sequence[str]


def citations_of(rows: pd.DataFrame) -> dict[str, Cited]:
    """Last citations by establishment, from :func:`monitor.queries.plan.last_citations`."""
    return {
        row.establishment_id: Cited(row.inspection_date, row.results, in_words(row.violations)) for row in records(rows)
    }


def day_section(
    day: date, lines: pd.DataFrame, cited: Mapping[str, Cited], working: Any | None, *, can_decide: bool
) -> Component:
    """One day of one inspector.

    Args:
        day: The day.
        lines: Its lines in the order of the visits.
        cited: Last citations by establishment.
        working: The row of ``data.plan_days``; ``None`` where the plan gave the inspector no such day.
        can_decide: Whether each stop has buttons.
    """
    facts = [formats.count(len(lines), "stop")]
    if working is not None and working.stop_count:
        facts += [f"{working.kilometres:,.0f} km", f"{clock(working.start_minute)} to {clock(working.end_minute)}"]
    return html.Section(
        [
            html.H2([f"{day:%A} ", html.Small(formats.day(day))]),
            html.P(" · ".join(facts), className="facts"),
            html.Ol([_stop(line, cited.get(line.establishment_id), can_decide) for line in records(lines)])
            if len(lines)
            else html.P("Nothing is planned on this day.", className="facts"),
        ],
        className="day",
        **attributes({"data-day": day.isoformat()}),
    )


def _stop(line: Any, cited: Cited | None, can_decide: bool) -> Component:
    decided = line.decision if line.decision in DECISIONS else None
    is_closed_off = decided not in (None, "swapped")
    return html.Li(
        [
            html.Div(
                [
                    html.Span(clock(line.arrival_minute), className="time"),
                    html.Div(
                        [
                            html.H3(line.dba_name),
                            html.P(f"{line.address}, {line.zip}", className="address"),
                            html.P(
                                [
                                    html.Span(why_planned(line.why, line.days_overdue), className=f"why of-{line.why}"),
                                    f" {line.facility_type} · {line.visit_minutes} min",
                                ],
                                className="facts",
                            ),
                        ]
                    ),
                ],
                className="head",
            ),
            html.P(line.reason, className="reason"),
            _cited(cited, is_open=not can_decide),
            html.P(
                _state(line) if decided else "",
                className="state",
                role="status",
                **attributes({"data-state": decided or ""}),
            ),
            html.Div([_directions(line), *_buttons()], className="buttons")
            if can_decide
            else html.P([html.Span(f"\u2610 {label}") for label in BOXES], className="boxes facts"),
        ],
        className=f"stop{' decided' if is_closed_off else ''}",
        **attributes({"data-establishment": line.establishment_id}),
    )


def _state(line: Any) -> str:
    why = f": {line.decision_reason}" if isinstance(line.decision_reason, str) else ""
    return f"{DECISIONS[line.decision]}{why} ({line.decided_by})"


def _cited(cited: Cited | None, *, is_open: bool) -> Component:
    if cited is None or not cited.titles:
        return html.P("No violation on record.", className="cited facts")
    more = len(cited.titles) - MOST_CITED
    return html.Details(
        [
            html.Summary(
                f"Cited on {formats.day(cited.day)} ({cited.result}): {formats.count(len(cited.titles), 'violation')}"
            ),
            html.Ul([html.Li(title) for title in cited.titles[:MOST_CITED]]),
            html.P(f"And {more} more.", className="facts") if more > 0 else None,
        ],
        className="cited",
        open=is_open,
    )


def _directions(line: Any) -> Component:
    is_placed = not (pd.isna(line.latitude) or pd.isna(line.longitude))
    where = f"{line.latitude:.6f},{line.longitude:.6f}" if is_placed else f"{line.address}, {line.zip}"
    address = DIRECTIONS + urlencode({"api": 1, "destination": where})
    return html.A("Directions", href=address, target="_blank", rel="noreferrer", className="button")


def _buttons() -> list[Component]:
    offered = (("done", "Done"), ("closed", "Closed"), ("wrong_address", "Wrong address"), ("postponed", "Postpone"))
    words = (*offered, ("skipped", "Skip"))
    return [
        html.Button(
            label,
            type="button",
            className=f"button {'main' if word == 'done' else ''}".strip(),
            **attributes({"data-decide": word}),
        )
        for word, label in words
    ]
