"""Figures are dictionaries; here Plotly says whether they are figures."""

from typing import Any

import plotly.graph_objects as go

from food_inspections.monitor.figures.base import Figure


def check(figure: Figure) -> go.Figure:
    """The figure as Plotly understands it.

    Raises:
        ValueError: It has a property or a value that Plotly does not know.
    """
    return go.Figure(figure)


def trace(figure: Figure, name: str) -> dict[str, Any]:
    """The trace with a name."""
    return next(trace for trace in figure["data"] if trace.get("name") == name)
