from datetime import date

import pandas as pd

from food_inspections.monitor.figures import pipeline
from food_inspections_tests.monitor.figures.checking import check

WEEKS = [date(2025, 1, 6), date(2025, 1, 13)]
ROWS = pd.DataFrame(
    {
        "asset": ["raw", "raw", "clean"],
        "week": [WEEKS[0], WEEKS[1], WEEKS[0]],
        "status": ["accepted", "pending", "rejected"],
        "row_count": [10, 1, 9],
    }
)


def test_each_cell_has_the_state_of_its_asset_and_week() -> None:
    figure = pipeline.grid(ROWS, ["raw", "clean", "other"], WEEKS)
    check(figure)
    heatmap, crosses = figure["data"]
    states = [[pipeline.STATES[cell] for cell in line] for line in heatmap["z"]]
    assert states == [["accepted", "pending"], ["rejected", "missing"], ["missing", "missing"]]
    assert heatmap["text"][0] == ["accepted, 10 rows", "written, checks not finished, 1 row"]
    assert heatmap["text"][1] == ["a check failed, 9 rows", "nothing written"]
    # What was rejected is told by more than its colour.
    assert (crosses["x"], crosses["y"]) == ([WEEKS[0]], ["clean"])


def test_every_state_has_its_colour_in_the_scale() -> None:
    scale = pipeline.grid(ROWS, ["raw"], WEEKS)["data"][0]["colorscale"]
    for place, state in enumerate(pipeline.STATES):
        value = (place + 0.5) / len(pipeline.STATES)
        colour = next(colour for edge, colour in reversed(scale) if edge <= value)
        assert colour == pipeline.COLOURS[state]


def test_nothing_written_is_an_empty_grid() -> None:
    check(pipeline.grid(ROWS.head(0), [], []))
