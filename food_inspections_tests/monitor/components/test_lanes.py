import re
from datetime import date, timedelta

import pandas as pd

from food_inspections.monitor.components import lanes
from food_inspections.monitor.routing.flattening import to_html
from food_inspections_tests.monitor.pages.test_pages import text

WEEKS = [date(2025, 1, 6) + timedelta(weeks=number) for number in range(4)]
ROWS = pd.DataFrame(
    {
        "asset": ["raw", "raw", "raw", "clean"],
        "week": [WEEKS[0], WEEKS[1], WEEKS[3], WEEKS[0]],
        "status": ["accepted", "accepted", "pending", "rejected"],
        "row_count": [10, 3, 1, 9],
    }
)


def test_equal_neighbours_are_one_piece_and_every_week_is_in_one() -> None:
    raw = list(lanes.pieces(ROWS, "raw", WEEKS))
    assert [(piece.state, piece.weeks, piece.rows) for piece in raw] == [
        ("accepted", 2, 13), ("missing", 1, 0), ("pending", 1, 1),
    ]  # fmt: skip
    for asset in ("raw", "clean", "other"):
        assert sum(piece.weeks for piece in lanes.pieces(ROWS, asset, WEEKS)) == len(WEEKS)


def test_a_piece_says_its_weeks_its_state_and_its_rows() -> None:
    words = [piece.words.replace("\u00a0", " ") for piece in lanes.pieces(ROWS, "raw", WEEKS)]
    assert words[0] == "6 Jan 2025 to 19 Jan 2025: accepted, 13 rows"
    assert words[2] == "27 Jan \u2013 2 Feb 2025: written, checks not finished, 1 row"


def test_what_was_rejected_is_told_by_more_than_its_colour() -> None:
    drawn = lanes.draw(ROWS, ["raw", "clean", "other"], WEEKS, "Three assets over four weeks.")
    crossed = re.findall(r'<i class="([\w-]+)"[^>]*>✕</i>', to_html(drawn))
    assert crossed == ["state-rejected"]
    assert "6 Jan 25" in text(drawn)


def test_nothing_written_is_no_lane() -> None:
    assert list(lanes.pieces(ROWS.head(0), "raw", [])) == []
    assert text(lanes.draw(ROWS.head(0), [], [], "Nothing.")).strip() == ""
