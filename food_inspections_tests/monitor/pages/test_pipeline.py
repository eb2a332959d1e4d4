"""The grid of weeks and assets."""

import re
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from food_inspections.monitor.pages import pipeline
from food_inspections.monitor.queries import pipeline as queries
from food_inspections.monitor.routing.page import Request
from food_inspections_tests.monitor.conftest import Filled
from food_inspections_tests.monitor.pages.test_pages import parts


def lanes_of(request: Request) -> dict[str, list[tuple[str, str]]]:
    """The state and the weeks of each piece of each asset's lane."""
    drawn = next(part for part in parts(pipeline.draw_grid(request)) if getattr(part, "className", "") == "lanes")
    return {
        name.children: re.findall(r'class="state-(\w+)" style="flex-grow:(\d+)"', lane.children)
        for name, lane in zip(drawn.children[:-2:2], drawn.children[1:-2:2], strict=True)
    }


def test_a_week_of_which_nothing_was_written_has_its_column(
    filled: Filled, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = filled.seeded.weeks[-3]
    read = queries.grid

    def without_the_week(*of: Any) -> pd.DataFrame:
        rows = read(*of)
        return rows[rows["week"] != week]

    monkeypatch.setattr(queries, "grid", without_the_week)
    shown = pipeline._every_week(pd.Series([queries.weeks(connection)[25], queries.weeks(connection)[0]]))
    place = shown.index(week)
    for lane in lanes_of(filled.request(connection)).values():
        states = [state for state, weeks in lane for _ in range(int(weeks))]
        assert len(states) == len(shown) == 26
        assert states[place] == "missing"


def test_an_asset_made_on_demand_is_shown_where_it_was_made(filled: Filled, connection: Connection) -> None:
    request = filled.request(connection)
    assert "blend_model" not in lanes_of(request)
    assert "drift_report" in lanes_of(request)
