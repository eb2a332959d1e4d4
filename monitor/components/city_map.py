"""A map with its buttons and its legend; ``assets/map.js`` draws it."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.figures.city_map import Under
from food_inspections.monitor.routing.page import Request

_BUTTONS = (("in", "+", "Zoom in"), ("out", "\u2212", "Zoom out"), ("all", "⤢", "Show everything"))
_KEYS = "Arrow keys move it, plus and minus zoom, 0 shows everything."


def under(request: Request) -> Under:
    """What lies under the points of a page's map."""
    return Under(request.site.href("/map/ground"), request.settings.map_tiles_url)


def draw(payload: dict[str, Any], label: str, legend: Sequence[Component]) -> list[Component]:
    """The map.

    Args:
        payload: From :mod:`monitor.figures.city_map`.
        label: What it shows and where the same stands in words, for those who cannot see it.
        legend: What its colours mean; the parts of class ``colour`` are the colours, in their order.
    """
    buttons = [
        html.Button(sign, type="button", **attributes({"data-map": act, "aria-label": name}))
        for act, sign, name in _BUTTONS
    ]
    named = attributes({"aria-label": f"{label} {_KEYS}"})
    return [
        dcc.Store(id="map-data", data=payload),
        dcc.Store(id="map-drawn"),
        html.Div(
            [
                html.Canvas(id="map-canvas", tabIndex=0, role="img", **named),
                html.I(className="land", hidden=True),
                html.Div(id="map-tip", className="map-tip", hidden=True),
                html.Div(buttons, className="map-buttons"),
            ],
            className="map-frame",
        ),
        html.Div(list(legend), className="map-legend"),
    ]


def key(text: str, class_name: str = "", **style: str) -> Component:
    """One entry of the legend."""
    return html.Span([html.I(className=f"swatch {class_name}".strip(), style=style), text], className="map-legend-step")
