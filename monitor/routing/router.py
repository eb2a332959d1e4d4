"""From an address to a page, and from a change of address to the regions it changes.

The browser's part is in ``assets/router.js``. Its two requests are answered here: *visit*
draws a page anew, *request* some regions of the page that is shown.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from food_inspections.monitor.components import controls
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.components.notices import notice, trouble_notice
from food_inspections.monitor.queries.reading import CANNOT_READ, reading, trouble_of
from food_inspections.monitor.routing.flattening import flatten
from food_inspections.monitor.routing.page import Control, Drawn, Page, Region, Request, Site
from food_inspections.monitor.routing.view import View

logger = logging.getLogger(__name__)

Address = Mapping[str, Any]


def register(app: Dash, site: Site, pages: Sequence[Page]) -> None:
    """Let the app answer for the pages."""
    by_path = {page.path: page for page in pages}

    @app.callback(
        Output("content", "children"), Output("page", "data"), Input("visit", "data"), prevent_initial_call=True
    )
    def visit(address: Address) -> tuple[list[Component], dict[str, Any]]:
        content, facts = draw_visit(site, by_path, address)
        return flatten(content), facts

    @app.callback(
        Output({"type": "region", "name": ALL}, "children"),
        Input("request", "data"),
        State({"type": "region", "name": ALL}, "id"),
        prevent_initial_call=True,
    )
    def regions(request: Address, ids: Sequence[Mapping[str, str]]) -> list[Any]:
        drawn = draw_regions(site, by_path, request, request["names"])
        return [flatten(drawn[part["name"]]) if part["name"] in drawn else no_update for part in ids]

    # The browser's part: assets/router.js says what each of them does.
    on_client: Any = app.clientside_callback
    on_client(
        ClientsideFunction("monitor", "addressChanged"),
        Output("visit", "data"),
        Input("url", "pathname"),
        Input("url", "search"),
        State("page", "data"),
    )
    on_client(ClientsideFunction("monitor", "pageDrawn"), Input("page", "data"))
    on_client(ClientsideFunction("monitorMap", "dataChanged"), Output("map-drawn", "data"), Input("map-data", "data"))
    on_client(
        ClientsideFunction("monitor", "controlsChanged"),
        Input({"type": "control", "name": ALL}, "value"),
        State({"type": "control", "name": ALL}, "id"),
        State("page", "data"),
        prevent_initial_call=True,
    )


def draw_visit(site: Site, pages: Mapping[str, Page], address: Address) -> tuple[list[Component], dict[str, Any]]:
    """A whole page, and what the browser has to know of it.

    Args:
        site: Where the dashboard lives.
        pages: By path.
        address: ``pathname`` and ``search`` of the browser, and ``visit``, the number of the visit.
    """
    path = site.path_of(address.get("pathname"))
    facts: dict[str, Any] = {
        "visit": address.get("visit"),
        "path": path,
        "pathname": address.get("pathname"),
        "search": address.get("search") or "",
        "title": "Food Inspections",
    }
    page = pages.get(path)
    if page is None:
        way_back = dcc.Link("Go to the overview", href=site.href("/"), className="button")
        unknown = notice("There is no such page", f"The dashboard has no page at {path}.", kind="trouble")
        return [html.H1("Page not found", className="unseen"), unknown, html.P(way_back)], facts
    view = View.of(facts["search"])
    content = _guarded(site, view, lambda request: _page_content(page, request, facts))
    parts = [content] if isinstance(content, Component) else content
    facts["title"] = f"{page.name} · Food Inspections"
    return [html.Div([_heading(page), *parts], className=f"page {page.class_name}".strip())], facts


def draw_regions(site: Site, pages: Mapping[str, Page], address: Address, names: Collection[str]) -> dict[str, Drawn]:
    """The content of those regions of a page that an address changes, by name.

    They are drawn from one transaction: what several of them need is read once.
    """
    page, view = pages[site.path_of(address.get("pathname"))], View.of(address.get("search"))
    asked = [region for region in page.regions if region.name in names]
    try:
        with reading(site.settings) as connection:
            request = Request(site, connection, view)
            return {region.name: region.draw(request) for region in asked}
    except Exception:  # noqa: BLE001 - of whatever sort, it comes up again where each is drawn alone
        return {region.name: _guarded(site, view, region.draw) for region in asked}


def _page_content(page: Page, request: Request, facts: dict[str, Any]) -> list[Component]:
    offered = page.controls(request)
    if isinstance(offered, Component):
        return [offered]
    provided = request.settings.profile.provides
    regions = [region for region in page.regions if region.needs is None or region.needs in provided]
    facts["regions"] = {region.name: sorted(region.keys) for region in regions}
    facts["resets"] = list(page.resets)
    facts["controls"] = {
        control.key: {
            "value": control.value,
            "default": control.default,
            "pinned": control.is_pinned,
            "several": control.is_several,
        }
        for control in offered
    }
    placed = [(region, _placed(region, request)) for region in regions]
    aside = [part for region, part in placed if region.is_aside]
    beside = html.Div([part for region, part in placed if not region.is_aside], className="regions")
    return [
        *([_control_bar(offered)] if offered else []),
        html.Div([beside, html.Aside(aside, className="aside")], className="beside") if aside else beside,
    ]


def _placed(region: Region, request: Request) -> Component:
    return html.Div(
        [
            html.Div(region.draw(request), id={"type": "region", "name": region.name}, className="region-content"),
        ],
        className=f"region {region.class_name}".strip(),
    )


def _heading(page: Page) -> Component:
    return html.Div([html.H1(page.title), html.P(page.lead, className="lead")], className="page-head")


def _control_bar(offered: Sequence[Control]) -> Component:
    return html.Form(
        [controls.draw(control) for control in offered],
        className="controls",
        role="search",
        **attributes({"aria-label": "Selections"}),
    )


def _guarded(site: Site, view: View, draw: Callable[[Request], Drawn]) -> Drawn:
    """What ``draw`` makes, or a panel that says why there is nothing."""
    try:
        with reading(site.settings) as connection:
            return draw(Request(site, connection, view))
    except CANNOT_READ as error:
        return trouble_notice(trouble_of(error))
    except Exception:
        # The page's reader can do nothing with a traceback; the log's reader needs it.
        logger.exception("A page of the monitor could not be drawn: %s", dict(view.values))
        return notice(
            "This part could not be drawn",
            "That is an error of the dashboard, not of the forecast. The log of the monitor has the details.",
            "Selecting something else may help; please report it together with the address of this page.",
            kind="trouble",
        )
