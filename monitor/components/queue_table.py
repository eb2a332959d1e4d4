"""The queue's table: sorted and paged by the server, every heading and page a link, every row two lines."""

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes, state_link
from food_inspections.monitor.components.status import result_badge
from food_inspections.monitor.queries.queue import Order
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.view import View
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.city import shown, title_of
from food_inspections.settings import Settings

# Columns from left to right with what each can be sorted by, as pairs of order and title; the minus is the
# direction that helps first.
_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "rank": (("rank", "Rank"),),
    "score": (("-score", "Score"),),
    "name": (("name", "Establishment"), ("zip", "Postal code")),
    "why": (),
    "kind": (("facility_type", "Kind"), ("risk", "Risk")),
    "last": (("last_visit", "Last visit"), ("last_result", "Result")),
}
_TITLES = {name.removeprefix("-"): title for column in _COLUMNS.values() for name, title in column}
_CITYS_OWN = ("zip", "facility_type", "risk")
_NUMERIC = ("rank", "score")


def has_points(settings: Settings) -> bool:
    """Whether the city says in points what a visit came to."""
    return "points" in settings.profile.provides


def in_words(order: Order) -> str:
    """How the table is sorted, to be said aloud."""
    return f"sorted by {_TITLES[order.column].lower()}, {'descending' if order.is_descending else 'ascending'}"


def draw(rows: pd.DataFrame, view: View, order: Order, settings: Settings) -> Component:
    """One page of rows; on a phone each row becomes a card.

    Args:
        rows: From :func:`queries.queue.page_rows`.
        view: The page's address.
        order: How the rows are sorted.
        settings: The deployment, whose city says what kinds and results are called, and what there is.
    """
    columns = _columns_of(settings)
    head = html.Thead(html.Tr([_heading(name, columns[name], view, order) for name in columns]))
    chosen = view.text("establishment")
    body = html.Tbody([_row(row, view, row.establishment_id == chosen, settings) for row in records(rows)])
    return html.Div(
        html.Table([html.Caption("The queue", className="unseen"), head, body], className="queue-table"),
        className="table-frame",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": "The queue", "data-focus": "queue"}),
    )


def _columns_of(settings: Settings) -> dict[str, tuple[tuple[str, str], ...]]:
    """The columns under the city's own titles, without what it does not publish."""
    provided = settings.profile.provides
    return {
        name: tuple(
            (order, title_of(settings, order) if order in _CITYS_OWN else title)
            for order, title in orders
            if order not in _CITYS_OWN or order in provided
        )
        for name, orders in _COLUMNS.items()
    }


def _heading(column: str, orders: tuple[tuple[str, str], ...], view: View, order: Order) -> Component:
    is_sorted = order.column in [name.removeprefix("-") for name, _ in orders]
    return html.Th(
        [_sort_link(name, title, view, order, place) for place, (name, title) in enumerate(orders)]
        or ("Why" if column == "why" else ""),
        scope="col",
        className=f"{column} numeric" if column in _NUMERIC else column,
        **attributes({"aria-sort": ("descending" if order.is_descending else "ascending") if is_sorted else "none"}),
    )


def _sort_link(name: str, title: str, view: View, order: Order, place: int) -> Component:
    column = name.removeprefix("-")
    is_sorted = order.column == column
    target = (column if order.is_descending else f"-{column}") if is_sorted else name
    sign = ("\u00a0↓" if order.is_descending else "\u00a0↑") if is_sorted else ""
    link = state_link(
        [title, html.Span(sign, **attributes({"aria-hidden": "true"}))],
        view,
        focus=f"sort-{column}",
        sort=None if target == "rank" else target,
        page=None,
        title=f"Sort by {title.lower()}",
        className="sorted" if is_sorted else "",
    )
    return html.Span(link, className="also" if place else "")


def _row(row: Any, view: View, is_chosen: bool, settings: Settings) -> Component:
    name = state_link(
        row.dba_name,
        view,
        focus=f"row-{row.establishment_id}",
        establishment=row.establishment_id,
        className="row-link",
        named={"data-establishment": row.establishment_id, "aria-current": "true" if is_chosen else "false"},
    )
    place = shown(row.address, row.zip)
    cells = [
        html.Td(formats.whole(row.rank), className="rank numeric", **attributes({"data-label": "Rank"})),
        html.Td(_score(row.score, bool(row.label)), className="score numeric", **attributes({"data-label": "Score"})),
        html.Td(
            [
                html.Div([name, *_random_mark(row)], className="line"),
                html.Div(
                    [html.Span(row.address, className="line"), *_after(row.zip)], className="second place", title=place
                ),
            ],
            className="name",
        ),
        html.Td(
            html.Div(row.reason or "", className="clamped", title=row.reason or ""),
            className="why",
            **attributes({"data-label": "Why"}),
        ),
        html.Td(
            [html.Div(row.facility_type, className="line"), html.Div(shown(row.risk), className="line second")],
            className="kind",
            **attributes({"data-label": title_of(settings, "facility_type")}),
        ),
        html.Td(
            [
                html.Div(
                    formats.day(row.last_visit), className="line", title=f"{row.days_since_last_visit:,} days before"
                ),
                html.Div(
                    [result_badge(settings.city, row.last_result), *_points(row, settings), *_open_mark(row)],
                    className="line",
                ),
            ],
            className="last",
            **attributes({"data-label": "Last visit"}),
        ),
    ]
    return html.Tr(cells, className="chosen" if is_chosen else "")


def _after(zip_code: str) -> list[Component]:
    """A postal code that stays whole where the address before it is cut; nothing where it is not known."""
    return [] if zip_code == "unknown" else [html.Span(f"\u00a0\u00b7 {zip_code}", className="whole")]


def _random_mark(row: Any) -> list[Component]:
    title = "Drawn at random, to measure without the ranking's bias"
    return [html.Span("random draw", className="mark", title=title)] if row.is_random_draw else []


def _points(row: Any, settings: Settings) -> list[Component]:
    """What the last visit came to, where the city gives points."""
    if not has_points(settings) or formats.is_missing(row.last_points):
        return []
    return [html.Span(f"{row.last_points:g}", title=f"{row.last_points:g} {settings.profile.wording.points}")]


def _open_mark(row: Any) -> list[Component]:
    title = "Re-inspection open: it failed last, and nobody went since"
    return [html.Span("open", className="mark strong", title=title)] if row.is_reinspection_open else []


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
