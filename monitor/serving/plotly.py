"""Plotly's basic bundle, served in the place of the whole one that comes with Dash.

The charts are lines, points and bars: a third of the megabyte that a first chart would otherwise bring. The bundle
is the npm package ``plotly.js-basic-dist-min`` as published, of the version that the wheel ``plotly`` carries.
"""

from importlib.resources import files

from flask import Flask, Response

from food_inspections.monitor.serving.scripts import SCRIPTS

BUNDLE = "plotly-basic.min.js"
ADDRESS = f"{SCRIPTS}plotly/package_data/plotly.min.js"
"""Where Dash's charts ask for Plotly."""


def register(server: Flask) -> None:
    """Answer Plotly's address."""
    bundle = (files("food_inspections.monitor") / "vendor" / BUNDLE).read_bytes()

    @server.get(ADDRESS)
    def plotly_basic() -> Response:
        return Response(bundle, mimetype="text/javascript")
