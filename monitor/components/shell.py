"""What every page has: its name, the way to the other pages, the theme and the foot."""

from collections.abc import Sequence
from itertools import groupby

from dash import dcc, html
from dash.development.base_component import Component

from food_inspections.domain.city.loading import load_profile
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.routing.page import Page, Site
from food_inspections.monitor.serving import plotly


def shell(site: Site, pages: Sequence[Page]) -> Component:
    """The frame that stays while pages come and go.

    The stores carry what the browser and the router tell each other; see ``monitor.routing.router``.
    """
    return html.Div(
        [
            dcc.Location(id="url", refresh=False),
            *[dcc.Store(id=name) for name in ("visit", "page", "request")],
            *frame(site, pages),
        ],
        className="app",
    )


def frame(site: Site, pages: Sequence[Page]) -> list[Component]:
    """The frame with a page that is still to come, of plain HTML: it is shown before any script has run."""
    return [
        html.A("Skip to the content", href="#content", className="skip"),
        html.Header(
            [
                html.A(
                    [
                        html.Span("Food Inspections", className="brand-name"),
                        html.Span("Monitor", className="brand-part"),
                    ],
                    href=site.href("/"),
                    className="brand",
                    title="Overview",
                    **attributes({"data-page": ""}),
                ),
                html.Button(
                    "Menu",
                    id="menu",
                    className="quiet menu",
                    type="button",
                    **attributes({"aria-expanded": "false", "aria-controls": "pages"}),
                ),
                _navigation(site, pages),
                html.Div(
                    [
                        html.Button("Print", id="print", className="quiet", type="button"),
                        html.Button("Copy link", id="copy-link", className="quiet", type="button"),
                        html.Button("Theme", id="theme", className="quiet", type="button"),
                    ],
                    className="tools",
                ),
            ],
            className="top",
        ),
        html.Div(
            [
                html.Span(id="trouble-text"),
                html.Button("Try again now", type="button", className="quiet", **attributes({"data-again": ""})),
            ],
            id="trouble",
            className="trouble-bar",
            hidden=True,
            role="alert",
        ),
        html.Main(
            _page_to_come(),
            id="content",
            className="content",
            tabIndex=-1,
            **attributes({"data-plotly": site.href(plotly.ADDRESS)}),
        ),
        html.Footer(
            [
                html.Span("Shows accepted weeks only: those whose blocking checks all passed."),
                html.Span(
                    f"Forecast label: {site.settings.label}. A week runs from Monday to Sunday in "
                    f"{load_profile(site.settings.city).city.name}; times of day are UTC."
                ),
                html.Span(id="freshness", title="Newer results appear by themselves"),
            ],
            className="foot",
        ),
        html.Div(id="announcer", className="unseen", role="status", **attributes({"aria-live": "polite"})),
    ]


def _navigation(site: Site, pages: Sequence[Page]) -> Component:
    groups = [list(members) for _, members in groupby(pages, key=lambda page: page.group)]
    return html.Nav(
        [
            html.Div(
                [
                    html.A(
                        page.name,
                        href=site.href(page.path),
                        className="nav-link",
                        **attributes({"data-page": ""} | ({"data-charts": ""} if page.has_charts else {})),
                    )
                    for page in members
                ],
                className="nav-group",
            )
            for members in groups
        ],
        id="pages",
        className="nav",
        **attributes({"aria-label": "Pages"}),
    )


def _page_to_come() -> Component:
    """Where a page will stand; a screen reader hears that it is loading."""
    return html.Div(
        [
            html.P("Loading the page …", className="unseen"),
            *[html.Div(className=f"to-come {part}") for part in ("heading", "sentence", "row", "block", "block")],
        ],
        className="page",
    )
