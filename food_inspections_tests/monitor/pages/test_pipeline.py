"""The grid of weeks and assets."""

from typing import Any

import pandas as pd
import pytest
from dash import dcc
from sqlalchemy import Connection

from food_inspections.monitor.pages import pipeline
from food_inspections.monitor.queries import pipeline as queries
from food_inspections.monitor.routing.page import Request
from food_inspections_tests.monitor.conftest import Filled
from food_inspections_tests.monitor.pages.test_pages import parts


def grid_of(request: Request) -> dict[str, Any]:
    graph = next(part for part in parts(pipeline.draw_grid(request)) if isinstance(part, dcc.Graph))
    heatmap: dict[str, Any] = graph.figure["data"][0]
    return heatmap


def test_a_week_of_which_nothing_was_written_has_its_column(
    filled: Filled, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = filled.seeded.weeks[-3]
    read = queries.grid

    def without_the_week(*of: Any) -> pd.DataFrame:
        rows = read(*of)
        return rows[rows["week"] != week]

    monkeypatch.setattr(queries, "grid", without_the_week)
    heatmap = grid_of(filled.request(connection))
    assert week in heatmap["x"]
    place = heatmap["x"].index(week)
    assert {line[place] for line in heatmap["text"]} == {"nothing written"}


def test_an_asset_made_on_demand_is_shown_where_it_was_made(filled: Filled, connection: Connection) -> None:
    request = filled.request(connection)
    assert "blend_model" not in grid_of(request)["y"]
    assert "drift_report" in grid_of(request)["y"]
