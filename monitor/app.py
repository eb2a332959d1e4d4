"""The app factory."""

import hashlib
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from dash import Dash, html
from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from food_inspections.monitor.components.shell import frame, shell
from food_inspections.monitor.pages import PAGES
from food_inspections.monitor.routing import router
from food_inspections.monitor.routing.flattening import to_html
from food_inspections.monitor.routing.page import Site
from food_inspections.monitor.serving import decisions, downloads, freshness, ground, health, my_day, plan_files, plotly
from food_inspections.monitor.serving.scripts import compress_and_keep
from food_inspections.monitor.serving.security import ServedUnder, add_security_headers
from food_inspections.settings import Settings

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="ASSETS/favicon.svg?m=VERSION">
<script src="ASSETS/theme.js?m=VERSION"></script>
{%css%}
</head>
<body>
{%app_entry%}
<noscript><p class="noscript">The dashboard draws its pages with JavaScript, which is switched off here.</p></noscript>
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>"""


class Monitor(Dash):
    """Dash with a first page that shows the frame at once, where Dash has the word "Loading..." on a blank page."""

    def __init__(self, site: Site, **options: Any) -> None:
        self._first_page = to_html(html.Div(frame(site, PAGES), className="app"))
        self._site = site
        super().__init__("monitor", **options)

    def interpolate_index(self, **parts: Any) -> Any:  # type: ignore[override]  # Dash names every part
        """The page that Dash sends first."""
        parts["app_entry"] = f'<div id="react-entry-point">{self._first_page}</div>'
        path = self._site.path_of(request.path)
        if any(page.has_charts for page in PAGES if page.path == path):
            parts["css"] += f'<link rel="preload" as="script" href="{self._site.href(plotly.ADDRESS)}">'
        return super().interpolate_index(**parts)  # type: ignore[no-untyped-call]


def create_app(settings: Settings) -> Dash:
    """The dashboard as a Dash app; its WSGI app is ``create_app(settings).server``.

    Nothing is read from the database here, so the server starts, and says what is the matter,
    while the database is down.

    Args:
        settings: The program's settings. The path of ``monitor_url`` is the prefix the dashboard
            is served under; a proxy may strip it or leave it.
    """
    site = Site(settings, prefix=urlsplit(settings.monitor_url).path.rstrip("/") + "/")
    server = Flask("monitor")
    compress_and_keep(server)
    # Registered before Dash's own routes, which answer for every path that is left.
    for files_of in (downloads, plan_files, decisions, my_day):
        files_of.register(server, site)
    health.register(server, settings)
    freshness.register(server, settings)
    ground.register(server, site)
    plotly.register(server)
    app = Monitor(
        site,
        server=server,
        assets_folder=str(files("food_inspections.monitor") / "assets"),
        # theme.js stands in the head, before anything is painted.
        assets_ignore=r"theme\.js|favicon\.svg",
        use_pages=False,
        requests_pathname_prefix=site.prefix,
        routes_pathname_prefix="/",
        serve_locally=True,
        suppress_callback_exceptions=True,
        title="Food Inspections",
        update_title="",
        add_log_handler=False,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "color-scheme", "content": "light dark"},
            {"name": "referrer", "content": "same-origin"},
        ],
    )
    app.layout = shell(site, PAGES)
    router.register(app, site, PAGES)
    app.index_string = _index(site)
    add_security_headers(app, settings)
    # Dash learns which scripts it may serve when it first writes the page that names them. A worker
    # that is asked for a script before it was asked for the page would refuse it.
    server.test_client().get("/")
    server.wsgi_app = ServedUnder(site.prefix, server.wsgi_app)  # type: ignore[method-assign]
    if settings.api_proxy_hops:
        hops = settings.api_proxy_hops
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=hops, x_proto=0, x_host=0)  # type: ignore[method-assign]
    return app


def _index(site: Site) -> str:
    version = hashlib.sha256((files("food_inspections.monitor") / "assets" / "theme.js").read_bytes()).hexdigest()[:8]
    places = {"ASSETS": f"{site.prefix}assets", "VERSION": version}
    index = _INDEX
    for name, value in places.items():
        index = index.replace(name, value)
    return index
