"""The week's work on the overview: what is to do, and what became of what was to do before."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from food_inspections.domain.evaluation.proportions import proportion
from food_inspections.monitor.components import panels
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.queries import overview as queries
from food_inspections.monitor.queries import queue
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Request, Site
from food_inspections.monitor.routing.view import View
from food_inspections.monitor.wording import formats

_FIRST = 5


def draw(request: Request) -> Component | None:
    """Both side by side; nothing before a list is published."""
    shown = queue.publication(request.connection)
    if shown is None:
        return None
    return html.Div([_this_week(request, shown), _last_list(request)], className="halves")


def _this_week(request: Request, shown: queue.Publication) -> Component:
    counts = next(records(queries.list_counts(request.connection, shown.week, shown.version)))
    first = queue.page_rows(request.connection, shown, queue.Filters(), queue.Order(), _FIRST, 0)
    rest = counts.on_list - len(first)
    return panels.panel(
        f"The list of {formats.week(shown.week)}",
        _numbers(
            (formats.whole(counts.on_list), "places to visit"),
            (formats.whole(counts.open), "with a re-inspection open"),
            (formats.whole(counts.random_draws), "drawn at random"),
        ),
        html.Ol([_place(request.site, row) for row in records(first)], className="first-places"),
        html.Div(
            [
                _link(request.site, "/queue", "Open the list →" if rest < 1 else f"And {rest:,} more: open the list →"),
                html.A("Download CSV", href=request.site.href("/queue.csv"), className="button small", download=""),
            ],
            className="between",
        ),
        about="Whom to visit first, and why.",
    )


def _place(site: Site, row: Any) -> Component:
    return html.Li(
        [
            html.Span(formats.percent(row.score), className="place-score"),
            _link(site, "/queue" + View({}).search(establishment=row.establishment_id), row.dba_name),
            html.Span(f"{row.address}, {row.zip}", className="second line"),
            html.Span(row.reason or "", className="second clamped place-why", title=row.reason or ""),
        ]
    )


def _last_list(request: Request) -> Component:
    rows = list(records(queries.list_outcome(request.connection)))
    if not rows:
        return panels.panel(
            "What became of the last list",
            html.P("The visits of the week of a published list are still to come.", className="about"),
        )
    row = rows[0]
    return panels.panel(
        f"What became of the list of {formats.week(row.week)}",
        _numbers(
            (f"{row.visited:,} of {row.listed:,}", "visited that week"),
            (f"{row.failed:,} of {row.visited:,}", "of them failed"),
            (f"{row.failed_elsewhere:,} of {row.visited_elsewhere:,}", "failed elsewhere"),
        ),
        _share("On the list", row.failed, row.visited),
        _share("Elsewhere", row.failed_elsewhere, row.visited_elsewhere),
        html.P(_in_words(row), className="about"),
        html.P(_link(request.site, "/performance", "Weeks before →")),
        about="Places on the first published version of the list, and every other place visited in the same week.",
    )


def _share(name: str, failed: int, visited: int) -> Component:
    if not visited:
        return html.Div([html.Span(name), html.Span("nobody went"), html.Span()], className="share-line")
    share = proportion(failed, visited)
    low, high = share.lower, share.upper
    bar = [
        html.Span(style={"width": f"{100 * share.value:.1f}%"}, className="share"),
        html.Span(style={"left": f"{100 * low:.1f}%", "width": f"{100 * (high - low):.1f}%"}, className="share-range"),
    ]
    words = f"{formats.percent(share.value)}, {formats.span(f'{100 * low:.0f}', formats.percent(high))}"
    return html.Div(
        [html.Span(name), html.Span(bar, className="share-bar", **attributes({"aria-hidden": "true"})), words],
        className="share-line",
    )


def _in_words(row: Any) -> str:
    missed = row.listed - row.visited
    left = f"{formats.count(missed, 'place')} of the list had no visit that week." if missed else ""
    if not row.visited:
        return left
    return f"{left} Beside each share its 90% interval: few visits say little.".strip()


def _numbers(*pairs: tuple[str, str]) -> Component:
    return html.Dl([html.Div([html.Dt(label), html.Dd(value)]) for value, label in pairs], className="key-facts")


def _link(site: Site, path: str, text: str) -> Component:
    return html.A(text, href=site.href(path), **attributes({"data-page": ""}))
