"""The queue's table: sorted and paged by the server, every heading and page a link."""

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.components.status import Status, badge
from food_inspections.monitor.queries.queue import Order
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.view import View
from food_inspections.monitor.wording import formats

# What a column can be sorted by, as pairs of order and title; the minus is the direction that helps first.
_COLUMNS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("rank", "Rank"),),
    (("-score", "Score"),),
    (("name", "Establishment"),),
    (("facility_type", "Kind"), ("risk", "Risk")),
    (("zip", "Zip"),),
    (("last_visit", "Last visit"), ("last_result", "Result")),
)
_NUMERIC = ("rank", "-score")
RESULTS: dict[str, Status] = {"Fail": "bad", "Pass w/ Conditions": "watch", "Pass": "good"}


def draw(rows: pd.DataFrame, view: View, order: Order) -> Component:
    """One page of rows; on a phone each row becomes a card."""
    head = html.Thead(html.Tr([_heading(column, view, order) for column in _COLUMNS]))
    chosen = view.text("establishment")
    body = html.Tbody([_row(row, view, row.establishment_id == chosen) for row in records(rows)])
    return html.Div(
        html.Table([html.Caption("The queue", className="unseen"), head, body], className="queue-table"),
        className="table-frame",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": "The queue"}),
    )


def _heading(column: tuple[tuple[str, str], ...], view: View, order: Order) -> Component:
    orders = [name.removeprefix("-") for name, _ in column]
    sorted_as = ("descending" if order.is_descending else "ascending") if order.column in orders else "none"
    return html.Th(
        [_sort_link(name, title, view, order, place) for place, (name, title) in enumerate(column)],
        scope="col",
        className="numeric" if column[0][0] in _NUMERIC else "",
        **attributes({"aria-sort": sorted_as}),
    )


def _sort_link(name: str, title: str, view: View, order: Order, place: int) -> Component:
    column = name.removeprefix("-")
    is_sorted = order.column == column
    target = (column if order.is_descending else f"-{column}") if is_sorted else name
    sign = ("\u00a0↓" if order.is_descending else "\u00a0↑") if is_sorted else ""
    return html.Span(
        html.A(
            [title, html.Span(sign, **attributes({"aria-hidden": "true"}))],
            href=view.search(sort=None if target == "rank" else target, page=None),
            title=f"Sort by {title.lower()}",
            className="sorted" if is_sorted else "",
            **attributes({"data-state": ""}),
        ),
        className="also" if place else "",
    )


def _row(row: Any, view: View, is_chosen: bool) -> Component:
    name = html.A(
        row.dba_name,
        href=view.search(establishment=row.establishment_id),
        className="row-link",
        **attributes({"data-state": "establishment", "aria-current": "true" if is_chosen else "false"}),
    )
    marks = []
    if row.is_random_draw:
        marks.append(
            html.Span("random draw", className="mark", title="Drawn at random, to measure without the ranking's bias")
        )
    if row.is_reinspection_open:
        marks.append(
            html.Span("re-inspection open", className="mark strong", title="It failed last, and nobody went since")
        )
    cells = [
        html.Td(formats.whole(row.rank), className="numeric rank", **attributes({"data-label": "Rank"})),
        html.Td(_score(row.score, bool(row.label)), className="numeric score", **attributes({"data-label": "Score"})),
        html.Td(
            [
                html.Div(name),
                html.Div(row.address, className="second"),
                html.Div(marks, className="marks") if marks else None,
                html.Div(row.reason, className="second reason") if row.reason else None,
            ],
            className="name",
        ),
        html.Td(
            [html.Div(row.facility_type, className="unbroken"), html.Div(row.risk, className="second")],
            **attributes({"data-label": "Kind"}),
        ),
        html.Td(row.zip, **attributes({"data-label": "Zip"})),
        html.Td(
            [
                html.Div(
                    formats.day(row.last_visit), className="day", title=f"{row.days_since_last_visit:,} days before"
                ),
                badge(RESULTS.get(row.last_result, "unknown"), row.last_result),
            ],
            **attributes({"data-label": "Last visit"}),
        ),
    ]
    return html.Tr(cells, className="chosen" if is_chosen else "")


def _score(score: float, is_flagged: bool) -> Component:
    filled = html.Span(style={"width": f"{100 * score:.1f}%"})
    return html.Div(
        [
            html.Span(formats.percent(score, 1)),
            html.Span(filled, className="bar flagged" if is_flagged else "bar"),
        ],
        className="score-cell",
        title="Flagged" if is_flagged else "Not flagged",
    )
