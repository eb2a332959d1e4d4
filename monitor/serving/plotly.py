"""Plotly's basic bundle: lines, points and bars, a third of the whole one.

It is the npm package ``plotly.js-basic-dist-min`` as published, of the version that the wheel ``plotly`` carries.
"""

from importlib.resources import files

from flask import Flask, Response

BUNDLE = "plotly-basic.min.js"
ADDRESS = f"/vendor/{BUNDLE}"
"""Where ``assets/charts.js`` asks for it."""


def register(server: Flask) -> None:
    """Answer Plotly's address."""
    bundle = (files("food_inspections.monitor") / "vendor" / BUNDLE).read_bytes()

    @server.get(ADDRESS)
    def plotly_basic() -> Response:
        return Response(bundle, mimetype="text/javascript")
