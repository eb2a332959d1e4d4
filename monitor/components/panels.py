"""Panels, tiles and tables."""

import re
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.components.notices import prose
from food_inspections.monitor.components.status import Status, badge
from food_inspections.monitor.figures.base import Figure, as_json
from food_inspections.monitor.routing import flattening
from food_inspections.monitor.routing.flattening import Markup, to_html

# Text, a component, or a list of both: what Dash takes as children.
Cell = Any

_LONGEST_NUMBERS = 1000


def panel(title: str, *content: Component | None, about: str = "", class_name: str = "") -> Component:
    """A titled part of a page, with a sentence on how to read it."""
    return html.Section(
        [
            html.Div(
                [html.H2(title), html.P(prose(about), className="about") if about else None], className="panel-head"
            ),
            *[part for part in content if part is not None],
        ],
        className=f"panel {class_name}".strip(),
    )


def tile(label: str, value: str, note: str = "", status: Status | None = None, word: str = "") -> Component:
    """One number, large, with what it is and what to think of it."""
    return html.Div(
        [
            html.Div([html.Span(label, className="tile-label"), badge(status, word) if status else None]),
            html.Div(value, className="tile-value"),
            html.Div(note, className="tile-note") if note else None,
        ],
        className=f"tile {status or ''}".strip(),
    )


def tiles(*content: Component) -> Component:
    """Tiles in a row, as many as fit."""
    return html.Div(list(content), className="tiles")


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    numeric: Sequence[int] = (),
    caption: str = "",
    is_cards_on_phone: bool = False,
    csv_url: str = "",
) -> Component:
    """A plain table; on a phone it scrolls sideways within its panel, or each row becomes a card.

    Args:
        headings: One a column.
        rows: Cells in the order of the headings.
        numeric: Columns set flush right.
        caption: For those who cannot see it.
        csv_url: Address of the whole table as a file, where the server cuts it into pages.
        is_cards_on_phone: For rows that are read one by one rather than compared.
    """

    def class_of(column: int) -> str:
        return "numeric" if column in numeric else ""

    begins = [
        f"<td{flattening.attributes({'className': class_of(i) or None, 'data-label': name})}>"
        for i, name in enumerate(headings)
    ]
    frame = html.Div(
        html.Table(
            [
                html.Caption(caption, className="unseen") if caption else None,
                html.Thead(
                    html.Tr([html.Th(name, scope="col", className=class_of(i)) for i, name in enumerate(headings)])
                ),
                html.Tbody(Markup("".join(_row(begins, row) for row in rows))),
            ],
            className="cards-on-phone" if is_cards_on_phone else "",
        ),
        className="table-frame",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": caption or "Table"}),
    )
    return html.Div([frame, _as_csv(caption or "Table", csv_url)] if rows else [frame], className="table-block")


def _row(begins: Sequence[str], cells: Sequence[Cell]) -> str:
    parts = (f"{begin}{to_html(cell)}</td>" for begin, cell in zip(begins, cells, strict=True))
    return f"<tr>{''.join(parts)}</tr>"


def _as_csv(caption: str, url: str) -> Component:
    """The table as a file: from the server, or made of what is shown (assets/tables.js)."""
    name = re.sub(r"[^a-z0-9]+", "-", caption.lower()).strip("-")
    if url:
        words = attributes({"aria-label": f"Download all as CSV: {caption}"})
        link = html.A("CSV of all", href=url, download=f"{name}.csv", className="quiet", **words)
        return html.Div(link, className="table-tools")
    button = html.Button(
        "CSV",
        type="button",
        className="quiet",
        **attributes({"data-csv": name, "aria-label": f"Download as CSV: {caption}"}),
    )
    return html.Div(button, className="table-tools")


def chart(name: str, figure: Figure, summary: str, class_name: str = "") -> Component:
    """A figure, with its message in words for those who cannot see it; ``assets/charts.js`` draws it.

    Args:
        name: Unique within the page.
        figure: From ``monitor.figures``.
        summary: What it shows, in a sentence.
        class_name: ``short``, ``tall`` or another height of the style sheet.
    """
    height = figure["layout"].get("height")
    return html.Figure(
        [
            html.Div(
                id=f"chart-{name}",
                className="graph",
                style={"height": f"{height}px"} if height else {},
                **attributes({"data-figure": as_json(figure)}),
            ),
            html.Figcaption(summary, className="unseen"),
        ],
        className=f"chart {class_name}".strip(),
        # Only a broad one scrolls, and then by keyboard too.
        tabIndex=0 if "broad" in class_name.split() else None,
    )


def numbers(headings: Sequence[str], rows: Sequence[Sequence[Cell]], numeric: Sequence[int] = ()) -> Component:
    """The numbers behind a chart, folded away below it."""
    shown = rows[:_LONGEST_NUMBERS]
    note = f"The first {len(shown):,} of {len(rows):,} rows." if len(rows) > len(shown) else ""
    return html.Details(
        [
            html.Summary("Show the numbers"),
            table(headings, shown, numeric, caption="The numbers behind the chart"),
            html.P(note, className="about") if note else None,
        ],
        className="numbers",
    )
