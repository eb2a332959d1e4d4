"""What every page has: its name, the way to the other pages, the theme and the foot."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.routing.page import Page, Site


def shell(site: Site, pages: Sequence[Page]) -> Component:
    """The frame that stays while pages come and go.

    The stores carry what the browser and the router tell each other; see ``monitor.routing.router``.
    """
    return html.Div(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="visit"),
            dcc.Store(id="page"),
            html.A("Skip to the content", href="#content", className="skip"),
            html.Header(
                [
                    dcc.Link(
                        [
                            html.Span("Food Inspections", className="brand-name"),
                            html.Span("Monitor", className="brand-part"),
                        ],
                        href=site.href("/"),
                        className="brand",
                        title="Overview",
                    ),
                    html.Nav(
                        [dcc.Link(page.name, href=site.href(page.path), className="nav-link") for page in pages],
                        className="nav",
                        **attributes({"aria-label": "Pages"}),
                    ),
                    html.Div(
                        [
                            html.Button("Copy link", id="copy-link", className="quiet", type="button"),
                            html.Button("Theme", id="theme", className="quiet", type="button"),
                        ],
                        className="tools",
                    ),
                ],
                className="top",
            ),
            html.Main(id="content", className="content", tabIndex=-1),
            html.Footer(
                [
                    html.Span("Shows accepted weeks only: those whose blocking checks all passed."),
                    html.Span(
                        f"Forecast label: {site.settings.label}. A week runs from Monday to Sunday, Chicago time; "
                        "times of day are UTC."
                    ),
                ],
                className="foot",
            ),
            html.Div(id="announcer", className="unseen", role="status", **attributes({"aria-live": "polite"})),
        ],
        className="app",
    )
