"""Plotly's basic bundle: lines, points and bars, a third of the whole one.

It is the npm package ``plotly.js-basic-dist-min`` as published, of the version that the wheel ``plotly`` carries.
"""

from importlib.metadata import version
from importlib.resources import files

from flask import Flask, Response

BUNDLE = "plotly-basic.min.js"
ADDRESS = f"/vendor/{version('plotly')}/{BUNDLE}"
"""Where ``assets/charts.js`` asks for it; another version has another address."""

KEPT_SECONDS = 365 * 24 * 3600


def register(server: Flask) -> None:
    """Answer Plotly's address."""
    bundle = (files("food_inspections.monitor") / "vendor" / BUNDLE).read_bytes()

    @server.get(ADDRESS)
    def plotly_basic() -> Response:
        response = Response(bundle, mimetype="text/javascript")
        response.cache_control.max_age = KEPT_SECONDS
        response.cache_control.immutable = True
        return response
