"""Colours and layout common to all figures.

Figures are plain dictionaries in Plotly's schema, not ``plotly.graph_objects``: building those
checks every property each time, which took longer than reading and drawing together. The
tests do that checking instead.

The colours hold 3:1 against both the light and the dark ground, and are told apart by people
who see red and green alike (blue, orange, bluish green, reddish purple, after Okabe and Ito).
Text and grid take their colour from the style sheet, so that the theme can change without a
new figure.
"""

import json
import math
from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict

import numpy as np

BLUE = "#2f7fb8"
ORANGE = "#d5661c"
GREEN = "#1c947a"
PURPLE = "#a35ca8"
GREY = "#7d8b99"
AMBER = "#b3831a"

CURRENT = BLUE
REFERENCE = ORANGE
OVER = ORANGE
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, AMBER, GREY)

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"
INK = "#6f7c89"
GRID = "rgba(125, 139, 153, 0.22)"

_WEEKS_BY_DAY = 30
_WEEK_MILLISECONDS = 7 * 86_400_000

# Mean width of a letter in pixels at the size of the axes, wide ones allowed for.
_LETTER = 6.9

Part = dict[str, Any]


class Figure(TypedDict):
    """A figure in Plotly's schema."""

    data: list[Part]
    layout: Part


def figure(
    *traces: Part,
    shapes: list[Part] | None = None,
    notes: list[Part] | None = None,
    names: Sequence[str] | None = None,
    **layout: Any,
) -> Figure:
    """A figure in the dashboard's looks.

    Args:
        *traces: From back to front.
        shapes: Lines and bands.
        notes: Annotations.
        names: What stands at the left axis in place of numbers; lines of a name are parted by ``<br>``.
        **layout: What this figure wants otherwise; axes and margins are added to the common ones.
    """
    common: Part = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": INK},
        "margin": {**_margin(layout, names or []), **layout.pop("margin", {})},
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
        "dragmode": False,
        "showlegend": False,
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "itemclick": False,
            "itemdoubleclick": False,
        },
        "bargap": 0.06,
        "shapes": shapes or [],
        "annotations": notes or [],
    }  # fmt: skip
    axes = {name: axis(**layout.pop(name, {})) for name in ("xaxis", "yaxis")}
    return {"data": list(traces), "layout": {**common, **layout, **axes}}


def as_json(figure: Figure) -> str:
    """A figure as browsers take it: at most five digits behind the point, null for the unknown.

    Lists of days become milliseconds since 1970; their axis says that it is one of dates.
    """
    return json.dumps(_plain(figure), separators=(",", ":"))


def _plain(part: Any) -> Any:
    if isinstance(part, float):
        return None if math.isnan(part) else round(part, 5)
    if isinstance(part, list | tuple):
        return _plain_list(part)
    if isinstance(part, dict):
        return {name: _plain(one) for name, one in part.items()}
    if isinstance(part, np.generic | np.ndarray):
        return _plain(part.tolist())
    return part.isoformat() if isinstance(part, date) else part


def _plain_list(parts: Sequence[Any]) -> list[Any]:
    """The values of a long list are of one sort: all at once then."""
    sorts = set(map(type, parts))
    if sorts == {date}:
        # As Plotly counts time: reading days as text took it as long as drawing them.
        milliseconds: list[int] = np.array(parts, dtype="datetime64[ms]").astype(np.int64).tolist()
        return milliseconds
    if sorts <= {float, np.float64} and len(parts) > 1:
        values = np.round(np.array(parts, dtype=float), 5)
        return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - not a number
    return list(parts) if sorts <= {str, int, bool} else [_plain(one) for one in parts]


def _margin(layout: Part, names: Sequence[str]) -> dict[str, float]:
    """Room for what stands around the figure.

    Plotly can find it out by itself, by drawing everything twice or three times.
    """
    has_title = {name: "title" in layout.get(name, {}) for name in ("xaxis", "yaxis")}
    longest = max((len(line) for name in names for line in name.split("<br>")), default=0)
    has_two_lines = "\n" in layout.get("xaxis", {}).get("tickformat", "")
    return {
        "l": 14 + _LETTER * longest if names else 62 if has_title["yaxis"] else 44,
        "r": 14,
        "t": 36 if layout.get("showlegend") else 12,
        "b": (40 if has_two_lines else 26) + (20 if has_title["xaxis"] else 0),
    }


def axis(**properties: Any) -> Part:
    """An axis; what is given goes before what is common."""
    title = properties.pop("title", None)
    common = {
        "gridcolor": GRID,
        "zeroline": False,
        "linecolor": GRID,
        "ticks": "",
        "fixedrange": True,
    }
    titled = {"title": {"text": title, "font": {"size": 12}, "standoff": 8}} if title else {}
    return {**common, **titled, **properties}


def weeks_axis(count: int) -> Part:
    """Properties of an axis of weeks: few labels, and where they are days, the Mondays that name the weeks."""
    common = {"type": "date", "tickangle": 0, "showgrid": False}
    if count > _WEEKS_BY_DAY:
        return {**common, "tickformat": "%b\n%Y", "nticks": 5}
    step = max(1, -(-count // 5))
    return {**common, "tickformat": "%-d %b\n%Y", "tick0": "2010-01-04", "dtick": step * _WEEK_MILLISECONDS}


def level(y: float, colour: str = OVER, dash: str = "dash") -> Part:
    """A line across the figure."""
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y,
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }  # fmt: skip


def upright(x: Any, colour: str, dash: str = "dot", width: float = 1.5) -> Part:
    """A line from the bottom of the figure to its top."""
    return {
        "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": x, "x1": x,
        "line": {"color": colour, "width": width, "dash": dash},
    }  # fmt: skip


def band(axis_name: str, low: float, high: float) -> Part:
    """A green band that means: tolerated."""
    other = "y" if axis_name == "x" else "x"
    return {
        "type": "rect", f"{other}ref": "paper", f"{other}0": 0, f"{other}1": 1,
        f"{axis_name}0": low, f"{axis_name}1": high,
        "fillcolor": faded(GREEN, 0.14), "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def note(text: str, **place: Any) -> Part:
    """A few words in the figure."""
    return {"text": text, "showarrow": False, "font": {"size": 11}, "xanchor": "left", "yanchor": "bottom", **place}


def faded(colour: str, opacity: float) -> str:
    """A colour of the palette, seen through."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"
