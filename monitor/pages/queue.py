"""Queue: the ranked list beside its map; one establishment with its history and reasons."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import city_map, controls, notices, pager, queue_table
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.figures import queue as figures
from food_inspections.monitor.pages.establishment import draw_establishment
from food_inspections.monitor.queries import queue as queries
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.city import title_of

PAGE_SIZE = 25

SELECTIONS = {"list": "This week's list", "random": "Random draws", "reinspection": "Re-inspection open", "all": "All"}
VIEWS = {"": "List", "map": "Map"}
_MAPPED = "coordinates"
"""What a city must publish of its places for a map."""

_FILTER_KEYS = frozenset({"week", "show", "search", "type", "zip", "risk"})


def offered(request: Request) -> Sequence[Control] | Component:
    """The week and the filters."""
    weeks = _weeks(request)
    if not weeks:
        return notices.nothing_yet("published queues", "api_inspection_queue")
    shown = _shown(request)
    view = request.view
    kind, zips, risk = _facets(request, shown)
    return [
        controls.week("week", "Week", weeks, shown.week),
        *(control for control in (kind, zips, risk) if _has_a_choice(control)),
        Control("search", "Search", "search", view.text("search"), "", placeholder="Name, address or id"),
        Control("show", "Show", "segments", queries.Filters.of(view).selection, "list", list(SELECTIONS.items())),
        *_views(request),
    ]


def _views(request: Request) -> list[Control]:
    """List or map, on a narrow screen only; the style sheet reads it off the address."""
    if _MAPPED not in request.settings.profile.provides:
        return []
    return [Control("view", "As", "segments", request.view.choice("view", VIEWS, ""), "", list(VIEWS.items()))]


def _has_a_choice(control: Control) -> bool:
    """Whether the city tells places apart by it: not where no value is known."""
    return any(value not in ("", "unknown") for value, _ in control.options)


def _facets(request: Request, shown: queries.Publication) -> list[Control]:
    """Kind, zip and risk; each offers what the other filters leave, and says how much."""
    filters = queries.Filters.of(request.view)
    facets = queries.facets(request.connection, shown, filters)

    def facet(name: str, label: str, everything: str, selected: str, is_several: bool = False) -> Control:
        rows = facets[facets["facet"] == name]
        left = dict(zip(rows["value"], rows["establishments"], strict=True))
        # What is selected stays on offer even where the other filters leave none of it.
        for value in filter(None, selected.split(",") if is_several else [selected]):
            left.setdefault(value, 0)
        options = [(value, f"{value} ({count:,})") for value, count in sorted(left.items())]
        if is_several:
            return Control(name, label, "dropdown", selected, "", options, is_several=True, placeholder=everything)
        return Control(name, label, "dropdown", selected, "", [("", everything), *options])

    kind, code, risk = (title_of(request.settings, column) for column in ("facility_type", "zip", "risk"))
    return [
        facet("type", kind, "All", filters.facility_type),
        facet("zip", code, "All", filters.zips, is_several=True),
        facet("risk", risk, "All", filters.risk),
    ]


def _weeks(request: Request) -> list[date]:
    return queries.weeks(request.connection)


def _shown(request: Request) -> queries.Publication:
    publication = queries.publication(request.connection, request.view.text("week"))
    if publication is None:
        raise LookupError("The queue's regions are drawn only where a queue is published.")
    return publication


def draw_table(request: Request) -> list[Component | None]:
    """One page of the table, with what it is a page of."""
    shown = _shown(request)
    filters, order = queries.Filters.of(request.view), queries.Order.of(request.view)
    summary = queries.summary(request.connection, shown, filters).iloc[0]
    matching = int(summary["matching"])
    pages = max(-(-matching // PAGE_SIZE), 1)
    number = request.view.number("page", 1, maximum=pages)
    rows = queries.page_rows(
        request.connection,
        shown,
        filters,
        order,
        PAGE_SIZE,
        (number - 1) * PAGE_SIZE,
        with_points=queue_table.has_points(request.settings),
    )
    asked = request.view.missing_week("week", _weeks(request))
    version = f", version {shown.version}" if shown.version > 1 else ""
    said = f"{formats.count(matching, 'establishment')}, {queue_table.in_words(order)}, page {number} of {pages}."
    return [
        *([notices.asked_for_another_week(asked, f"the list of {formats.week(shown.week)}")] if asked else []),
        html.Div(
            [
                html.P(
                    [
                        html.B(formats.count(matching, "establishment")),
                        f" of {shown.row_count:,}, {formats.week(shown.week)}{version}",
                    ],
                    className="count",
                    **attributes({"data-say": said}),
                ),
                html.A(
                    "Download CSV",
                    href=request.site.href("/queue.csv", request.view.search(week=shown.week.isoformat(), page=None)),
                    className="button small",
                    download=f"inspection-queue-{shown.week}.csv",
                ),
            ],
            className="between",
        ),
        queue_table.draw(rows, request.view, order, request.settings)
        if matching
        else notices.notice("No establishment matches", "Take a filter away, or show all establishments."),
        pager.draw(request.view, number, pages),
        *[controls.options_of(control) for control in _facets(request, shown)],
    ]


def draw_map(request: Request) -> list[Component | None]:
    """The map of what the filters leave."""
    shown = _shown(request)
    points = queries.points(request.connection, shown, queries.Filters.of(request.view))
    payload, steps = figures.establishment_map(points, city_map.under(request))
    without_position = len(points) - payload["count"]
    return [
        *city_map.draw(
            payload,
            f"Map of {payload['count']:,} establishments coloured by score. The table lists the same establishments.",
            [
                html.Span("Score", className="map-legend-title"),
                *[city_map.key(text, f"colour step-{place}") for place, text in enumerate(_steps(steps))],
                city_map.key("on the list", "ring"),
            ],
        ),
        html.P(f"{formats.count(without_position, 'establishment')} without a position.", className="about")
        if without_position
        else None,
    ]


def _steps(edges: Sequence[float]) -> list[str]:
    return [
        f"{low:.0%} and more"
        if high == 1
        else f"under {high:.0%}"
        if low == 0
        else formats.span(f"{100 * low:.0f}", f"{high:.0%}")
        for low, high in pairwise(edges)
    ]


def draw_detail(request: Request) -> list[Component]:
    """The establishment selected in the table or on the map, in a drawer."""
    return draw_establishment(request, _shown(request), request.view.text("establishment"))


PAGE = Page(
    path="/queue",
    name="Queue",
    title="The week's queue",
    lead="Whom to visit first, where they are, and why.",
    controls=offered,
    regions=[
        Region("queue-table", _FILTER_KEYS | {"sort", "page"}, draw_table, "panel queue-list"),
        Region("queue-map", _FILTER_KEYS, draw_map, "panel queue-map", is_aside=True, needs=_MAPPED),
        Region("queue-detail", frozenset({"week", "establishment"}), draw_detail, "drawer"),
    ],
    resets=["page"],
    class_name="queue-page",
    group="work",
)
